"""Variations of a request: smaller ones, and ones that say the same with other values."""

from __future__ import annotations

import json
import random
import re
import string
from collections.abc import Callable, Iterator

from tallystick.fuzz.sequences import json_bytes
from tallystick.nouns.exchange import Request

_NEEDED_HEADERS = frozenset(("authorization", "cookie", "host", "content-type", "content-length"))
_TOKEN = re.compile(r"\{\{\w+(?:\|number)?\}\}")
_PLAIN = re.compile(r"[a-zA-Z0-9]*")
_INSERTED = 5
"""How many characters are put into a text to make another one of it."""
_AT_END = -4
"""How many characters at the end are changed alone where that is asked for."""


def smaller_requests(request: Request) -> Iterator[Request]:
    """Copies of a request, each without something: a query field, a header field, a member or an item of its JSON body.

    Then those with a shorter or plainer value.
    """
    fields = request.query.split("&") if request.query else []
    if len(fields) > 1:
        yield request._replace(query="")
    for index in range(len(fields)):
        yield request._replace(query="&".join(fields[:index] + fields[index + 1 :]))
    for index, (name, _) in enumerate(request.headers):
        if name not in _NEEDED_HEADERS:
            yield request._replace(headers=request.headers[:index] + request.headers[index + 1 :])
    value = _json_of(request)
    if value is not None:
        for make in (_without_part, _with_plainer_part):
            for smaller in make(value):
                yield request._replace(body=json_bytes(smaller))
    for index, field in enumerate(fields):
        name, equals, text = field.partition("=")
        for shorter in _plainer(text) if equals else ():
            yield request._replace(query="&".join([*fields[:index], f"{name}={shorter}", *fields[index + 1 :]]))


def _json_of(request: Request) -> object:
    """The value of a JSON body; None where there is none, or it is null."""
    if not request.body or not any(name == "content-type" and "json" in value for name, value in request.headers):
        return None
    try:
        value: object = json.loads(request.body)
    except (ValueError, RecursionError):
        return None
    return value


def _without_part(value: object) -> Iterator[object]:
    """Copies of the value, each without one member or item, at any depth."""
    if isinstance(value, dict):
        for key in value:
            yield {name: item for name, item in value.items() if name != key}
    elif isinstance(value, list):
        if len(value) > 1:
            yield []
        for index in range(len(value)):
            yield value[:index] + value[index + 1 :]
    yield from _inside(value, _without_part)


def _with_plainer_part(value: object) -> Iterator[object]:
    """Copies of the value, each with a shorter text or a smaller number in it."""
    if isinstance(value, str):
        yield from _plainer(value)
    elif isinstance(value, (int, float)) and not isinstance(value, bool):
        try:
            whole = int(value)
        except (OverflowError, ValueError):  # NaN and the infinities
            whole = 0
        yield from (each for each in (0, 1, whole // 2) if abs(each) < abs(value) or isinstance(value, float))
    yield from _inside(value, _with_plainer_part)


def _inside(value: object, make: Callable[[object], Iterator[object]]) -> Iterator[object]:
    """Copies of an object or an array, each with one of its parts changed."""
    if isinstance(value, dict):
        for key, item in value.items():
            for changed in make(item):
                yield {**value, key: changed}
    elif isinstance(value, list):
        for index, item in enumerate(value):
            for changed in make(item):
                yield [*value[:index], changed, *value[index + 1 :]]


def _plainer(text: str) -> Iterator[str]:
    """Shorter texts, then one as long that a person reads more easily; none for a text with a token in it."""
    if _TOKEN.search(text) or not text:
        return
    lengths = dict.fromkeys(length for length in (0, 1, len(text) // 2) if length < len(text))
    quarter = len(text) // 4
    if quarter:
        yield text[:quarter] + text[-quarter:]
    for length in lengths:
        yield text[:length]
        if not _PLAIN.fullmatch(text[:length]):
            yield "a" * length
    if not _PLAIN.fullmatch(text):
        yield "a" * len(text)


def size(request: Request) -> tuple[int, int]:
    """How large a request is: characters, then those that are no plain letters or digits."""
    text = request.path + request.query + request.body.decode("utf-8", "replace")
    fields = sum(len(name) + len(value) for name, value in request.headers)
    return len(text) + fields, sum(not _PLAIN.fullmatch(letter) for letter in text)


def varied(request: Request, draw: random.Random, is_alike: Callable[[Request], bool]) -> Request:
    """A request with other texts in its JSON body, and with another idempotency key.

    `is_alike` says whether a request breaks the contract where this one does, and nowhere else: each text that would
    change that stays.
    """
    headers = tuple(
        (name, _other_text(value, draw, inserted=0) if "idempot" in name else value) for name, value in request.headers
    )
    changed = request._replace(headers=headers)
    value = _json_of(request)
    if value is None:
        return changed
    for way in [*_texts(value)]:
        candidates = (_with_text(value, way, draw, inserted) for inserted in (_INSERTED, 0, _AT_END))
        alike = (each for each in candidates if is_alike(changed._replace(body=json_bytes(each))))
        value = next(alike, value)
    return changed._replace(body=json_bytes(value))


def _texts(value: object, way: tuple[str | int, ...] = ()) -> Iterator[tuple[str | int, ...]]:
    if isinstance(value, dict):
        for name, member in value.items():
            yield from _texts(member, (*way, name))
    elif isinstance(value, list):
        for index, item in enumerate(value):
            yield from _texts(item, (*way, index))
    elif isinstance(value, str) and value and not _TOKEN.search(value):
        yield way


def _with_text(value: object, way: tuple[str | int, ...], draw: random.Random, inserted: int) -> object:
    if not way:
        assert isinstance(value, str)
        return _other_text(value, draw, inserted)
    key, *rest = way
    if isinstance(value, dict):
        return {**value, key: _with_text(value[key], tuple(rest), draw, inserted)}
    assert isinstance(value, list) and isinstance(key, int)  # noqa: PT018 - one fact: where the way leads
    return [*value[:key], _with_text(value[key], tuple(rest), draw, inserted), *value[key + 1 :]]


def _other_text(text: str, draw: random.Random, inserted: int) -> str:
    """Another text like one: its letters and digits become others of their kind, and some are put after the first.

    Where less than none are put in, so many at the end are changed alone.
    """
    if inserted < 0:
        return other_end(text, draw)
    letters = [_other_letter(letter, draw) for letter in text]
    first = next((index for index, letter in enumerate(text) if _kind(letter)), None)
    if first is None:
        return text
    more = "".join(_other_letter(text[first], draw) for _ in range(inserted))
    return "".join(letters[: first + 1]) + more + "".join(letters[first + 1 :])


def other_end(text: str, draw: random.Random) -> str:
    """A text with other letters and digits at its end: a pattern often says how one begins."""
    return text[:_AT_END] + "".join(_other_letter(letter, draw) for letter in text[_AT_END:])


def _kind(letter: str) -> str:
    kinds = (string.ascii_lowercase, string.ascii_uppercase, string.digits)
    return next((kind for kind in kinds if letter in kind), "")


def _other_letter(letter: str, draw: random.Random) -> str:
    kind = _kind(letter)
    if kind == string.digits:
        return draw.choice("123456789")
    if kind and letter.lower() in "abcdef":  # it may be a hexadecimal digit
        return draw.choice(kind[:6])
    return draw.choice(kind) if kind else letter
