"""What a contract says of a list: which parameters page, sort and filter it, and what a request asks by them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import cached_property

from tallystick.nouns.contract import Operation, Parameter
from tallystick.nouns.schema import Schema
from tallystick.nouns.violation import Place
from tallystick.resources.lists.filters import Filter, filters_of
from tallystick.resources.lists.vocabulary import Wanted, spelled
from tallystick.resources.lists.wishes import ListWish, page_parameters, wish_of
from tallystick.rules.sequence import declared
from tallystick.rules.sequence.seen import Seen
from tallystick.schemas.shapes import types_of

SURE_SIZE = 20
"""Up to how many rows a server is sure to give as many as were asked for, if it has them."""
_NUMBERS = frozenset(("integer", "number", "null"))
_SURE_SIZES = frozenset("limit perpage pagesize pagelimit maxresults".split())
"""Names that say how many rows are wanted even where a row has a member of the name."""
_PLACES = (Wanted.PAGE, Wanted.OFFSET, Wanted.AFTER, Wanted.BEFORE)


class ListPromise:
    """What a contract says of the list of an operation."""

    def __init__(self, operation: Operation) -> None:
        self.operation = operation
        self.pages = page_parameters(operation)
        self.parameters: Mapping[str, Parameter] = {
            parameter.name: parameter for parameter in operation.parameters if parameter.location == "query"
        }
        self._filters: dict[Place, Mapping[str, Filter]] = {}

    def parameter_for(self, wanted: Wanted) -> Parameter | None:
        """The parameter that says something of the rows that are wanted."""
        return self.parameters.get(self.pages.names.get(wanted, ""))

    @cached_property
    def size(self) -> Parameter | None:
        """The parameter for the number of rows, where it is sure to be one."""
        parameter = self.parameter_for(Wanted.SIZE)
        is_number = parameter is not None and types_of(parameter.described) <= _NUMBERS
        return parameter if is_number else None

    @cached_property
    def is_paged(self) -> bool:
        """Whether a request may ask for a part of the rows, or something about it cannot be known."""
        return bool(self.pages.names.keys() & {Wanted.SIZE, *_PLACES}) or bool(self.pages.in_body)

    @cached_property
    def has_defaults(self) -> bool:
        """Whether a parameter that does not page has a default, by which a list may leave rows out."""
        paging = {self.pages.names.get(wanted) for wanted in (*_PLACES, Wanted.SIZE, Wanted.SORT, Wanted.ORDER)}
        described = [each.described for name, each in self.parameters.items() if name not in paging]
        return any(schema is not None and "default" in schema.resolved for schema in described)

    @cached_property
    def is_first_page_sure(self) -> bool:
        """Whether the contract says what number the first page has."""
        parameter = self.parameter_for(Wanted.PAGE)
        said = parameter.described.resolved if parameter is not None and parameter.described is not None else {}
        return "default" in said or "minimum" in said

    def wish(self, seen: Seen) -> ListWish:
        """What a request asks for."""
        if seen.wish is None:
            seen.wish = wish_of(seen.reading, self.pages)
        return seen.wish

    def page_size(self, seen: Seen) -> int | None:
        """How many rows a request asks for, by itself or by the default; None where that cannot be told.

        A number that the contract allows and that means no rows, such as `limit=-1`, has a meaning of the server's own.
        """
        wish = self.wish(seen)
        return wish.size if wish.size is not None or self._sends(seen, Wanted.SIZE) else self.pages.default_size

    def _sends(self, seen: Seen, wanted: Wanted) -> bool:
        return self.pages.names.get(wanted) in seen.reading.query

    def span(self, seen: Seen) -> tuple[int, int] | None:
        """Where the page of a request begins, and how many rows it has at most; None where that cannot be told."""
        wish, size = self.wish(seen), self.page_size(seen)
        if any(self._sends(seen, each) for each in (Wanted.OFFSET, Wanted.PAGE)) and wish.offset is wish.page is None:
            return None  # a number below 0
        if wish.after is not None or wish.before is not None or self.pages.in_body or not size or self.size is None:
            return None
        if wish.offset is not None:
            return wish.offset, size
        if wish.page is None:
            return 0, size
        return ((wish.page - self.pages.first_page) * size, size) if self.is_first_page_sure else None

    def is_whole(self, seen: Seen) -> bool:
        """Whether a response shows all rows: no more pages can follow it, and nothing narrows it."""
        if self.wish(seen).values or self.has_defaults or seen.rows is None:
            return False
        if not self.is_paged:
            return True
        span = self.span(seen)
        return span is not None and span[0] == 0 and len(seen.rows) < span[1]

    def filters(self, seen: Seen) -> Mapping[str, Filter]:
        """What the parameters of the query ask of the members of a row."""
        schema = seen.row_schema
        key = schema.place if schema is not None else self.operation.place
        if key not in self._filters:
            self._filters[key] = filters_of(self.operation, self.pages, schema, [])
        return self._filters[key]

    def is_size_sure(self, schema: Schema | None) -> bool:
        """Whether the parameter for the number of rows is not one for a member of the rows (the size of shoes)."""
        name = spelled(self.size.name) if self.size is not None else ""
        return name in _SURE_SIZES or name not in {spelled(member) for member in declared.members(schema)}


def same_but(first: ListWish, second: ListWish, names: Sequence[str] = ()) -> bool:
    """Whether two requests ask for the same rows, but for the values of some parameters, and for their page."""
    values = [{name: each for name, each in wish.values.items() if name not in names} for wish in (first, second)]
    return values[0] == values[1] and first.sorts == second.sorts
