"""Fresh ids: in the type and the shape of an example, as its schema and the parameter in the path allow."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator
from functools import partial

from tallystick.examples.identifiers import digits, is_random, varied
from tallystick.examples.regex_strings import UnreadablePattern, string_for
from tallystick.mock.stores.store import Place
from tallystick.nouns.json_value import JSON
from tallystick.nouns.schema import Direction, Schema
from tallystick.schemas.shapes import types_of
from tallystick.wire.write import text_of

_NUMBERED = re.compile(r"(.*?)(\d{1,15})(\D*)", re.DOTALL)
_ALPHANUMERIC = "0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"
_HEXADECIMAL = "0123456789abcdef"
_PLACES = 1_000
"""In how many places it is remembered which id was the last."""
_UUID = "00000000-0000-4000-8000-000000000000"

Make = Callable[[int, str], JSON]
"""Makes the id with a number, or for a label; for another one another id."""


class Ids:
    """Makes ids like an example.

    `in_body` is the schema of the id in the resource, `in_path` that of the parameter in the path.
    """

    def __init__(self, example: JSON, in_body: Schema | None, in_path: Schema | None) -> None:
        self.example = example
        self.in_body = in_body
        self.in_path = in_path
        numbered = _NUMBERED.fullmatch(text_of(example))
        self.before, number, self.after = numbered.groups() if numbered else ("", "0", "")
        self.width = len(number) if number.startswith("0") else 0
        self.counts = bool(numbered) and not is_random(text_of(example))
        self.first = int(number)
        self.make = next((make for make in self._makers() if self._makes_fitting(make)), None)
        """What makes ids that fit; None where only the example does."""
        self.last: dict[Place, int] = {}
        """The numbers of the ids that were made last, by their places: where others create too, they may be behind."""

    def remember(self, place: Place, number: int) -> None:
        """Remember which number was the last in a place."""
        if len(self.last) >= _PLACES:
            self.last.clear()
        self.last[place] = number

    def number_of(self, text: str) -> int:
        """The number in an id of this shape, 0 in any other text."""
        numbered = _NUMBERED.fullmatch(text)
        is_like = numbered is not None and (numbered[1], numbered[3]) == (self.before, self.after)
        return int(numbered[2]) if numbered is not None and is_like else 0

    def count_from(self, texts: Iterable[str]) -> None:
        """Have counted ids begin behind those of some texts."""
        self.first = max([self.first, *map(self.number_of, texts)])

    def _makers(self) -> Iterator[Make]:
        if isinstance(self.example, int) or self.counts:
            yield self._counted
            yield lambda number, label: self._counted(number - self.first, label)
        if isinstance(self.example, str):
            yield lambda _, label: varied(str(self.example), label)
            if types_of(self.in_body) & {"string"}:
                yield from self._by_schema()
            yield lambda _, label: f"{self.example}-{digits(label, _HEXADECIMAL, 8)}"
            yield lambda _, label: f"{self.example}{digits(label, _HEXADECIMAL, 8)}"
        yield lambda _, label: varied(_UUID, label)
        for alphabet, length in ((_HEXADECIMAL, 24), (_ALPHANUMERIC, 22), (_HEXADECIMAL, 32), ("123456789", 18)):
            yield partial(_of_letters, alphabet, length)

    def _counted(self, number: int, _: str) -> JSON:
        return number if isinstance(self.example, int) else f"{self.before}{number:0{self.width}}{self.after}"

    def _by_schema(self) -> Iterator[Make]:
        """Makers by the patterns and lengths that the schemas name."""
        for schema in (self.in_body, self.in_path):
            resolved = schema.resolved if schema is not None else {}
            pattern, least, most = (resolved.get(key) for key in ("pattern", "minLength", "maxLength"))
            length = least if isinstance(least, int) else 0, most if isinstance(most, int) else None
            if isinstance(pattern, str):
                yield partial(_of_pattern, pattern, *length)
            elif length[1] is not None:
                yield partial(_of_letters, _ALPHANUMERIC, min(length[1], 22))

    def _makes_fitting(self, make: Make) -> bool:
        made = [make(self.first + number, f"try {number}") for number in (1, 2)]
        return made[0] != made[1] and self.example not in made and all(map(self._fits, made))

    def _fits(self, value: JSON) -> bool:
        in_path: JSON = int(value) if isinstance(value, str) and value.isdecimal() and len(value) < 19 else value
        return (self.in_body is None or self.in_body.is_valid(value, Direction.RESPONSE)) and (
            self.in_path is None
            or any(self.in_path.is_valid(each, Direction.REQUEST) for each in (text_of(value), in_path))
        )


def _of_letters(alphabet: str, length: int, _: int, label: str) -> str:
    return digits(label, alphabet, length)


def _of_pattern(pattern: str, least: int, most: int | None, _: int, label: str) -> JSON:
    turn = int(digits(label, "123456789", 9))
    try:
        return string_for([pattern], (), least, most, turn)
    except UnreadablePattern:
        return None
