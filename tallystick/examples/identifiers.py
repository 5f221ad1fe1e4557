"""What identifies a thing: the same for `id` of the third customer and `customer_id` that leads to it."""

from __future__ import annotations

import base64
import hashlib
import re
from collections.abc import Callable, Iterator

from tallystick.examples.draws import Draw, number_of
from tallystick.examples.names import singular, thing

_ALPHABET = "0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"
_NAMES_OF_ID = frozenset(("id", "ids", "uuid", "guid", "uid", "sid", "key", "identifier", "pk", "oid"))
_RUN = re.compile(r"[0-9A-Za-z]+")
_UUID = re.compile(r"[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}")
_TOKEN_LENGTH = 14
_OPAQUE = 20
"""From how many letters on a text without a digit is no word."""


def kind_of_id(draw: Draw) -> str:
    """The kind of thing that an identifier belongs to, in words; "" where nothing says it."""
    own = " ".join(word for word in draw.name.split() if word not in _NAMES_OF_ID)
    return thing(own) or singular(own) if own else draw.holder.kind


def _which(draw: Draw) -> int:
    """Which of its kind is meant: by its own `id` the object itself, by another's the one at the same turn."""
    return draw.which if kind_of_id(draw) == draw.holder.kind else draw.turn


def _text(draw: Draw) -> str:
    """A text that stands for what is identified."""
    return f"{draw.style.seed}/{kind_of_id(draw)}/{_which(draw)}"


def _token(text: str) -> str:
    """Letters and digits that look random to `is_random`, too: at least one is a digit."""
    token = digits(text, _ALPHABET, _TOKEN_LENGTH)
    if any(map(str.isdecimal, token)):
        return token
    return token[:5] + digits(f"{text}/digit", "23456789", 1) + token[6:]


def digits(text: str, alphabet: str, length: int) -> str:
    """Characters of an alphabet that look like those of a hash of a text."""
    number = int.from_bytes(hashlib.shake_256(text.encode("utf-8", "surrogatepass")).digest(length))
    characters = []
    for _ in range(length):
        number, digit = divmod(number, len(alphabet))
        characters.append(alphabet[digit])
    return "".join(characters)


def number_id(draw: Draw) -> int:
    """An identifying number: those of each kind count from a number of its own."""
    kind = kind_of_id(draw)
    first = (number_of(f"{draw.style.seed}/{kind}") % 90 + 10) * 100 if kind else draw.style.seed
    return first + _which(draw) + 1


def text_id(draw: Draw) -> str:
    """An identifying text, in the shape of an example, or with the kind of the thing before it: `order_8Jq0fN2xVb`."""
    if draw.id_example and (varied := like(draw.id_example, draw)) != draw.id_example:
        return varied
    kind = kind_of_id(draw).replace(" ", "_")
    return f"{kind or 'id'}_{_token(_text(draw))}"


def uuid_text(draw: Draw) -> str:
    """A UUID of version 4."""
    return _uuid(_text(draw))


def _uuid(label: str) -> str:
    hexadecimal = hashlib.sha256(f"uuid {label}".encode()).hexdigest()
    variant = "89ab"[int(hexadecimal[16], 16) % 4]  # RFC 9562, section 5.4
    version, fourth = f"4{hexadecimal[13:16]}", variant + hexadecimal[17:20]
    return f"{hexadecimal[:8]}-{hexadecimal[8:12]}-{version}-{fourth}-{hexadecimal[20:32]}"


def node_id(draw: Draw) -> str:
    """The identifier of a node of a graph: Base64 of its kind and number."""
    kind = draw.holder.kind.title().replace(" ", "")
    return base64.b64encode(f"{len(kind):02}:{kind}{number_id(draw)}".encode()).decode()


def other_ids(draw: Draw) -> Iterator[str]:
    """Identifiers in the other usual forms, for a schema that the first one does not fit."""
    yield "1" + digits(_text(draw), "0123456789", 17)
    yield digits(_text(draw), "0123456789abcdef", 24)
    yield digits(_text(draw), "0123456789abcdef", 32)
    yield digits(_text(draw), _ALPHABET, 22)
    yield uuid_text(draw)


def secret(length: int, alphabet: str = _ALPHABET, prefix: str = "") -> Callable[[Draw], str]:
    """A maker of characters that look random: of a token, a hash or a signature."""
    return lambda draw: prefix + digits(f"{_text(draw)}/{draw.name}", alphabet, length - len(prefix))


def hexadecimal(length: int) -> Callable[[Draw], str]:
    """A maker of hexadecimal digits."""
    return secret(length, "0123456789abcdef")


def like(example: str, draw: Draw) -> str:
    """An identifier in the shape of a documented one: what looks random in it is another one, the rest is kept."""
    return varied(example, _text(draw))


def varied(example: str, label: str) -> str:
    """Another identifier in the shape of an example, for each label another one; the example where it has no shape."""
    if _UUID.fullmatch(example):
        return _uuid(label)
    runs = list(_RUN.finditer(example))
    changed = [run for run in runs if _looks_random(run.group())] or [run for run in runs if run.group().isdecimal()]
    text, end = "", 0
    for run in changed:
        text += example[end : run.start()] + _rerolled(run.group(), f"{label}/{len(text)}")
        end = run.end()
    return text + example[end:]


def is_random(text: str) -> bool:
    """Whether some part of a text looks like that of an identifier that is made at random."""
    runs = (run for run in _RUN.findall(text) if not run.isdecimal())
    return _UUID.fullmatch(text) is not None or any(map(_looks_random, runs))


def _looks_random(run: str) -> bool:
    """Whether letters and digits are those of an identifier rather than of a word."""
    has_digit, has_letter = any(map(str.isdecimal, run)), any(map(str.isalpha, run))
    return len(run) >= 6 and ((has_digit and (has_letter or len(run) > 6)) or len(run) >= _OPAQUE)


def _rerolled(run: str, text: str) -> str:
    """Letters and digits in place of others: lower case for lower case, hexadecimal ones for hexadecimal ones."""
    lower, upper = any(map(str.islower, run)), any(map(str.isupper, run))
    is_hexadecimal = not re.search("[g-zG-Z]", run) and not (lower and upper)
    letters = "abcdef" if is_hexadecimal else "abcdefghijklmnopqrstuvwxyz"
    alphabet = "0123456789" + letters * lower + letters.upper() * upper
    fresh = digits(text, alphabet, len(run))
    first = "123456789" if run[0].isdecimal() else letters.upper() if run[0].isupper() else letters
    return digits(text + "/first", first, 1) + fresh[1:]
