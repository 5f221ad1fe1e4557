"""The specification's own schemas of its documents, compiled with jsonschema-rs.

The folder `metaschemas` has them as openapi-spec-validator ships them; `make metaschemas` writes it, and a test holds
it to the installed release. Importing that library here would take longer than a whole check of a small document.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from functools import lru_cache
from pathlib import Path
from typing import cast

import jsonschema_rs

from tallystick.nouns.json_value import JSON
from tallystick.schemas.patterns import is_lawful

_FOLDER = Path(__file__).parent / "metaschemas"
_DRAFT_3 = "http://json-schema.org/draft-03/schema"
_DRAFT_4 = "http://json-schema.org/draft-04/schema"
_JSON_SCHEMA_DIALECTS = frozenset(
    (
        "http://json-schema.org/draft-06/schema",
        "http://json-schema.org/draft-07/schema",
        "https://json-schema.org/draft/2019-09/schema",
        "https://json-schema.org/draft/2020-12/schema",
    )
)
_OLD_NAMES = {
    "callback": "Callback",
    "example": "Example",
    "header": "Header",
    "link": "Link",
    "media-type": "MediaType",
    "operation": "Operation",
    "parameter": "Parameter",
    "path-item": "PathItem",
    "request-body": "RequestBody",
    "response": "Response",
    "schema": "Schema",
    "security-scheme": "SecurityScheme",
}
"""What the schema of OpenAPI 3.0 calls the kinds of objects."""

Schema = dict[str, JSON]


@lru_cache
def metaschema(version: str) -> Schema:
    """The schema of a whole document of one OpenAPI version (`3.1`)."""
    schema = _read(_FOLDER / f"openapi-{version}.json")
    _mend(schema)
    return schema


_MENDS: tuple[tuple[tuple[str, ...], Schema], ...] = (
    # 3.1, section 4.8.20: a value is "Any | {expression}", not only a string; the shipped schema calls `server` `body`
    (("$defs", "link", "properties"), {"parameters": {"type": "object"}, "server": {"$ref": "#/$defs/server"}}),
    # 3.1, sections 4.8.12 and 4.8.14: these fields exclude each other
    (("$defs", "examples"), {"not": {"required": ["example", "examples"]}}),
    # 3.2: the rule `querystring-not-alone` says it in words, and looks at path items too
    (("$defs", "parameters"), dict.fromkeys(("not", "contains", "minContains", "maxContains"))),
    # 3.1 and 3.2: the URL of a server is a template
    (("$defs", "server", "properties", "url"), {"format": None}),
    # 3.0.3, section 4.7.20: a link names its operation in one of two ways
    (("definitions", "Link"), {"anyOf": [{"required": ["operationRef"]}, {"required": ["operationId"]}]}),
    # 2.0: `consumes` and `produces` list media types
    (("definitions", "mimeType"), {"format": "media-type"}),
)
"""What the shipped editions forget, or ask for wrongly: members to set at a path, or to take away (None)."""


def _mend(schema: Schema) -> None:
    """Allow, and demand, what the specification does and the shipped edition of its schema does not."""
    for path, members in _MENDS:
        part = _part(schema, *path)
        if part is not None:
            part.update({key: value for key, value in members.items() if value is not None})
            for key in [key for key, value in members.items() if value is None]:
                part.pop(key, None)
    _loosen_uris(schema)


def _loosen_uris(schema: JSON) -> None:
    """Let every URL be relative (section 4.6 of 3.1), and a reference have braces in its pointer."""
    for name, child in schema.items() if isinstance(schema, dict) else ():
        if isinstance(child, dict):
            if name in ("$ref", "^\\$ref$", "operationRef", "externalValue"):
                child.pop("format", None)
            elif child.get("format") == "uri" and name != "namespace":
                child["format"] = "uri-reference"
            _loosen_uris(child)
        for item in child if isinstance(child, list) else ():
            _loosen_uris(item)


def _part(schema: Schema, *keys: str) -> Schema | None:
    """The object at a path of keys, None if there is none."""
    value: JSON = schema
    for key in keys:
        value = value.get(key) if isinstance(value, dict) else None
    return value if isinstance(value, dict) else None


def _read(file: Path) -> Schema:
    return cast("Schema", json.loads(file.read_text(encoding="utf-8")))


@lru_cache
def document_validator(version: str) -> jsonschema_rs.Validator:
    """The validator of whole documents; it does not look into the Schema Objects of OpenAPI 3.1 and later."""
    return jsonschema_rs.validator_for(metaschema(version), formats=_FORMATS, validate_formats=True, offline=True)


@lru_cache
def object_validator(version: str, kind: str) -> jsonschema_rs.Validator | None:
    """The validator of objects of a kind by themselves, outside a document; None if the version has no such kind."""
    document = metaschema(version)
    container = "$defs" if "$defs" in document else "definitions"
    definitions = document[container]
    assert isinstance(definitions, dict)
    for name in (kind, _OLD_NAMES.get(kind), {"path-item": "pathItem"}.get(kind)):
        if name in definitions:
            kept = {key: document[key] for key in ("$schema", "$id", "id", container) if key in document}
            schema = {**kept, "$ref": f"#/{container}/{name}"}
            return jsonschema_rs.validator_for(schema, formats=_FORMATS, validate_formats=True, offline=True)
    return None


@lru_cache
def schema_validator(dialect: str) -> jsonschema_rs.Validator | None:
    """The validator of Schema Objects of a JSON Schema dialect, by its URI; None for an unknown dialect."""
    uri = dialect.removesuffix("#")
    if uri == _DRAFT_4:  # jsonschema-rs has its own, which lets an `enum` be empty or repeat itself
        schema = _read(_FOLDER / "json-schema-draft-04.json")
        return jsonschema_rs.Draft4Validator(schema, formats=_FORMATS, offline=True)
    if uri in _JSON_SCHEMA_DIALECTS:
        return jsonschema_rs.validator_for({"$schema": uri, "$ref": uri}, formats=_FORMATS, offline=True)
    resources = _dialects()
    if uri not in resources:
        return None
    registry = jsonschema_rs.Registry(list(resources.items()))
    return jsonschema_rs.Draft202012Validator(resources[uri], registry=registry, offline=True)


def is_dialect(name: object) -> bool:
    """Whether a URI names a known dialect of JSON Schema; draft 3 is known, but its schemas are not judged."""
    return isinstance(name, str) and (name.removesuffix("#") == _DRAFT_3 or schema_validator(name) is not None)


@lru_cache
def _dialects() -> dict[str, Schema]:
    """The OpenAPI dialects and their vocabularies, by their URIs."""
    resources = [_read(file) for file in sorted((_FOLDER / "dialects").iterdir())]
    return {str(resource["$id"]): resource for resource in resources}


_URI_REFERENCE = jsonschema_rs.Draft202012Validator({"format": "uri-reference"}, validate_formats=True)


def _is_no_text_or(is_written: Callable[[str], object]) -> Callable[[object], bool]:
    """A check of a format, which says nothing of values that are no texts."""
    return lambda value: not isinstance(value, str) or bool(is_written(value))


_FORMATS = {
    "regex": _is_no_text_or(is_lawful),
    "uri-reference": _is_no_text_or(_URI_REFERENCE.is_valid),
    "media-type": _is_no_text_or(lambda text: re.match(r"[^/\s]+/[^/\s]+", text)),
}
"""The checks of formats in meta-schemas: `regex` as for the patterns of documents, and those that draft 4 lacks."""
