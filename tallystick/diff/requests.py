"""The requests of an operation compared: parameters, bodies, credentials."""

from __future__ import annotations

from urllib.parse import quote

from tallystick.diff.changes import Changes
from tallystick.diff.encodings import Encodings
from tallystick.diff.exchanges import (
    Pair,
    errors_of,
    is_bytes,
    is_judged,
    of_item,
    of_parameter,
    of_request_body,
    request_witness,
)
from tallystick.diff.schemas import SchemaComparison, Versions
from tallystick.examples.requests import Given, example_request
from tallystick.examples.samples import Unsatisfiable
from tallystick.nouns.change import Witness
from tallystick.nouns.contract import BodyFormat, Parameter
from tallystick.nouns.exchange import Exchange
from tallystick.nouns.json_value import JSON
from tallystick.nouns.media_type import MediaKind
from tallystick.nouns.path_templates import template_names
from tallystick.nouns.schema import Direction
from tallystick.wire.negotiation import concrete_type, documented_format
from tallystick.wire.reading import Reading, reader_of
from tallystick.wire.write import write_body

_FORMS = (MediaKind.FORM, MediaKind.MULTIPART)


class Requests:
    """Compares the requests of one operation."""

    def __init__(self, pair: Pair, schemas: SchemaComparison, changes: Changes) -> None:
        self.pair = pair
        self.schemas = schemas
        self.changes = changes

    def compare(self) -> None:
        self.parameters()
        self.body()

    def parameters(self) -> None:
        pair = self.pair
        new_parameters = {_key(each, each.name): each for each in pair.new.parameters}
        for old in pair.old.parameters:
            new = new_parameters.pop(_key(old, pair.new_name(old)), None)
            if new is None:
                kind = "required" if old.required else "optional"
                message = f"{old.where}: the {kind} parameter was removed"
                self.changes.add(
                    f"request-{kind}-parameter-removed", pair.label, old.where, message, old.place, pair.new.place
                )
            elif old is not new:
                self.parameter(old, new)
        for new in new_parameters.values():
            self.added(new)

    def added(self, new: Parameter) -> None:
        kind = "required" if new.required else "optional"
        witness = request_witness(self.pair, Given(), new.where) if new.required else None
        message = f"{new.where}: a{'n' if kind == 'optional' else ''} {kind} parameter was added"
        rule = f"request-{kind}-parameter-added"
        self.changes.add(rule, self.pair.label, new.where, message, self.pair.old.place, new.place, witness)

    def parameter(self, old: Parameter, new: Parameter) -> None:
        pair = self.pair
        if old.required != new.required:
            rule = f"request-parameter-became-{'required' if new.required else 'optional'}"
            given = Given(left_out=frozenset([(old.location, old.name)]))
            witness = request_witness(pair, given, new.where) if new.required else None
            message = f"{new.where}: the parameter is {'required now' if new.required else 'optional now'}"
            self.changes.add(rule, pair.label, new.where, message, old.place, new.place, witness)
        self.flags(old, new)
        self.empty(old, new)
        self.style(old, new)
        old_schema = self.schemas.schema(old.described, old.place, False)
        new_schema = self.schemas.schema(new.described, new.place, True)
        self.schemas.compare(
            Versions(
                pair.label,
                Direction.REQUEST,
                new.where,
                old_schema,
                new_schema,
                of_parameter(pair, old),
                of_parameter(pair, new, reverse=True),
                [example.value for example in old.examples],
                [example.value for example in new.examples],
                is_parameter=True,
                is_judged=self.is_sent(old) or self.is_sent(new, is_new=True),
            )
        )

    def is_sent(self, parameter: Parameter, is_new: bool = False) -> bool:
        """Whether requests can have a parameter: one of the path that the template lacks is a slip, and is in none."""
        operation = self.pair.new if is_new else self.pair.old
        return parameter.location != "path" or parameter.name in template_names(operation.path)

    def flags(self, old: Parameter, new: Parameter) -> None:
        """Tell what no exchange shows: that a parameter is deprecated, and that reserved characters may stand in it."""
        before, after = (self.schemas.members_at(each.place, is_new) for each, is_new in ((old, False), (new, True)))
        if before is after:
            return
        if (before.get("deprecated") is True) is not (after.get("deprecated") is True):
            message = (
                f"{new.where}: the parameter is {'deprecated' if after.get('deprecated') else 'not deprecated now'}"
            )
            rule = "request-parameter-deprecated-changed"
            self.changes.add(rule, self.pair.label, new.where, message, old.place, new.place)
        if old.allow_reserved != new.allow_reserved:
            message = f"{new.where}: reserved characters may {'' if new.allow_reserved else 'not '}stand as they are"
            rule = "request-parameter-reserved-changed"
            self.changes.add(rule, self.pair.label, new.where, message, old.place, new.place)

    def empty(self, old: Parameter, new: Parameter) -> None:
        """Tell a parameter that may not be sent without a value any more, where the schema refuses that."""
        if not old.allow_empty or new.allow_empty or old.location != "query":
            return
        try:
            request = example_request(self.pair.old, given=Given(left_out=frozenset([(old.location, old.name)])))
        except (Unsatisfiable, ValueError, RecursionError):
            return
        field = f"{quote(old.name, safe='')}="
        exchange = Exchange(request._replace(query=f"{request.query}&{field}" if request.query else field))
        if errors_of(self.pair.old, exchange, False):
            return
        for error in errors_of(self.pair.new, exchange, False):
            if error.where == new.where:
                witness = Witness(exchange, f"{error.where}: {error.message}")
                message = f"{new.where}: the parameter may not be sent without a value any more"
                rule = "request-parameter-empty-value-changed"
                self.changes.add(rule, self.pair.label, new.where, message, old.place, new.place, witness)
                return

    def style(self, old: Parameter, new: Parameter) -> None:
        """A change of how a parameter is written: told where an old request is refused, or read as another value."""
        if _style(old) == _style(new):
            return
        schema = self.schemas.schema(old.described, old.place, False)
        maker = self.schemas.makers[Direction.REQUEST][0]
        value = maker.make((schema.node,))
        values: list[JSON] = [value, ["a", "b"], [1, 2], {"a": "b", "c": "d"}]
        if isinstance(value, list) and value:
            values.insert(0, [*value, *value])
        for each in values:
            if schema.is_valid(each, Direction.REQUEST) and (witness := self.misread(old, new, each)):
                message = f"{new.where}: the parameter was written as {_style(old)} and is as {_style(new)}"
                self.changes.add(
                    "request-parameter-style-changed",
                    self.pair.label,
                    new.where,
                    message,
                    old.place,
                    new.place,
                    witness,
                )
                return

    def misread(self, old: Parameter, new: Parameter, value: JSON) -> Witness | None:
        """The request with a value that the new contract refuses, or reads as another one."""
        given = Given({(old.location, old.name): value})
        if witness := request_witness(self.pair, given, new.where):
            return witness
        try:
            exchange = Exchange(example_request(self.pair.old, given=given))
        except (Unsatisfiable, ValueError, RecursionError):
            return None
        if errors_of(self.pair.old, exchange, False):
            return None
        readings = []
        for operation, name in ((self.pair.old, old.name), (self.pair.new, new.name)):
            for parameter, read in reader_of(operation).parameters:
                if parameter.location == old.location and parameter.name == name:
                    readings.append(read(Reading(operation, exchange))[0])
        if len(readings) == 2 and readings[0] != readings[1]:
            return Witness(exchange, f"{new.where}: what was read as {readings[0]!r} is read as {readings[1]!r}")
        return None

    def body(self) -> None:
        old, new, label = self.pair.old.request_body, self.pair.new.request_body, self.pair.label
        if old is None and new is not None:
            if new.required:
                witness = request_witness(self.pair, Given(), "body")
                message = "body: the request has to have a body, and had none"
                self.changes.add(
                    "request-body-became-required", label, "body", message, self.pair.old.place, new.place, witness
                )
            else:
                message = "body: the request may have a body"
                self.changes.add("request-body-added", label, "body", message, self.pair.old.place, new.place)
        if old is not None and new is None:
            message = "body: the body of the request was removed"
            self.changes.add("request-body-removed", label, "body", message, old.place, self.pair.new.place)
        if old is None or new is None:
            return
        if old.required != new.required:
            rule = f"request-body-became-{'required' if new.required else 'optional'}"
            witness = request_witness(self.pair, Given(body=(b"", "")), "body") if new.required else None
            message = f"body: the body is {'required now' if new.required else 'optional now'}"
            self.changes.add(rule, label, "body", message, old.place, new.place, witness)
        for old_format in old.content:
            new_format = documented_format(new.content, concrete_type(old_format.media_type))
            if new_format is None and new.content:
                self.lost_format(old_format)
            elif new_format is not None:
                self.body_format(old_format, new_format)
        for new_format in new.content:
            if old.content and documented_format(old.content, concrete_type(new_format.media_type)) is None:
                message = f"body: the media type {new_format.media_type} was added"
                self.changes.add("request-media-type-added", label, "body", message, old.place, new_format.place)

    def lost_format(self, old_format: BodyFormat) -> None:
        maker = self.schemas.makers[Direction.REQUEST][0]
        schema = self.schemas.schema(old_format.schema, old_format.place, False)
        values = [example.value for example in old_format.examples] + [maker.make((schema.node,)), "text"]
        witness = None
        for value in values:
            try:
                given = Given(body=write_body(value, old_format, concrete_type(old_format.media_type)))
            except (ValueError, TypeError):
                continue
            if witness := request_witness(self.pair, given, "header.Content-Type"):
                break
        new_body = self.pair.new.request_body
        message = f"body: the media type {old_format.media_type} was removed"
        place = new_body.place if new_body is not None else None
        self.changes.add(
            "request-media-type-removed", self.pair.label, "body", message, old_format.place, place, witness
        )

    def body_format(self, old: BodyFormat, new: BodyFormat) -> None:
        pair = self.pair
        if is_bytes(old, new):
            return
        if old.media_type.kind in _FORMS:
            Encodings(pair, self.schemas, self.changes).compare(old, new)
        self.range(old, new)
        for one, other in ((old.schema, new.schema), (old.item_schema, new.item_schema)):
            if one is None and other is None:
                continue
            self.schemas.compare(
                Versions(
                    pair.label,
                    Direction.REQUEST,
                    "body/0" if of_item(old, one) else "body",
                    self.schemas.schema(one, old.place, False),
                    self.schemas.schema(other, new.place, True),
                    of_request_body(pair, old, one),
                    of_request_body(pair, new, other, reverse=True),
                    [example.value for example in old.examples],
                    [example.value for example in new.examples],
                    is_judged=is_judged(old),
                )
            )

    def range(self, old: BodyFormat, new: BodyFormat) -> None:
        """Tell a range of media types that became a smaller one, or a larger one."""
        if old.media_type.name == new.media_type.name or not (old.media_type.is_range or new.media_type.is_range):
            return
        is_narrowed = not new.media_type.is_range or new.media_type.name.count("*") < old.media_type.name.count("*")
        message = f"body: the media types were {old.media_type} and are {new.media_type}"
        rule = f"request-media-type-{'narrowed' if is_narrowed else 'widened'}"
        witness = None
        if is_narrowed:
            other = old.media_type.name.partition("/")[0].replace("*", "application") + "/x-other"
            witness = request_witness(self.pair, Given(body=(b"text", other)), "header.Content-Type")
        self.changes.add(rule, self.pair.label, "body", message, old.place, new.place, witness)


def _key(parameter: Parameter, name: str) -> tuple[str, str]:
    return parameter.location, name.lower() if parameter.location == "header" else name


def _style(parameter: Parameter) -> str:
    if parameter.content is not None:
        return str(parameter.content.media_type)
    exploded = ", exploded" if parameter.explode else ""
    return " of ".join([parameter.style, *parameter.item_styles]) + exploded
