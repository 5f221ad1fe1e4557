"""Whole exchanges around a value, judged by both contracts: those that one of them refuses are witnesses."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

from tallystick.examples.draws import FEW, Style
from tallystick.examples.requests import Given, example_request
from tallystick.examples.samples import Unsatisfiable, body_sample, parameter_sample
from tallystick.nouns.change import Witness
from tallystick.nouns.contract import BodyFormat, Operation, Parameter, ResponseDefinition
from tallystick.nouns.exchange import Exchange, Request, Response
from tallystick.nouns.json_value import JSON
from tallystick.nouns.media_type import MediaKind
from tallystick.nouns.node import Node
from tallystick.nouns.path_templates import template_names
from tallystick.nouns.schema import Direction, Schema
from tallystick.nouns.violation import Severity, Violation
from tallystick.rules.judge import judge
from tallystick.schemas.compiled import ContractSchema
from tallystick.schemas.shapes import shape_of
from tallystick.wire.negotiation import concrete_type, preferred_format
from tallystick.wire.write import write_body, write_header

_STYLE = Style(0, FEW)
_STATUSES: dict[str, int] = {"1": 100, "2": 200, "3": 300, "4": 400, "5": 500}


@dataclass(frozen=True, slots=True, eq=False)
class Pair:
    """An operation of the old contract, and the same one of the new."""

    old: Operation
    new: Operation
    plain: dict[bool, Request] = field(default_factory=dict)
    """The plain request of the new operation (`True`) and of the old, once it was made."""

    @property
    def label(self) -> str:
        return self.new.label

    def new_name(self, parameter: Parameter) -> str:
        """The name that a parameter of the old contract has in the new: those of the path are known by their place."""
        if parameter.location != "path":
            return parameter.name
        names = dict(zip(template_names(self.old.path), template_names(self.new.path), strict=False))
        return names.get(parameter.name, parameter.name)

    def plain_request(self, is_new: bool) -> Request:
        """The plain request of one of the operations, made once for all its responses."""
        if is_new not in self.plain:
            self.plain[is_new] = plain_request(self.new if is_new else self.old)
        return self.plain[is_new]


def is_judged(body_format: BodyFormat) -> bool:
    """Whether the judge reads bodies of a format as values."""
    return body_format.media_type.is_range or body_format.media_type.kind is not MediaKind.OTHER


def is_bytes(old: BodyFormat, new: BodyFormat) -> bool:
    """Whether a body is bytes whose schemas say nothing: it is not read as a value, and none is an object or array."""
    if is_judged(old):
        return False
    schemas = [each.schema for each in (old, new) if isinstance(each.schema, ContractSchema)]
    return not any(_is_structured(schema.followed) for schema in schemas)


def _is_structured(node: Node) -> bool:
    types = node.members.get("type")
    names = types if isinstance(types, list) else [types]
    return "object" in names or "array" in names or "properties" in node.members


def errors_of(operation: Operation, exchange: Exchange, in_response: bool) -> list[Violation]:
    """The errors in the request of an exchange, or in its response."""
    return [
        violation
        for violation in judge(operation, exchange)
        if violation.severity is Severity.ERROR and violation.where.startswith("response") is in_response
    ]


def request_witness(pair: Pair, given: Given, where: str, rule: str = "", pointer: str = "") -> Witness | None:
    """The request with what is given, where the old contract allows it and the new refuses it at `where`.

    `rule` is the beginning of the rule that it breaks; `pointer` leads to the part of the value that has changed.
    """
    try:
        request = example_request(pair.old, given=given)
    except (Unsatisfiable, ValueError, RecursionError):
        return None
    exchange = Exchange(request)
    if errors_of(pair.old, exchange, False):
        return None
    errors = [error for error in errors_of(pair.new, exchange, False) if error.rule.startswith(rule)]
    return _told(exchange, errors, where, pointer)


def _told(exchange: Exchange, errors: list[Violation], where: str, pointer: str = "") -> Witness | None:
    """The witness with the error that is nearest to a part; None where all errors are about other parts."""
    nearest: tuple[int, Violation] | None = None
    part = where + pointer
    for error in errors:
        at = error.where
        if not where or at == part:
            distance = 0
        elif at.startswith(f"{part}/") or part.startswith(f"{at}/"):
            distance = abs(len(at) - len(part))
        else:
            continue
        if nearest is None or distance < nearest[0]:
            nearest = distance, error
    return Witness(exchange, f"{nearest[1].where}: {nearest[1].message}") if nearest is not None else None


def response_witness(
    pair: Pair, response: Response, where: str, allows_old: bool = False, pointer: str = ""
) -> Witness | None:
    """The exchange with a response that the new contract allows and the old does not; `allows_old` is the reverse."""
    allows, refuses = (pair.old, pair.new) if allows_old else (pair.new, pair.old)
    exchange = Exchange(pair.plain_request(not allows_old), response)
    if errors_of(allows, exchange, True):
        return None
    return _told(exchange, errors_of(refuses, exchange, True), where, pointer)


def plain_request(operation: Operation) -> Request:
    """An example of a request; one without parameters where none can be made."""
    try:
        return example_request(operation)
    except (Unsatisfiable, ValueError, RecursionError):
        return Request(operation.method, operation.path)


def status_of(definition: ResponseDefinition, operation: Operation) -> int:
    """A status that a documented response covers, and no other of its operation."""
    key = definition.status
    if key.isdigit():
        return int(key)
    first: int = _STATUSES.get(key[:1], 500)
    for status in range(first, first + 100):
        if operation.response_for(status) is definition:
            return status
    return first


def response_of(
    operation: Operation,
    definition: ResponseDefinition,
    body_format: BodyFormat | None,
    value: JSON = None,
    has_value: bool = False,
    headers: dict[str, JSON] | None = None,
    left_out: str = "",
) -> Response | None:
    """A response as it is documented, with a value in its body or values in its headers; None where there is none."""
    fields: list[tuple[str, str]] = []
    try:
        for header in definition.headers:
            name = header.name.lower()
            if name == left_out.lower():
                continue
            if headers and header.name in headers:
                fields += [(name, text) for text in write_header(header, headers[header.name])]
            elif header.required:
                sample = parameter_sample(header, _STYLE, Direction.RESPONSE)
                fields += [(name, text) for text in write_header(header, sample.value if sample else "value")]
        if body_format is None and definition.content:
            body_format = preferred_format(definition.content)
        octets = b""
        if body_format is not None:
            if not has_value:
                sample = body_sample(body_format, Direction.RESPONSE, _STYLE)
                value = sample.value if sample is not None else "content"
            octets, content_type = write_body(value, body_format, concrete_type(body_format.media_type))
            fields.append(("content-type", content_type))
    except (Unsatisfiable, ValueError, TypeError, RecursionError):
        return None
    return Response(status_of(definition, operation), tuple(fields), octets)


Compose = Callable[[JSON, str], "Witness | None"]
"""Makes a whole exchange around a value and has it judged by both contracts; a pointer leads to what has changed."""


def of_parameter(pair: Pair, parameter: Parameter, reverse: bool = False) -> Compose:
    """Judges requests with a value of a parameter; with `reverse`, those that the new contract allows."""
    judged = Pair(pair.new, pair.old) if reverse else pair
    other = pair.new_name(parameter) if not reverse else parameter.name
    names = {pair.new_name(each): each.name for each in pair.old.parameters if each.location == parameter.location}
    refused = names.get(other, other) if reverse else other

    def compose(value: JSON, pointer: str) -> Witness | None:
        given = Given({(parameter.location, parameter.name): value})
        return request_witness(judged, given, f"{parameter.location}.{refused}", "", pointer)

    return compose


def of_item(body_format: BodyFormat, schema: Schema | None) -> bool:
    """Whether a schema of a body is that of each item: the body is a sequence, and the schema not that of an array."""
    if not body_format.media_type.is_sequence:
        return False
    return schema is body_format.item_schema or (body_format.item_schema is None and shape_of(schema) != "array")


def of_request_body(pair: Pair, body_format: BodyFormat, schema: Schema | None, reverse: bool = False) -> Compose:
    """Judges requests with a value of a schema in the body."""
    judged = Pair(pair.new, pair.old) if reverse else pair
    is_item = of_item(body_format, schema)

    def compose(value: JSON, pointer: str) -> Witness | None:
        try:
            body = write_body([value] if is_item else value, body_format, concrete_type(body_format.media_type))
        except (ValueError, TypeError):
            return None
        return request_witness(judged, Given(body=body), "body", "", f"/0{pointer}" if is_item else pointer)

    return compose


def of_response_body(
    pair: Pair, definition: ResponseDefinition, body_format: BodyFormat, schema: Schema | None, allows_old: bool
) -> Compose:
    """Judges responses with a value of a schema in the body."""
    operation = pair.old if allows_old else pair.new
    is_item = of_item(body_format, schema)

    def compose(value: JSON, pointer: str) -> Witness | None:
        response = response_of(operation, definition, body_format, [value] if is_item else value, has_value=True)
        if response is None:
            return None
        return response_witness(pair, response, "response.body", allows_old, f"/0{pointer}" if is_item else pointer)

    return compose


def of_header(pair: Pair, definition: ResponseDefinition, header: Parameter, allows_old: bool) -> Compose:
    """Judges responses with a value in a header."""
    operation = pair.old if allows_old else pair.new

    def compose(value: JSON, pointer: str) -> Witness | None:
        response = response_of(operation, definition, None, headers={header.name: value})
        where = f"response.header.{header.name}"
        return response_witness(pair, response, where, allows_old, pointer) if response is not None else None

    return compose


def with_header(request: Request, name: str, value: str) -> Request:
    """A request with another header field."""
    return request._replace(headers=(*request.headers, (name, value)))
