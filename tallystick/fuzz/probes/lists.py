"""What a list is asked for: pages that follow one another, filters, orders."""

from __future__ import annotations

import random
from collections.abc import Iterator, Mapping

from tallystick.nouns.contract import Parameter
from tallystick.nouns.json_value import JSON
from tallystick.nouns.schema import Direction
from tallystick.resources.lists.filters import Asks
from tallystick.resources.lists.vocabulary import Wanted
from tallystick.rules.sequence.list_promise import SURE_SIZE, ListPromise
from tallystick.rules.sequence.seen import Seen

_MOST_FILTERS, _MOST_ORDERS, _MOST_VALUES = 8, 6, 2
_LARGE = (200, 100, 50, 20, 10)
"""Sizes of pages, the largest first."""
_NONSENSE = "tallystick"

Query = dict[str, JSON]


class ListQuestions:
    """The queries for one list, by what its contract says and by what stands in it."""

    def __init__(
        self, promise: ListPromise, listed: Seen, shown: Mapping[str, JSON] | None, draw: random.Random
    ) -> None:
        self.promise, self.listed, self.shown, self.draw = promise, listed, shown, draw

    def queries(self) -> Iterator[Query]:
        """All of them, the first page before and behind the others."""
        yield from self.pages()
        yield from self.filters()
        yield from self.orders()

    def pages(self) -> Iterator[Query]:
        """The first page, a larger one, those behind it, and the first one again."""
        size, offset, page = (self.promise.parameter_for(each) for each in (Wanted.SIZE, Wanted.OFFSET, Wanted.PAGE))
        if size is None or self.promise.size is None:
            return
        first: Query = {size.name: 1} if _allows(size, 1) else {size.name: 2}
        count = int(str(first[size.name]))
        yield first
        if _allows(size, 2 * count):
            yield {size.name: 2 * count}
        if offset is not None and _allows(offset, count):
            yield {**first, offset.name: count}
            yield {**first, offset.name: 2 * count}
        number = self.promise.pages.first_page
        if page is not None and _allows(page, number + 1):
            yield {**first, page.name: number}
            yield {**first, page.name: number + 1}
            yield {**first, page.name: number + 2}
        yield first
        yield largest_page(self.promise)

    def filters(self) -> Iterator[Query]:
        """Each filter with the value of something that is there, and with another one."""
        filters = self.promise.filters(self.listed)
        for name, each in [*filters.items()][:_MOST_FILTERS]:
            parameter = self.promise.parameters.get(name)
            if parameter is None or each.asks is not Asks.VALUE or parameter.described is None:
                continue
            values = parameter.described.resolved.get("enum")
            value: JSON = dict(self.shown) if self.shown is not None else None
            for key in each.way:
                value = value.get(key) if isinstance(value, dict) else None
            wanted = [value, *(self.draw.sample(values, len(values)) if isinstance(values, list) else ())]
            if isinstance(value, str) and " " in value.strip() and not isinstance(values, list):
                wanted.append(f"{value.split()[0]} {_NONSENSE}")  # begins as a text that is there
            wanted += [False, True] if isinstance(value, bool) else [_NONSENSE, 987654]
            sent = [
                each
                for each in wanted
                if each is not None and not isinstance(each, (dict, list)) and _allows(parameter, each)
            ]
            for one in [*dict.fromkeys(sent)][: _MOST_VALUES + 1]:
                yield {name: one}

    def orders(self) -> Iterator[Query]:
        """Each order that the contract lists, upwards and downwards where that is a parameter of its own."""
        sort, order = self.promise.parameter_for(Wanted.SORT), self.promise.parameter_for(Wanted.ORDER)
        if sort is None or sort.described is None:
            return
        described = sort.described
        values = described.resolved.get("enum")
        if not isinstance(values, list):
            items = described.child("items")
            values = items.resolved.get("enum") if items is not None else None
        ways = order.described.resolved.get("enum") if order is not None and order.described is not None else None
        for value in [*(values if isinstance(values, list) else ())][:_MOST_ORDERS]:
            sent: JSON = [value] if not described.is_valid(value, Direction.REQUEST) else value
            if order is None or not isinstance(ways, list):
                yield {sort.name: sent}
            else:
                yield from ({sort.name: sent, order.name: way} for way in ways[:2])


def largest_page(promise: ListPromise) -> Query:
    """The query for as many rows as a page may have."""
    size = promise.parameter_for(Wanted.SIZE)
    return next(({size.name: number} for number in _LARGE if _allows(size, number)), {}) if size is not None else {}


def sure_page(promise: ListPromise) -> Query:
    """The query for as many rows as a server surely gives, if it has them."""
    size = promise.parameter_for(Wanted.SIZE)
    return {size.name: SURE_SIZE} if size is not None and _allows(size, SURE_SIZE) else largest_page(promise)


def _allows(parameter: Parameter, value: JSON) -> bool:
    schema = parameter.described
    return schema is None or schema.is_valid(value, Direction.REQUEST)
