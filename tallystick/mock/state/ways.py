"""Ways through envelopes: from a body to the resource in it, or to the rows of a list."""

from __future__ import annotations

from collections.abc import Iterator

from tallystick.examples.choices import ValuePath
from tallystick.mock.state.views import View
from tallystick.mock.tailoring.edit import is_same
from tallystick.mock.tailoring.names import PathName, singular, spelled

_ENVELOPES = frozenset("data result results item items payload response resource record entity object".split())
_BESIDE = frozenset(
    "links meta metadata pagination paging page error errors status success message messages code included jsonapi "
    "requestid time usage warnings".split()
)
"""What stands beside a resource in an envelope."""
_DEEPEST = 3
"""How many keys lead to a resource or a list at most."""


def item_way(body: View, name: PathName) -> ValuePath | None:
    """The way to the resource in a body that is about one; None where there is no object."""
    if not body.is_object or body.is_array:
        return None
    way: ValuePath = ()
    while len(way) < _DEEPEST and not _is_identified(body, name):
        inner = _inside(body, name)
        if inner is None:
            break
        way, body = (*way, inner), body.members[inner]
    return way


def request_way(body: View, name: PathName, whole: View | None) -> ValuePath:
    """The way to the resource in the body of a request: the body itself, or the only member of an envelope."""
    way: ValuePath = ()
    while len(way) < _DEEPEST:
        inner = [key for key, member in body.members.items() if member.is_object]
        others = [key for key in body.members if spelled(key) not in _BESIDE]
        if len(inner) != 1 or others != inner or (whole is not None and inner[0] in whole.members):
            break
        key = inner[0]
        if not (_is_envelope(key, name) or (whole is not None and _is_like(body.members[key], whole))):
            break
        way, body = (*way, key), body.members[key]
    return way


def _is_like(view: View, other: View) -> bool:
    return view.schema is not None and other.schema is not None and is_same(view.schema, other.schema)


def rows_way(body: View | None, name: PathName, whole: View | None) -> ValuePath | None:
    """The way to the rows in the body of a list; None where it is none."""
    if body is None:
        return None
    scores = {way: _score(way, view, name, whole) for way, view in _arrays(body, ())}
    best = max(scores.values(), default=0)
    return next((way for way, score in scores.items() if score == best), None) if best > 0 else None


def _arrays(body: View, way: ValuePath) -> Iterator[tuple[ValuePath, View]]:
    if body.is_array:
        yield way, body
    elif body.is_object and len(way) < _DEEPEST:
        for key, member in body.members.items():
            yield from _arrays(member, (*way, key))


def _score(way: ValuePath, rows: View, name: PathName, whole: View | None) -> int:
    """How likely the rows of a list are in an array; 0 where they are not."""
    if not way:
        return 100
    row, key = rows.items, spelled(str(way[-1]))
    score = 0
    if row is not None and whole is not None and _is_like(row, whole):
        score += 10
    if row is not None and row.is_object and _is_identified(row, name):
        score += 3
    if _is_named(key, name):
        score += 4
    if key in _ENVELOPES or key in ("value", "values", "list", "rows", "entries", "content", "records"):
        score += 3
    return score - len(way) + 1 if score else 0


def _is_identified(view: View, name: PathName) -> bool:
    """Whether a resource may be identified by one of the members of a view."""
    return any(spelled(key) in name.own_names and member.is_scalar for key, member in view.members.items())


def _inside(body: View, name: PathName) -> str | None:
    """The member of an envelope that holds the resource."""
    objects = [key for key, member in body.members.items() if member.is_object and spelled(key) not in _BESIDE]
    best = next((key for key in objects if _is_envelope(key, name) and _is_identified(body.members[key], name)), None)
    others = [key for key in body.members if spelled(key) not in _BESIDE]
    if best is None and len(objects) == 1 and (objects == others or spelled(objects[0]) in _ENVELOPES):
        best = objects[0] if _is_envelope(objects[0], name) or _is_identified(body.members[objects[0]], name) else None
    return best


def _is_envelope(key: str, name: PathName) -> bool:
    return spelled(key) in _ENVELOPES or _is_named(spelled(key), name)


def _is_named(key: str, name: PathName) -> bool:
    """Whether a member is called as the resource is, in the singular or the plural."""
    noun = name.noun
    one = singular(key)
    return len(noun) > 1 and len(one) > 1 and (one.endswith(noun) or noun.endswith(one))
