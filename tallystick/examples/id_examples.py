"""The ids that a document shows: one without an example has the shape of those of its kind, or of others."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Mapping
from itertools import islice
from weakref import WeakKeyDictionary

from tallystick.examples.names import thing, words
from tallystick.nouns.json_value import JSON
from tallystick.nouns.node import Document

_MOST_SCHEMAS = 5_000
"""How many named schemas of a document are looked at."""
_DIGIT, _LETTER = re.compile(r"\d"), re.compile(r"[A-Za-z]")
_PREFIX = re.compile(r"[A-Za-z]{2,14}[_-](?=[0-9A-Za-z]{6,}$)")

_kept: WeakKeyDictionary[Document, Mapping[str, str]] = WeakKeyDictionary()


def id_example(document: Document, kind: str) -> str:
    """An id in the shape of those that a document shows for a kind of thing, else for most others; "" without any."""
    examples = _kept.get(document)
    if examples is None:
        examples = _kept[document] = _examples(document)
    own = examples.get(kind)
    if own is not None or "" not in examples:
        return own or ""
    return _PREFIX.sub(lambda match: f"{kind.replace(' ', '_')}{match[0][-1]}" if kind else match[0], examples[""])


def _examples(document: Document) -> dict[str, str]:
    """The example of an id of each kind, and under "" one in the most frequent shape."""
    examples: dict[str, str] = {}
    for each in document.family:
        for kind, example in _shown(each.value):
            examples.setdefault(kind, example)
    shapes = Counter(map(_shape, examples.values()))
    if shapes:
        usual = shapes.most_common(1)[0][0]
        examples[""] = next(example for example in examples.values() if _shape(example) == usual)
    return examples


def _shape(example: str) -> str:
    return _LETTER.sub("a", _DIGIT.sub("a", _PREFIX.sub("", example)))


def _shown(value: JSON) -> Iterator[tuple[str, str]]:
    """The kind and the example of each id in the named schemas of a document."""
    root = value if isinstance(value, dict) else {}
    components = root.get("components")
    schemas = components.get("schemas") if isinstance(components, dict) else root.get("definitions")
    for name, schema in islice(schemas.items(), _MOST_SCHEMAS) if isinstance(schemas, dict) else ():
        for part in _parts(schema):
            for key, described in part.items():
                example = described.get("example") if isinstance(described, dict) else None
                key_words = words(key)
                if isinstance(example, str) and _DIGIT.search(example) and key_words.endswith("id"):
                    kind = thing(key_words.removesuffix("id")) if key_words != "id" else thing(name)
                    if kind:
                        yield kind, example


def _parts(schema: JSON) -> Iterator[dict[str, JSON]]:
    """The properties of a schema and of the branches of its `allOf`."""
    branches = schema.get("allOf") if isinstance(schema, dict) else None
    for each in (schema, *(branches if isinstance(branches, list) else ())):
        properties = each.get("properties") if isinstance(each, dict) else None
        if isinstance(properties, dict):
            yield properties
