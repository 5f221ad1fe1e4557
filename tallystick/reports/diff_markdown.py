"""A changelog in Markdown that a person would publish: by operation, in sentences, what breaks first."""

from __future__ import annotations

from collections.abc import Iterator

from tallystick.nouns.change import Change, Grade
from tallystick.nouns.words import shortened
from tallystick.reports.diff_shown import advice, by_operation
from tallystick.reports.results import Compared, DiffResult

_HEADS = {Grade.BREAKING: "Breaking", Grade.WARNING: "May break", Grade.INFO: "Other changes"}
_MOST_OPERATIONS = 5


def diff(result: DiffResult) -> str:
    """A section for each contract that has changed."""
    lines: list[str] = []
    for compared in result.compared:
        if compared.changes:
            lines += _contract(compared)
    if not lines:
        lines = ["No change.", ""]
    lines += [f"> {text(line)}" for line in advice(result)]
    return "\n".join(lines).rstrip() + "\n"


def _contract(compared: Compared) -> Iterator[str]:
    old, new = (
        each.root.members_of("info").get("version") if each is not None else None
        for each in (compared.old, compared.new)
    )
    title = compared.new.title if compared.new is not None else compared.old.title if compared.old is not None else ""
    versions = f" {new}" if new is not None else ""
    since = f" (since {old})" if old is not None and old != new else ""
    yield f"# {text(f'{title or compared.name}{versions}{since}')}"
    yield ""
    for grade, head in _HEADS.items():
        groups = by_operation(
            Compared(compared.name, None, None, [each for each in compared.changes if each.grade is grade])
        )
        if not groups:
            continue
        yield from (f"## {head}", "")
        for operation, changes in groups.items():
            yield from (f"### {code(operation) if operation else 'The API as a whole'}", "")
            yield from dict.fromkeys(f"- {_sentence(change)}" for change in changes)  # of two media types: once
            yield ""


def _sentence(change: Change) -> str:
    """A change as a sentence, for somebody who does not know the words of this tool."""
    message = change.message
    where = change.where
    fact = message.removeprefix(f"{where}: ")
    words = text(fact[:1].upper() + fact[1:])
    if where and fact != message:
        words = f"{_part(where)}: {text(fact)}"
    also = (
        f" This concerns {shortened([code(each) for each in change.others], _MOST_OPERATIONS)} too."
        if change.others
        else ""
    )
    return f"{words}.{also}"


def _part(where: str) -> str:
    """The part of an exchange in words: `query.limit` is the query parameter limit."""
    head, _, pointer = where.partition("/")
    inside = f" ({code('/' + pointer)})" if pointer else ""
    location, _, name = head.partition(".")
    if location in ("query", "path", "header", "cookie") and name:
        noun = "header" if location == "header" else "cookie" if location == "cookie" else f"{location} parameter"
        return f"The {noun} {code(name)}{inside}"
    if location == "response" and name:
        status, _, rest = name.partition(".")
        part = {"body": "The body", "": "The response"}.get(rest, f"The header {code(rest.partition('.')[2])}")
        return f"{part} of the response {status}{inside}" if rest else f"The response {status}"
    return f"The body of the request{inside}" if head == "body" else f"{text(head[:1].upper() + head[1:])}{inside}"


def text(words: str) -> str:
    """A text on one line in which Markdown and HTML mean nothing."""
    escaped = "".join(f"\\{letter}" if letter in "\\`*_[]<>#|~" else letter for letter in " ".join(words.split()))
    return escaped.replace("&", "&amp;").replace("@", "@\u200b")


def code(words: str) -> str:
    """A text as code."""
    plain = " ".join(words.split())
    fence = "`" * (max((len(run) for run in _runs(plain)), default=0) + 1)
    pad = " " if plain.startswith("`") or plain.endswith("`") or not plain else ""
    return f"{fence}{pad}{plain}{pad}{fence}"


def _runs(words: str) -> Iterator[str]:
    run = ""
    for letter in f"{words} ":
        if letter == "`":
            run += letter
        elif run:
            yield run
            run = ""
