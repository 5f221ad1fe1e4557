"""Documents with odd parts: patterns that never end, odd methods, statuses, media types and headers, odd dialects."""

from __future__ import annotations

from random import Random
from typing import Any

from tests.hostile.places import put_types, some_places
from tests.hostile.shapes import with_schema
from tests.hostile.texts import RESERVED, hostile_text

PATTERNS = (
    r"^(a+)+$", r"(a|a)*$", r"^(([a-z])+.)+[A-Z]([a-z])+$", r"(.*)*\1", r"a{1000000}", r"(a{1000}){1000}",
    r"((a{100}){100}){100}", r"^(?=.*a)(?=.*b)(?!.*c).{8,}$", r"(?<=a)b", r"(?<!a)b", r"(?P<n>a)(?P=n)",
    r"(?<n>a)\k<n>", r"\p{L}+", r"\p{IsGreek}", r"\pN", r"\u{1F600}", r"[\p{L}--a]", r"[[a-z]&&[^b]]", r"\x{41}",
    r"\c", r"\8", r"(", r")", r"[", r"]", r"*", r"+a", r"a**", r"{1}", r"a{2,1}", r"a{,5}", r"[z-a]", r"(?i)a",
    r"(?x) a b", r"(?#c)", r"\A\Z\z\G", r"^$", r"$^", r"(?!)", r"[^\s\S]", r"^\S+\s$", r".", r"\0", r"[\0-\x1f]",
    "\x00", "\ud800", r"(?:" * 200 + "a" + ")" * 200, "(" * 5000 + ")" * 5000, "|".join(f"a{n}" for n in range(3000)),
    r"[a-z]{0,65535}", r"(a?){500}a{500}", r"(?:a{0,100}){0,100}", r"^[^\n]*$", r"\Q..\E", r"(?>a+)b", r"a++",
    r"(?(1)a|b)", r"(?R)", r"\bword\b\B", r"[\b]", r"^(?:(?:25[0-5]|\d)\.?\b){4}$", r".{1000000000}",
    r"\w{10000}\d{10000}", r"^(a|b|ab)*c$", r"x*x*x*x*x*x*x*x*x*x*y", r"é{3}", r"[🙂-🙏]{2}", r"^\d{3}-\d{4}$\n",
    r"(?s:.)*",
)  # fmt: skip
FORMATS = (
    "date date-time time uuid email uri byte binary regex ipv4 ipv6 hostname iri idn-email duration json-pointer x\x00"
    " int32 int64 decimal"
).split(" ")


def patterns(draw: Random, document: Any) -> Any:
    """Patterns that never end, that no engine knows, or that are none."""

    def pattern() -> Any:
        schema: Any = {"type": "string", "pattern": draw.choice(PATTERNS)}
        if draw.random() < 0.3:
            schema.update(
                {
                    draw.choice(("minLength", "maxLength")): draw.choice((0, 1, 50, 10**6)),
                    "format": draw.choice(FORMATS),
                }
            )
        if draw.random() < 0.2:
            schema["example"] = draw.choice(("a" * 40 + "!", "a" * 100_000, "", hostile_text(draw)))
        return schema

    named = {
        "type": "object",
        "required": ["p"],
        "properties": {"p": pattern()},
        "patternProperties": {draw.choice(PATTERNS): pattern()},
    }
    names = {"type": "object", "propertyNames": pattern(), "minProperties": 1}
    both = {"allOf": [pattern(), pattern()]}
    with_schema(document, draw.choice((pattern(), named, names, both, {"not": pattern(), "type": "string"})))
    return document


METHODS = (
    "get", "GET", "Get", "query", "QUERY", "copy", "connect", "CONNECT", "x\ny", "a b", "", "gét", "trace", "options",
    "head", "$ref", "GET\r\nX: y", "m-search", "x" * 300, "\x00",
)  # fmt: skip
STATUSES = (
    "200", "2XX", "2xx", "default", "100", "101", "204", "304", "099", "600", "999", "1000", "0", "-1", "20", "200 ",
    "200\n", "2X0",
    "XXX", "\uff15\uff10\uff10", "\u00b2\u2070\u2070", "", "x-a", "1e2", "500", "5XX", "426", "DEFAULT", "200.5",
)  # fmt: skip
MEDIA_TYPES = (
    "application/json", "*/*", "text/*", "*", "", "json", "/", "a/", "/b", "application/json; charset=utf-16",
    "application/json;charset=\"x\ny\"", "text/plain; q=0", "text/event-stream", "application/jsonl",
    "application/xml", "multipart/form-data", "multipart/mixed", "multipart/form-data; boundary=\"\"",
    "application/x-www-form-urlencoded", "application/x-ndjson", "a/b\r\nX: y", "a/b\x00", "é/ü",
    "application/vnd." + "a" * 3000 + "+json", "image/png", "application/octet-stream", "text/csv",
    "application/json-seq", "application/problem+json", "text/html;;;;",
)  # fmt: skip
TEMPLATES = (
    "/{}", "/{a", "/a}", "/{a}{b}", "/{a}{a}", "a", "", "/", "//", "/a//b", "/a?x=1", "/a#b", "/%zz", "/%2F", "/%00",
    "/\x00", "/a\nb", "/é", "/../x", "/./x", "/{a}.{b}", "/{a/b}", "/{a:path}", "/{+a}", "/{a*}", "/*", "/**", "/:a",
    "/{$x}", "/ ", "/a ", "/\\", "/{\"}", "/{'}", "/{é}", "/{" + "a" * 300 + "}", "/-", "/{a}/{b}/{c}", "/a;b=c",
    "http://x/y", "/{{a}}", "/{a}:run", "/\ud800", "/_tallystick", "/_tallystick/health",
)  # fmt: skip
SERVERS = (
    "", "/", "//", "x", "http://", "http://[", "https://{a}/{b}", "{", "}", "/{a}", "ftp://x", "http://x:99999/",
    "http://x:y/", "javascript:alert(1)", "http://x/a?b#c", "\n", "\x00", "/" + "a" * 5000, "http://user:pass@x/",
    "http://é.example/ü", "{a}", "/v1/", "/%zz",
)  # fmt: skip


def odd_http(draw: Random, document: Any) -> Any:
    """Odd methods, statuses, media types, header names, parameters, paths, servers and security."""

    def responses() -> Any:
        return {
            draw.choice(STATUSES): {
                "description": "d",
                "headers": {header(): {"schema": {"type": "string"}, "example": hostile_text(draw)} for _ in range(2)},
                "content": {draw.choice(MEDIA_TYPES): {"schema": draw.choice(_BODIES), **example()} for _ in range(2)},
            }
            for _ in range(3)
        }

    def header() -> str:
        return draw.choice((draw.choice(RESERVED), hostile_text(draw), "X-A"))

    def example() -> Any:
        return draw.choice(({}, {}, {"example": draw.choice((hostile_text(draw), {"a": hostile_text(draw)}, 1, None))}))

    def parameter() -> Any:
        return {
            "name": draw.choice((header(), hostile_text(draw), "a", "a[]", "a.b", "a[b][c]")),
            "in": draw.choice(("query", "header", "cookie", "path", "querystring", "body", "x", None)),
            "required": draw.choice((True, False)),
            "style": draw.choice(
                ("form", "simple", "matrix", "label", "deepObject", "spaceDelimited", "pipeDelimited", "x")
            ),
            "explode": draw.choice((True, False)),
            "allowReserved": draw.choice((True, False)),
            "schema": draw.choice(_BODIES),
            **example(),
        }

    paths = document.setdefault("paths", {})
    for _ in range(draw.choice((1, 2, 5))):
        operation = {
            "operationId": hostile_text(draw),
            "parameters": [parameter() for _ in range(draw.randrange(4))],
            "requestBody": {"content": {draw.choice(MEDIA_TYPES): {"schema": draw.choice(_BODIES)}}},
            "responses": responses(),
        }
        item = {draw.choice((draw.choice(METHODS), "get", "post")): operation}
        if draw.random() < 0.3:
            item = {"additionalOperations": {draw.choice((draw.choice(METHODS), hostile_text(draw))): operation}}
        if draw.random() < 0.3:
            operation["security"] = [{"odd": []}]
        paths[draw.choice((draw.choice(TEMPLATES), draw.choice(TEMPLATES), "/" + hostile_text(draw)))] = item
    if draw.random() < 0.5:
        document["servers"] = [
            {"url": draw.choice((*SERVERS, hostile_text(draw))), "variables": {"a": {"default": hostile_text(draw)}}}
            for _ in range(2)
        ]
    if "components" in document:
        kind = draw.choice(("apiKey", "http", "oauth2", "openIdConnect", "mutualTLS", "x", ""))
        odd = {
            "type": kind,
            "in": draw.choice(("header", "query", "cookie", "x")),
            "name": header(),
            "scheme": draw.choice(("basic", "bearer", "digest", hostile_text(draw))),
        }
        document["components"]["securitySchemes"] = {"odd": odd, **document["components"].get("securitySchemes", {})}
    return document


_BODIES: tuple[Any, ...] = (
    {"type": "string"}, {"type": "object", "properties": {"a": {"type": "string"}, "b\n": {"type": "integer"}}},
    {"type": "array", "items": {"type": "integer"}}, {"type": "string", "format": "binary"}, {}, True, False,
    {"type": ["string", "null"]}, {"type": "null"}, {"const": "\x00\x1b"}, {"enum": ["\r\n", "a\nb"]},
    {"type": "object", "additionalProperties": {"type": "array", "items": {}}},
    {"xml": {"name": "a b<", "attribute": True}, "type": "object",
     "properties": {"<": {"type": "string", "xml": {"attribute": True}}}},
)  # fmt: skip

DIALECT_KEYS = (
    "$schema", "$id", "$anchor", "$dynamicAnchor", "$vocabulary", "$comment", "$defs", "id", "nullable",
    "discriminator", "xml", "readOnly", "writeOnly", "deprecated", "externalDocs", "contentSchema", "contentEncoding",
    "unevaluatedItems", "dependentRequired", "type", "format", "enum", "required", "properties", "items", "allOf",
    "not", "additionalProperties",
)  # fmt: skip
VERSIONS: tuple[Any, ...] = (
    "3.0", "3.1", "3.3.0", "4.0.0", "2.0", "2", 2.0, 3.0, 3.1, "3.1.0 ", "v3.1.0", "", None, [], {}, True, "3.1.99",
    "3.1.0\n", "\x1b[31m", "3." + "1" * 400, "\uff13.\uff11.\uff10", hostile_text(Random(0)),
)  # fmt: skip


def odd_dialect(draw: Random, document: Any) -> Any:
    """Odd versions, dialects, vocabularies, identifiers and keywords."""
    if draw.random() < 0.4:
        document[draw.choice(("openapi", "swagger"))] = draw.choice(VERSIONS)
    if draw.random() < 0.4:
        document["jsonSchemaDialect"] = draw.choice(
            ("http://json-schema.org/draft-04/schema#", "x", 1, "http://127.0.0.1:9/", hostile_text(draw))
        )
    for holder, key in some_places(draw, document, 5, lambda value: isinstance(value, dict) and "type" in value):
        if draw.random() < 0.7:
            holder[key][draw.choice(DIALECT_KEYS)] = draw.choice(
                (
                    hostile_text(draw),
                    "#a",
                    "http://x/",
                    {},
                    [],
                    True,
                    {"a": {}},
                    ["a"],
                    1,
                    {"propertyName": hostile_text(draw), "mapping": {hostile_text(draw): hostile_text(draw)}},
                )
            )
        else:
            put_types(draw, holder[key])
    return document
