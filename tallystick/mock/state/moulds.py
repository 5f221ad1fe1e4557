"""Moulds: what the same request creates again differs in its id and its times alone, so the rest is made once.

A mould is found out by comparing what was created at two times. Where more differs than that, there is none.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass, fields
from functools import cached_property
from typing import NamedTuple

from tallystick.mock.roles import Reply
from tallystick.mock.state.server_set import in_milliseconds, to_the_second
from tallystick.nouns.exchange import Response
from tallystick.nouns.json_value import JSON
from tallystick.wire.values import read_json
from tallystick.wire.write import text_of, write_json

_PLAIN = re.compile(r"[0-9A-Za-z._~-]+")
"""Ids that stand in a path and in JSON as they are."""
_FROM, _TO = "\ue000", "\ue001"
"""What a mark stands between; a text that has one of these is cast in no mould."""
_MARK = re.compile(f'"{_FROM}(\\d+){_TO}"|{_FROM}i{_TO}'.encode())
_ID = 0
"""The number of the mark for the id as a value; those of times count from 2."""

_TIMES: Sequence[Callable[[float], JSON]] = (
    in_milliseconds,
    lambda now: f"{to_the_second(int(now // 1))}Z",
    lambda now: to_the_second(int(now // 1))[:10],
    lambda now: to_the_second(int(now // 1)).replace("T", " "),
    int,
    lambda now: int(now * 1000),
    lambda now: round(now, 3),
    lambda now: round(now * 1000, 3),
)
"""The forms in which a time is written (see `tallystick.mock.state.server_set`)."""

_TEXT_ID = 1
"""The number of the id as it stands inside of another text."""


class Template(NamedTuple):
    """A text with `%b` in the places where something else stands each time, and the numbers of what that is."""

    text: bytes
    slots: Sequence[int]

    def filled(self, values: Sequence[bytes]) -> bytes:
        """The text with values by their numbers."""
        return self.text % tuple([values[slot] for slot in self.slots])


@dataclass(frozen=True)
class Cast:
    """What a request has created: the id, the time, the text of the resource, and the reply."""

    id: JSON
    now: float
    text: bytes
    reply: Reply


@dataclass(frozen=True)
class Mould:
    """What one request creates, for any id and time; `own` is the id that the request itself names."""

    own: JSON
    resource: Template
    body: Template
    lines: Sequence[Sequence[str]]
    """The reason for the reply and the values of its header fields, each in the pieces around the id."""
    model: Reply
    forms: Sequence[Callable[[float], JSON]]
    """The forms of the times: those numbered from 2 on."""

    def times(self, now: float) -> Sequence[bytes]:
        """A time in the forms that it has here."""
        return [write_json(form(now)) for form in self.forms]

    def text(self, times: Sequence[bytes], id: JSON) -> bytes:
        """The text of the resource with an id."""
        return self.resource.filled(_values(times, id))

    def reply(self, times: Sequence[bytes], id: JSON, resource: bytes) -> Reply:
        """The reply that says that it was created; `resource` is its text."""
        text = text_of(id)
        why, *values = [pieces[0] if len(pieces) == 1 else text.join(pieces) for pieces in self.lines]
        headers = tuple(zip(self.names, values, strict=True))
        reply = object.__new__(Reply)  # dataclasses.replace() takes three times as long
        members = reply.__dict__
        members.update(self.members)
        body = resource if self.body == self.resource else self.body.filled(_values(times, id))
        members["response"] = Response(self.model.response.status, headers, body)
        members["why"] = why
        return reply

    @cached_property
    def names(self) -> Sequence[str]:
        """The names of the header fields."""
        return [name for name, _ in self.model.response.headers]

    @cached_property
    def members(self) -> dict[str, object]:
        """The members of the reply, but for those that are as in any, and nothing that was made of them."""
        members = {field.name: getattr(self.model, field.name) for field in fields(self.model)}
        return {name: value for name, value in members.items() if value is not getattr(Reply, name, members)}


def _values(times: Sequence[bytes], id: JSON) -> Sequence[bytes]:
    text = text_of(id).encode()
    return (text if isinstance(id, int) else write_json(id), text, *times)


def mould_of(one: Cast, other: Cast, own: JSON) -> Mould | None:
    """The mould of what was created twice; None where more than the id and the times differs."""
    if own is None and not (_PLAIN.fullmatch(text_of(one.id)) and _PLAIN.fullmatch(text_of(other.id))):
        return None
    response, later = one.reply.response, other.reply.response
    lines = [
        _pieces(text, other_text, one, other)
        for text, other_text in zip(
            (one.reply.why, *(value for _, value in response.headers)),
            (other.reply.why, *(value for _, value in later.headers)),
            strict=True,
        )
    ]
    if None in lines or one.reply.violations != other.reply.violations:
        return None
    try:
        resource = _template(one.text, other.text, one, other)
        body = _template(response.body, later.body, one, other)
    except _DiffersError:
        return None
    used = sorted({slot for slot in (*body.slots, *resource.slots) if slot > _TEXT_ID})
    numbers = {_ID: _ID, _TEXT_ID: _TEXT_ID, **{slot: number for number, slot in enumerate(used, _TEXT_ID + 1)}}
    resource, body = (each._replace(slots=[numbers[slot] for slot in each.slots]) for each in (resource, body))
    forms = [_TIMES[slot - _TEXT_ID - 1] for slot in used]
    return Mould(own, resource, body, [each for each in lines if each is not None], one.reply, forms)


def _template(text: bytes, other_text: bytes, one: Cast, other: Cast) -> Template:
    """The template of two JSON texts; `_DiffersError` where they differ in more than an id and times."""
    if text == other_text:
        return Template(text.replace(b"%", b"%%"), ())
    value, fault = read_json(text)
    other_value, other_fault = read_json(other_text)
    if fault or other_fault or _FROM.encode() in text:
        raise _DiffersError
    marked = write_json(_marked(value, other_value, one, other))  # type: ignore[arg-type]  # read as JSON
    slots = [int(number) if number else _TEXT_ID for number in _MARK.findall(marked)]
    return Template(_MARK.sub(b"%b", marked.replace(b"%", b"%%")), slots)


class _DiffersError(Exception):
    """Two values differ in more than an id and times."""


def _marked(value: JSON, other_value: JSON, one: Cast, other: Cast) -> JSON:
    """A value with marks in the places where another one has another id or time."""
    if isinstance(value, dict) and isinstance(other_value, dict) and [*value] == [*other_value]:
        return {name: _marked(member, other_value[name], one, other) for name, member in value.items()}
    if isinstance(value, list) and isinstance(other_value, list) and len(value) == len(other_value):
        return [_marked(item, other_item, one, other) for item, other_item in zip(value, other_value, strict=True)]
    if type(value) is not type(other_value):
        raise _DiffersError
    if value == other_value:
        return value
    if (value, other_value) == (one.id, other.id):
        return f"{_FROM}{_ID}{_TO}"
    for number, form in enumerate(_TIMES, _TEXT_ID + 1):
        if (value, other_value) == (form(one.now), form(other.now)):
            return f"{_FROM}{number}{_TO}"
    if isinstance(value, str) and isinstance(other_value, str):
        pieces = _pieces(value, other_value, one, other)
        if pieces is not None:
            return f"{_FROM}i{_TO}".join(pieces)
    raise _DiffersError


def _pieces(text: str, other_text: str, one: Cast, other: Cast) -> Sequence[str] | None:
    """The pieces of a text around the id in it; None where more differs."""
    if text == other_text:
        return (text,)
    pieces = text.split(text_of(one.id))
    return pieces if text_of(other.id).join(pieces) == other_text else None
