"""The meta-schemas of OpenAPI that openapi-spec-validator ships, compiled with jsonschema-rs.

The packages with these files are not imported, because their imports would take longer than a whole check.
"""

from __future__ import annotations

import importlib.util
import json
from functools import lru_cache
from pathlib import Path
from typing import Any

import jsonschema_rs

from tallystick.nouns.errors import UnreadableError
from tallystick.schemas import patterns

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


@lru_cache
def _folder(package: str, *below: str) -> Path:
    spec = importlib.util.find_spec(package)
    if spec is None or spec.origin is None:
        raise UnreadableError(package, 0, "the package is not installed; tallystick needs it")
    return Path(spec.origin).parent.joinpath(*below)


@lru_cache
def metaschema(version: str) -> dict[str, Any]:
    """The schema of a whole document of one OpenAPI version (`3.1`)."""
    schema = _read(_folder("openapi_spec_validator", "resources", "schemas", f"v{version}", "schema.json"))
    _mend(schema)
    return schema


def _mend(schema: dict[str, Any]) -> None:
    """Allow what the specification allows and the shipped edition of its schema forgets."""
    link = schema.get("$defs", {}).get("link", {}).get("properties", {})
    if link:
        link["parameters"] = {"type": "object"}  # section 4.8.20: a value is "Any | {expression}", not only a string
        link["server"] = {"$ref": "#/$defs/server"}  # the same section; the schema of 3.1 calls it `body`


def _read(file: Path) -> dict[str, Any]:
    try:
        contents = json.loads(file.read_text(encoding="utf-8"))
    except OSError as error:
        raise UnreadableError(str(file), 0, f"cannot be read: {error.strerror or error}") from None
    assert isinstance(contents, dict)
    return contents


@lru_cache
def document_validator(version: str) -> jsonschema_rs.Validator:
    """The validator of whole documents; it does not look into the Schema Objects of OpenAPI 3.1 and later."""
    return jsonschema_rs.validator_for(metaschema(version), formats=_FORMATS, offline=True)


@lru_cache
def object_validator(version: str, kind: str) -> jsonschema_rs.Validator | None:
    """The validator of objects of a kind by themselves, outside a document; None if the version has no such kind."""
    whole = metaschema(version)
    container = "$defs" if "$defs" in whole else "definitions"
    for name in (kind, _OLD_NAMES.get(kind), {"path-item": "pathItem"}.get(kind)):
        if name in whole[container]:
            kept = {key: whole[key] for key in ("$schema", "$id", "id", container) if key in whole}
            return jsonschema_rs.validator_for(
                {**kept, "$ref": f"#/{container}/{name}"}, formats=_FORMATS, offline=True
            )
    return None


@lru_cache
def schema_validator(dialect: str) -> jsonschema_rs.Validator | None:
    """The validator of Schema Objects of a JSON Schema dialect, by its URI; None for an unknown dialect."""
    uri = dialect.removesuffix("#")
    if uri == _DRAFT_4:  # jsonschema-rs has its own, which lets an `enum` be empty or repeat itself
        file = _folder("jsonschema_specifications", "schemas", "draft4", "metaschema.json")
        return jsonschema_rs.Draft4Validator(_read(file), formats=_FORMATS, offline=True)
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
def _dialects() -> dict[str, Any]:
    """The OpenAPI dialects and their vocabularies, by their URIs."""
    files = sorted(file for file in _folder("openapi_schema_validator", "schemas").rglob("*") if file.is_file())
    contents = [_read(file) for file in files]
    return {resource["$id"]: resource for resource in contents}


@lru_cache(maxsize=4096)
def is_pattern(pattern: str) -> bool:
    """Whether a string is a regular expression that the judge can use (ECMA-262, with Unicode)."""
    try:
        jsonschema_rs.Draft202012Validator({"pattern": patterns.to_engine_syntax(pattern)}, offline=True)
    except jsonschema_rs.ValidationError:
        return False
    return True


_FORMATS = {"regex": lambda value: not isinstance(value, str) or is_pattern(value)}
"""The check of the format `regex` in meta-schemas: the same as for the patterns of documents."""
