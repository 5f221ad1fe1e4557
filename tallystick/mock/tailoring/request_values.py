"""The values of a request's path and query come back in the resource that is answered with, and in its rows."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from operator import attrgetter

from tallystick.mock.tailoring.edit import Base, Draft, Edit
from tallystick.mock.tailoring.envelopes import envelopes
from tallystick.mock.tailoring.puts import Put, Shapes, fitting, objects_in, put_all
from tallystick.nouns.contract import Parameter
from tallystick.nouns.exchange import Exchange, Request
from tallystick.nouns.json_value import JSON
from tallystick.nouns.path_templates import PathValues
from tallystick.nouns.schema import Schema
from tallystick.resources.names import PathName, has_identity, names_row, path_names, spelled, words_of
from tallystick.wire.reading import ParameterReader, Reading, reader_of
from tallystick.wire.values import MISSING

_NUMBERED = frozenset("id uid number no num index key code version".split())
"""Last words of names whose values are often numbers, though they are documented as texts."""
_OF_THE_PAGE = frozenset("limit offset page perpage pagesize size cursor after before start count skip take".split())
"""Query parameters that choose the page of a list."""

Facts = tuple[PathValues, str]


def request_values_edit(base: Base) -> Edit[Facts] | None:
    """The edit that puts each value of the path and query into the members of the reply that it names."""
    if not base.has_value or not isinstance(base.value, (dict, list)) or not 200 <= base.reply.response.status < 300:
        return None
    values = _Values(base)
    has_query_places = any(values.query_puts(base.value, _any_value))
    if not has_query_places and not any(values.path_puts(base.value, _any_value)):
        return None
    operation = base.operation

    def apply(draft: Draft, facts: Facts) -> None:
        path_values, query = facts
        request = Request(operation.method, operation.path, query)
        values.put(draft, Reading(operation, Exchange(request), path_values))

    def apply_path(draft: Draft, path_values: PathValues) -> None:
        apply(draft, (path_values, ""))

    if has_query_places:
        return Edit(attrgetter("path_values", "request.query"), apply, "the path and query of the request")
    return Edit(attrgetter("path_values"), apply_path, "the path of the request")


class _Any:
    """Stands for some value of a request, while there is none yet."""


_ANY = _Any()
ValueOf = Callable[[ParameterReader], object]


def _any_value(_: ParameterReader) -> object:
    return _ANY


class _Values:
    """The parameters of one operation, and the members of its reply that each is."""

    def __init__(self, base: Base) -> None:
        self.schema = base.schema
        self.shapes = Shapes()
        parameters = reader_of(base.operation).parameters
        by_name = {parameter.name: read for parameter, read in parameters if parameter.location == "path"}
        names = path_names(base.operation.path, base.acts_on_item)
        self.path = [(name, by_name[name.name]) for name in names if name.name in by_name]
        self.has_item = any(name.is_item for name, _ in self.path)
        self.query: list[tuple[Parameter, ParameterReader]] = [
            (parameter, read) for parameter, read in parameters if parameter.location == "query"
        ]
        self.noun = names_row(base.operation.path)

    def put(self, draft: Draft, reading: Reading) -> None:
        """Put the values of a request into a body."""

        def value_of(read: ParameterReader) -> object:
            value, fault = read(reading)
            return MISSING if fault or isinstance(value, (dict, list)) else value

        body = draft.value
        put_all([*self.query_puts(body, value_of), *self.path_puts(body, value_of)], body, self.schema)

    def path_puts(self, body: JSON, value_of: ValueOf) -> Iterator[Put]:
        """The values of the path: for the resource, for objects that refer to another one, and for rows."""
        for name, read in self.path:
            value = value_of(read)
            if value is MISSING:
                continue
            value = _Value(value, words_of(name.name)[-1:] != () and words_of(name.name)[-1] in _NUMBERED)
            own = self.own_put(body, name, value) if isinstance(body, dict) else None
            if own is not None:
                yield own
            for holder, schema, is_row in objects_in(body, self.schema, self.shapes):
                if own is None or holder is not own.holder:
                    names = name.qualified_names if is_row else name.unmistakable_names
                    names = tuple(each for each in names if own is None or each != spelled(own.member))
                    yield from self.reference(holder, schema, names, value, is_row, name)

    def own_put(self, body: dict[str, JSON], name: PathName, value: _Value) -> Put | None:
        """The put for the resource that is answered with, under its own names or those of a reference."""
        for holder, schema in envelopes(body, self.schema, self.shapes, self.noun):
            names = name.own_names if name.is_item else name.qualified_names
            there = [member for member in holder if spelled(member) in names and value.is_already(holder[member])]
            if there:
                return Put(holder, there[0], holder[there[0]])
            put = next(self.by_names(holder, schema, names, value, True), None)
            if put is None and not name.is_item:
                put = next(self.of_owner(holder, schema, name, value), None)
            if put is not None:
                return put
        return None

    def reference(
        self,
        holder: dict[str, JSON],
        schema: Schema | None,
        names: Sequence[str],
        value: _Value,
        is_row: bool,
        name: PathName,
    ) -> Iterator[Put]:
        """The put for an object that refers to what the path names; a row keeps what identifies it."""
        if is_row:
            members = {spelled(member) for member in (*holder, *self.shapes.properties(schema))}
            names = [each for each in names if has_identity(members, self.noun, each)]
        is_answer = is_row and not self.has_item
        put = next(self.by_names(holder, schema, names, value, is_row, enters=is_answer), None)
        if put is None and is_answer:
            put = next(self.of_owner(holder, schema, name, value), None)
        if put is not None:
            yield put

    def by_names(
        self,
        holder: dict[str, JSON],
        schema: Schema | None,
        names: Iterable[str],
        value: _Value,
        adds: bool,
        enters: bool = True,
    ) -> Iterator[Put]:
        """A put for each member of some names that takes the value: one that is there, or is declared where it `adds`.

        Where the member is an object and it `enters`, it is the member in it that identifies it.
        """
        declared = self.shapes.properties(schema)
        members = {spelled(member): member for member in declared} if adds else {}
        members.update((spelled(member), member) for member in holder)
        for member in (members[name] for name in names if name in members):
            inner, present = declared.get(member), holder.get(member, MISSING)
            if isinstance(present, dict):
                if enters:
                    yield from self.by_names(present, inner, ("id", "login", "name"), value, False)
            elif inner is None or inner.resolved.get("writeOnly") is not True:
                fit = value.fitting(present, inner)
                if fit is not MISSING:
                    yield Put(holder, member, fit)

    def of_owner(self, holder: dict[str, JSON], schema: Schema | None, name: PathName, value: _Value) -> Iterator[Put]:
        for owner in name.owners:
            inner = holder.get(owner)
            if isinstance(inner, dict):
                names = ("login", "username", "id", "name")
                yield from self.by_names(inner, self.shapes.member(schema, owner), names, value, False)

    def query_puts(self, body: JSON, value_of: ValueOf) -> Iterator[Put]:
        """The values of the query for the members of the resource that have their names."""
        if not isinstance(body, dict):
            return
        is_list = any(isinstance(member, list) for member in body.values())
        for parameter, read in self.query:
            name = spelled(parameter.name)
            value = value_of(read)
            if value is MISSING or name == "id" or (is_list and name in _OF_THE_PAGE):
                continue
            for holder, schema in envelopes(body, self.schema, self.shapes, self.noun):
                put = next(self.by_names(holder, schema, (name,), _Value(value, name in _NUMBERED), True), None)
                if put is not None:
                    yield put
                    break


class _Value:
    """A value of a request; `converts` where a text may be meant as a number."""

    def __init__(self, value: object, converts: bool) -> None:
        self.value = value
        self.converts = converts

    def is_already(self, present: object) -> bool:
        """Whether a member has the value."""
        return isinstance(present, (str, int)) and str(present) == str(self.value)

    def fitting(self, present: object, schema: Schema | None) -> object:
        """The value in the type that a member has; MISSING where it cannot have it."""
        if self.value is _ANY:
            return MISSING if isinstance(present, list) else None
        return fitting(self.value, present, schema, self.converts)  # type: ignore[arg-type]  # a scalar
