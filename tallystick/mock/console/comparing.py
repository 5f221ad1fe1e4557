"""Two exchanges side by side: the lines of their requests and replies in which they differ."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from difflib import SequenceMatcher
from typing import NamedTuple

from tallystick.exchanges.secrets import Secrets
from tallystick.mock.console.bodies import shown_body
from tallystick.mock.journal.record import Record
from tallystick.nouns.exchange import Headers

_MOST_LINES = 1_500
_WIDEST = 1_000
_AROUND = 3


class ComparedLine(NamedTuple):
    """A line that both have (` `), the first alone (`-`), or the second (`+`); `…` stands for lines left out."""

    sign: str
    text: str


class Compared(NamedTuple):
    """One part of two exchanges, and its lines; `changes` is how many of them differ."""

    title: str
    lines: Sequence[ComparedLine]
    changes: int


def compared(first: Record, second: Record, secrets: Secrets) -> list[Compared]:
    """The requests and the replies of two exchanges, without secrets."""
    return [
        _part("Request", list(_request(first, secrets)), list(_request(second, secrets))),
        _part("Reply", list(_reply(first, secrets)), list(_reply(second, secrets))),
    ]


def _part(title: str, before: list[str], after: list[str]) -> Compared:
    lines: list[ComparedLine] = []
    matcher = SequenceMatcher(None, before, after)
    for group in matcher.get_grouped_opcodes(_AROUND):
        if lines or group[0][1] > 0:
            lines.append(ComparedLine("…", ""))
        for kind, start, end, other_start, other_end in group:
            if kind == "equal":
                lines += [ComparedLine(" ", line) for line in before[start:end]]
            else:
                lines += [ComparedLine("-", line) for line in before[start:end]]
                lines += [ComparedLine("+", line) for line in after[other_start:other_end]]
    return Compared(title, lines, sum(line.sign in "+-" for line in lines))


def _request(record: Record, secrets: Secrets) -> Iterator[str]:
    request = record.request
    query = secrets.in_query(request.query)
    yield f"{request.method} {record.prefix}{secrets.in_path(request.path)}"
    yield from (f"  {field}" for field in query.split("&") if field)
    yield from _message("Body of the request", secrets.fields(request.headers), request.body, record.request_bytes)


def _reply(record: Record, secrets: Secrets) -> Iterator[str]:
    response = record.response
    yield str(response.status)
    yield from _message("Body of the reply", secrets.fields(response.headers), response.body, record.response_bytes)


def _message(label: str, headers: Headers, body: bytes, size: int) -> Iterator[str]:
    yield from sorted(f"{name}: {value}" for name, value in headers)
    shown = shown_body(label, headers, body, size)
    lines = shown.text.split("\n") if shown.text else []
    yield from (line[:_WIDEST] for line in lines[:_MOST_LINES])
    if shown.note:
        yield shown.note
