"""Generated error bodies: `application/problem+json` (RFC 9457), and the header that tells violations."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from tallystick.nouns.exchange import Headers, Response
from tallystick.nouns.json_value import JSON
from tallystick.nouns.media_type import MediaKind, MediaType, parse_media_type
from tallystick.nouns.statuses import phrase_of
from tallystick.nouns.violation import Violation
from tallystick.wire.write import write_json

KIND = "tallystick-mock"
"""The response header that says that a mock answered, and whether it keeps state."""
HEADER = "tallystick-violations"
"""The response header that tells violations."""
HEADER_BYTES = 4096
"""The largest size of the header; clients and proxies commonly stop at 8 KiB for all headers together."""
_LONGEST = 300
"""How many characters of a message the header has; the body has all of them."""


@dataclass(frozen=True, slots=True)
class Problem:
    """Why a request is refused: a status, a sentence, its violations, further members and header fields.

    `path` is that of the request, "" where a problem is of none in particular.
    """

    status: int
    detail: str
    violations: Sequence[Violation] = ()
    members: Mapping[str, JSON] = field(default_factory=dict)
    headers: Headers = ()
    path: str = ""

    @property
    def title(self) -> str:
        """The phrase of the status, as RFC 9457 wants it for a problem without a type of its own."""
        return phrase_of(self.status) or f"Status {self.status}"

    def value(self) -> dict[str, JSON]:
        """The problem as the JSON object of RFC 9457, with every violation."""
        members: dict[str, JSON] = {"title": self.title, "status": self.status, "detail": self.detail}
        if self.violations:
            members["violations"] = [dict(violation_value(violation)) for violation in self.violations]
        return {**members, **self.members}


def violation_value(violation: Violation) -> dict[str, str]:
    """A violation as JSON: where, rule, message and the place in the contract."""
    return {
        "where": violation.where,
        "rule": violation.rule,
        "message": violation.message,
        "contract": str(violation.contract),
    }


PROBLEM_JSON = parse_media_type("application/problem+json")


def respond(problem: Problem, media_type: MediaType = PROBLEM_JSON) -> Response:
    """The response that tells a problem; as plain text where the contract documents no JSON."""
    body = write_json(problem.value()) if media_type.kind is MediaKind.JSON else problem.detail.encode()
    return Response(problem.status, (("content-type", media_type.text), *problem.headers), body)


def violations_header(violations: Sequence[Violation]) -> Headers:
    """The header that tells violations whatever the body is: a JSON list, cut short by a count of those left out."""
    if not violations:
        return ()
    items: list[str] = []
    room = HEADER_BYTES - 40
    for violation in violations:
        where, message = _in_ascii(cut_short(violation.where)), _in_ascii(cut_short(violation.message))
        item = f'{{"where":{where},"rule":"{violation.rule}","message":{message}}}'
        if len(item) > room:
            items.append(f'{{"more":{len(violations) - len(items)}}}')
            break
        room -= len(item) + 1
        items.append(item)
    return ((HEADER, f"[{','.join(items)}]"),)


_in_ascii = json.encoder.encode_basestring_ascii


def cut_short(text: str) -> str:
    """The text, cut to the length that fits in a line."""
    return text if len(text) <= _LONGEST else f"{text[: _LONGEST - 1]}…"
