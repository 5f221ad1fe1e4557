"""Whether a witness proves what it says, by jsonschema-rs alone: its body fits one document and not the other."""

from __future__ import annotations

from typing import Any

import jsonschema_rs

from tests.sown_changes.documents import Path_, Sown

_OLD = ("exclusiveMinimum", "exclusiveMaximum")


def verdict(document: Sown, value: Any, path: Path_, way: str, instance: Any) -> bool:
    """Whether a body fits the schema at a path of a document's value."""
    bundle = _Bundle(document, value, "readOnly" if way != "response" else "writeOnly")
    schema = bundle.schema(path)
    whole = {"$schema": "https://json-schema.org/draft/2020-12/schema", "allOf": [schema], "$defs": bundle.definitions}
    return jsonschema_rs.validator_for(whole, validate_formats=True).is_valid(instance)


class _Bundle:
    """A schema with all that it refers to, as JSON Schema 2020-12."""

    def __init__(self, document: Sown, value: Any, hidden: str) -> None:
        self.document = document
        self.value = value
        self.hidden = hidden
        self.definitions: dict[str, Any] = {}

    def schema(self, path: Path_) -> Any:
        part = self.value
        for key in path:
            part = part[key]
        return self.converted(part)

    def converted(self, schema: Any) -> Any:
        if not isinstance(schema, dict):
            return schema
        ref = schema.get("$ref")
        result: dict[str, Any] = {}
        if isinstance(ref, str):
            result["$ref"] = self.reference(ref)
            if not self.document.is_modern:
                return result
        for key, item in schema.items():
            if key in ("properties", "patternProperties", "dependentSchemas"):
                result[key] = {name: self.converted(inner) for name, inner in item.items()}
            elif key in ("allOf", "anyOf", "oneOf", "prefixItems"):
                result[key] = [self.converted(inner) for inner in item]
            elif key in ("items", "additionalProperties", "not", "if", "then", "else", "contains", "propertyNames"):
                result[key] = self.converted(item)
            elif key == "type" and item == "file":
                continue  # bytes
            elif key not in (
                "$ref",
                "discriminator",
                "example",
                "examples",
                "default",
                "xml",
                "nullable",
                "required",
                "$recursiveAnchor",  # of an older dialect: 2020-12 wants a text there
                *_OLD,
            ):
                result[key] = item
        self.finish(schema, result)
        nullable = "x-nullable" if self.document.is_swagger else "nullable"
        if schema.get(nullable) is True and not self.document.is_modern:
            return {"anyOf": [{"type": "null"}, result]}
        return result

    def finish(self, schema: dict[str, Any], result: dict[str, Any]) -> None:
        required = schema.get("required")
        if isinstance(required, list):
            properties = schema.get("properties") or {}
            result["required"] = [name for name in required if not self.is_hidden(properties.get(name))]
        for bound, exclusive in (("minimum", _OLD[0]), ("maximum", _OLD[1])):
            if schema.get(exclusive) is True and bound in schema:
                result[exclusive] = result.pop(bound)
            elif exclusive in schema and not isinstance(schema[exclusive], bool):
                result[exclusive] = schema[exclusive]
        if schema.get("format") == "int32":
            result["allOf"] = [*result.get("allOf", ()), {"minimum": -(2**31), "maximum": 2**31 - 1}]

    def is_hidden(self, schema: Any) -> bool:
        if isinstance(schema, dict) and isinstance(schema.get("$ref"), str):
            target = self.document.target(schema["$ref"])
            schema = self.document.part(target) if target is not None else None
        return isinstance(schema, dict) and schema.get(self.hidden) is True

    def reference(self, ref: str) -> str:
        name = ref.replace("~", "-").replace("/", "-").replace("#", "")
        if name not in self.definitions:
            self.definitions[name] = True
            part = self.value
            for token in ref[2:].split("/"):
                text = token.replace("~1", "/").replace("~0", "~")
                part = part[int(text) if isinstance(part, list) else text]
            self.definitions[name] = self.converted(part)
        return f"#/$defs/{name}"
