"""The specification's own schemas of its documents, compiled with jsonschema-rs.

The folder `metaschemas` has them as openapi-spec-validator ships them; `make metaschemas` writes it, and a test holds
it to the installed release. Importing that library here would take longer than a whole check of a small document.
"""

from __future__ import annotations

import json
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


def _mend(schema: Schema) -> None:
    """Allow, and demand, what the specification does and the shipped edition of its schema forgets."""
    fields = _part(schema, "$defs", "link", "properties")
    if fields is not None:
        fields["parameters"] = {"type": "object"}  # section 4.8.20: a value is "Any | {expression}", not only a string
        fields["server"] = {"$ref": "#/$defs/server"}  # the same section; the schema of 3.1 calls it `body`
    _loosen_uris(schema)
    parameters = _part(schema, "$defs", "parameters")
    if parameters is not None:  # `querystring-not-alone` says it in words, and looks at path items too
        for keyword in ("not", "contains", "minContains", "maxContains"):
            parameters.pop(keyword, None)
    server_url = _part(schema, "$defs", "server", "properties", "url")
    if server_url is not None:
        server_url.pop("format", None)  # it is a template
    old_link = _part(schema, "definitions", "Link")
    if old_link is not None:  # section 4.7.20 of 3.0.3: a link names its operation in one of two ways
        old_link["anyOf"] = [{"required": ["operationRef"]}, {"required": ["operationId"]}]


def _loosen_uris(schema: JSON) -> None:
    """Let every URL be relative (section 4.6 of 3.1), and a reference have what is no URI: braces in its pointer."""
    for name, child in schema.items() if isinstance(schema, dict) else ():
        if isinstance(child, dict):
            if name in ("$ref", "^\\$ref$", "operationRef", "externalValue"):
                child.pop("format", None)
            elif child.get("format") == "uri":
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


_FORMATS = {"regex": lambda value: not isinstance(value, str) or is_lawful(value)}
"""The check of the format `regex` in meta-schemas: the same as for the patterns of documents."""
