"""The kinds of changes of operations: parameters, bodies, statuses, headers, credentials, servers, names."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

from tests.sown_changes.documents import Path_, Sown

Edit = tuple[Path_, Callable[[Any], Any]]
"""Where a document is changed, and how."""


@dataclass(frozen=True)
class Site:
    """An operation of a document."""

    document: Sown
    path: Path_
    operation: Any


Sow = Callable[[Site], Edit | None]
BREAKING, HARMLESS, NOTHING = "breaking", "harmless", "nothing"


@dataclass(frozen=True)
class OperationKind:
    """An edit of an operation, None where it does not fit; what it is then, and what its opposite is."""

    name: str
    edit: Sow
    forward: str
    backward: str


def _parameters(operation: Any) -> list[Any]:
    found = operation.get("parameters")
    return list(found) if isinstance(found, list) else []


def _add(name: str, location: str, required: bool) -> Sow:
    def edit(site: Site) -> Edit | None:
        if location == "cookie" and site.document.is_swagger:
            return None
        own: dict[str, Any] = {"name": name, "in": location, **({"required": True} if required else {})}
        typed = {"type": "string"} if site.document.is_swagger else {"schema": {"type": "string"}}
        return site.path, lambda value: {**value, "parameters": [*_parameters(value), {**own, **typed}]}

    return edit


def _first_parameter(fits: Callable[[Any], bool], change: Callable[[Any], Any]) -> Sow:
    """Change the first parameter of an operation's own that fits."""

    def edit(site: Site) -> Edit | None:
        for number, parameter in enumerate(_parameters(site.operation)):
            if isinstance(parameter, dict) and "$ref" not in parameter and parameter.get("in") in ("query", "header"):
                name = str(parameter.get("name")).lower()
                if name not in ("accept", "content-type", "authorization") and fits(parameter):
                    return (*site.path, "parameters", number), change
        return None

    return edit


def _schema_of(parameter: Any) -> Any:
    schema = parameter.get("schema", parameter if "type" in parameter else {})
    return schema if isinstance(schema, dict) else {}


def _is(kind: str) -> Callable[[Any], bool]:
    words = {"type", "description", "default", "example", "name", "in", "required", "schema"}
    return lambda parameter: _schema_of(parameter).get("type") == kind and set(_schema_of(parameter)) <= words


def _with(**keywords: Any) -> Callable[[Any], Any]:
    def change(parameter: Any) -> Any:
        if "schema" in parameter:
            return {**parameter, "schema": {**parameter["schema"], **keywords}}
        return {**parameter, **keywords}

    return change


def _body(change: Callable[[Any], Any], fits: Callable[[Any], bool] = bool) -> Sow:
    def edit(site: Site) -> Edit | None:
        body = site.operation.get("requestBody")
        if not isinstance(body, dict) or "$ref" in body or not body.get("content") or not fits(body):
            return None
        return (*site.path, "requestBody"), change

    return edit


def _with_content(body: Any, name: str) -> Any:
    return {**body, "content": {**body["content"], name: {"schema": {"type": "string"}}}}


def _responses(change: Callable[[Any], Any], fits: Callable[[Any], bool]) -> Sow:
    def edit(site: Site) -> Edit | None:
        responses = site.operation.get("responses")
        if not isinstance(responses, dict) or not fits(responses):
            return None
        return (*site.path, "responses"), change

    return edit


def _success(change: Callable[[Any], Any], fits: Callable[[Any], bool] = bool) -> Sow:
    def edit(site: Site) -> Edit | None:
        for status, response in (site.operation.get("responses") or {}).items():
            if (
                str(status) in ("200", "201")
                and isinstance(response, dict)
                and "$ref" not in response
                and fits(response)
            ):
                return (*site.path, "responses", status), change
        return None

    return edit


def _header(document: Sown, **more: Any) -> dict[str, Any]:
    return {**({"type": "integer"} if document.is_swagger else {"schema": {"type": "integer"}}), **more}


def _with_header(required: bool) -> Sow:
    def edit(site: Site) -> Edit | None:
        if site.document.is_swagger and required:
            return None
        own = _header(site.document, **({"required": True} if required else {}))
        add = _success(lambda response: {**response, "headers": {**(response.get("headers") or {}), "X-Sown": own}})
        return add(site)

    return edit


def _without(key: str) -> Callable[[Any], Any]:
    return lambda value: {name: item for name, item in value.items() if name != key}


def _secured(site: Site) -> Edit | None:
    """Demand credentials of an operation that needs none."""
    holder = site.document.value.get("securityDefinitions" if site.document.is_swagger else "components") or {}
    schemes = holder if site.document.is_swagger else holder.get("securitySchemes") or {}
    if site.operation.get("security", site.document.value.get("security")) or not isinstance(schemes, dict):
        return None
    name = next(
        (name for name, scheme in schemes.items() if isinstance(scheme, dict) and scheme.get("type") == "apiKey"), None
    )
    return (site.path, lambda value: {**value, "security": [{name: []}]}) if name else None


def _servers(site: Site, host: str, base: str) -> Edit | None:
    """Another host, or base path, for an operation whose document has one server with a plain address."""
    servers = site.document.value.get("servers")
    if not isinstance(servers, list) or len(servers) != 1 or site.operation.get("servers") or site.document.is_swagger:
        return None
    address = urlsplit(servers[0].get("url", ""))
    if "{" in servers[0].get("url", "") or not address.netloc or site.document.part(site.path[:2]).get("servers"):
        return None
    url = f"{address.scheme}://{host or address.netloc}{address.path.rstrip('/')}{base}"
    return site.path, lambda value: {**value, "servers": [{"url": url}]}


def _renamed(site: Site) -> Edit | None:
    """Put the path item elsewhere."""
    name = site.path[1]
    if f"{name}/sown" in site.document.value["paths"] or not site.operation.get("responses"):
        return None
    return ("paths",), lambda paths: {f"{key}/sown" if key == name else key: item for key, item in paths.items()}


def _same_shape(site: Site) -> Edit | None:
    return (
        None if "tags" not in site.operation else (site.path, lambda value: {**value, "tags": [*value["tags"]][::-1]})
    )


def _removed(site: Site) -> Edit | None:
    return site.path[:-1], _without(str(site.path[-1]))


def _link(site: Site) -> Edit | None:
    if site.document.is_swagger:
        return None
    link = {"operationRef": "#/paths/~1sown/get"}
    return _success(lambda response: {**response, "links": {**(response.get("links") or {}), "sown": link}})(site)


def _callback(site: Site) -> Edit | None:
    if site.document.is_swagger:
        return None
    hook = {"{$request.body#/sown}": {"post": {"responses": {"200": {"description": "Taken"}}}}}
    return site.path, lambda value: {**value, "callbacks": {**(value.get("callbacks") or {}), "sown": hook}}


def _is_optional(parameter: Any) -> bool:
    return not parameter.get("required") and bool(_schema_of(parameter) or "content" in parameter)


KINDS = (
    OperationKind("operation-removed", _removed, BREAKING, HARMLESS),
    OperationKind("path-renamed", _renamed, BREAKING, BREAKING),
    OperationKind("required-query-parameter", _add("sown", "query", True), BREAKING, HARMLESS),
    OperationKind("required-header-parameter", _add("X-Sown", "header", True), BREAKING, HARMLESS),
    OperationKind("required-cookie", _add("sown", "cookie", True), BREAKING, HARMLESS),
    OperationKind("optional-query-parameter", _add("sown", "query", False), HARMLESS, HARMLESS),
    OperationKind("optional-header-parameter", _add("X-Sown", "header", False), HARMLESS, HARMLESS),
    OperationKind("optional-cookie", _add("sown", "cookie", False), HARMLESS, HARMLESS),
    OperationKind(
        "parameter-required",
        _first_parameter(_is_optional, lambda value: {**value, "required": True}),
        BREAKING,
        HARMLESS,
    ),
    OperationKind("parameter-maxLength", _first_parameter(_is("string"), _with(maxLength=2)), BREAKING, HARMLESS),
    OperationKind("parameter-enum", _first_parameter(_is("string"), _with(enum=["one", "two"])), BREAKING, HARMLESS),
    OperationKind("parameter-pattern", _first_parameter(_is("string"), _with(pattern="^[x-z]+$")), BREAKING, HARMLESS),
    OperationKind("parameter-minimum", _first_parameter(_is("integer"), _with(minimum=50)), BREAKING, HARMLESS),
    OperationKind("parameter-integer", _first_parameter(_is("string"), _with(type="integer")), BREAKING, HARMLESS),
    OperationKind("parameter-boolean", _first_parameter(_is("string"), _with(type="boolean")), BREAKING, HARMLESS),
    OperationKind(
        "parameter-description",
        _first_parameter(bool, lambda value: {**value, "description": "Sown."}),
        NOTHING,
        NOTHING,
    ),
    OperationKind(
        "body-required",
        _body(lambda body: {**body, "required": True}, lambda body: not body.get("required")),
        BREAKING,
        HARMLESS,
    ),
    OperationKind("body-media-type", _body(lambda body: _with_content(body, "application/x-sown")), HARMLESS, BREAKING),
    OperationKind("body-description", _body(lambda body: {**body, "description": "Sown."}), NOTHING, NOTHING),
    OperationKind(
        "success-status",
        _responses(
            lambda responses: {**responses, "299": {"description": "Sown"}},
            lambda responses: (
                not {"2XX", "default"}
                & {str(key).upper() if "x" in str(key).lower() else str(key) for key in responses}
            ),
        ),
        HARMLESS,
        BREAKING,
    ),
    OperationKind(
        "error-status",
        _responses(
            lambda responses: {**responses, "477": {"description": "Sown"}},
            lambda responses: not {"4XX", "default", "4xx"} & {*map(str, responses)},
        ),
        HARMLESS,
        HARMLESS,
    ),
    OperationKind(
        "response-media-type",
        _success(
            lambda response: _with_content(response, "application/x-sown"),
            lambda response: bool(response.get("content")),
        ),
        HARMLESS,
        BREAKING,
    ),
    OperationKind(
        "response-body",
        _success(_without("content"), lambda response: bool(response.get("content"))),
        BREAKING,
        HARMLESS,
    ),
    OperationKind("required-header", _with_header(True), HARMLESS, BREAKING),
    OperationKind("optional-header", _with_header(False), HARMLESS, HARMLESS),
    OperationKind("response-description", _success(lambda value: {**value, "description": "Sown."}), NOTHING, NOTHING),
    OperationKind("link", _link, HARMLESS, HARMLESS),
    OperationKind("callback", _callback, HARMLESS, BREAKING),
    OperationKind("credentials", _secured, BREAKING, HARMLESS),
    OperationKind("server", lambda site: _servers(site, "sown.example", ""), HARMLESS, HARMLESS),
    OperationKind("base-path", lambda site: _servers(site, "", "/sown"), BREAKING, BREAKING),
    OperationKind(
        "operation-id",
        lambda site: (site.path, lambda value: {**value, "operationId": "sown"}),
        HARMLESS,
        HARMLESS,
    ),
    OperationKind("tag", lambda site: (site.path, lambda value: {**value, "tags": ["sown"]}), HARMLESS, HARMLESS),
    OperationKind("tags-reversed", _same_shape, NOTHING, NOTHING),
    OperationKind(
        "deprecated",
        lambda site: (site.path, lambda value: {**value, "deprecated": True}),
        HARMLESS,
        HARMLESS,
    ),
    OperationKind(
        "summary",
        lambda site: (site.path, lambda value: {**value, "summary": "Sown."}),
        NOTHING,
        NOTHING,
    ),
    OperationKind("extension", lambda site: (site.path, lambda value: {**value, "x-sown": 1}), NOTHING, NOTHING),
)
