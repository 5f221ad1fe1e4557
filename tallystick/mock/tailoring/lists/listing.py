"""The lists of one documented reply, prepared once: where they are, their rows, and what is said of them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import partial

from tallystick.examples.choices import ValuePath
from tallystick.examples.draws import Style
from tallystick.examples.rows import generate_rows, part_at
from tallystick.mock.settings import MockSettings
from tallystick.mock.tailoring.lists.links import NOWHERE, PageLinks, Target
from tallystick.mock.tailoring.lists.members import Said, put, said_of, sayings, take_away
from tallystick.mock.tailoring.lists.pages import Page, is_place, span_of
from tallystick.mock.tailoring.lists.world import Fits, Rows, World, narrowed, sorted_rows
from tallystick.nouns.contract import Operation
from tallystick.nouns.json_value import JSON
from tallystick.nouns.schema import Direction, Schema
from tallystick.resources.lists.filters import Filters, filters_of
from tallystick.resources.lists.places import has_paging, list_paths
from tallystick.resources.lists.vocabulary import spelled
from tallystick.resources.lists.wishes import ListWish, PageParameters, page_parameters
from tallystick.schemas.shapes import items_of, properties_of, shape_of

_USUAL_SIZE = 10
_PAGES, _MOST_ROWS_OF_PAGES = 2.5, 100
"""How many pages of rows there are where a request can page, unless they would be more rows than this."""
_COUNTED_FROM_ZERO = frozenset(("numberofelements",))
"""What stands beside the list where pages are counted from 0, as Spring does."""


@dataclass(frozen=True, slots=True)
class OneList:
    """One list of a reply: its path, the rows behind it, what is said of it, and which parameters speak of its rows."""

    path: ValuePath
    world: Rows
    size: int
    """How many rows a page has where a request does not say."""
    least: int
    most: int | None
    """How many rows fit, at least and at most."""
    said: Sequence[Said]
    filters: Filters


@dataclass(frozen=True, slots=True)
class Listing:
    """All lists of one reply."""

    operation: Operation
    schema: Schema | None
    parameters: PageParameters
    lists: Sequence[OneList]

    @property
    def has_urls(self) -> bool:
        """Whether something that is said of a list is, or may be, a URL."""
        return any(said.is_url or said.is_absent for each in self.lists for said in each.said)

    def fits(self, value: JSON) -> bool:
        """Whether a value fits the schema of the reply."""
        return self.schema is None or self.schema.is_valid(value, Direction.RESPONSE)

    def asks_nothing(self, wish: ListWish) -> bool:
        """Whether a request leaves open which rows it gets, and in which order."""
        return wish.is_open and all(each.filters.keys().isdisjoint(wish.values) for each in self.lists)

    def is_slow(self, wish: ListWish) -> bool:
        """Whether rows have to be made for a request."""
        return any(not each.world.has(self._needed(each, wish)) for each in self.lists)

    def show(self, value: JSON, wish: ListWish, target: Target | None) -> tuple[JSON, PageLinks | None]:
        """A reply with the rows that a request asks for, and with what is said of them; the links of the first list.

        What does not fit the schema is left as it is in the reply. Without a `target` so are URLs.
        """
        first: PageLinks | None = None
        for each in self.lists:
            page = self._page(each, value, wish)
            changed = _with_rows(value, each.path, page.rows)
            is_unmade = not page.rows and each.world.total == 0 and not each.world.is_authored
            if is_unmade or (not self.fits(changed) and self.fits(value)):  # what is broken before cannot tell
                continue
            links = PageLinks(target or NOWHERE, self.parameters, wish, page)
            first, value = first or links, changed
            for said in each.said:
                candidates = sayings(said, page, links, part_at(value, said.path))
                if candidates[:1] == [None] or target is not None or not (said.is_url or said.is_absent):
                    self._say(value, said, candidates)
        return value, first

    def repoint(self, value: JSON, wish: ListWish, target: Target) -> PageLinks:
        """Let the URLs around the lists of an author's example point at the mock, in the value itself."""
        for each in self.lists:
            for said in each.said:
                before = part_at(value, said.path)
                if said.is_url and isinstance(before, str) and "://" in before:
                    self._say(value, said, [target.repointed(before)])
        return PageLinks(target, self.parameters, wish, self._page(self.lists[0], value, wish))

    def _fit(self, value: JSON, path: ValuePath, rows: list[JSON]) -> bool:
        return self.fits(_with_rows(value, path, rows))

    def span(self, each: OneList, wish: ListWish) -> tuple[int, int] | None:
        """Where the page begins that a request asks for, and how many rows it has at most.

        None where that, or which rows these are, depends on all rows: they are narrowed, sorted, or named by a cursor.
        """
        if wish.sorts or wish.before or not each.filters.keys().isdisjoint(wish.values):
            return None
        if wish.after is not None and not is_place(wish.after):
            return None
        return span_of(wish, self.parameters, each.size, each.most, (), each.world.total)

    def _needed(self, each: OneList, wish: ListWish) -> int:
        """How many of the first rows must be there to answer a request."""
        span = self.span(each, wish)
        return each.world.total if span is None else sum(span)

    def _page(self, each: OneList, value: JSON, wish: ListWish) -> Page:
        world = each.world
        fits: Fits = partial(self._fit, value, each.path)
        span = self.span(each, wish)
        if span is not None:
            start, size = span
            rows = world.span(start, size)
            total = world.total  # making rows may have corrected it
        else:
            wanted = sorted_rows(narrowed(world, wish, each.filters, fits), wish)
            start, size = span_of(wish, self.parameters, each.size, each.most, wanted, len(wanted))
            rows, total = wanted[start : start + size], len(wanted)
        return Page(world.shown(rows), start, size, total, self.parameters.first_page)

    def _say(self, value: JSON, said: Said, candidates: Sequence[JSON]) -> None:
        """Set a member to the first of some values with which the reply fits.

        Where nothing is to be said and null does not fit, the member is left out, or is an empty text.
        """
        before = part_at(value, said.path)
        if said.is_absent and None in candidates:
            return
        for candidate in candidates:
            put(value, said.path, candidate)
            if self.fits(value):
                return
        if None in candidates or said.is_absent:
            take_away(value, said.path)
            if said.is_absent or self.fits(value):
                return
            put(value, said.path, "" if isinstance(before, str) else before)
            if self.fits(value):
                return
        put(value, said.path, before)


def _with_rows(value: JSON, path: ValuePath, rows: list[JSON]) -> JSON:
    """A copy of a reply with other rows in the list at a path."""
    if not path:
        return list(rows)
    if not isinstance(value, dict):
        return value
    key = str(path[0])
    return {**value, key: _with_rows(value.get(key), path[1:], rows)}


# Made once for each reply


def listing_of(
    operation: Operation,
    schema: Schema | None,
    value: JSON,
    settings: MockSettings,
    style: Style | None,
    is_base: bool,
    known: ValuePath | None = None,
) -> Listing | None:
    """The lists of a reply; None where it has none.

    `style` is that of its rows, None where an author wrote them. With `is_base` the rows in it are the first of all.
    The list at a `known` path is among them, whatever it looks like, and though the reply may do without it.
    """
    parameters = page_parameters(operation)
    lists: list[OneList] = []
    paths = list_paths(operation, value)
    for path in paths if known is None or known in paths else [known]:
        own, rows = schema_at(schema, path), part_at(value, path)
        if rows is None and path == known and shape_of(own) == "array":
            rows = []
        if not isinstance(rows, list):
            continue
        make = partial(_rows_made, schema, path, style) if style is not None and schema is not None else None
        size, total = _numbers(operation, parameters, settings.items)
        bounds = own.resolved if own is not None else {}
        least, most = bounds.get("minItems"), bounds.get("maxItems")
        filters = filters_of(operation, parameters, items_of(own), rows)
        is_long_enough = is_base or len(rows) >= total  # `minItems` may ask for many rows
        world = World(rows if is_long_enough or make is None else [], total, make)
        least, most = least if isinstance(least, int) else 0, most if isinstance(most, int) else None
        lists.append(OneList(path, world, size, least, most, said_of(value, schema, path), filters))
    if len(lists) > 1:  # what narrows lists of several kinds is not said in the words of one of them
        lists = [each if each.path == known else replace(each, filters={}) for each in lists]
    if any(spelled(said.path[-1]) in _COUNTED_FROM_ZERO for each in lists for said in each.said):
        parameters = replace(parameters, first_page=0)
    return Listing(operation, schema, parameters, lists) if lists else None


def _rows_made(schema: Schema, path: ValuePath, style: Style, numbers: range) -> list[JSON]:
    return generate_rows(schema, Direction.RESPONSE, path, numbers, style)


def _numbers(operation: Operation, parameters: PageParameters, items: int | None) -> tuple[int, int]:
    """How many rows a page has where a request does not say, and how many there are in all.

    These are some pages where a request can ask for others, unless they would be very many.
    """
    size = items or parameters.default_size or _USUAL_SIZE
    if not (has_paging(operation) or parameters.in_body):
        return size, size
    total = int(_PAGES * size)
    if total > _MOST_ROWS_OF_PAGES:
        total = max(items or 0, int(_PAGES * _USUAL_SIZE))
    return size, total


def schema_at(schema: Schema | None, path: ValuePath) -> Schema | None:
    """The schema of the part at a path of keys, as far as it is declared."""
    for key in path:
        schema = properties_of(schema).get(str(key))
    return schema
