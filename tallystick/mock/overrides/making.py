"""Makes the reply that an override asks for; says at once what is wrong with it, where that can be known."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from dataclasses import replace
from typing import cast

from tallystick.mock.judging import violations_of_reply
from tallystick.mock.overrides import HEADER
from tallystick.mock.overrides.override import Override, OverrideReply
from tallystick.mock.policy import has_errors
from tallystick.mock.problem import Problem
from tallystick.mock.responders.examples import Replies, generated
from tallystick.mock.roles import Reply
from tallystick.nouns.contract import BodyFormat, Operation
from tallystick.nouns.exchange import Exchange, Headers, Request, Response
from tallystick.nouns.json_value import JSON
from tallystick.nouns.media_type import MediaKind, MediaType, parse_media_type
from tallystick.nouns.statuses import phrase_of
from tallystick.nouns.violation import Violation
from tallystick.wire.negotiation import concrete_type, documented_format, negotiate, preferred_format
from tallystick.wire.reading import Reading
from tallystick.wire.values import MISSING
from tallystick.wire.write import write_body, write_json

_JSON, _TEXT = parse_media_type("application/json"), parse_media_type("text/plain")
_CONTENT_TYPE = "content-type"


def reply_to(asked: OverrideReply, replies: Replies, reading: Reading) -> Reply | Problem:
    """The reply to a request, or the problem that the contract has none such; raises `Slow` where it takes long.

    A reply whose body or header fields are the caller's is judged here.
    """
    if asked.body is not MISSING:
        return _own(asked, replies, reading)
    answer = replies.as_wished(reading, asked.wish)
    if isinstance(answer, Problem) or not asked.headers:
        return answer
    return _judged(reading, replace(answer, response=_with(answer.response, asked.headers), tailored=None))


def undocumented(asked: OverrideReply, problem: Problem) -> Reply | Problem:
    """The reply where the contract documents no response with the code that is asked for: a problem with that code."""
    code = asked.wish.code
    if not code.isdecimal():
        return problem
    status = int(code)
    if status < 400:
        return Reply(Response(status, asked.headers), f"{status}, which is not documented")
    reply = generated(Problem(status, phrase_of(status) or f"status {status}"))
    return replace(reply, response=_with(reply.response, asked.headers), violations=None, refused_for=())


def problems_of(
    override: Override, operations: Sequence[Operation], all_replies: Sequence[Replies]
) -> Iterator[Problem]:
    """What is wrong with the replies of an override by the contract; there is no request yet."""
    for operation, replies in zip(operations, all_replies, strict=True):
        reading = Reading(operation, Exchange(Request(operation.method, operation.path)))
        for index, asked in enumerate(override.replies):
            if asked.is_fault_only:
                continue
            where = f"reply {index + 1}, " if len(override.replies) > 1 else ""
            reply = reply_to(asked, replies, reading)
            if isinstance(reply, Problem):
                code = asked.wish.code
                is_free = code.isdecimal() and operation.response_for(int(code)) is None
                hint = "; set it with allow_invalid to have it sent all the same" if is_free else ""
                hint += f", or set the fault `{code}`" if is_free and code >= "300" else ""
                yield Problem(422, f"{where}{reply.detail}{hint}")
            elif is_own(asked) and has_errors(violations := reply.violations or ()):
                fact = f"{where}{operation.label}: the reply breaks the contract"
                yield Problem(422, f"{fact}; set it with allow_invalid to have it sent all the same", violations)


def is_own(asked: OverrideReply) -> bool:
    """Whether a part of the reply is the caller's."""
    return asked.body is not MISSING or bool(asked.headers)


def _own(asked: OverrideReply, replies: Replies, reading: Reading) -> Reply | Problem:
    """A reply with a body of the caller's, and the documented header fields beside it."""
    status, definition = replies.status_of(asked.wish.code)
    if not status:
        return replies.undocumented(asked.wish.code)
    content = definition.content if definition is not None else ()
    content_type = next((value for name, value in asked.headers if name == _CONTENT_TYPE), "")
    media_type, body_format = _format(asked.body, content, content_type, reading.headers.get("accept", ""))
    body, name = _written(asked.body, media_type, body_format)
    bare = replies.bare(definition, status) if definition is not None else None
    fields = ((_CONTENT_TYPE, content_type or name), *(bare.response.headers if bare is not None else ()))
    response = _with(Response(status, fields if body or content_type else fields[1:], body), asked.headers)
    return _judged(reading, Reply(response, "a body of the caller's"))


def _format(
    body: object, content: Sequence[BodyFormat], content_type: str, accept: str
) -> tuple[MediaType, BodyFormat | None]:
    """The media type that a body is sent as, and its documented format; one that is no JSON goes first for bytes."""
    if content_type:
        media_type = parse_media_type(content_type)
        return media_type, documented_format(content, media_type)
    is_json = not isinstance(body, bytes)
    fitting = [each for each in content if (each.media_type.kind is MediaKind.JSON) is is_json] or content
    body_format = (negotiate(fitting, accept) or preferred_format(fitting)) if fitting else None
    if body_format is not None:
        return concrete_type(body_format.media_type, accept), body_format
    return _JSON if is_json or _is_json(cast("bytes", body)) else _TEXT, None


def _is_json(body: bytes) -> bool:
    try:
        json.loads(body)
    except (ValueError, RecursionError):
        return False
    return True


def _written(body: object, media_type: MediaType, body_format: BodyFormat | None) -> tuple[bytes, str]:
    if isinstance(body, bytes):
        return body, media_type.text
    value = cast("JSON", body)
    if media_type.kind is MediaKind.JSON:
        return write_json(value), media_type.text
    if isinstance(value, str):
        return value.encode("utf-8", "surrogatepass"), media_type.text
    return (
        write_body(value, body_format, media_type) if body_format is not None else (write_json(value), media_type.text)
    )


def _with(response: Response, headers: Headers) -> Response:
    """A response with header fields in place of those of the same names."""
    names = {name for name, _ in headers}
    return response._replace(headers=(*(each for each in response.headers if each[0] not in names), *headers))


def _judged(reading: Reading, reply: Reply) -> Reply:
    violations: tuple[Violation, ...] = violations_of_reply(reading, reply.response)
    return replace(reply, violations=violations)


def told(reply: Reply, id: str) -> Reply:
    """A reply that says which override it comes from."""
    headers = (*reply.response.headers, (HEADER, id))
    response = reply.response._replace(headers=headers)
    return replace(reply, response=response, why=f"override {id}: {reply.why}", override=id)
