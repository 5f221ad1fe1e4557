"""Rules on which rows a list has and in which order: filters filter, sorts sort."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from tallystick.nouns.contract import Parameter
from tallystick.nouns.json_value import JSON
from tallystick.nouns.rule import Rule, Scope
from tallystick.nouns.schema import Direction
from tallystick.nouns.violation import Severity
from tallystick.resources.lists.filters import Asks, Filter
from tallystick.resources.lists.vocabulary import Wanted, spelled
from tallystick.resources.names import words_of
from tallystick.rules.sequence import declared
from tallystick.rules.sequence.history import History
from tallystick.rules.sequence.likeness import moment
from tallystick.rules.sequence.list_promise import ListPromise, same_but
from tallystick.rules.sequence.lives import DELETED
from tallystick.rules.sequence.relation import Relation, SequenceCheck
from tallystick.rules.sequence.seen import Seen, schema_at
from tallystick.schemas.messages import shown as shown_value
from tallystick.schemas.shapes import types_of

_ORDERED = frozenset("level severity priority rating grade rank score stars size from since min max".split())
"""Last words of parameters whose value may mean "this and what is above it"."""
_SHOWING = frozenset("locale lang timezone tz unit units version".split())
"""Parameters that say how rows are shown, and not which, though rows may say how they are, too."""
_SEARCH = re.compile(r"\b(?:search|fuzz|similar|like|relevan|match|full.?text|any of)", re.IGNORECASE)
"""Words in the description of a parameter that looks for texts which are like another one."""
_EXACT_FORMATS = frozenset(("uuid", "email"))
_ARTICLE = re.compile(r"^(?:an?|the) ")
_NUMBER = re.compile(r"\d+")
_LONGEST_NUMBER = 40
_LATEST = 20
"""How many lists before it a list is compared with."""

FILTER_IGNORED = Rule(
    "filter-ignored", Severity.ERROR, Scope.SEQUENCE, "A filtered list has only rows with the value that was asked for."
)
FILTER_LOSES_ROWS = Rule(
    "filter-loses-rows",
    Severity.ERROR,
    Scope.SEQUENCE,
    "A filtered list has the rows with the value that was asked for.",
)
SORT_IGNORED = Rule(
    "sort-ignored", Severity.ERROR, Scope.SEQUENCE, "The rows of a list are in the order that was asked for."
)


class _Filtered:
    """A list that a parameter narrows to the rows with a value."""

    def __init__(self, history: History, seen: Seen, name: str, each: Filter, wanted: Sequence[str]) -> None:
        promise = history.list_of(seen)
        self.promises, self.seen, self.promise, self.name = history.promises, seen, promise, name
        self.way, self.wanted = each.way, {text for value in wanted for text in (value, *value.split(","))}
        self.parameter: Parameter | None = promise.parameters.get(name)
        self.member = schema_at(seen.row_schema, each.way)

    @property
    def is_meant(self) -> bool:
        """Whether the parameter is about the member: called as it is, and no flag where that is none."""
        if self.parameter is None or self.member is None or len(self.wanted) != 1 or not "".join(self.wanted).strip():
            return False  # nothing may be as good as no filter
        if self.is_text and not self.member.is_valid(next(iter(self.wanted)), Direction.RESPONSE):
            return False  # what no row can have may be ignored
        if spelled(self.name) in _SHOWING or (self.wanted == {"true"} and not DELETED.isdisjoint(words_of(self.name))):
            return False  # `archived=true` may ask for what is archived, too
        types = types_of(self.member) | (types_of(item) if (item := self.member.child("items")) else frozenset[str]())
        if types_of(self.parameter.described) <= {"boolean", "null"} and "boolean" not in types:
            return False  # it may say whether the member is shown
        return spelled(self.name) == spelled(str(self.way[-1])) and len(self.way) == 1

    @property
    def is_text(self) -> bool:
        """Whether the values of the member are texts."""
        return self.member is not None and types_of(self.member) <= {"string", "null"}

    @property
    def is_exact(self) -> bool:
        """Whether no other value than the wanted one can be meant: one of an enum, true or false, an identifier."""
        if self.member is None or self.parameter is None or self.parameter.described is None:
            return False
        said, own = self.member.resolved, self.parameter.described.resolved
        if not _ORDERED.isdisjoint(words_of(self.name)[-1:]):
            return False
        values, types = said.get("enum"), types_of(self.member) - {"null"}
        is_one_of = isinstance(values, list) and isinstance(own.get("enum"), list) and self._wanted_in(values)
        return is_one_of or types == {"boolean"} or said.get("format") in _EXACT_FORMATS

    @property
    def is_phrase(self) -> bool:
        """Whether several words are wanted of a text, one behind the other, and not what is like them."""
        if self.parameter is None or _SEARCH.search(self.promises.description(self.parameter.place)):
            return False
        return self.is_text and all(" " in text.strip() for text in self.wanted)

    def _wanted_in(self, values: Sequence[JSON]) -> bool:
        return not self.wanted.isdisjoint(map(str, values))

    def value_of(self, row: JSON) -> JSON:
        """The value of the member in a row; None where it has none."""
        for key in self.way:
            row = row.get(str(key)) if isinstance(row, dict) else None
        return row

    def has(self, row: JSON) -> bool | None:
        """Whether a row has the wanted value; None where it does not say."""
        value = self.value_of(row)
        if value is None or isinstance(value, dict):
            return None
        values = value if isinstance(value, list) else [value]
        return any(_text(each) in self.wanted for each in values)

    def may_have_word(self, row: JSON) -> bool:
        """Whether a row has one of the words that are wanted, anywhere: a search may look for any of them."""
        return any(word in str(row).casefold() for text in self.wanted for word in text.casefold().split())

    def may_have(self, row: JSON) -> bool:
        """Whether a row has the wanted text anywhere, in any case: a filter may look for parts of texts."""
        (text,) = self.wanted
        return text.strip().casefold() in str(row).casefold()


def _text(value: JSON) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)


def filters(history: History) -> Iterator[Relation]:
    """Lists with rows that a filter leaves out, and lists without rows that it does not."""
    for lists in history.lists.values():
        for at, seen in enumerate(lists):
            promise = history.list_of(seen)
            wish = promise.wish(seen)
            for name, each in promise.filters(seen).items() if wish.values and seen.rows is not None else ():
                if name not in wish.values or each.asks is not Asks.VALUE or not seen.is_valid or seen.is_broken:
                    continue
                filtered = _Filtered(history, seen, name, each, wish.values[name])
                if filtered.is_meant:
                    nearby = lists[max(0, at - _LATEST) : at] + lists[at + 1 : at + _LATEST]
                    yield from _broken_filter(filtered, [*_unfiltered(history, promise, seen, nearby, name)])


def _unfiltered(
    history: History, promise: ListPromise, seen: Seen, others: Sequence[Seen], name: str
) -> Iterator[Seen]:
    """The lists that differ from one in one filter alone, nothing having changed in between."""
    wish = promise.wish(seen)
    for other in others:
        own = promise.wish(other)
        first, last = (seen, other) if seen.index < other.index else (other, seen)
        is_alike = name not in own.values and same_but(own, wish, (name,)) and own.size == wish.size
        if is_alike and promise.span(other) == promise.span(seen) and history.is_still(first, last):
            yield other


def _broken_filter(filtered: _Filtered, unfiltered: Sequence[Seen]) -> Iterator[Relation]:
    seen, rows = filtered.seen, filtered.seen.rows or []
    parameter = filtered.parameter
    wrong = next((row for row in rows if filtered.has(row) is False), None)
    if parameter is None:
        return
    ignoring = next((each for each in unfiltered if rows and each.row_ids == seen.row_ids), None)
    is_ignored = ignoring is not None and not any(map(filtered.may_have_word, rows))
    if wrong is not None and (filtered.is_exact or is_ignored or (filtered.is_phrase and not filtered.may_have(wrong))):
        (wanted,) = filtered.wanted
        value = shown_value(filtered.value_of(wrong))
        message = f"{shown_value(wanted)} was asked for, and a row has {value}"
        violation = FILTER_IGNORED.violation(parameter.where, parameter.place, message)
        steps = (seen.index,) if filtered.is_exact or ignoring is None else sorted((seen.index, ignoring.index))
        yield Relation(violation, seen.operation.label, tuple(steps))
    elif wrong is None:
        yield from _lost_rows(filtered, parameter, unfiltered)


def _lost_rows(filtered: _Filtered, parameter: Parameter, unfiltered: Sequence[Seen]) -> Iterator[Relation]:
    """Rows that have the wanted value and are missing, though the page is not full."""
    seen = filtered.seen
    span = filtered.promise.span(seen)
    if filtered.promise.is_paged and (span is None or span[0] or len(seen.rows or ()) >= span[1]):
        return
    for other in unfiltered:
        lost = [row for row in other.rows or () if filtered.has(row) and other.id_of_row(row) not in seen.row_ids]
        if lost:
            (wanted,) = filtered.wanted
            message = f"{shown_value(wanted)} was asked for, and a row that has it is left out"
            violation = FILTER_LOSES_ROWS.violation(parameter.where, parameter.place, message)
            yield Relation(violation, seen.operation.label, tuple(sorted((seen.index, other.index))))
            return


# Sorting


def sorts(history: History) -> Iterator[Relation]:
    """Lists whose rows are not in the order that was asked for."""
    for seen in history.seen:
        if seen.rows is None or len(seen.rows) < 2:
            continue
        promise = history.list_of(seen)
        parameter, wish = promise.parameter_for(Wanted.SORT), promise.wish(seen)
        if parameter is None or not wish.sorts or not wish.sorts[0][0]:
            continue
        name, downwards = wish.sorts[0]
        members = [key for key in declared.members(seen.row_schema) if spelled(key) == name]
        if len(members) != 1 or not seen.is_valid or seen.is_broken or _has_ranks(seen, members[0]):
            continue
        values = [row.get(members[0]) for row in seen.rows if isinstance(row, dict)]
        is_explicit = downwards or _says_way(seen, promise)
        if not _is_sorted(values, [downwards] if is_explicit else [True, False]):
            way = "downwards" if downwards else "upwards" if is_explicit else "in any direction"
            message = f"the rows are not sorted by {members[0]} {way}: {', '.join(map(shown_value, values[:5]))}"
            violation = SORT_IGNORED.violation(parameter.where, parameter.place, message)
            yield Relation(violation, seen.operation.label, (seen.index,))


def _has_ranks(seen: Seen, name: str) -> bool:
    """Whether the values of a member are listed, so that they may have an order of their own (low, medium, high)."""
    schema = declared.members(seen.row_schema)[name]
    return schema is not None and "enum" in schema.resolved


def _says_way(seen: Seen, promise: ListPromise) -> bool:
    """Whether a request says that it wants the rows upwards.

    It does by a parameter of its own, or where the contract has the same value with a minus for downwards.
    """
    names = [promise.pages.names.get(each) for each in (Wanted.ORDER, Wanted.DOWNWARDS)]
    if any(name is not None and name in seen.reading.query for name in names):
        return True
    parameter = promise.parameter_for(Wanted.SORT)
    described = parameter.described.resolved if parameter is not None and parameter.described is not None else {}
    values = described.get("enum")
    text = "".join(seen.reading.query.get(parameter.name, ())) if parameter is not None else ""
    return isinstance(values, list) and f"-{text}" in values


def _is_sorted(values: Sequence[JSON], directions: Sequence[bool]) -> bool:
    """Whether values are in one of some orders; where they are no numbers and no plain texts, that is not known.

    Texts may be sorted by their characters, without regard to case, by their letters alone, as dictionaries do, by
    their last words, as names are, without an article, as titles are, and by the numbers in them. How other letters
    than those of ASCII are sorted depends on the language. Moments are sorted by when they are.
    """
    known = [value for value in values if value is not None]
    numbers = [value for value in known if isinstance(value, (int, float)) and not isinstance(value, bool)]
    texts = [value for value in known if isinstance(value, str) and value.isascii()]
    if len(numbers) == len(known):
        return any(numbers == sorted(numbers, reverse=down) for down in directions)
    if len(texts) < len(known):
        return True
    moments = [each for each in map(moment, texts) if each is not None]
    if moments and len(moments) == len(texts):
        return any(moments == sorted(moments, reverse=down) for down in directions)
    keys = ([*map(key, texts)] for key in (str, str.casefold, _letters, _last_word, _without_article, _by_numbers))
    return any(each == sorted(each, reverse=down) for each in keys for down in directions)


def _letters(text: str) -> str:
    return "".join(each for each in text.casefold() if each.isalnum())


def _last_word(text: str) -> str:
    return text.casefold().rpartition(" ")[2]


def _without_article(text: str) -> str:
    return _ARTICLE.sub("", text.casefold())


def _by_numbers(text: str) -> str:
    """A text in which numbers are sorted by their size: `v2` comes before `v10`."""
    return _NUMBER.sub(lambda match: match[0].zfill(_LONGEST_NUMBER), text.casefold())


CHECKS = (
    SequenceCheck(filters, (FILTER_IGNORED, FILTER_LOSES_ROWS), is_alone=True),
    SequenceCheck(sorts, (SORT_IGNORED,), is_alone=True),
)
