"""The differences between versions of OpenAPI, as one record for each, so that no other module compares versions."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from tallystick.nouns.json_value import JSON

_TUPLES = {"prefixItems": "items", "items": "additionalItems"}
"""What `prefixItems` and `items` were in the JSON Schema of draft 4, where a schema has both."""


@dataclass(frozen=True, slots=True)
class Dialect:
    """The facts of one version of OpenAPI, and how its schemas become JSON Schema 2020-12."""

    name: str
    """The version as messages name it, without its patch release: `3.1`."""
    version_field: str
    """The member of a document that names its version."""
    example_version: str
    """A release of the version, as a document names it: `3.1.1`."""
    schema_dialect: str
    """The URI of the JSON Schema dialect of its Schema Objects, where the document names no other."""
    modern: Callable[[Mapping[str, JSON]], dict[str, JSON]]
    """Rewrites one schema object, but not the schemas inside it, in the keywords of JSON Schema 2020-12."""

    methods: tuple[str, ...]
    """The fixed fields of a path item that are operations, in lower case."""
    has_additional_operations: bool = False
    """Whether a path item has `additionalOperations`, for methods that have no field of their own."""

    components_at: tuple[str, ...] = ("components",)
    """The path of the object that holds the sections of reusable objects."""
    component_sections: tuple[str, ...] = ()
    """The names of the sections of reusable objects."""
    schemas_section: str = "schemas"
    security_schemes_section: str = "securitySchemes"

    parameters_are_schemas: bool = False
    """Whether parameters, headers and `items` are schemas themselves, and a body is a parameter (`in: body`)."""
    has_type_file: bool = False
    """Whether the schema of a response may be of the type `file`."""
    has_servers: bool = True
    """Whether `servers` says where the API is; else `host`, `basePath` and `schemes` do."""
    has_bearer_scheme: bool = True
    """Whether there is a security scheme for bearer tokens."""
    has_querystring: bool = False
    """Whether a parameter may be the whole query (`in: querystring`)."""
    has_tag_parents: bool = False
    """Whether a tag may have a `parent`."""
    names_security_schemes_by_uri: bool = False
    """Whether a security requirement may name its scheme by a URI."""

    arrays_need_items: bool = False
    """Whether a schema whose `type` is `array` has to have `items`."""
    forbids_read_only_and_write_only: bool = False
    """Whether a property cannot be both `readOnly` and `writeOnly`."""
    only_oauth_has_scopes: bool = False
    """Whether a security requirement lists scopes of OAuth2 and OpenID Connect only."""

    ref_siblings: bool = True
    """Whether keywords beside a schema's `$ref` apply too."""
    exclusive_bounds_are_numbers: bool = True
    """Whether `exclusiveMinimum` is itself a bound; else it is a flag beside `minimum`."""
    has_lists_of_types: bool = True
    """Whether `type` may be a list of types, or null."""
    open_formats: frozenset[str] = frozenset()
    """The formats of strings that a later version defines and this one leaves open, so that its documents use them in
    other ways."""
    nullable_keyword: str = ""
    """The keyword that lets null in beside a `type`; "" where null is a type itself."""
    has_branches: bool = True
    """Whether a schema may have `anyOf` and `oneOf`."""
    requires_responses: bool = False
    """Whether an operation must have `responses`."""
    has_ranges_of_statuses: bool = True
    """Whether a key of `responses` may be a range such as 2XX."""
    has_tuples_in_items: bool = False
    """Whether `items` may be a list of schemas, one for each position, with `additionalItems` for what follows."""
    missing_keywords: Mapping[str, str] = field(default_factory=dict)
    """Schema keywords of other versions only, each with what to write instead."""
    foreign_fields: Mapping[tuple[str, str], str] = field(default_factory=dict)
    """Fields that objects of a kind have in other versions only, by kind and name, each with what to write instead."""

    def covers(self, version: str) -> bool:
        """Whether a version that a document names is any patch release of this one."""
        return version == self.name or version.startswith(self.name + ".")

    def written(self, schema: Mapping[str, JSON], keyword: str) -> str:
        """The keyword that stands in a schema of this version for one of JSON Schema 2020-12."""
        if keyword in _TUPLES and self.has_tuples_in_items and isinstance(schema.get("items"), list):
            return _TUPLES[keyword]
        return keyword

    @property
    def schemas_at(self) -> tuple[str, ...]:
        """The path of a document's named schemas."""
        return *self.components_at, self.schemas_section

    @property
    def security_schemes_at(self) -> tuple[str, ...]:
        """The path of a document's security schemes."""
        return *self.components_at, self.security_schemes_section
