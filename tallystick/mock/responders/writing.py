"""Writes a documented response as a reply: its body, its header fields, its coding; and judges it."""

from __future__ import annotations

from collections.abc import Hashable
from dataclasses import replace
from weakref import WeakKeyDictionary

from tallystick.examples.draws import Style
from tallystick.examples.requests import write_sample
from tallystick.examples.samples import (
    GENERATED,
    ExampleUse,
    Sample,
    Unsatisfiable,
    documented_sample,
    generated_sample,
)
from tallystick.mock.judging import NOT_FROM_EXAMPLES, violations_of_reply
from tallystick.mock.responders.streams import ended
from tallystick.mock.roles import Origin, Reply
from tallystick.mock.room import ROOM, Kept
from tallystick.mock.rules import EXAMPLE_MENDED
from tallystick.mock.settings import DEFAULTS, MockSettings
from tallystick.nouns.contract import BodyFormat, Operation, ResponseDefinition
from tallystick.nouns.exchange import Exchange, Request, Response
from tallystick.nouns.schema import Direction, SchemaError
from tallystick.nouns.violation import Violation
from tallystick.nouns.words import counted
from tallystick.rules.exchange.parameters import pointer
from tallystick.wire.codings import ENCODERS, encode_body
from tallystick.wire.negotiation import concrete_type
from tallystick.wire.reading import Reading

_WRITTEN: WeakKeyDictionary[Operation, Kept[tuple[object, ...], Reply]] = WeakKeyDictionary()
_OVERHEAD = 2_000
"""About how many bytes a reply takes beside its body."""


def usual_reply(
    operation: Operation, definition: ResponseDefinition, status: int, body_format: BodyFormat, settings: MockSettings
) -> Reply:
    """The reply with no example named; kept for the operation on an item of its list, which needs the same rows."""
    kept = _WRITTEN.setdefault(operation, Kept())
    key = (definition.status, status, body_format.media_type.text, *_deciding(settings))
    reply = kept.get(key)
    if reply is None:
        reply = write_reply(operation, definition, status, body_format, "", settings)
        ROOM.keep(kept, key, reply, len(reply.response.body) + _OVERHEAD)
    return reply


def _deciding(settings: MockSettings) -> tuple[object, ...]:
    """The settings that decide how a reply is written."""
    return settings.style, settings.items, settings.examples, settings.dynamic


def write_reply(
    operation: Operation,
    definition: ResponseDefinition,
    status: int,
    body_format: BodyFormat | None,
    example: str,
    settings: MockSettings = DEFAULTS,
) -> Reply:
    """The reply with a documented response: its headers, and a body in one of its formats (None: no body).

    `example` names the example of the body; "" leaves the choice open. Raises `Unsatisfiable` where the example breaks
    its schema and the settings want valid ones only.
    """
    headers: list[tuple[str, str]] = []
    body, why = b"", f"the documented {definition.status}"
    mended: list[Violation] = []
    style: Style | None = None
    is_as_written, origin = False, ""
    if body_format is not None:
        chosen = _chosen(operation, body_format, example, settings)
        is_authored = chosen is not None and chosen.origin != GENERATED
        if chosen is not None and status < 300 and not example and (not is_authored or settings.items):
            style = settings.style
            from tallystick.mock.tailoring.lists.edit import filled

            with_rows = filled(operation, body_format.schema, chosen.value, settings, style, is_authored)
            chosen = chosen if with_rows == chosen.value else replace(chosen, value=with_rows, serialized=None)
        body, name = write_sample(chosen, body_format, concrete_type(body_format.media_type))
        body = ended(body, operation, body_format)
        is_as_written = chosen is not None and is_authored and isinstance(chosen.value, str)
        headers.append(("content-type", name if name.isascii() and name.isprintable() else "text/plain"))
        origin = chosen.origin if chosen is not None else GENERATED
        why += ", a generated value" if origin == GENERATED else f", its example {origin!r}"
        if chosen is not None and chosen.mended:
            mended = _mended(chosen)
            why += f", mended in {counted(len(mended), 'place')}"
    own = [each for each in definition.headers if each.name.lower() not in NOT_FROM_EXAMPLES]
    if own:
        from tallystick.examples.header_values import TOKEN, field_lines

        headers += field_lines(operation, [each for each in own if TOKEN.fullmatch(each.name)], settings.style)
    coding = _required_coding(definition) if body else ""
    if coding:
        headers.append(("content-encoding", coding))
        body = encode_body(body, coding)
    response = Response(status, tuple(headers), body)
    # The two halves are judged alike, whatever the request: none is worse than the contract.
    request = Request(operation.method, operation.path)
    violations = violations_of_reply(Reading(operation, Exchange(request)), response)
    return Reply(
        response,
        why,
        violations,
        mended=tuple(mended),
        style=style,
        is_as_written=is_as_written,
        origin=Origin(definition, body_format, origin, response),
    )


def _required_coding(definition: ResponseDefinition) -> str:
    """The coding of a body whose `Content-Encoding` is required; "" where it is not, as the body is then not coded."""
    header = next((header for header in definition.headers if header.name.lower() == "content-encoding"), None)
    if header is None or not header.required:
        return ""
    schema = header.described
    return next((each for each in ENCODERS if schema is None or schema.is_valid(each, Direction.RESPONSE)), "")


def _chosen(operation: Operation, body_format: BodyFormat, example: str, settings: MockSettings) -> Sample | None:
    """The named example, or the first that fits or can be mended, or a generated value.

    A list without rows is shown only where no example has rows. Where the schema allows no value, the first example as
    it is, or else the value that was tried last.
    """
    is_generated = settings.dynamic and not example and body_format.schema is not None
    documented = documented_sample(body_format, Direction.RESPONSE, settings.examples, example, settings.style)
    if documented is not None and not is_generated:
        from tallystick.resources.lists.places import is_empty

        if example or len(body_format.examples) == 1 or not is_empty(operation, documented.value):
            return documented
        names = [each.name for each in body_format.examples]
        uses: tuple[ExampleUse, ...] = ("valid-only", "mend") if settings.examples == "mend" else (settings.examples,)
        samples = (documented_sample(body_format, Direction.RESPONSE, use, name) for use in uses for name in names)
        return next((each for each in samples if each and not is_empty(operation, each.value)), documented)
    if example:
        place = next(named.place for named in body_format.examples if named.name == example)
        raise Unsatisfiable(place, "it breaks its schema, and the mock was asked for valid examples only")
    try:
        return generated_sample(body_format, Direction.RESPONSE, settings.style)
    except Unsatisfiable as error:
        as_it_is = documented_sample(body_format, Direction.RESPONSE, "as-is")
        return as_it_is or Sample(error.value, GENERATED, error.place)


def _mended(sample: Sample) -> list[Violation]:
    """A violation for each error that was mended; those of the rows of a list that say the same are told once."""
    errors: dict[Hashable, SchemaError] = {}
    for error in sample.mended:
        fact = error.message if error.keyword == "required" else ""
        errors.setdefault((tuple(key for key in error.path if isinstance(key, str)), error.place.path, fact), error)
    start = f"the example {sample.origin!r} is mended here"
    return [
        EXAMPLE_MENDED.violation(f"response.body{pointer(error.path)}", error.place, f"{start}: {error.message}")
        for error in errors.values()
    ]
