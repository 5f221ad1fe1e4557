"""Hostile documents by number: the same number and seed make the same document, of one kind or of several."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import partial
from random import Random
from typing import Any

from tests.hostile import bytes_of_documents as coded
from tests.hostile import odd_parts, places, shapes
from tests.hostile.sound import piece, real_text, sound
from tests.hostile.texts import file_name

Maker = Callable[[Random], Any]
Coder = Callable[[Random, Any], bytes]


@dataclass(frozen=True)
class Document:
    """One hostile document: its number, its kind, the name of its file and what is in it."""

    number: int
    kind: str
    file: bytes
    content: bytes


def _changed(change: Callable[[Random, Any], Any], draw: Random) -> Any:
    """The small sound document, changed in place or made another."""
    document = sound(draw)
    changed = change(draw, document)
    return document if changed is None else changed


def _several(draw: Random) -> Any:
    document = draw.choice((sound, piece))(draw)
    for change in draw.sample(_CHANGES, draw.choice((2, 3, 4))):
        change(draw, document)
    return document


def _mutated(draw: Random) -> Any:
    document = piece(draw)
    draw.choice(_CHANGES)(draw, document)
    return document


_CHANGES = (places.put_texts, places.put_keys, places.put_types, places.leave_out, places.swap, places.put_numbers)
_AS_VALUES: Mapping[str, Maker] = {
    "texts": partial(_changed, places.put_texts),
    "keys": partial(_changed, places.put_keys),
    "one name everywhere": partial(_changed, places.put_same_name),
    "file names": sound,
    "wrong types": partial(_changed, places.put_types),
    "missing parts": partial(_changed, places.leave_out),
    "parts elsewhere": partial(_changed, places.swap),
    "numbers": partial(_changed, places.put_numbers),
    "deep": partial(_changed, shapes.deep),
    "wide": partial(_changed, shapes.wide),
    "long": partial(_changed, shapes.long),
    "doubling references": partial(_changed, shapes.doubling),
    "circular references": partial(_changed, shapes.circular),
    "patterns": partial(_changed, odd_parts.patterns),
    "odd HTTP": partial(_changed, odd_parts.odd_http),
    "odd dialects": partial(_changed, odd_parts.odd_dialect),
    "several at once": _several,
    "real documents, changed": _mutated,
}
"""The kinds that are made as values, and then written as JSON or YAML."""
_AS_BYTES: Mapping[str, Callable[[Random], bytes]] = {
    "aliases": coded.bomb,
    "broken YAML": lambda draw: coded.broken_yaml(draw, _text(draw)),
    "broken JSON": lambda draw: coded.broken_json(draw, coded.as_json(draw, sound(draw))),
    "encodings": lambda draw: coded.other_encoding(draw, _text(draw)),
    "cut short": lambda draw: (text := _text(draw))[: draw.randrange(len(text))],
}
"""The kinds that are made as bytes."""
KINDS = (*_AS_VALUES, *_AS_BYTES)


def _text(draw: Random) -> bytes:
    return real_text(draw) if draw.random() < 0.5 else coded.as_yaml(draw, sound(draw))


def hostile_document(seed: int, number: int) -> Document:
    """The document of a number: the kinds take turns."""
    kind = KINDS[number % len(KINDS)]
    draw = Random(f"{seed}:{number}")
    if kind in _AS_BYTES:
        content = _AS_BYTES[kind](draw)
        suffix = b".json" if kind == "broken JSON" else b".yaml"
    else:
        value = _AS_VALUES[kind](draw)
        coder: Coder = coded.as_yaml if draw.random() < 0.4 else coded.written
        content = coder(draw, value)
        suffix = draw.choice((b".json", b".yaml"))
    file = file_name(draw) if kind == "file names" or draw.random() < 0.03 else b"main" + suffix
    return Document(number, kind, file, content)
