"""What each part of a reply comes from: an example, a generated value, or what has changed it for its request."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from itertools import islice

from tallystick.examples.samples import GENERATED
from tallystick.mock.roles import Change, Origin, Reply
from tallystick.mock.tailoring.tailoring import value_of
from tallystick.nouns import budgets
from tallystick.nouns.exchange import Response
from tallystick.nouns.json_pointer import to_pointer
from tallystick.nouns.json_value import JSON

_REQUEST = "this request"
_PROBLEM = "a problem in the mock's own words, since the contract documents no such body"
_UNKNOWN = ((False, None), (False, None))


def parts_of(reply: Reply) -> Mapping[str, str]:
    """What each part comes from, by where it is; what is not named comes from where the whole body does."""
    parts: dict[str, str] = {}
    if reply.problem is not None:
        return {"response.body": _PROBLEM}
    if reply.origin is not None and (reply.response.body or reply.origin.example):
        parts["response.body"] = _whole(reply.origin)
    for violation in reply.mended[: budgets.CHANGES_TOLD]:
        parts[violation.where] = f"{violation.message} ({violation.contract})"
    for change in (*reply.changes, *_last(reply)):
        for where in islice(_changed(change), budgets.CHANGES_TOLD):
            before = parts.get(where)
            parts[where] = change.by if before in (None, change.by) else f"{before}; then {change.by}"
    return parts


def _whole(origin: Origin) -> str:
    status, body_format = origin.definition.status, origin.body_format
    if origin.example and origin.example != GENERATED:
        places = (each.place for each in body_format.examples if each.name == origin.example) if body_format else ()
        place = next(iter(places), origin.definition.place)
        return f"the example {origin.example!r} of the response {status} ({place})"
    place = body_format.schema.place if body_format is not None and body_format.schema else origin.definition.place
    return f"a value generated for the response {status} ({place})"


def _last(reply: Reply) -> Iterator[Change]:
    """What was changed after all that the reply tells of, by who does not say."""
    known = reply.changes[-1].after if reply.changes else reply.origin.response if reply.origin is not None else None
    if known is not None and known != reply.response:
        yield Change(_REQUEST, known, reply.response)


def _changed(change: Change) -> Iterator[str]:
    """Where two responses differ: statuses, header fields, and the parts of their bodies."""
    before, after = change.before, change.after
    if before.status != after.status:
        yield "response.status"
    for name in dict.fromkeys(name for name, _ in after.headers):
        if _values(before, name) != _values(after, name) and not name.startswith("tallystick-"):
            yield f"response.header.{'-'.join(part.capitalize() for part in name.split('-'))}"
    if before.body != after.body:
        is_small = len(before.body) + len(after.body) <= 2 * budgets.BYTES_AT_ONCE
        (is_json, value), (is_json_too, other) = (value_of(before), value_of(after)) if is_small else _UNKNOWN
        yield from _in_value(value, other, ()) if is_json and is_json_too else ("response.body",)


def _values(response: Response, name: str) -> list[str]:
    return [value for key, value in response.headers if key == name]


def _in_value(before: JSON, after: JSON, way: tuple[str, ...]) -> Iterator[str]:
    """Where two values differ; members that are gone are told of the object."""
    if isinstance(before, dict) and isinstance(after, dict) and len(way) < budgets.PATTERN_DEPTH:
        for name, member in after.items():
            if name not in before:
                yield f"response.body{to_pointer((*way, name))}"
            elif before[name] != member:
                yield from _in_value(before[name], member, (*way, name))
        if not before.keys() <= after.keys():
            yield f"response.body{to_pointer(way)}"
    elif isinstance(before, list) and isinstance(after, list) and len(before) == len(after):
        for index, pair in enumerate(zip(before, after, strict=True)):
            if pair[0] != pair[1]:
                yield from _in_value(*pair, (*way, str(index)))
    else:
        yield f"response.body{to_pointer(way)}"
