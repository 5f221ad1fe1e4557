"""What a contract lacks of what was recorded: paths, methods, statuses, media types, parameters and members."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from difflib import unified_diff
from typing import NamedTuple

from tallystick.documents.dialect import SWAGGER_2_0
from tallystick.documents.yaml_writing import yaml_lines
from tallystick.exchanges.recorded import Recorded, Recording
from tallystick.exchanges.traffic import OwnExchange, Traffic, origin_and_base, traffic_of
from tallystick.learn.document import (
    body_value,
    operation_value,
    parameter_value,
    response_value,
)
from tallystick.learn.nullable import with_one_type
from tallystick.learn.operations import LearnedBody, LearnedOperation, is_telling
from tallystick.learn.patch import Insertion, patched
from tallystick.learn.shapes import Members, Shape
from tallystick.learn.traffic import METHODS, learned_of, masked
from tallystick.nouns.contract import BodyFormat, Contract, Operation
from tallystick.nouns.errors import UnreadableError
from tallystick.nouns.json_value import JSON
from tallystick.nouns.media_type import MediaKind, parse_media_type
from tallystick.nouns.node import Key, Node
from tallystick.nouns.path_templates import template_names, template_shape
from tallystick.wire.negotiation import documented_format

_DEEPEST = 40


@dataclass(frozen=True, slots=True)
class Lack:
    """Something that a contract lacks: what it is, in words, and the insertion into one of its documents."""

    sentence: str
    node: Node
    name: str
    value: JSON

    @property
    def insertion(self) -> Insertion:
        return Insertion(self.node.path, self.name, self.value)

    @property
    def lines(self) -> list[str]:
        """What would be inserted, as lines of YAML."""
        return yaml_lines({self.name: self.value} if self.name else [self.value], "    ")


@dataclass(slots=True)
class Lacking:
    """What a contract lacks, and what a reader has to know of it."""

    lacks: list[Lack] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)
    exchanges: int = 0


class Patch(NamedTuple):
    """What changes in one file: its text before and after, the difference, and what there is no place for."""

    file: str
    before: str
    text: str
    diff: str
    left: Sequence[Lack]


def patches_of(found: Lacking) -> list[Patch]:
    """The patch of each file of a contract that lacks something."""
    by_file: dict[str, list[Lack]] = {}
    for lack in found.lacks:
        by_file.setdefault(lack.node.document.file, []).append(lack)
    patches: list[Patch] = []
    for file, lacks in by_file.items():
        before = lacks[0].node.document.source
        by_value = {id(lack.value): lack for lack in lacks}
        result = patched(before, file, [lack.insertion for lack in lacks])
        after = result.text
        lines = unified_diff(before.splitlines(keepends=True), after.splitlines(keepends=True), file, file)
        diff = "".join(line if line.endswith("\n") else f"{line}\n" for line in lines)
        patches.append(Patch(file, before, after, diff, [by_value[id(each.value)] for each in result.left]))
    return patches


def lacking(contract: Contract, recordings: Sequence[Recording], url: str = "") -> Lacking:
    """What a contract lacks of recorded traffic."""
    traffic = traffic_of(contract, recordings, url)
    result = Lacking(notes=list(traffic.notes), exchanges=len(traffic.own))
    is_swagger = SWAGGER_2_0.version_field in contract.root.members
    if is_swagger:
        result.notes.append("a contract of Swagger 2.0 is not patched")
        return result
    others = _other_exchanges(contract, traffic, recordings, url)
    result.exchanges += len(others)
    result.lacks += _paths(contract, others, result)
    by_operation: dict[str, list[OwnExchange]] = {}
    for own in traffic.own:
        by_operation.setdefault(own.operation.label, []).append(own)
    finder = _Finder(contract)
    for operation in contract:
        if operation.label in by_operation:
            result.lacks += finder.of_operation(operation, by_operation[operation.label])
    result.lacks = _once(result.lacks)
    nullable = contract.dialect.nullable_keyword
    if nullable:
        result.lacks = [replace(lack, value=with_one_type(lack.value, nullable)) for lack in result.lacks]
    return result


def _once(lacks: Sequence[Lack]) -> list[Lack]:
    """Each member that is lacking once, though several operations may refer to the object that lacks it."""
    return [*{(lack.node.key, lack.name or id(lack)): lack for lack in reversed(lacks)}.values()][::-1]


def _paths(contract: Contract, others: Sequence[Recorded], result: Lacking) -> Iterator[Lack]:
    """The paths and methods that a contract lacks, of some exchanges."""
    if not others:
        return
    base = _base_of(contract, others)
    found = learned_of([masked(each) for each in others if _is_below(each, base)], [], base, result.notes)
    holder = contract.root.get("paths")
    if holder is None:
        return
    shapes = {template_shape(path): path for path in holder.members}
    ids = {operation.operation_id for operation in contract if operation.operation_id}
    items: dict[str, dict[str, JSON]] = {}
    for operation in found.operations:
        known = shapes.get(template_shape(operation.template))
        if known is None:
            item = items.setdefault(operation.template, {})
            item[operation.method.lower()] = operation_value(operation, _unnamed, ids)
            continue
        node = holder.get(known)
        if node is not None and operation.method.lower() not in node.members:
            operation.names = template_names(known)
            value = operation_value(operation, _unnamed, ids)
            yield Lack(f"{operation.method} {known}: the method", node, operation.method.lower(), value)
    for template, item in items.items():
        yield Lack(f"{template}: the path, with {', '.join(map(str.upper, item))}", holder, template, {**item})


def _unnamed(_: Members) -> str:
    return ""


def _other_exchanges(contract: Contract, traffic: Traffic, recordings: Sequence[Recording], url: str) -> list[Recorded]:
    """The exchanges with the servers of a contract for which it has no operation."""
    own = {id(each.recorded) for each in traffic.own}
    recorded = [each for recording in recordings for each in recording.exchanges]
    base = ""
    if url:
        origin, base = origin_and_base(url)
        origins = {origin}
    else:
        origins = {each.recorded.origin for each in traffic.own} or _origins_of(contract, recorded)
    return [each for each in recorded if id(each) not in own and each.origin in origins and _is_below(each, base)]


def _origins_of(contract: Contract, recorded: Sequence[Recorded]) -> set[str]:
    """The recorded origins that are servers of a contract; the only one where the contract names no host."""
    hosts = {server.host for server in contract.servers if server.host}
    origins = {each.origin for each in recorded}
    if not hosts:
        return origins if len(origins) == 1 else set()
    return {origin for origin in origins if origin.partition("://")[2] in hosts}


def _base_of(contract: Contract, others: Sequence[Recorded]) -> str:
    """The base path of a server below which most of some exchanges are."""
    bases = sorted({server.base_path for operation in contract for server in operation.servers} | {""}, key=len)
    return max(bases, key=lambda base: (sum(_is_below(each, base) for each in others), len(base)))


def _is_below(recorded: Recorded, base: str) -> bool:
    return f"{recorded.exchange.request.path}/".startswith(f"{base}/")


class _Finder:
    """Finds what the operations of a contract lack; what several of them share is found once."""

    def __init__(self, contract: Contract) -> None:
        self.contract = contract
        self.done: dict[tuple[Key, str], Shape] = {}
        """The members that were found to be lacking, by the schema that lacks them."""

    def of_operation(self, operation: Operation, exchanges: Sequence[OwnExchange]) -> Iterator[Lack]:
        """What an operation lacks of its exchanges."""
        node = _operation_node(self.contract, operation)
        if node is None or operation.method.lower() not in METHODS:
            return
        own = LearnedOperation(operation.method, operation.path, ())
        for each in exchanges:
            own.add(masked(each.recorded), (), is_telling(each.recorded))
        yield from self._parameters(operation, own, node)
        yield from self._request(operation, own, node)
        yield from self._responses(operation, own, node)

    def _parameters(self, operation: Operation, own: LearnedOperation, node: Node) -> Iterator[Lack]:
        known = {
            (each.location, each.name.lower() if each.location == "header" else each.name)
            for each in operation.parameters
        }
        whole = {each.location for each in operation.parameters} & {"querystring"}
        styled = {
            each.name
            for each in operation.parameters
            if each.location == "query" and each.style in ("deepObject", "form")
        }
        lacked: list[JSON] = []
        names: list[str] = []
        for location, fields in (("query", own.query), ("header", own.headers)):
            for name, each in fields.items():
                is_known = (location, name) in known or (
                    location == "query" and (whole or _is_inside(name, operation, styled))
                )
                if not is_known:
                    lacked.append(parameter_value(name, location, each, own.requests))
                    names.append(f"{location} {name}")
        if not lacked:
            return
        listed = node.members.get("parameters")
        if isinstance(listed, list) and listed:
            holder = node.raw("parameters")
            for name, value in zip(names, lacked, strict=True):
                yield Lack(f"{operation.label}: the parameter {name}", holder, "", value)
        elif "parameters" not in node.members:
            yield Lack(f"{operation.label}: the parameters {', '.join(names)}", node, "parameters", lacked)

    def _request(self, operation: Operation, own: LearnedOperation, node: Node) -> Iterator[Lack]:
        if not own.bodies:
            return
        if operation.request_body is None:
            content: dict[str, JSON] = {name: body_value(body, _unnamed) for name, body in own.bodies.items()}
            yield Lack(f"{operation.label}: the body of requests", node, "requestBody", {"content": content})
            return
        body_node = node.get("requestBody")
        content_node = body_node.get("content") if body_node is not None else None
        yield from self._content(
            f"{operation.label}: request", operation.request_body.content, own.bodies.values(), content_node
        )

    def _responses(self, operation: Operation, own: LearnedOperation, node: Node) -> Iterator[Lack]:
        responses = node.get("responses")
        if responses is None:
            return
        for status, response in sorted(own.responses.items()):
            definition = operation.response_for(status)
            if definition is None:
                value = response_value(status, response, _unnamed)
                yield Lack(f"{operation.label}: the status {status}", responses, str(status), value)
                continue
            place = responses.get(definition.status)
            content = place.get("content") if place is not None else None
            where = f"{operation.label}: {definition.status}"
            if content is None and place is not None and response.bodies:
                formats: dict[str, JSON] = {name: body_value(body, _unnamed) for name, body in response.bodies.items()}
                yield Lack(f"{where}: the body", place, "content", formats)
            else:
                yield from self._content(where, definition.content, response.bodies.values(), content)

    def _content(
        self, where: str, content: Sequence[BodyFormat], bodies: Iterable[LearnedBody], node: Node | None
    ) -> Iterator[Lack]:
        """The media types that some content lacks, and the members that its schemas lack."""
        if node is None:
            return
        for body in bodies:
            body_format = documented_format(content, parse_media_type(body.content_type))
            if body_format is None:
                yield Lack(
                    f"{where}: the media type {body.content_type}", node, body.content_type, body_value(body, _unnamed)
                )
                continue
            entry = node.get(body_format.media_type.text)
            schema = entry.get("schema") if entry is not None else None
            if schema is not None and body.kind is MediaKind.JSON:
                yield from self._members(where, "", schema, body.shape, 0)

    def _members(self, where: str, way: str, schema: Node, shape: Shape, level: int) -> Iterator[Lack]:
        """The members of values that a schema does not declare, where it declares some."""
        if level > _DEEPEST:
            return
        if shape.items is not None and (items := _child(schema, "items")) is not None:
            yield from self._members(where, f"{way}/0", items, shape.items, level + 1)
        if shape.objects is None:
            return
        declared = _declared(schema)
        if declared is None:
            return
        properties, extra = declared
        for name, member in shape.objects.shapes.items():
            child = properties.get(name)
            if child is not None:
                yield from self._members(where, f"{way}/{name}", child, member, level + 1)
                continue
            holder = schema.get("properties")
            if extra or holder is None or (holder.key, name) in self.done:
                continue
            self.done[holder.key, name] = member
            yield Lack(f"{where}: the member {way}/{name}", holder, name, member.schema())


def _is_inside(name: str, operation: Operation, styled: set[str]) -> bool:
    """Whether a field of a query is a member of a parameter that is an object (`filter[a]`), or one that explodes."""
    if name.partition("[")[0] in styled or name.removesuffix("[]") in styled:
        return True
    return any(
        each.location == "query"
        and each.schema is not None
        and name in _names_of(each.schema.resolved.get("properties"))
        for each in operation.parameters
    )


def _names_of(properties: JSON) -> Iterable[str]:
    return properties if isinstance(properties, dict) else ()


def _child(schema: Node, key: str) -> Node | None:
    try:
        return schema.get(key)
    except UnreadableError:
        return None


def _declared(schema: Node) -> tuple[dict[str, Node], bool] | None:
    """The declared members of an object, and whether others are declared too; None where none is declared."""
    own = _child(schema, "properties")
    members = schema.members
    if own is None or any(
        key in members for key in ("oneOf", "anyOf", "allOf", "not", "if", "patternProperties", "$dynamicRef")
    ):
        return None
    extra = members.get("additionalProperties")
    properties: dict[str, Node] = {}
    for name in own.members:
        child = _child(own, name)
        if child is not None:
            properties[name] = child
    return properties, isinstance(extra, dict) and bool(extra)


def _operation_node(contract: Contract, operation: Operation) -> Node | None:
    """The Operation Object of an operation."""
    try:
        paths = contract.root.get("paths")
        item = paths.get(operation.path) if paths is not None else None
        return item.get(operation.method.lower()) if item is not None else None
    except UnreadableError:
        return None
