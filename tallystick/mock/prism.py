"""Prism's way to tell problems and violations (its release 5), for tests that were written against it."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import replace

from tallystick.mock.compat import Compat
from tallystick.mock.problem import HEADER_BYTES, Problem, cut_short
from tallystick.mock.roles import Reply
from tallystick.mock.rules import CREDENTIALS_INVALID, EXAMPLE_MENDED, QUERY_UNDOCUMENTED
from tallystick.nouns.exchange import Headers, Response
from tallystick.nouns.json_value import JSON
from tallystick.nouns.media_type import MediaKind, parse_media_type
from tallystick.nouns.statuses import phrase_of
from tallystick.nouns.violation import Severity, Violation
from tallystick.rules.exchange.body import BODY_MISSING, BODY_SCHEMA, RESPONSE_BODY_MISSING, RESPONSE_BODY_SCHEMA
from tallystick.rules.exchange.headers import RESPONSE_HEADER_MISSING, RESPONSE_HEADER_SCHEMA
from tallystick.rules.exchange.parameters import PARAMETER_MISSING, PARAMETER_SCHEMA
from tallystick.rules.exchange.security import CREDENTIALS_MALFORMED, CREDENTIALS_MISSING
from tallystick.wire.write import write_json

_TYPES = "https://stoplight.io/prism/errors#"
_VIOLATIONS_HEADER = "sl-violations"
_GENERATED = "and no HTTP {} response was found in the spec, so Prism is generating this error for you."
_UNAUTHORIZED = "Invalid security scheme used"

CORS_HEADERS: Headers = (
    ("access-control-allow-origin", "*"),
    ("access-control-allow-headers", "*"),
    ("access-control-allow-credentials", "true"),
    ("access-control-expose-headers", "*"),
)

# By status: the name in the type, the title, and the sentence, "" for ours.
_PROBLEMS: Mapping[int, tuple[str, str, str]] = {
    401: (
        "UNAUTHORIZED",
        _UNAUTHORIZED,
        f"Your request does not fullfil the security requirements {_GENERATED.format('unauthorized')}",
    ),
    403: ("FORBIDDEN", "Invalid credentials used", ""),
    404: ("NOT_FOUND", "The server cannot find the requested content", ""),
    406: ("NOT_ACCEPTABLE", "The server cannot produce a representation for your accept header", ""),
    415: ("INVALID_CONTENT_TYPE", "Invalid content type", ""),
    422: ("UNPROCESSABLE_ENTITY", "Invalid request", f"Your request is not valid {_GENERATED.format('validation')}"),
    500: (
        "VIOLATIONS",
        "Request/Response not valid",
        "Your request/response is not valid and the --errors flag is set, so Prism is generating this error for you.",
    ),
}
_UNROUTED: Mapping[int, tuple[str, str, str]] = {
    404: ("NO_PATH_MATCHED_ERROR", "Route not resolved, no path matched", ""),
    405: ("NO_METHOD_MATCHED_ERROR", "Route resolved, but no path matched", ""),
}

_CREDENTIALS = (CREDENTIALS_MISSING, CREDENTIALS_MALFORMED, CREDENTIALS_INVALID)
_MISSING = (PARAMETER_MISSING, BODY_MISSING, RESPONSE_BODY_MISSING, RESPONSE_HEADER_MISSING)
_RULES: Mapping[str, JSON] = {
    **{rule.id: 401 for rule in _CREDENTIALS},
    **{rule.id: "required" for rule in _MISSING},
    QUERY_UNDOCUMENTED.id: "additionalProperties",
}
"""The code of a violation of a rule that is about no keyword of a schema."""
_OF_SCHEMAS = (PARAMETER_SCHEMA, BODY_SCHEMA, RESPONSE_BODY_SCHEMA, RESPONSE_HEADER_SCHEMA, EXAMPLE_MENDED)
_SCHEMA_RULES = frozenset(rule.id for rule in _OF_SCHEMAS)
"""The rules whose violations have their place at a keyword."""
_ROOT = re.compile(rb"\A(\s*(?:<\?[^>]*\?>\s*)?)<([^\s/>]+)([^>]*)>(.*)</\2>(\s*)\Z", re.DOTALL)


def reply(ours: Reply) -> Reply:
    """A reply of an operation: a problem in Prism's words, no body where none is documented, `<xml>` around XML.

    XML that an author wrote stays as it is.
    """
    if ours.problem is not None:
        return _silent(ours) if ours.is_documented else _told(ours, ours.problem, _PROBLEMS)
    response = ours.response
    named = next((value for name, value in response.headers if name == "content-type"), "")
    if ours.is_as_written:
        return ours
    if named and response.body and parse_media_type(named).kind is MediaKind.XML:
        return replace(ours, response=response._replace(body=_ROOT.sub(rb"\1<xml\3>\4</xml>\5", response.body)))
    return ours


def unrouted(ours: Reply) -> Reply:
    """A reply to a request that reaches no operation."""
    return ours if ours.problem is None else _told(ours, ours.problem, _UNROUTED)


def _told(ours: Reply, problem: Problem, problems: Mapping[int, tuple[str, str, str]]) -> Reply:
    """A problem in the body that Prism would send."""
    phrase = phrase_of(problem.status) or f"Status {problem.status}"
    name, title, sentence = problems.get(problem.status, (re.sub(r"\W+", "_", phrase.upper()), phrase, ""))
    is_of_reply = any(violation.where.startswith("response.") for violation in problem.violations)
    if problem.status == 500 and not is_of_reply:  # a fault, or what was asked for: no reply that breaks the contract
        name, title, sentence = "UNKNOWN", problem.title, ""
    body: dict[str, JSON] = {
        "type": f"{_TYPES}{name}",
        "title": title,
        "status": problem.status,
        "detail": sentence or problem.detail,
    }
    if problem.status in (400, 422, 500) and problem.violations:
        body["validation"] = [_told_violation(violation, ()) for violation in problem.violations]
    challenge = next((value for header, value in problem.headers if header.lower() == "www-authenticate"), "")
    if challenge:
        body["headers"] = {"WWW-Authenticate": challenge}
    headers = (("content-type", "application/problem+json"), *problem.headers)
    return replace(ours, response=Response(problem.status, headers, write_json(body)))


def _silent(ours: Reply) -> Reply:
    """A documented error without a documented body."""
    response = ours.response
    headers = tuple(field for field in response.headers if field[0] != "content-type")
    return replace(ours, response=response._replace(headers=headers, body=b""))


def violations_header(violations: Sequence[Violation]) -> Headers:
    """The header `sl-violations`: as many violations as it has room for."""
    items: list[str] = []
    room = HEADER_BYTES - 2
    for violation in violations:
        item = json.dumps(_told_violation(violation, ("request",)), separators=(",", ":"))
        room -= len(item) + 1
        if room < 0:
            break
        items.append(item)
    return ((_VIOLATIONS_HEADER, f"[{','.join(items)}]"),)


def _told_violation(violation: Violation, request: Sequence[str]) -> JSON:
    """A violation as Prism lists it; a place in the request begins with `request`."""
    code = _code(violation)
    is_error = violation.severity is Severity.ERROR or violation.rule == EXAMPLE_MENDED.id
    severity = "Error" if is_error else "Warning"
    if code == 401:
        return {"location": ["request"], "severity": severity, "code": 401, "message": _UNAUTHORIZED}
    begin = () if violation.where.startswith("response.") else request
    location: list[JSON] = [*begin, *_location(violation)]
    told: dict[str, JSON] = {"location": location, "severity": severity}
    if code:
        told["code"] = code
    message = violation.message
    if violation.rule == PARAMETER_MISSING.id:  # the location is that of what lacks it, so that it is named here
        place, _, name = violation.where.partition(".")
        message = f"Request {place} parameter must have required property {name!r}"
    return {**told, "message": cut_short(message)}


def _location(violation: Violation) -> Sequence[str]:
    """The part of an exchange as a list: `["body", "name"]`, `["query", "limit"]`, `["response", "body", "id"]`."""
    where, _, pointer = violation.where.partition("/")
    parts = where.split(".", 2 if where.startswith("response.") else 1)
    if parts[-2:-1] == ["header"]:
        parts[-1] = parts[-1].lower()
    if violation.rule == PARAMETER_MISSING.id:  # the place of what lacks it
        return parts[:-1]
    return [*parts, *(segment.replace("~1", "/").replace("~0", "~") for segment in pointer.split("/") if segment)]


def _code(violation: Violation) -> JSON:
    """The keyword of the schema that does not fit, or what stands for a rule; "" where there is neither."""
    if violation.rule in _SCHEMA_RULES:
        keyword = violation.contract.path[-1] if violation.contract.path else ""
        return keyword if keyword.isalpha() else ""
    return _RULES.get(violation.rule, "")


PRISM = Compat(
    reply=reply,
    unrouted=unrouted,
    violations_header=violations_header,
    answers_head=False,
    cors_without_origin=CORS_HEADERS,
)
"""What Prism does in its own way."""
