"""The nouns of an override, and how they are read from JSON."""

from __future__ import annotations

import base64
import binascii
import re
from dataclasses import dataclass

from tallystick.mock.faults.grammar import FaultError, read_faults
from tallystick.mock.json_members import Members, WrongMemberError, shown
from tallystick.mock.judging import FRAMING
from tallystick.mock.patterns.pattern import RequestPattern, pattern_of
from tallystick.mock.wishes import NO_WISH, Wish, seed_of
from tallystick.nouns import budgets
from tallystick.nouns.exchange import Headers
from tallystick.wire.values import MISSING

_BODIES = ("body", "body_text", "body_base64")
REPLY_NAMES = ("code", "status", "example", "dynamic", "seed", "headers", *_BODIES, "fault")
NAMES = ("match", "reply", "replies", "fault", "times", "then", "allow_invalid")

_CODE = re.compile(r"[2-5]\d\d|[2-5]xx|default", re.IGNORECASE)
_TOKEN = re.compile(r"[!#$%&'*+.^_`|~0-9A-Za-z-]+")
_FIELD = re.compile(r"[\t\x20-\x7e\x80-\xff]*")
"""What a header field can have (RFC 9110, section 5.5)."""


@dataclass(frozen=True, slots=True)
class OverrideReply:
    """One reply of an override: a documented one, or one whose body or header fields are the caller's; or a fault.

    Each field is empty where the caller leaves it open.
    """

    wish: Wish = NO_WISH
    """The documented reply: its code, its example, or how its values are generated."""
    headers: Headers = ()
    """Header fields that take the place of documented ones."""
    body: object = MISSING
    """The body: a JSON value, or its bytes; MISSING for a documented one."""
    fault: str = ""
    """What goes wrong (see `tallystick.mock.faults.grammar`)."""

    @property
    def is_fault_only(self) -> bool:
        """Whether the mock answers as it would without the override, and only something goes wrong."""
        return bool(self.fault) and not (self.wish or self.headers or self.body is not MISSING)


@dataclass(frozen=True, slots=True)
class Override:
    """Which requests are answered, how often, and with what.

    The n-th request gets the n-th of `replies`. Then the last one stays, or with `ends` the override ends. `times` is
    how many requests it answers in all, None for no end.
    """

    pattern: RequestPattern
    replies: tuple[OverrideReply, ...]
    times: int | None = None
    ends: bool = False
    allow_invalid: bool = False

    @property
    def most(self) -> int | None:
        """After how many requests it is used up; None where it stays until it is dropped."""
        if not self.ends:
            return self.times
        return min(len(self.replies), self.times or len(self.replies))

    @property
    def is_counted(self) -> bool:
        """Whether it matters how many requests it has answered."""
        return self.most is not None or len(self.replies) > 1

    def reply(self, number: int) -> OverrideReply:
        """The reply to a request, the first of which is number 0."""
        return self.replies[min(number, len(self.replies) - 1)]


def override_of(value: object) -> Override:
    """The override in a JSON value; raises `WrongMemberError`, which names the wrong member."""
    members = Members(value, "", NAMES)
    if "match" not in members:
        raise WrongMemberError(
            "match", 'which requests are answered is missing; expected such as {"operation": "getPet"}'
        )
    pattern = pattern_of(members.value("match"), "match")
    then = members.text("then", "stay")
    if then not in ("stay", "end"):
        expected = 'expected "stay" (the last reply stays) or "end" (the override ends after it)'
        raise WrongMemberError("then", f"{shown(then)} is unknown; {expected}")
    return Override(
        pattern,
        _replies(members),
        members.count("times", 1, budgets.OVERRIDE_TIMES),
        then == "end",
        members.truth("allow_invalid"),
    )


def _replies(members: Members) -> tuple[OverrideReply, ...]:
    name = members.one_of("reply", "replies", "fault")
    if not name:
        raise WrongMemberError(
            "reply", 'what is answered is missing; expected such as {"code": 404}, or "replies" or a "fault"'
        )
    if name == "fault":
        return (OverrideReply(fault=_fault(members)),)
    if name == "reply":
        return (_reply(members.value(name), name),)
    rows = members.value(name)
    if not isinstance(rows, list) or not 1 <= len(rows) <= budgets.OVERRIDE_REPLIES:
        raise WrongMemberError(name, f"a list of 1 to {budgets.OVERRIDE_REPLIES} replies was expected")
    return tuple(_reply(row, f"{name}[{index}]") for index, row in enumerate(rows))


def _reply(value: object, where: str) -> OverrideReply:
    members = Members(value, where, REPLY_NAMES)
    body = _body(members)
    example = members.text("example")
    if example and body is not MISSING:
        raise WrongMemberError(members.at("example"), "an example cannot stand beside a body; leave one of them out")
    dynamic = members.truth("dynamic") if "dynamic" in members else None
    reply = OverrideReply(
        Wish(_code(members), example, dynamic, _seed(members)), _headers(members), body, _fault(members)
    )
    if reply == OverrideReply():
        raise WrongMemberError(where, f"nothing is asked for; expected at least one of {', '.join(REPLY_NAMES)}")
    return reply


def _code(members: Members) -> str:
    name = members.one_of("code", "status")
    if not name:
        return ""
    value = members.value(name)
    text = str(int(value)) if isinstance(value, int | float) and not isinstance(value, bool) else value
    if not isinstance(text, str) or not _CODE.fullmatch(text):
        raise WrongMemberError(
            members.at(name), f"a status from 200 to 599 (or 4XX, default) was expected, not {shown(value)}"
        )
    return text


def _seed(members: Members) -> int | None:
    value = members.value("seed")
    if value is None:
        return None
    if isinstance(value, bool) or not isinstance(value, int | str):
        raise WrongMemberError(members.at("seed"), f"a number or a text was expected, not {shown(value)}")
    return seed_of(str(value))


def _headers(members: Members) -> Headers:
    fields: list[tuple[str, str]] = []
    for name, value in members.by_name("headers").items():
        where = members.at(f"headers.{name}")
        if not _TOKEN.fullmatch(name) or name.lower() in FRAMING:
            raise WrongMemberError(where, "this is no name of a header field that a reply can set")
        for text in value if isinstance(value, list) else [value]:
            text = str(text).lower() if isinstance(text, bool) else str(text) if isinstance(text, int | float) else text
            if not isinstance(text, str) or not _FIELD.fullmatch(text):
                raise WrongMemberError(where, f"a text that a header field can have was expected, not {shown(text)}")
            fields.append((name.lower(), text.strip()))
    return tuple(fields)


def _body(members: Members) -> object:
    name = members.one_of(*_BODIES)
    if name == "body_base64":
        try:
            return base64.b64decode(members.text(name), validate=True)
        except (binascii.Error, ValueError):
            raise WrongMemberError(members.at(name), "a text in base64 was expected") from None
    if name == "body_text":
        return members.text(name).encode("utf-8", "surrogatepass")
    return members.value(name) if name else MISSING


def _fault(members: Members) -> str:
    text = members.text("fault")
    try:
        faults = read_faults(text) if text else None
    except FaultError as error:
        raise WrongMemberError(members.at("fault"), str(error)) from None
    return text if faults is not None and faults.faults else ""
