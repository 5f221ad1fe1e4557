"""Which rows a request asks for: how many, from where on, in which order, with which values."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from tallystick.nouns.contract import Operation, Parameter
from tallystick.nouns.json_value import JSON
from tallystick.nouns.schema import Schema
from tallystick.resources.lists.vocabulary import PARAMETERS, Wanted, spelled
from tallystick.schemas.shapes import properties_of, types_of
from tallystick.wire.reading import Reading, reader_of

_SORT_ITEM = re.compile(r"(?P<minus>[-+]?)(?P<name>.+?)(?:[\s:.,_]+(?P<way>asc|desc|ascending|descending))?", re.I)
_MOST_SORTS, _LONGEST_SORT = 10, 200
"""By how many members rows are sorted, and how many characters say one of them; what else a request says is ignored."""
_FROM_ZERO = re.compile(
    r"zero[- ]?(based|indexed)|0[- ]?(based|indexed)|(starts?|starting|begin\w*) (at|from|with) (0|zero)", re.I
)
_WAYS = frozenset(("asc", "desc", "ascending", "descending", "1", "-1"))
_TIMES = frozenset(("date", "date-time"))
_PAGINGS = frozenset("page paging pager pagination options".split())
"""Objects in a body in which it is said which rows are wanted."""


@dataclass(frozen=True, slots=True)
class PageParameters:
    """The query parameters of an operation that say which rows are wanted, by their role: names as in a query."""

    names: Mapping[Wanted, str]
    default_size: int | None = None
    first_page: int = 1
    """The number of the first page."""
    in_body: Mapping[Wanted, tuple[str, ...]] = field(default_factory=dict)
    """The ways to the members of the body that say the same, as searches have them."""


@dataclass(frozen=True, slots=True)
class ListWish:
    """What a request says of the rows that it wants; None where it does not say."""

    size: int | None = None
    page: int | None = None
    offset: int | None = None
    after: str | None = None
    before: str | None = None
    sorts: tuple[tuple[str, bool], ...] = ()
    """The members to sort by, each with whether downwards; "" for a way without a member."""
    values: Mapping[str, Sequence[str]] = field(default_factory=dict)
    """The values of all other parameters, as texts, by name."""

    @property
    def is_open(self) -> bool:
        """Whether the request says neither which page it wants nor in which order."""
        places = (self.size, self.page, self.offset, self.after, self.before)
        return not self.sorts and all(place is None for place in places)


def page_parameters(operation: Operation) -> PageParameters:
    """The parameters of an operation that page its list."""
    names: dict[Wanted, str] = {}
    default_size, first_page = None, 1
    for parameter in operation.parameters:
        for name, described in expanded(parameter):
            role = _role(name, described)
            if role is None or role in names:
                continue
            names[role] = name
            default = described.get("default")
            if role is Wanted.SIZE and isinstance(default, int) and not isinstance(default, bool) and default > 0:
                default_size = default
            if role is Wanted.PAGE and _is_from_zero(described):
                first_page = 0
    return PageParameters(names, default_size, first_page, _in_body(operation))


def _in_body(operation: Operation) -> dict[Wanted, tuple[str, ...]]:
    """The ways to the members of a body that say which rows are wanted."""
    ways: dict[Wanted, tuple[str, ...]] = {}
    content = operation.request_body.content if operation.request_body is not None else ()
    for body_format in content:
        for name, member in properties_of(body_format.schema).items():
            inside = properties_of(member) if spelled(name) in _PAGINGS else {}
            members: list[tuple[tuple[str, ...], Schema | None]] = [((name, key), each) for key, each in inside.items()]
            for way, each in members or [((name,), member)]:
                role = _role("".join(way), _said(each)) or _role(way[-1], _said(each))
                if role is not None:
                    ways.setdefault(role, way)
    return ways


def expanded(parameter: Parameter) -> Iterator[tuple[str, Mapping[str, JSON]]]:
    """A query parameter as names of fields, each with what its schema says: several where it is an object."""
    if parameter.location != "query":
        return
    schema = parameter.described
    properties = properties_of(schema) if parameter.style == "deepObject" else {}
    for name, inner in properties.items():
        yield f"{parameter.name}[{name}]", inner.resolved if inner is not None else {}
    if not properties:
        said = _said(schema)
        said.setdefault("examples", [example.value for example in parameter.examples])
        yield parameter.name, said


def _said(schema: Schema | None) -> dict[str, JSON]:
    """What a schema says, with the types of its values."""
    return {**(schema.resolved if schema is not None else {}), "types": [*sorted(types_of(schema))]}


def _role(name: str, described: Mapping[str, JSON]) -> Wanted | None:
    """The role of a parameter: by its name, unless its type says that something else is meant."""
    role = PARAMETERS.get(spelled(name))
    types = described.get("types")
    is_number = not isinstance(types, list) or not {"integer", "number"}.isdisjoint(types)
    if role in (Wanted.SORT, Wanted.ORDER):
        return Wanted.ORDER if _is_way(described, role) else Wanted.SORT
    if role in (Wanted.AFTER, Wanted.BEFORE, Wanted.OFFSET, Wanted.PAGE) and described.get("format") in _TIMES:
        return None
    if role is Wanted.OFFSET and not is_number:
        return Wanted.AFTER
    if role is Wanted.SIZE and not is_number:
        return None
    return role


def _is_way(described: Mapping[str, JSON], role: Wanted) -> bool:
    """Whether a parameter says upwards or downwards: by its values, else by its name."""
    values = described.get("enum")
    if not isinstance(values, list):
        return role is Wanted.ORDER
    return {str(value).lower() for value in values} <= _WAYS


def _is_from_zero(described: Mapping[str, JSON]) -> bool:
    text, examples = described.get("description"), described.get("examples")
    numbers = [described.get("default"), described.get("example"), described.get("minimum")]
    numbers += examples if isinstance(examples, list) else []
    is_zero = any(number == 0 and not isinstance(number, bool) for number in numbers)
    return is_zero or (isinstance(text, str) and _FROM_ZERO.search(text) is not None)


BodyWish = tuple[tuple[Wanted, str | int | float | bool], ...]
"""What a body says of the rows that are wanted."""


def body_wish(reading: Reading, parameters: PageParameters) -> BodyWish:
    """What the body of a request says of the rows that it wants."""
    said: list[tuple[Wanted, str | int | float | bool]] = []
    for role, way in parameters.in_body.items():
        value: object = reading.body.value
        for name in way:
            value = value.get(name) if isinstance(value, Mapping) else None
        if isinstance(value, list) and role is Wanted.SORT:
            value = ",".join(each for each in value[:_MOST_SORTS] if isinstance(each, str))
        if isinstance(value, (int, float, bool)) or (isinstance(value, str) and len(value) <= _LONGEST_SORT):
            said.append((role, value))
    return tuple(said)


def wish_of(reading: Reading, parameters: PageParameters, in_body: BodyWish = ()) -> ListWish:
    """What a request says of the rows that it wants, in its query, or else in its body."""
    roles = {name: role for role, name in parameters.names.items()}
    said: dict[Wanted, JSON] = dict(in_body)
    values: dict[str, Sequence[str]] = {}
    for name, value in _values(reading):
        role = roles.get(name)
        if role is None:
            values[name] = list(map(_text, value if isinstance(value, list) else [value]))
        else:
            said[role] = value
    page = _count(said.get(Wanted.PAGE))
    return ListWish(
        _count(said.get(Wanted.SIZE)),
        page,
        _count(said.get(Wanted.OFFSET)),
        _cursor(said.get(Wanted.AFTER)) or (_cursor(said.get(Wanted.PAGE)) if page is None else None),
        _cursor(said.get(Wanted.BEFORE)),
        tuple(_sorts(said)),
        values,
    )


def _values(reading: Reading) -> Iterator[tuple[str, JSON]]:
    """The values of the parameters in the query; an object is taken apart."""
    for parameter, read in reader_of(reading.operation).parameters:
        if parameter.location != "query":
            continue
        value, fault = read(reading)
        if fault:
            continue
        if isinstance(value, dict):
            for key, inner in value.items():
                if isinstance(inner, (str, int, float, list)):
                    yield f"{parameter.name}[{key}]", inner
        elif isinstance(value, (str, int, float, bool, list)):
            yield parameter.name, value


def _text(value: JSON) -> str:
    """A scalar as a query says it."""
    return str(value).lower() if isinstance(value, bool) else str(value)


def _count(value: JSON) -> int | None:
    """A number of rows or pages, if it is one."""
    if isinstance(value, str) and value.isdecimal() and len(value) < 10:
        value = int(value)
    return int(value) if isinstance(value, (int, float)) and not isinstance(value, bool) and value >= 0 else None


def _cursor(value: JSON) -> str | None:
    return None if value is None or isinstance(value, (list, dict)) or value == "" else str(value)


def _sorts(said: Mapping[Wanted, JSON]) -> Iterator[tuple[str, bool]]:
    """The members to sort by, and whether downwards: `-price`, `price desc`, `price:desc`, or with a way of its own."""
    way = said.get(Wanted.ORDER)
    downwards = str(way).lower().startswith("desc") or str(way) == "-1" or said.get(Wanted.DOWNWARDS) is True
    wanted = said.get(Wanted.SORT) or (way if way is not None and str(way).lower() not in _WAYS else None)
    items = wanted if isinstance(wanted, list) else re.split(r",(?!\s*(?:asc|desc)\b)", str(wanted)) if wanted else []
    texts = [text for item in items[:_MOST_SORTS] if len(text := str(item).strip()) <= _LONGEST_SORT]
    for text in texts:
        match = _SORT_ITEM.fullmatch(text)
        if match is not None:
            own_way = match["minus"] == "-" or (match["way"] or "").lower().startswith("desc")
            yield spelled(match["name"]), own_way or (downwards and not match["way"] and not match["minus"])
    if not items and (downwards or way):
        yield "", downwards
