"""Schemas that one value must fit at once, read together: references followed, `allOf` spread, bounds drawn tight."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from fractions import Fraction
from functools import lru_cache
from typing import Any

import jsonschema_rs

from tallystick.nouns.node import Node
from tallystick.schemas.compiled import FORMATS, PLAIN, Bundle

TYPES = ("string", "object", "integer", "array", "number", "boolean", "null")
_KEYWORDS_OF = {
    "object": "properties required additionalProperties patternProperties propertyNames minProperties maxProperties "
    "dependentRequired dependentSchemas unevaluatedProperties",
    "array": "items prefixItems minItems maxItems uniqueItems contains unevaluatedItems",
    "string": "pattern minLength maxLength format",
    "number": "minimum maximum exclusiveMinimum exclusiveMaximum multipleOf",
}
_KEYWORDS = {kind: frozenset(words.split()) for kind, words in _KEYWORDS_OF.items()}


class Branches:
    """A keyword of which one branch is to be chosen: `oneOf`, `anyOf`, or `if` with its `then` and `else`."""

    def __init__(self, keyword: str, source: Mapping[str, Any], options: Sequence[Sequence[Any]]) -> None:
        self.keyword, self.source, self.options = keyword, source, options


class Conjunction:
    """What several schemas of one bundle say together.

    `sources` are the schema objects that hold, `refs` the names of the definitions that were gone through to reach
    them, `open` the branches still to be chosen.
    """

    def __init__(self, bundle: Bundle, schemas: Sequence[Any]) -> None:
        self.bundle = bundle
        self.sources: list[Mapping[str, Any]] = []
        self.refs: list[str] = []
        self.open: list[Branches] = []
        self.possible = True
        self.opposed: list[dict[str, Any]] = []
        """What must not hold beside the `not` of the sources: schemas that need no other one to be judged by."""
        self._seen: set[int] = set()
        self._plain: jsonschema_rs.Validator | None = None
        for schema in schemas:
            self.add(schema)

    def add(self, schema: Any) -> None:
        """Lets one more schema hold."""
        self._plain = None
        if isinstance(schema, bool):
            self.possible = self.possible and schema
            return
        if id(schema) in self._seen:
            return
        self._seen.add(id(schema))
        self.sources.append(schema)
        if "$ref" in schema:
            name = definition_name(schema["$ref"])
            self.refs.append(name)
            self.add(self.bundle.definitions[name])
        for part in schema.get("allOf", ()):
            self.add(part)
        for keyword in ("oneOf", "anyOf"):
            if keyword in schema:
                self.open.append(Branches(keyword, schema, [[option] for option in schema[keyword]]))
        if "if" in schema and ("then" in schema or "else" in schema):
            met = [schema["if"], schema.get("then", True)]
            self.open.append(Branches("if", schema, [met, [schema.get("else", True), {"not": schema["if"]}]]))

    def values(self, keyword: str) -> list[Any]:
        """What the sources have under a keyword."""
        return [source[keyword] for source in self.sources if keyword in source]

    def origins(self) -> Iterator[Node]:
        """The parts of the contract that the sources were made from."""
        for source in self.sources:
            node = self.bundle.origins.get(id(source))
            if node is not None:
                yield node

    def kinds(self) -> list[str]:
        """The types that a value may have, the likeliest first and null last."""
        allowed: list[str] | None = None
        for listed in self.values("type"):
            named = [listed] if isinstance(listed, str) else listed
            allowed = named if allowed is None else common_kinds(allowed, named)
        if allowed is None:
            allowed = [kind for kind in ("object", "array", "string", "number") if self.speaks_of(kind)]
            allowed += [kind for kind in TYPES if kind not in allowed]
        for part in self._opposites():
            if set(part) == {"type"}:
                out = {part["type"]} if isinstance(part["type"], str) else {*part["type"]}
                allowed = [kind for kind in allowed if kind not in out and not (kind == "integer" and "number" in out)]
        return sorted(allowed, key=lambda kind: kind == "null")

    def speaks_of(self, kind: str) -> bool:
        """Whether there is a keyword that is about values of a type."""
        return any(not _KEYWORDS[kind].isdisjoint(source) for source in self.sources)

    def enumerated(self) -> list[Any] | None:
        """The values that `enum` and `const` leave; None where there is neither."""
        lists = [*self.values("enum"), *([one] for one in self.values("const"))]
        if not lists:
            return None
        texts = [set(map(same_text, one)) for one in lists[1:]]
        return [one for one in lists[0] if all(same_text(one) in text for text in texts)]

    def annotations(self, keyword: str) -> list[Any]:
        """What the contract has under a keyword that nothing is judged by (`example`, `contentEncoding`)."""
        return [node.members[keyword] for node in self.origins() if keyword in node.members]

    def least(self, keyword: str, default: int = 0) -> int:
        """The highest of the lower bounds (`minItems`, ...)."""
        return max(map(int, self.values(keyword)), default=default)

    def most(self, keyword: str) -> int | None:
        """The lowest of the upper bounds (`maxItems`, ...); None where there is none."""
        return min(map(int, self.values(keyword)), default=None)

    def bounds(self) -> tuple[Fraction | None, Fraction | None]:
        """The least and the greatest number, whether or not they are allowed themselves."""
        low = [exact(one) for one in self.values("minimum") + self.values("exclusiveMinimum")]
        high = [exact(one) for one in self.values("maximum") + self.values("exclusiveMaximum")]
        return max(low, default=None), min(high, default=None)

    def allows(self, value: Any) -> bool:
        """Whether a value fits what the sources say of a value as a whole: types, bounds, patterns and formats."""
        if self._plain is None:
            plain = [_plain(source) for source in self.sources] + [{"not": one} for one in self.opposed]
            self._plain = _validator(json.dumps([one for one in plain if one] or [self.possible], sort_keys=True))
        return self.possible and bool(self._plain.is_valid(value))

    def property_names(self) -> list[str]:
        """The properties that are declared, in order."""
        return list(dict.fromkeys(name for listed in self.values("properties") for name in listed))

    def property_schemas(self, name: str) -> list[Any]:
        """The schemas that hold for a property; `False` is among them where it may not be."""
        found: list[Any] = []
        known = False
        for source in self.sources:
            own = [source["properties"][name]] if name in source.get("properties", ()) else []
            own += [part for pattern, part in source.get("patternProperties", {}).items() if matches(pattern, name)]
            known = known or bool(own)
            if not own and "additionalProperties" in source:
                own = [source["additionalProperties"]]
                known = known or own != [False]
            found += own
        if not known:
            found += self.values("unevaluatedProperties")
        return found

    def item_schemas(self, index: int) -> list[Any]:
        """The schemas that hold for the item at an index; `False` is among them where there may be none."""
        found: list[Any] = []
        known = False
        for source in self.sources:
            prefix = source.get("prefixItems", ())
            if index < len(prefix):
                found.append(prefix[index])
                known = True
            elif "items" in source:
                found.append(source["items"])
                known = True
        return found if known else found + self.values("unevaluatedItems")

    def banned_names(self) -> list[set[str]]:
        """The sets of properties that must not all be there: from `not` with `required`."""
        found: list[set[str]] = []
        pending = self.values("not")
        while pending:
            part = pending.pop()
            if isinstance(part, dict):
                if set(part) <= {"required", "type", "properties"} and part.get("required"):
                    found.append(set(part["required"]))
                if set(part) <= {"anyOf"}:
                    pending += part["anyOf"]
        return found

    def oppose(self, schemas: Sequence[Any]) -> None:
        """Lets schemas not hold, as far as that is about the value as a whole: its type, bounds, pattern, ..."""
        rival = Conjunction(self.bundle, schemas)
        known = {"$ref", "allOf", *PLAIN}
        if rival.possible and not rival.open and all(known.issuperset(source) for source in rival.sources):
            self.opposed.append({"allOf": [_plain(source) for source in rival.sources] or [True]})
            self._plain = None

    def _opposites(self) -> Iterator[dict[str, Any]]:
        """What must not hold, its `allOf` of one undone."""
        for one in (*self.values("not"), *self.opposed):
            parts: list[Any] = one["allOf"] if isinstance(one, dict) and set(one) == {"allOf"} else []
            part = parts[0] if len(parts) == 1 else one
            if isinstance(part, dict):
                yield part

    def unlike(self) -> list[str]:
        """The patterns that must not match: from `not` with `pattern`."""
        parts = self._opposites()
        return [part["pattern"] for part in parts if set(part) <= {"pattern", "type"} and "pattern" in part]


def definition_name(ref: str) -> str:
    """The name of the definition that a reference inside a bundle leads to."""
    return ref.rpartition("/")[2]


def same_text(value: Any) -> str:
    """A text that two values share where they are equal as JSON Schema has it (1 and 1.0 are)."""

    def plain(one: Any) -> Any:
        if isinstance(one, float) and one.is_integer():
            return int(one)
        if isinstance(one, list):
            return [plain(item) for item in one]
        if isinstance(one, dict):
            return {key: plain(item) for key, item in one.items()}
        return one

    return json.dumps(plain(value), sort_keys=True)


def matches(pattern: str, text: str) -> bool:
    """Whether a pattern is found in a text, by the engine that judges."""
    return bool(_validator(json.dumps([{"pattern": pattern}])).is_valid(text))


@lru_cache(maxsize=4096)
def _validator(schemas: str) -> jsonschema_rs.Validator:
    return jsonschema_rs.Draft202012Validator(
        {"allOf": json.loads(schemas)}, validate_formats=True, offline=True, formats=FORMATS
    )


def _plain(source: Mapping[str, Any]) -> dict[str, Any]:
    """A schema's keywords that need no other schema to be judged by, `not` and `allOf` of such ones included."""
    plain = {key: item for key, item in source.items() if key in PLAIN}
    if "not" in source and _is_plain(source["not"]):
        plain["not"] = source["not"]
    return plain


def _is_plain(schema: Any) -> bool:
    if not isinstance(schema, dict):
        return True
    parts = [*schema.get("allOf", ()), *schema.get("anyOf", ()), schema.get("not", True)]
    return PLAIN.issuperset(set(schema) - {"allOf", "anyOf", "not"}) and all(map(_is_plain, parts))


def common_kinds(one: Sequence[str], other: Sequence[str]) -> list[str]:
    """The types that two lists share, an integer being a number too."""
    shared = [kind for kind in one if kind in other]
    narrowed = ("integer" in one and "number" in other) or ("integer" in other and "number" in one)
    if narrowed and "integer" not in shared:
        shared.append("integer")
    return shared


def exact(number: int | float) -> Fraction:
    """A number as its decimal digits say it."""
    return Fraction(str(number)) if isinstance(number, float) else Fraction(number)
