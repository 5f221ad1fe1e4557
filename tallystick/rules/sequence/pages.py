"""Rules on pages: how many rows one has, what a list says of its rows, and that pages follow one another."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from typing import NamedTuple

from tallystick.nouns.rule import Rule, Scope
from tallystick.nouns.schema import Schema
from tallystick.nouns.violation import Place, Severity
from tallystick.nouns.words import counted
from tallystick.resources.lists.vocabulary import MEMBERS, WRAPPERS, Member, Wanted, spelled
from tallystick.rules.sequence import declared
from tallystick.rules.sequence.history import History
from tallystick.rules.sequence.links import following, next_page
from tallystick.rules.sequence.list_promise import SURE_SIZE, ListPromise, same_but
from tallystick.rules.sequence.relation import Relation, SequenceCheck
from tallystick.rules.sequence.seen import Seen

_LATEST = 20
"""With how many pages before it a page is compared."""
_VAGUE = ("estimat", "approx", "about ", "roughly", "at most")

PAGE_SIZE_IGNORED = Rule(
    "page-size-ignored",
    Severity.ERROR,
    Scope.SEQUENCE,
    "A page has no more rows than were asked for, or than the documented default.",
)
TOTAL_DISAGREES = Rule(
    "total-disagrees", Severity.ERROR, Scope.SEQUENCE, "The total that a list tells agrees with its rows."
)
PAGES_OVERLAP = Rule("pages-overlap", Severity.ERROR, Scope.SEQUENCE, "A page repeats no row of the page before it.")
PAGE_SKIPS_ROWS = Rule(
    "page-skips-rows", Severity.ERROR, Scope.SEQUENCE, "Pages show the rows that a larger page shows in their place."
)


def page_sizes(history: History) -> Iterator[Relation]:
    """Pages with more rows than were asked for, or than the documented default."""
    for seen in history.seen:
        if seen.rows is None:
            continue
        promise = history.list_of(seen)
        parameter, size = promise.size, promise.page_size(seen)
        if parameter is None or not size or len(seen.rows) <= size or not promise.is_size_sure(seen.row_schema):
            continue
        if seen.is_valid:
            rows = counted(len(seen.rows), "row")
            fact = "were asked for" if promise.wish(seen).size is not None else "are the documented default"
            message = f"{rows} are shown where at most {size} {fact}"
            violation = PAGE_SIZE_IGNORED.violation(parameter.where, parameter.place, message)
            yield Relation(violation, seen.operation.label, (seen.index,))


# Totals


class _Total(NamedTuple):
    where: str
    place: Place
    number: int
    is_count: bool
    """Whether it may be the number of rows on the page."""


def totals(history: History) -> Iterator[Relation]:
    """Totals that are less than the rows that are shown, or more than all rows that there are."""
    for seen in history.seen:
        numbers = _totals_of(seen) if seen.rows is not None else []
        if not numbers or seen.rows is None or not seen.is_valid:
            continue
        total = numbers[0]
        other = next((each for each in numbers if not each.is_count and each.number != total.number), None)
        promise = history.list_of(seen)
        span, rows = promise.span(seen), len(seen.rows)
        start = span[0] if span is not None and rows and not total.is_count else 0
        is_all = not promise.is_paged or (span is not None and span[1] <= SURE_SIZE)
        if total.number < start + rows:
            up_to = f"{counted(rows, 'row')} from {start} on" if start else counted(rows, "row")
            message = f"it is {total.number}, and {up_to} are shown"
        elif total.number > rows and is_all and promise.is_whole(seen) and not _has_more(seen):
            message = f"it is {total.number}, and all {counted(rows, 'row')} are shown"
        elif other is not None and not total.is_count:
            message = f"it is {other.number}, and {total.where.removeprefix('response.')} is {total.number}"
            total = other
        else:
            continue
        yield Relation(
            TOTAL_DISAGREES.violation(total.where, total.place, message), seen.operation.label, (seen.index,)
        )


def _totals_of(seen: Seen) -> list[_Total]:
    """The documented members and header fields that tell how many rows there are, the surest first."""
    body_format = seen.reading.response_body.format
    found = [*_totals_in(seen.response_value, body_format.schema if body_format else None, "response.body", seen)]
    definition = seen.reading.definition
    for header in definition.headers if definition is not None else ():
        value = seen.reading.response_headers.get(header.name.lower(), "")
        if MEMBERS.get(spelled(header.name)) is Member.TOTAL and value.isdecimal():
            found.append(_Total(f"response.header.{header.name}", header.place, int(value), False))
    return sorted(found, key=lambda each: each.is_count)


def _totals_in(value: object, schema: Schema | None, where: str, seen: Seen) -> Iterator[_Total]:
    if not isinstance(value, dict) or schema is None:
        return
    way = {str(key) for key in seen.rows_way or ()}
    for name, inner in declared.members(schema).items():
        member, role = value.get(name), MEMBERS.get(spelled(name))
        if isinstance(member, dict) and (name in way or spelled(name) in WRAPPERS):
            yield from _totals_in(member, inner, f"{where}/{name}", seen)
        if role not in (Member.TOTAL, Member.COUNT) or not isinstance(member, int) or isinstance(member, bool):
            continue
        said = inner.resolved if inner is not None else {}
        text = f"{name} {said.get('description', '')}".lower()
        if inner is not None and member >= 0 and not any(word in text for word in _VAGUE):
            yield _Total(f"{where}/{name}", inner.place, member, role is Member.COUNT)


def _has_more(seen: Seen) -> bool:
    """Whether a list says that another page follows."""
    return any(name == "link" and "next" in value for name, value in seen.reading.response_headers.items()) or (
        _says_more(seen.response_value, 0)
    )


def _says_more(value: object, depth: int) -> bool:
    if not isinstance(value, dict) or depth > 2:
        return False
    for name, member in value.items():
        role = MEMBERS.get(spelled(name))
        if role in (Member.NEXT, Member.HAS_NEXT) and member not in (None, False, "", {}):
            return True
        if spelled(name) in WRAPPERS and _says_more(member, depth + 1):
            return True
    return False


# Pages that follow one another


class _Page(NamedTuple):
    seen: Seen
    start: int
    size: int

    @property
    def end(self) -> int:
        return self.start + self.size


def pages(history: History) -> Iterator[Relation]:
    """Pages that show what the page before them showed, or not what a larger page shows in their place.

    A list may have its rows in any order, and in another one each time. So one page has to be seen twice with the same
    rows, before and after the others.
    """
    for (operation, _), lists in history.lists.items():
        promise = history.promises.list_of(operation)
        read = [_Page(seen, *span) for seen in lists if (span := promise.span(seen)) is not None and seen.is_valid]
        read = [page for page in read if len(page.seen.row_ids) <= page.size]  # else the size is what is wrong
        read += [*_linked_pages(history, promise, read)]
        read.sort(key=lambda page: page.seen.index)
        alike = {each for page in read for each, count in Counter(page.seen.row_ids).items() if count > 1}
        reported: set[str] = set()
        for first, last in _stable_pages(history, promise, read):
            between = [page for page in read if first.seen.index < page.seen.index < last.seen.index]
            for page in between:
                relation = _against(promise, first, page, between, alike)
                if relation is not None and relation.violation.rule not in reported:
                    reported.add(relation.violation.rule)
                    steps = sorted({first.seen.index, *relation.steps, last.seen.index})
                    yield relation.with_steps(steps)


def _linked_pages(history: History, promise: ListPromise, read: list[_Page]) -> Iterator[_Page]:
    """The pages behind full ones, as a cursor or a link leads from one to the next."""
    placed = {page.seen.index for page in read}
    for page in read:
        last = page
        while len(last.seen.row_ids) == last.size:
            link = next_page(last.seen, promise)
            seen = following(history, last.seen, link) if link is not None else None
            is_page = seen is not None and seen.operation is promise.operation and seen.is_valid
            if seen is None or not is_page or seen.index in placed or promise.page_size(seen) != last.size:
                break
            if seen.row_ids == last.seen.row_ids:
                break  # the link is what is wrong
            placed.add(seen.index)
            last = _Page(seen, last.end, last.size)
            yield last


def _stable_pages(history: History, promise: ListPromise, read: list[_Page]) -> Iterator[tuple[_Page, _Page]]:
    """The pages that were read twice and showed the same rows, nothing having changed in between."""
    for at, last in enumerate(read):
        for first in read[max(0, at - _LATEST) : at]:
            is_same = (first.start, first.size) == (last.start, last.size)
            if is_same and first.seen.row_ids and first.seen.row_ids == last.seen.row_ids:
                wishes = promise.wish(first.seen), promise.wish(last.seen)
                if same_but(*wishes) and history.is_still(first.seen, last.seen):
                    yield first, last


def _against(promise: ListPromise, first: _Page, page: _Page, others: list[_Page], alike: set[str]) -> Relation | None:
    """What is wrong with a page beside the one before it, or beside a larger one; rows may be `alike` and be two."""
    if not same_but(promise.wish(first.seen), promise.wish(page.seen)):
        return None
    ids, before = page.seen.row_ids, first.seen.row_ids
    subject, where = page.seen.operation.label, _parameter(promise)
    if page.start >= first.end and (both := [each for each in ids if each in before and each not in alike]):
        message = f"the page that begins at {page.start} has {counted(len(both), 'row')} of the page of {first.size}"
        message += f" that begins at {first.start}"
        return Relation(PAGES_OVERLAP.violation(where.name, where.place, message), subject, (page.seen.index,))
    for whole in (first, *others):
        covers = whole.start <= page.start and whole.end >= page.end and whole.size > page.size
        if not covers or not same_but(promise.wish(whole.seen), promise.wish(page.seen)):
            continue
        expected = whole.seen.row_ids[page.start - whole.start :][: page.size]
        if set(expected) != set(ids) and len(whole.seen.row_ids) <= whole.size:
            message = f"the page of {page.size} that begins at {page.start} has other rows"
            message += f" than a page of {whole.size} has in its place"
            steps = (whole.seen.index, page.seen.index)
            return Relation(PAGE_SKIPS_ROWS.violation(where.name, where.place, message), subject, steps)
    return None


class _Where(NamedTuple):
    name: str
    place: Place


def _parameter(promise: ListPromise) -> _Where:
    """The parameter that says where a page begins."""
    for wanted in (Wanted.OFFSET, Wanted.PAGE, Wanted.AFTER):
        parameter = promise.parameter_for(wanted)
        if parameter is not None:
            return _Where(parameter.where, parameter.place)
    return _Where("query", promise.operation.place)


CHECKS = (
    SequenceCheck(page_sizes, (PAGE_SIZE_IGNORED,), is_alone=True),
    SequenceCheck(totals, (TOTAL_DISAGREES,), is_alone=True),
    SequenceCheck(pages, (PAGES_OVERLAP, PAGE_SKIPS_ROWS)),
)
