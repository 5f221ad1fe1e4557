"""Writes a documented response as a reply: its body, its header fields, its coding; and judges it."""

from __future__ import annotations

import re

from tallystick.examples.requests import write_sample
from tallystick.examples.samples import GENERATED, Sample, Unsatisfiable, body_sample, parameter_sample, valid_examples
from tallystick.mock.judging import NOT_FROM_EXAMPLES, violations_of_reply
from tallystick.mock.roles import Reply
from tallystick.nouns.contract import BodyFormat, Operation, ResponseDefinition
from tallystick.nouns.exchange import Exchange, Request, Response
from tallystick.nouns.schema import Direction
from tallystick.wire.codings import ENCODERS, encode_body
from tallystick.wire.negotiation import concrete_type
from tallystick.wire.reading import Reading
from tallystick.wire.write import write_header

_TOKEN = re.compile(r"[!#$%&'*+.^_`|~0-9A-Za-z-]+")
"""What a header may be named (RFC 9110, section 5.6.2); a contract may say something else."""


def write_reply(
    operation: Operation, definition: ResponseDefinition, status: int, body_format: BodyFormat | None, example: str
) -> Reply:
    """The reply with a documented response: its headers, and a body in one of its formats (None: no body).

    `example` names the example of the body; "" leaves the choice open. Raises `Unsatisfiable`.
    """
    headers: list[tuple[str, str]] = []
    body, why = b"", f"the documented {definition.status}"
    if body_format is not None:
        chosen = _chosen(body_format, example)
        body, name = write_sample(chosen, body_format, concrete_type(body_format.media_type))
        headers.append(("content-type", name if name.isascii() and name.isprintable() else "text/plain"))
        origin = chosen.origin if chosen is not None else GENERATED
        why += ", a generated value" if origin == GENERATED else f", its example {origin!r}"
    for header in definition.headers:
        name = header.name.lower()
        if name in NOT_FROM_EXAMPLES or not _TOKEN.fullmatch(name):
            continue
        try:
            value = parameter_sample(header, direction=Direction.RESPONSE)
        except Unsatisfiable:
            if header.required:
                raise
            continue
        headers += ((name, text) for text in write_header(header, value.value if value is not None else "value"))
    coding = _required_coding(definition) if body else ""
    if coding:
        headers.append(("content-encoding", coding))
        body = encode_body(body, coding)
    response = Response(status, tuple(headers), body)
    # The two halves are judged alike, whatever the request: none is worse than the contract.
    request = Request(operation.method, operation.path)
    return Reply(response, why, violations_of_reply(Reading(operation, Exchange(request)), response))


def _required_coding(definition: ResponseDefinition) -> str:
    """The coding of a body whose `Content-Encoding` is required; "" where it is not, as the body is then not coded."""
    header = next((header for header in definition.headers if header.name.lower() == "content-encoding"), None)
    if header is None or not header.required:
        return ""
    schema = header.described
    return next((each for each in ENCODERS if schema is None or schema.is_valid(each, Direction.RESPONSE)), "")


def _chosen(body_format: BodyFormat, example: str) -> Sample | None:
    """The named example, or the first that fits, or a generated value; an example that does not fit is not served."""
    if not example:
        return body_sample(body_format, Direction.RESPONSE)
    for valid in valid_examples(body_format, Direction.RESPONSE):
        if valid.origin == example:
            return valid
    place = next(named.place for named in body_format.examples if named.name == example)
    raise Unsatisfiable(place, f"the example {example!r} breaks its own schema, so it is not served")
