"""`x-faker` in a schema: a method of Faker.js (`name.firstName`), as users of Prism write it, by the makers of ours."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from contextlib import suppress
from dataclasses import replace

from tallystick.examples import identifiers, moments, people, texts
from tallystick.examples.draws import Draw
from tallystick.examples.fake import fake, has_method
from tallystick.examples.name_tables import Maker
from tallystick.examples.names import words
from tallystick.examples.number_names import NUMBERS
from tallystick.examples.string_names import STRINGS
from tallystick.nouns.json_value import JSON

_TEMPLATE = re.compile(r"\{\{\s*([\w.]+)[^{}]*\}\}")
_METHOD = re.compile(r"[A-Za-z]+(\.[A-Za-z0-9]+)+")
_TEMPLATES = frozenset(("fake", "helpers.fake", "helpers.mustache"))
_LARGE = 99_999
"""Below what a number is that has no bound."""
_MOST_DIGITS = 6

_OWN: dict[str, Maker[str]] = {
    "name.findName": people.person_called(lambda person: person.full),
    "phone.number": people.phone,
    "commerce.productName": texts.product,
    "commerce.product": texts.product,
    "commerce.productDescription": texts.sentence,
    "lorem.word": texts.word,
    "lorem.words": texts.title,
    "lorem.sentence": texts.sentence,
    "lorem.sentences": texts.paragraph,
    "lorem.paragraph": texts.paragraph,
    "lorem.paragraphs": texts.paragraph,
    "lorem.text": texts.paragraph,
    "random.word": texts.word,
    "word.noun": texts.word,
    "date.past": lambda draw: moments.date_time(replace(draw, name="created")),
    "date.recent": lambda draw: moments.date_time(replace(draw, name="updated")),
    "date.between": lambda draw: moments.date_time(replace(draw, name="updated")),
    "date.anytime": lambda draw: moments.date_time(replace(draw, name="updated")),
    "date.soon": lambda draw: moments.date_time(replace(draw, name="expires")),
    "date.future": lambda draw: moments.date_time(replace(draw, name="expires")),
    "date.birthdate": lambda draw: moments.date_time(replace(draw, name="birth date")),
    "random.alphaNumeric": identifiers.secret(8),
    "string.alphanumeric": identifiers.secret(8),
    "datatype.hexadecimal": identifiers.hexadecimal(8),
    "string.numeric": identifiers.secret(6, "0123456789"),
    "hacker.phrase": texts.sentence,
}
"""The makers of methods whose names alone do not say what they make."""


def faker_values(directive: JSON, draw: Draw) -> Iterator[JSON]:
    """Values that an `x-faker` asks for, the likeliest first; none where the method is not known here."""
    for name, arguments in directive.items() if isinstance(directive, dict) else [(directive, None)]:
        if isinstance(name, str):
            yield from _by_method(name, arguments, draw)


def _by_method(name: str, arguments: JSON, draw: Draw) -> Iterator[JSON]:
    first = arguments[0] if isinstance(arguments, list) and arguments else arguments
    if "{{" in name or name in _TEMPLATES:
        template = first if name in _TEMPLATES else name
        if isinstance(template, str):
            yield _TEMPLATE.sub(lambda match: str(next(_by_method(match[1], None, draw), "")), template)
        return
    module, _, method = name.rpartition(".")
    if not _METHOD.fullmatch(name):
        return
    if method in ("arrayElement", "arrayElements") and isinstance(first, list) and first:
        chosen = first[(draw.which + draw.style.seed) % len(first)]
        yield chosen if method == "arrayElement" else [chosen]
    elif method in ("number", "int", "float") and module in ("random", "datatype", "number"):
        yield _number(first, draw, method == "float")
    elif method == "boolean":
        yield draw.number(draw.name) % 2 == 0
    else:
        yield from _made(name, draw)


def _made(name: str, draw: Draw) -> Iterator[JSON]:
    """What a method makes: by a maker of its own, by what its name means, by Faker's method of the same name."""
    module, _, method = name.rpartition(".")
    own = _OWN.get(name)
    if own is not None:
        yield own(draw)
        return
    named = replace(draw, name=words(method), owners=(words(module), *draw.holder.names))
    for row in (STRINGS.find(named), NUMBERS.find(named)):
        if row is not None:
            yield row[0](row[1])
    python_name = words(method).replace(" ", "_")
    if has_method(draw.style.locale, python_name):
        with suppress(NotImplementedError):  # a locale lacks the words for some
            yield fake(draw.style.locale, python_name, draw.number(f"x-faker {name}"))


def _number(bounds: JSON, draw: Draw, is_float: bool) -> int | float:
    """A number between two bounds (`min` and `max`, or the latter alone), which are included."""
    given: Mapping[str, JSON] = bounds if isinstance(bounds, dict) else {"max": bounds}
    low, high = (_bound(given.get(key), default) for key, default in (("min", 0), ("max", _LARGE)))
    step = 10 ** -(_MOST_DIGITS // 3) if is_float else 1
    count = max(int((high - low) / step), 0) + 1
    value = low + draw.number(f"x-faker {draw.name}") % count * step
    return round(value, _MOST_DIGITS) if is_float or isinstance(value, float) else value


def _bound(value: JSON, default: int) -> int | float:
    return value if isinstance(value, (int, float)) and abs(value) < 1e15 else default
