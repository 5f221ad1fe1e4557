"""The versions of OpenAPI: every fact of each stands here and nowhere else (see `tallystick.nouns.dialect`)."""

from __future__ import annotations

import re
from collections.abc import Mapping

from tallystick.nouns.dialect import Dialect
from tallystick.nouns.errors import UnreadableError
from tallystick.nouns.json_value import JSON

_METHODS = ("get", "put", "post", "delete", "options", "head", "patch", "trace")
_SECTIONS = tuple(
    "schemas responses parameters examples requestBodies headers securitySchemes links callbacks pathItems "
    "mediaTypes".split()
)
_SINCE_3_0 = "oneOf anyOf not nullable writeOnly deprecated".split()
_SINCE_3_1 = (
    "$anchor $comment $defs $dynamicAnchor $dynamicRef $id $schema const contains contentEncoding contentMediaType "
    "contentSchema dependentRequired dependentSchemas else examples if maxContains minContains patternProperties "
    "prefixItems propertyNames then unevaluatedItems unevaluatedProperties".split()
)
_INSTEAD = {
    "const": "write `enum` with one value",
    "contentEncoding": "write `format: byte`",
    "examples": "write `example`",
    "patternProperties": "write `additionalProperties`",
    "prefixItems": "write `items`",
}
_INSTEAD_IN_3_0 = {**dict.fromkeys(_SINCE_3_1, "OpenAPI 3.1 has it"), **_INSTEAD}
_INSTEAD_IN_3_0["$defs"] = "put the schemas under components/schemas"
_INSTEAD_IN_2_0 = {
    **dict.fromkeys(_SINCE_3_0, "OpenAPI 3.0 has it"),
    **dict.fromkeys(_SINCE_3_1, "OpenAPI 3.1 has it"),
    **_INSTEAD,
    "$defs": "put the schemas under definitions",
    "nullable": "write `x-nullable: true`",
}
_NO_NULLABLE = {"nullable": "write the type as a list with null in it: [string, 'null']"}
_SERVERS = "write the address in `servers`: `servers: [{url: https://api.example.com/v1}]`"
_PRODUCES = "write the media types as keys of `content`, in each response"
_CONSUMES = "write the media types as keys of `content`, in each request body"
_FROM_2_0: dict[tuple[str, str], str] = {
    ("document", "swagger"): "write `openapi` for this version",
    **dict.fromkeys((("document", name) for name in ("host", "basePath", "schemes")), _SERVERS),
    ("operation", "schemes"): _SERVERS,
    ("document", "produces"): _PRODUCES,
    ("operation", "produces"): _PRODUCES,
    ("document", "consumes"): _CONSUMES,
    ("operation", "consumes"): _CONSUMES,
    ("document", "definitions"): "put the schemas under `components/schemas`",
    ("document", "parameters"): "put them under `components/parameters`",
    ("document", "responses"): "put them under `components/responses`",
    ("document", "securityDefinitions"): "put them under `components/securitySchemes`",
    ("response", "examples"): "put them under `content` and a media type",
    ("parameter", "collectionFormat"): "write `style` and `explode`",
    ("header", "collectionFormat"): "leave it out: an array in a header is written with commas",
    ("security-scheme", "flow"): "put the flow under `flows`",
    ("security-scheme", "authorizationUrl"): "put it under `flows` and a flow",
    ("security-scheme", "tokenUrl"): "put it under `flows` and a flow",
    ("security-scheme", "scopes"): "put it under `flows` and a flow",
}
"""What Swagger 2.0 has and OpenAPI 3.0 has not."""
_TO_2_0: dict[tuple[str, str], str] = {
    ("document", "openapi"): "write `swagger: '2.0'`",
    ("document", "servers"): "write `host`, `basePath` and `schemes`",
    ("document", "components"): "put the schemas under `definitions`, and likewise `parameters` and `responses`",
    ("operation", "requestBody"): "write a parameter with `in: body` and `schema`",
    ("operation", "callbacks"): "OpenAPI 3.0 has it",
    ("operation", "servers"): "OpenAPI 3.0 has it",
    ("path-item", "servers"): "OpenAPI 3.0 has it",
    ("response", "content"): "write `schema`, and the media type in `produces`",
    ("response", "links"): "OpenAPI 3.0 has it",
    ("parameter", "schema"): "write `type`, `format` and so on in the parameter itself",
    ("parameter", "example"): "write `x-example`",
    ("parameter", "nullable"): "write `x-nullable: true`",
    ("parameter", "style"): "write `collectionFormat`",
    ("parameter", "explode"): "write `collectionFormat: multi`",
    ("parameter", "content"): "write `type`, `format` and so on in the parameter itself",
    ("header", "schema"): "write `type`, `format` and so on in the header itself",
    ("security-scheme", "flows"): "write `flow`, with its fields beside it",
    ("security-scheme", "scheme"): "write `type: basic`, or `type: apiKey` with `in: header`",
}
"""What OpenAPI 3.0 has and Swagger 2.0 has not."""
_TO_3_0: dict[tuple[str, str], str] = {
    ("document", "webhooks"): "OpenAPI 3.1 has it; write `callbacks`, or `x-webhooks`",
    ("document", "jsonSchemaDialect"): "OpenAPI 3.1 has it",
    ("components", "pathItems"): "OpenAPI 3.1 has it",
    ("info", "summary"): "OpenAPI 3.1 has it; write `description`",
    ("license", "identifier"): "OpenAPI 3.1 has it; write `url`",
}
"""What OpenAPI 3.1 has and 3.0 has not."""

_FORMATS_SINCE_3_1 = frozenset(("time", "duration"))

_OLD = frozenset(("exclusiveMinimum", "exclusiveMaximum", "nullable", "x-nullable"))
"""Keywords that JSON Schema 2020-12 does not have, or reads in another way."""


def _from_draft_4(schema: Mapping[str, JSON]) -> dict[str, JSON]:
    """OpenAPI 3.0, section 4.7.24: JSON Schema Wright draft 00, with `nullable`."""
    modern = dict(schema)
    if isinstance(schema.get("items"), list):  # no OpenAPI 3.0, but its authors mean the same
        modern["prefixItems"] = modern.pop("items")
        if "additionalItems" in modern:
            modern["items"] = modern.pop("additionalItems")
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


def _from_swagger(schema: Mapping[str, JSON]) -> dict[str, JSON]:
    """The same for Swagger 2.0, where a parameter is its own schema: its boolean `required` is left out."""
    return _from_draft_4({key: item for key, item in schema.items() if key != "required" or isinstance(item, list)})


def _nullable(schema: dict[str, JSON]) -> dict[str, JSON]:
    """The schema with null allowed, as real documents mean it: also beside an `enum` or `allOf`, or with no `type`."""
    enum = schema.get("enum")
    if isinstance(enum, list) and None not in enum:
        schema["enum"] = [*enum, None]
    kind = schema.get("type")
    if isinstance(kind, str):
        schema["type"] = [kind, "null"]
    applicators: dict[str, JSON] = {
        key: schema.pop(key) for key in ("allOf", "anyOf", "oneOf", "not", "$ref") if key in schema
    }
    if "discriminator" in schema and not {"anyOf", "oneOf"}.isdisjoint(applicators):
        applicators["discriminator"] = schema.pop("discriminator")
    if applicators:
        schema["anyOf"] = [{"type": "null"}, applicators]
    return schema


SWAGGER_2_0 = Dialect(
    name="2.0",
    version_field="swagger",
    example_version="2.0",
    schema_dialect="http://json-schema.org/draft-04/schema#",
    modern=_from_swagger,
    methods=_METHODS[:-1],
    components_at=(),
    component_sections=("definitions", "parameters", "responses", "securityDefinitions"),
    schemas_section="definitions",
    security_schemes_section="securityDefinitions",
    parameters_are_schemas=True,
    has_type_file=True,
    has_servers=False,
    has_bearer_scheme=False,
    only_oauth_has_scopes=True,
    ref_siblings=False,
    exclusive_bounds_are_numbers=False,
    has_tuples_in_items=True,
    open_formats=_FORMATS_SINCE_3_1,
    nullable_keyword="x-nullable",
    has_branches=False,
    requires_responses=True,
    has_ranges_of_statuses=False,
    missing_keywords=_INSTEAD_IN_2_0,
    foreign_fields=_TO_2_0,
)
OPENAPI_3_0 = Dialect(
    name="3.0",
    version_field="openapi",
    example_version="3.0.4",
    schema_dialect="http://json-schema.org/draft-04/schema#",
    modern=_from_draft_4,
    methods=_METHODS,
    component_sections=_SECTIONS,
    arrays_need_items=True,
    forbids_read_only_and_write_only=True,
    only_oauth_has_scopes=True,
    ref_siblings=False,
    exclusive_bounds_are_numbers=False,
    has_tuples_in_items=True,
    open_formats=_FORMATS_SINCE_3_1,
    has_lists_of_types=False,
    nullable_keyword="nullable",
    requires_responses=True,
    missing_keywords=_INSTEAD_IN_3_0,
    foreign_fields={**_FROM_2_0, **_TO_3_0},
)
OPENAPI_3_1 = Dialect(
    name="3.1",
    version_field="openapi",
    example_version="3.1.1",
    schema_dialect="https://spec.openapis.org/oas/3.1/dialect/base",
    modern=dict,
    methods=_METHODS,
    component_sections=_SECTIONS,
    missing_keywords=_NO_NULLABLE,
    foreign_fields=_FROM_2_0,
)
OPENAPI_3_2 = Dialect(
    name="3.2",
    version_field="openapi",
    example_version="3.2.0",
    schema_dialect="https://spec.openapis.org/oas/3.2/dialect/2025-09-17",
    modern=dict,
    methods=(*_METHODS, "query"),
    has_additional_operations=True,
    component_sections=_SECTIONS,
    has_querystring=True,
    has_tag_parents=True,
    names_security_schemes_by_uri=True,
    missing_keywords=_NO_NULLABLE,
    foreign_fields=_FROM_2_0,
)
DIALECTS = (SWAGGER_2_0, OPENAPI_3_0, OPENAPI_3_1, OPENAPI_3_2)
VERSION_FIELDS = tuple(dict.fromkeys(dialect.version_field for dialect in reversed(DIALECTS)))
"""The members of a document that may name its version; the first one decides if a document has both."""

_NEWEST = DIALECTS[-1]
_OF_NEWEST_MAJOR = re.compile(r"3\.\d+(?:\..*)?")


def version_of(document: Mapping[str, JSON]) -> JSON:
    """The version that a document names, of whatever type it is; None where it names none."""
    return next((document[key] for key in VERSION_FIELDS if key in document), None)


def dialect_of(document: Mapping[str, JSON], file: str) -> Dialect:
    """The dialect of the version that a document names; raises `UnreadableError` where it names no known version.

    A newer minor version is read as the newest known one, because minor versions only add to OpenAPI.
    """
    version = version_of(document)
    known = ", ".join(dialect.name for dialect in DIALECTS)
    if version is None:
        fact = f"not an OpenAPI document: there is no `openapi` (or `swagger`) field; known versions: {known}"
        raise UnreadableError(file, 1, fact)
    for dialect in DIALECTS:
        if dialect.covers(str(version)):
            return dialect
    if _OF_NEWEST_MAJOR.fullmatch(str(version)):
        return _NEWEST
    hint = f"; write a version such as '{OPENAPI_3_1.example_version}'" if str(version).strip("vV")[:1] == "3" else ""
    raise UnreadableError(file, 1, f"the OpenAPI version {version!r} is not known; known versions: {known}{hint}")
