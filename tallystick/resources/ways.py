"""Ways through envelopes: from a body to the resource in it, or to the rows of a list."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from tallystick.examples.choices import ValuePath
from tallystick.resources.names import PathName, singular, spelled
from tallystick.resources.views import View
from tallystick.schemas.shapes import properties_of, values_of

_ENVELOPES = frozenset("data result item payload response resource record entity object body content".split())
"""Members that hold the resource of a reply."""
_LISTS = frozenset(
    "data result results item items rows records entries entities list values value objects elements content "
    "resources collection hits page".split()
)
"""Members that hold the rows of a list."""
_BESIDE = frozenset(
    "link links meta metadata pagination paging page error errors status statuscode success ok message messages code "
    "included jsonapi requestid time took usage warning warnings debug version object kind apiversion total count "
    "cursor next previous".split()
)
"""What stands beside a resource in an envelope."""
PARTS = frozenset("metadata meta info attributes properties spec summary identity profile fields details".split())
"""Members of a resource that may hold its id, where it has none itself."""
_FEW = 3
"""How many members an envelope has at most that holds the resource under a name that says nothing."""
_DEEPEST = 3
"""How many keys lead to a resource or a list at most."""


@dataclass(frozen=True, slots=True)
class Subject:
    """What a way leads to: what identifies it, by the name in its path; and how the contract describes it, if known."""

    name: PathName
    whole: View | None = None

    def is_identified(self, view: View) -> bool:
        """Whether one of the members of a view may identify it, or of a part of it (`metadata.name`)."""
        names = self.name.own_names
        return any(
            (spelled(key) in names and member.is_scalar) or self.is_identified_by(key, member)
            for key, member in view.members.items()
        )

    def is_identified_by(self, key: str, part: View) -> bool:
        """Whether a part of a resource holds what is called as the parameter is, if that is not just an id."""
        own = spelled(self.name.name)
        return (
            spelled(key) in PARTS
            and own != "id"
            and part.is_object
            and any(spelled(inner) == own for inner in part.members)
        )

    def is_named(self, key: str) -> bool:
        """Whether a member is called as the resource is, in the singular or the plural."""
        noun, one = self.name.noun, singular(spelled(key))
        return len(noun) > 2 and len(one) > 2 and (one.endswith(noun) or noun.endswith(one))


def item_way(body: View, subject: Subject) -> ValuePath | None:
    """The way to the resource in a body that is about one; None where there is no object."""
    objects = _objects(body, subject, (), True)
    candidates = {way: _item_score(way, view, subject, is_only) for way, view, is_only in objects}
    best = max(candidates.values(), default=0)
    return next((way for way, score in candidates.items() if score == best), None)


def _objects(body: View, subject: Subject, way: ValuePath, is_only: bool) -> Iterator[tuple[ValuePath, View, bool]]:
    """The objects in a body that may be the resource, the outermost first.

    Each comes with whether nothing that counts stands beside it.
    """
    if len(way) > _DEEPEST:
        return
    if body.is_array:
        if body.items is not None:
            yield from _objects(body.items, subject, (*way, 0), is_only)
    elif body.is_object:
        yield way, body, is_only
        counting = [
            key
            for key, member in body.members.items()
            if spelled(key) not in _BESIDE or subject.is_identified_by(key, member)
        ]
        is_alone = len(counting) == 1 and len(body.members) <= _FEW and spelled(counting[0]) not in PARTS
        for key in counting:
            if is_alone or subject.is_named(key) or spelled(key) in _ENVELOPES:
                yield from _objects(body.members[key], subject, (*way, key), len(counting) == 1)


def _item_score(way: ValuePath, view: View, subject: Subject, is_only: bool) -> int:
    """How likely an object in a body is the resource; the body itself is where nothing says otherwise."""
    is_identified = subject.is_identified(view)
    score = 3 if is_identified else 0
    score += 8 if view.is_like(subject.whole) else 0
    if not way:
        return score + 2
    key = way[-1]
    if isinstance(key, int):
        # An array in an envelope holds one resource where its rows have the very name of the parameter.
        is_sure = is_only and any(spelled(name) == spelled(subject.name.name) != "id" for name in view.members)
        return score - len(way) + (0 if way == (0,) else 3 if is_sure else -1)
    is_envelope = spelled(key) in _ENVELOPES
    is_named = subject.is_named(key)
    score += (3 if is_named else 2 if is_envelope else 0) + (
        3 if is_only and (is_named or is_envelope or is_identified) else 0
    )
    return score - len(way)


def request_way(body: View, subject: Subject) -> ValuePath:
    """The way to the resource in the body of a request: the body itself, or a member of an envelope."""
    whole = subject.whole
    if body.is_like(whole):
        return ()
    counting = [key for key in body.members if spelled(key) not in _BESIDE]
    best: ValuePath = ()
    most = body.shared_with(whole)
    for key, member in body.members.items():
        if not member.is_object or (whole is not None and key in whole.members):
            continue
        is_meant = subject.is_named(key) or spelled(key) in _ENVELOPES
        shared = member.shared_with(whole)
        if member.is_like(whole) or (is_meant and (shared > most or counting == [key])):
            best, most = (key,), shared
    return best


def rows_way(body: View | None, subject: Subject) -> ValuePath | None:
    """The way to the rows in the body of a list; None where it is none."""
    if body is None:
        return None
    scores = {way: _rows_score(way, view, subject) for way, view in _arrays(body, subject, ())}
    best = max(scores.values(), default=0)
    return next((way for way, score in scores.items() if score == best), None) if best > 0 else None


def _arrays(body: View, subject: Subject, way: ValuePath) -> Iterator[tuple[ValuePath, View]]:
    """The arrays in a body, as far as members lead that may hold a list."""
    if body.is_array:
        yield way, body
    elif body.is_object and len(way) < _DEEPEST:
        for key, member in body.members.items():
            if not way or subject.is_named(key) or spelled(key) in _LISTS:
                yield from _arrays(member, subject, (*way, key))


def way_by_id(body: View | None, subject: Subject) -> ValuePath | None:
    """The way to an object that has a member for each item, called as its id; None where there is none."""
    if body is None or subject.whole is None:
        return None
    names = [key for key in body.members if subject.is_named(key) or spelled(key) in _LISTS]
    parts: list[tuple[ValuePath, View]] = [((), body), *(((key,), body.members[key]) for key in names)]
    for way, part in parts:
        if part.is_object and part.schema is not None and not properties_of(part.schema):
            member = View(values_of(part.schema), None)
            if member.is_like(subject.whole):
                return way
    return None


def is_list(body: View, subject: Subject) -> bool:
    """Whether a body is a list, and not a resource that has lists: an array, or rows that are called as lists are."""
    way = rows_way(body, subject)
    return way is not None and all(subject.is_named(str(key)) or spelled(str(key)) in _LISTS for key in way)


def _rows_score(way: ValuePath, rows: View, subject: Subject) -> int:
    """How likely the rows of a list are in an array; 0 where they are not."""
    if not way:
        return 100
    row, key = rows.items, str(way[-1])
    score = 0
    if row is not None and row.is_like(subject.whole):
        score += 10
    if row is not None and row.is_object and subject.is_identified(row):
        score += 3
    if subject.is_named(key):
        score += 4
    if spelled(key) in _LISTS:
        score += 3
    return max(score - len(way) + 1, 1) if score else 0
