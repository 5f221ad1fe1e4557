"""Schemas that one value must fit all at once, combined: references followed, `allOf` flattened, bounds intersected."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from fractions import Fraction

import jsonschema_rs

from tallystick.examples.memory import Memory
from tallystick.examples.plain_schemas import (
    Schema,
    SchemaObject,
    as_schema,
    equality_key,
    pattern_matches,
    plain_keywords,
    schema_list,
    validator,
)
from tallystick.nouns.json_value import JSON
from tallystick.nouns.keywords import OF_TYPE, PLAIN
from tallystick.nouns.node import Node
from tallystick.schemas.bundle import Bundle

TYPES = ("string", "object", "integer", "array", "number", "boolean", "null")
_KEYWORDS_BY_TYPE = {**OF_TYPE, "string": OF_TYPE["string"] | {"format"}}
_ENORMOUS = 10**12
_APPLICATORS = frozenset(("$ref", "allOf", "oneOf", "anyOf", "if"))
_VALIDATORS: Memory[jsonschema_rs.Validator] = Memory()
_SCALARS: Memory[bool] = Memory()


class Alternatives:
    """A keyword that leaves a choice between options: `oneOf`, `anyOf`, or `if` with its `then` and `else`.

    Each option is a list of schemas that a value must fit all at once. `source` is the schema with the keyword.
    """

    def __init__(self, keyword: str, source: SchemaObject, options: Sequence[Sequence[Schema]]) -> None:
        self.keyword, self.source, self.options = keyword, source, options


class CombinedSchema:
    """What several schemas of one bundle say together.

    `sources` are the object schemas that apply. `refs` are the names of the definitions that references led to.
    `alternatives` are the choices that are still open.
    """

    def __init__(self, bundle: Bundle, schemas: Sequence[Schema]) -> None:
        self.bundle = bundle
        self.sources: list[SchemaObject] = []
        self.refs: list[str] = []
        self.alternatives: list[Alternatives] = []
        self.is_satisfiable = True
        """False where one of the schemas is `false`."""
        self.excluded: list[SchemaObject] = []
        """Plain schemas that the value must not fit, besides the `not` of the sources."""
        self._seen: set[int] = set()
        self._validator: jsonschema_rs.Validator | None = None
        for schema in schemas:
            self.add(schema)

    def add(self, schema: JSON) -> None:
        """Apply one more schema."""
        self._validator = None
        while isinstance(schema, dict):
            if id(schema) in self._seen:
                return
            self._seen.add(id(schema))
            self.sources.append(schema)
            applied = _APPLICATORS.intersection(schema)
            if applied != {"$ref"}:
                if applied:
                    self._add_applied(schema)
                return
            schema = self._referred(schema)  # a loop, since a chain of references may be long
        self.is_satisfiable = self.is_satisfiable and bool(schema)

    def _referred(self, schema: SchemaObject) -> JSON:
        """What a schema refers to."""
        name = definition_name(schema["$ref"])
        self.refs.append(name)
        return self.bundle.definitions[name]

    def _add_applied(self, schema: SchemaObject) -> None:
        """Apply what a schema refers to and its `allOf`, and note the alternatives that it leaves."""
        if "$ref" in schema:
            self.add(self._referred(schema))
        for branch in schema_list(schema, "allOf"):
            self.add(branch)
        for keyword in ("oneOf", "anyOf"):
            if keyword in schema:
                options = [[option] for option in schema_list(schema, keyword)]
                self.alternatives.append(Alternatives(keyword, schema, options))
        if "if" in schema and ("then" in schema or "else" in schema):
            condition = as_schema(schema["if"])
            holds = [condition, as_schema(schema.get("then", True))]
            fails: list[Schema] = [as_schema(schema.get("else", True)), {"not": condition}]
            self.alternatives.append(Alternatives("if", schema, [holds, fails]))

    # The values of keywords

    def values(self, keyword: str) -> list[JSON]:
        """The value of a keyword in each source that has it."""
        return [source[keyword] for source in self.sources if keyword in source]

    def strings(self, keyword: str) -> list[str]:
        """The value of a keyword whose value is a string (`pattern`), in each source that has it."""
        return [value for source in self.sources if isinstance(value := source.get(keyword), str)]

    def numbers(self, keyword: str) -> list[int | float]:
        """The value of a keyword whose value is a number (`minLength`), in each source that has it."""
        return [value for source in self.sources if isinstance(value := source.get(keyword), (int, float))]

    def schemas(self, keyword: str) -> list[Schema]:
        """The value of a keyword whose value is a schema (`not`), in each source that has it."""
        return [value for source in self.sources if isinstance(value := source.get(keyword), (dict, bool))]

    def maps(self, keyword: str) -> list[dict[str, JSON]]:
        """The value of a keyword whose value maps names to schemas (`properties`), in each source that has it."""
        return [value for source in self.sources if isinstance(value := source.get(keyword), dict)]

    def required_names(self) -> list[str]:
        """The properties that the sources require, in order."""
        names: dict[str, None] = {}
        for source in self.sources:
            required = source.get("required")
            if isinstance(required, list):
                names.update(dict.fromkeys(map(str, required)))
        return list(names)

    def dependent_names(self) -> list[dict[str, list[str]]]:
        """The value of each `dependentRequired`: the names that a property requires, by its name."""
        return [
            {name: list(map(str, others)) for name, others in required_by.items() if isinstance(others, list)}
            for required_by in self.maps("dependentRequired")
        ]

    def is_closed(self, keyword: str) -> bool:
        """Whether a keyword whose value is a schema (`additionalProperties`) is `false` in one of the sources."""
        return any(source.get(keyword) is False for source in self.sources)

    def highest(self, keyword: str, default: int = 0) -> int:
        """The strictest of the lower bounds under a keyword (`minItems`)."""
        return max(map(_whole, self.numbers(keyword)), default=default)

    def lowest(self, keyword: str) -> int | None:
        """The strictest of the upper bounds under a keyword (`maxItems`); None where there is none."""
        return min(map(_whole, self.numbers(keyword)), default=None)

    def number_range(self) -> tuple[Fraction | None, Fraction | None]:
        """The strictest bounds of a number, inclusive or exclusive; None where there is no such bound."""
        lower = [exact(bound) for bound in self.numbers("minimum") + self.numbers("exclusiveMinimum")]
        upper = [exact(bound) for bound in self.numbers("maximum") + self.numbers("exclusiveMaximum")]
        return max(lower, default=None), min(upper, default=None)

    # What the contract says beside the keywords that are judged

    def origins(self) -> Iterator[Node]:
        """The parts of the contract that the sources were made from."""
        for source in self.sources:
            node = self.bundle.origins.get(id(source))
            if node is not None:
                yield node

    def annotations(self, keyword: str) -> list[JSON]:
        """The value of a keyword that is not judged (`contentEncoding`), in each origin that has it."""
        return [node.members[keyword] for node in self.origins() if keyword in node.members]

    # What the sources say together

    def allows(self, value: JSON) -> bool:
        """Whether a value fits what the sources say of a value as a whole: types, bounds, patterns and formats."""
        if self._validator is None:
            schemas = [*self.sources, *self.excluded]
            self._validator = _VALIDATORS.recall(self.bundle, schemas, self.is_satisfiable, self._make_validator)
        return self.is_satisfiable and bool(self._validator.is_valid(value))

    def _make_validator(self) -> jsonschema_rs.Validator:
        plain = [plain_keywords(source) for source in self.sources]
        plain += [{"not": schema} for schema in self.excluded]
        return validator(json.dumps([each for each in plain if each] or [self.is_satisfiable], sort_keys=True))

    def types(self) -> list[str]:
        """The types that a value may have, the likeliest first and null last."""
        allowed: list[str] | None = None
        for value in self.values("type"):
            names = _type_names(value)
            allowed = names if allowed is None else common_types(allowed, names)
        if allowed is None:
            allowed = [type_name for type_name in _KEYWORDS_BY_TYPE if self.constrains(type_name)]
            allowed += [type_name for type_name in TYPES if type_name not in allowed]
        for schema in self._negated():
            if set(schema) == {"type"}:
                names = _type_names(schema["type"])
                narrower = {"integer"} if "number" in names else set()
                allowed = [type_name for type_name in allowed if type_name not in {*names, *narrower}]
        return sorted(allowed, key=lambda type_name: type_name == "null")

    def constrains(self, type_name: str) -> bool:
        """Whether a source has a keyword for values of a type."""
        return any(not _KEYWORDS_BY_TYPE[type_name].isdisjoint(source) for source in self.sources)

    @property
    def says_a_type(self) -> bool:
        """Whether a source names types, or has a keyword for values of one."""
        return any("type" in source for source in self.sources) or any(map(self.constrains, _KEYWORDS_BY_TYPE))

    @property
    def is_enumerated(self) -> bool:
        """Whether the values are listed, by `enum` or `const`."""
        return any("enum" in source or "const" in source for source in self.sources)

    def enumerated(self) -> list[JSON] | None:
        """The values that `enum` and `const` leave; None where there is neither."""
        if not self.is_enumerated:
            return None
        lists = [value for value in self.values("enum") if isinstance(value, list)]
        lists += [[value] for value in self.values("const")]
        others = [set(map(equality_key, values)) for values in lists[1:]]
        return [value for value in lists[0] if all(equality_key(value) in texts for texts in others)]

    def property_names(self) -> list[str]:
        """The declared properties, in order."""
        return list(dict.fromkeys(name for properties in self.maps("properties") for name in properties))

    def property_schemas(self, name: str) -> list[Schema]:
        """The schemas that apply to a property; `False` is among them where the property is not allowed."""
        schemas: list[Schema] = []
        is_evaluated = False
        for source in self.sources:
            own = _property_schemas(source, name)
            is_evaluated = is_evaluated or bool(own)
            if not own and "additionalProperties" in source:
                own = [as_schema(source["additionalProperties"])]
                is_evaluated = is_evaluated or own != [False]
            schemas += own
        return schemas if is_evaluated else schemas + self.schemas("unevaluatedProperties")

    def item_schemas(self, index: int, contained: Sequence[Schema] = ()) -> list[Schema]:
        """The schemas that apply to the item at an index; `False` is among them where there may be no such item.

        `contained` are the schemas of `contains` that the item is to fit.
        """
        schemas: list[Schema] = [*contained]
        for source in self.sources:
            prefix = source.get("prefixItems")
            if isinstance(prefix, list) and index < len(prefix):
                schemas.append(as_schema(prefix[index]))
            elif "items" in source:
                schemas.append(as_schema(source["items"]))
        return schemas or self.schemas("unevaluatedItems")

    # What a value must not fit

    def exclude(self, schemas: Sequence[Schema]) -> None:
        """Disallow values that fit all of some schemas, as far as these are plain and have no alternatives."""
        rival = CombinedSchema(self.bundle, schemas)
        understood = {"$ref", "allOf", *PLAIN}
        if (
            rival.is_satisfiable
            and not rival.alternatives
            and all(understood.issuperset(each) for each in rival.sources)
        ):
            self.excluded.append({"allOf": [plain_keywords(source) for source in rival.sources] or [True]})
            self._validator = None

    def excluded_patterns(self) -> list[str]:
        """The patterns that must not match: those of a `not` with only a `pattern`."""
        patterns = (schema.get("pattern") for schema in self._negated() if set(schema) <= {"pattern", "type"})
        return [pattern for pattern in patterns if isinstance(pattern, str)]

    def exclusive_names(self) -> list[set[str]]:
        """The sets of properties that must not all be present: those of a `not` with `required`."""
        groups: list[set[str]] = []
        pending = self.schemas("not")
        while pending:
            schema = pending.pop()
            if not isinstance(schema, dict):
                continue
            required, options = schema.get("required"), schema.get("anyOf")
            if set(schema) <= {"required", "type", "properties"} and isinstance(required, list) and required:
                groups.append(set(map(str, required)))
            if set(schema) <= {"anyOf"} and isinstance(options, list):
                pending += map(as_schema, options)
        return groups

    def _negated(self) -> Iterator[SchemaObject]:
        """The schemas that a value must not fit; an `allOf` of one schema is given as that schema."""
        for schema in (*self.schemas("not"), *self.excluded):
            branches = schema["allOf"] if isinstance(schema, dict) and set(schema) == {"allOf"} else None
            single = branches[0] if isinstance(branches, list) and len(branches) == 1 else schema
            if isinstance(single, dict):
                yield single


def is_scalar(bundle: Bundle, schemas: Sequence[Schema]) -> bool:
    """Whether a value that fits the schemas is a scalar, or one of the enumerated values."""
    return _SCALARS.recall(bundle, schemas, None, lambda: _is_scalar(CombinedSchema(bundle, schemas)))


def _is_scalar(combined: CombinedSchema) -> bool:
    if combined.is_enumerated:
        return True
    return not combined.alternatives and {"object", "array"}.isdisjoint(combined.types())


def definition_name(ref: JSON) -> str:
    """The name of the definition that a reference inside a bundle leads to."""
    return str(ref).rpartition("/")[2]


def common_types(first: Sequence[str], second: Sequence[str]) -> list[str]:
    """The types that are in both lists; an integer is a number too."""
    common = [type_name for type_name in first if type_name in second]
    is_narrowed = ("integer" in first and "number" in second) or ("integer" in second and "number" in first)
    if is_narrowed and "integer" not in common:
        common.append("integer")
    return common


def exact(number: int | float) -> Fraction:
    """The number that its decimal digits say: 0.1 is a tenth."""
    return Fraction(str(number)) if isinstance(number, float) else Fraction(number)


def _whole(bound: int | float) -> int:
    """A bound of a length or count, which no value of ours exceeds where it is enormous."""
    return int(min(bound, _ENORMOUS))


def _type_names(value: JSON) -> list[str]:
    """The types that a `type` names."""
    if isinstance(value, list):
        return list(map(str, value))
    return [value] if isinstance(value, str) else []


def _property_schemas(source: SchemaObject, name: str) -> list[Schema]:
    """The schemas that the `properties` and `patternProperties` of one source have for a name."""
    properties, patterns = source.get("properties"), source.get("patternProperties")
    schemas = [as_schema(properties[name])] if isinstance(properties, dict) and name in properties else []
    if isinstance(patterns, dict):
        schemas += [as_schema(value) for pattern, value in patterns.items() if pattern_matches(pattern, name)]
    return schemas
