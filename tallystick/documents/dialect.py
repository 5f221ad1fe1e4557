"""One frozen record per OpenAPI version: what its documents may say, and how its schemas become JSON Schema 2020-12."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from tallystick.nouns.errors import UnreadableError

_METHODS = ("get", "put", "post", "delete", "options", "head", "patch", "trace")


@dataclass(frozen=True, slots=True)
class Dialect:
    """What one version of OpenAPI has that another has not."""

    version: str
    """The start of the `openapi` (or `swagger`) field: `3.1`."""
    methods: tuple[str, ...]
    """The fixed fields of a path item that are operations, in lower case."""
    modern: Callable[[Mapping[str, Any]], dict[str, Any]]
    """One schema object, not its parts, in the keywords of JSON Schema 2020-12."""
    ref_siblings: bool
    """Whether keywords beside a schema's `$ref` count."""


_OLD = frozenset(("exclusiveMinimum", "exclusiveMaximum", "nullable", "x-nullable"))
"""Keywords that mean something else in JSON Schema 2020-12, or nothing."""


def _as_is(schema: Mapping[str, Any]) -> dict[str, Any]:
    return dict(schema)


def _from_draft_4(schema: Mapping[str, Any]) -> dict[str, Any]:
    """OpenAPI 3.0, section 4.7.24: JSON Schema Wright draft 00, with `nullable`."""
    modern = dict(schema)
    if _OLD.isdisjoint(schema) and schema.get("type") != "file":
        return modern
    for bound, exclusive in (("minimum", "exclusiveMinimum"), ("maximum", "exclusiveMaximum")):
        if isinstance(modern.get(exclusive), bool) and modern.pop(exclusive) and bound in modern:
            modern[exclusive] = modern.pop(bound)
    if isinstance(modern.get("type"), str) and modern["type"] == "file":
        del modern["type"]
    if modern.pop("nullable", None) is True or modern.pop("x-nullable", None) is True:
        return _nullable(modern)
    return modern


def _from_swagger(schema: Mapping[str, Any]) -> dict[str, Any]:
    """The same, of Swagger 2.0, where a parameter is its own schema: its `required` is no keyword of one."""
    return _from_draft_4({key: item for key, item in schema.items() if key != "required" or isinstance(item, list)})


def _nullable(schema: dict[str, Any]) -> dict[str, Any]:
    """The schema with null let in: real documents mean this also beside an `enum`, an `allOf` or nothing."""
    enum = schema.get("enum")
    if isinstance(enum, list) and None not in enum:
        schema["enum"] = [*enum, None]
    kind = schema.get("type")
    if isinstance(kind, str):
        schema["type"] = [kind, "null"]
    applicators = {key: schema.pop(key) for key in ("allOf", "anyOf", "oneOf", "not", "$ref") if key in schema}
    if applicators:
        schema["anyOf"] = [{"type": "null"}, applicators]
    return schema


SWAGGER_2_0 = Dialect("2.0", _METHODS[:-1], _from_swagger, ref_siblings=False)
OPENAPI_3_0 = Dialect("3.0", _METHODS, _from_draft_4, ref_siblings=False)
OPENAPI_3_1 = Dialect("3.1", _METHODS, _as_is, ref_siblings=True)
OPENAPI_3_2 = Dialect("3.2", (*_METHODS, "query"), _as_is, ref_siblings=True)
DIALECTS = (SWAGGER_2_0, OPENAPI_3_0, OPENAPI_3_1, OPENAPI_3_2)


def dialect_of(document: Mapping[str, Any], file: str) -> Dialect:
    """The dialect that a document names; an `UnreadableError` where it names none that is known."""
    version = document.get("openapi", document.get("swagger"))
    known = ", ".join(dialect.version for dialect in DIALECTS)
    if version is None:
        fact = f"not an OpenAPI document: there is no `openapi` (or `swagger`) field; known versions: {known}"
        raise UnreadableError(file, 1, fact)
    for dialect in DIALECTS:
        if str(version) == dialect.version or str(version).startswith(dialect.version + "."):
            return dialect
    raise UnreadableError(file, 1, f"the OpenAPI version {version!r} is not known; known versions: {known}")
