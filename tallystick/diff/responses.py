"""The responses of an operation compared: statuses, media types, bodies, headers, links."""

from __future__ import annotations

from tallystick.diff.changes import Changes
from tallystick.diff.exchanges import (
    Pair,
    is_bytes,
    is_judged,
    of_header,
    of_item,
    of_response_body,
    response_of,
    response_witness,
    status_of,
    with_header,
)
from tallystick.diff.schemas import SchemaComparison, Versions
from tallystick.nouns.change import Witness
from tallystick.nouns.contract import BodyFormat, Link, Parameter, ResponseDefinition
from tallystick.nouns.exchange import Exchange
from tallystick.nouns.schema import Direction
from tallystick.wire.negotiation import concrete_type, documented_format, negotiate

_COMMON = {first: range(first, first + 32) for first in range(100, 600, 100)}
"""The statuses of each class that are looked at where one contract documents the whole class."""


class Responses:
    """Compares the responses of one operation."""

    def __init__(self, pair: Pair, schemas: SchemaComparison, changes: Changes) -> None:
        self.pair = pair
        self.schemas = schemas
        self.changes = changes

    def compare(self) -> None:
        """Compare what is documented for each status that one of the contracts names."""
        pair, passed = self.pair, set[tuple[int, int]]()
        for operation in (pair.old, pair.new):
            for definition in operation.responses:
                status = status_of(definition, operation)
                if operation is pair.new:
                    self.more_statuses(definition)
                old, new = pair.old.response_for(status), pair.new.response_for(status)
                if (id(old), id(new)) in passed:
                    continue
                passed.add((id(old), id(new)))
                if old is None or new is None:
                    self.one_sided(definition, status, is_new=old is None)
                else:
                    self.response(old, new)

    def more_statuses(self, definition: ResponseDefinition) -> None:
        """Tell a range of statuses in the new contract of which the old one documents some alone."""
        if not definition.status.upper().endswith("XX"):
            return
        old, new = self.pair.old, self.pair.new
        covered = [each for each in _COMMON[int(definition.status[0]) * 100] if new.response_for(each) is definition]
        are_known = [old.response_for(each) is not None for each in covered]
        if any(are_known) and not all(are_known):
            self.one_sided(definition, covered[0], is_new=True)

    def one_sided(self, definition: ResponseDefinition, status: int, is_new: bool) -> None:
        others = self.pair.old if is_new else self.pair.new
        if not others.responses:
            return  # an operation without responses documents nothing, and allows everything
        kind = "success" if status < 400 else "error"
        where = f"response.{definition.status}"
        message = f"the response {definition.status} was {'added' if is_new else 'removed'}"
        old = self.pair.old.place.at("responses") if is_new else definition.place
        new = definition.place if is_new else self.pair.new.place.at("responses")
        rule = f"response-{kind}-status-{'added' if is_new else 'removed'}"
        operation = self.pair.new if is_new else self.pair.old
        response = response_of(operation, definition, None)
        if response is not None and others.response_for(response.status) is not None:
            lone = (each for each in _COMMON[status - status % 100] if others.response_for(each) is None)
            response = response._replace(status=next(lone, response.status))
        witness = response_witness(self.pair, response, "response.status", not is_new) if response is not None else None
        self.changes.add(rule, self.pair.label, where, message, old, new, witness)

    def response(self, old: ResponseDefinition, new: ResponseDefinition) -> None:
        self.formats(old, new)
        self.headers(old, new)
        self.links(old, new)

    def formats(self, old: ResponseDefinition, new: ResponseDefinition) -> None:
        where, label = f"response.{new.status}", self.pair.label
        if old.content and not new.content:
            response = response_of(self.pair.new, new, None)
            witness = response_witness(self.pair, response, "response.body") if response is not None else None
            message = f"the response {new.status} has no body any more"
            self.changes.add("response-body-removed", label, where, message, old.place, new.place, witness)
            return
        if new.content and not old.content:
            message = f"the response {new.status} has a body"
            self.changes.add("response-body-added", label, where, message, old.place, new.place)
            return
        for old_format in old.content:
            new_format = documented_format(new.content, concrete_type(old_format.media_type))
            if new_format is None:
                message = f"the response {old.status} is not given as {old_format.media_type} any more"
                witness = self.not_acceptable(old, new, old_format)
                rule = "response-media-type-removed"
                self.changes.add(rule, label, where, message, old_format.place, new.place, witness)
            else:
                self.range(new, old_format, new_format)
                self.body(old, new, old_format, new_format)
        for new_format in new.content:
            if documented_format(old.content, concrete_type(new_format.media_type)) is None:
                message = f"the response {new.status} may be given as {new_format.media_type}"
                self.changes.add("response-media-type-added", label, where, message, old.place, new_format.place)

    def range(self, definition: ResponseDefinition, old: BodyFormat, new: BodyFormat) -> None:
        """Tell a range of media types that became a larger one, or a smaller one."""
        if old.media_type.name == new.media_type.name or not (old.media_type.is_range or new.media_type.is_range):
            return
        is_widened = not old.media_type.is_range or new.media_type.name.count("*") > old.media_type.name.count("*")
        where = f"response.{definition.status}"
        message = f"{where}: the media types were {old.media_type} and are {new.media_type}"
        rule = f"response-media-type-{'widened' if is_widened else 'narrowed'}"
        witness = None
        if is_widened and (response := response_of(self.pair.new, definition, new)) is not None:
            other = new.media_type.name.partition("/")[0].replace("*", "application") + "/x-other"
            fields = tuple(field for field in response.headers if field[0] != "content-type")
            response = response._replace(headers=(*fields, ("content-type", other)))
            witness = response_witness(self.pair, response, "response.header.Content-Type")
        self.changes.add(rule, self.pair.label, where, message, old.place, new.place, witness)

    def not_acceptable(
        self, old: ResponseDefinition, new: ResponseDefinition, old_format: BodyFormat
    ) -> Witness | None:
        """A request that accepts a media type alone, which no response can be given in any more."""
        accepted = str(concrete_type(old_format.media_type))
        if negotiate(old.content, accepted) is None or negotiate(new.content, accepted) is not None:
            return None
        request = with_header(self.pair.plain_request(is_new=False), "accept", accepted)
        response = response_of(self.pair.old, old, old_format)
        names = ", ".join(str(body_format.media_type) for body_format in new.content)
        reason = f"header.Accept: no response {old.status} can be given as {accepted}; documented: {names}"
        return Witness(Exchange(request, response), reason)

    def body(
        self, old: ResponseDefinition, new: ResponseDefinition, old_format: BodyFormat, new_format: BodyFormat
    ) -> None:
        if is_bytes(old_format, new_format):
            return
        pair = self.pair
        schemas = (old_format.schema, new_format.schema), (old_format.item_schema, new_format.item_schema)
        for one, other in schemas:
            if one is None and other is None:
                continue
            self.schemas.compare(
                Versions(
                    pair.label,
                    Direction.RESPONSE,
                    f"response.{new.status}.body{'/0' if of_item(new_format, other) else ''}",
                    self.schemas.schema(one, old_format.place, False),
                    self.schemas.schema(other, new_format.place, True),
                    of_response_body(pair, new, new_format, other, allows_old=False),
                    of_response_body(pair, old, old_format, one, allows_old=True),
                    [example.value for example in old_format.examples],
                    [example.value for example in new_format.examples],
                    is_judged=is_judged(old_format),
                )
            )

    def headers(self, old: ResponseDefinition, new: ResponseDefinition) -> None:
        new_headers = {header.name.lower(): header for header in new.headers}
        for header in old.headers:
            other = new_headers.pop(header.name.lower(), None)
            if other is None or (header.required and not other.required):
                self.lost_header(header, other, new)
            elif not header.required and other.required:
                message = f"the response {new.status} always has the header {other.name}"
                self.header_change("response-required-header-added", header, other, header.name, message, new)
            if other is not None and other is not header:
                self.deprecated(header, other, new.status)
                self.header(old, new, header, other)
        for header in new_headers.values():
            kind = "required" if header.required else "optional"
            message = f"the response {new.status} has the header {header.name}"
            self.header_change(f"response-{kind}-header-added", None, header, header.name, message, new)

    def lost_header(self, header: Parameter, other: Parameter | None, new: ResponseDefinition) -> None:
        kind = "required" if header.required else "optional"
        message = f"the response {new.status} {'may lack' if header.required else 'has no'} the header {header.name}"
        witness = None
        if header.required:
            response = response_of(self.pair.new, new, None, left_out=header.name)
            where = f"response.header.{header.name}"
            witness = response_witness(self.pair, response, where) if response is not None else None
        self.header_change(f"response-{kind}-header-removed", header, other, header.name, message, new, witness)

    def header_change(
        self,
        rule: str,
        old: Parameter | None,
        new: Parameter | None,
        name: str,
        message: str,
        response: ResponseDefinition,
        witness: Witness | None = None,
    ) -> None:
        where = f"response.{response.status}.header.{name}"
        places = (old.place if old is not None else None), (new.place if new is not None else response.place)
        self.changes.add(rule, self.pair.label, where, message, *places, witness)

    def deprecated(self, old: Parameter, new: Parameter, status: str) -> None:
        before, after = (self.schemas.members_at(each.place, is_new) for each, is_new in ((old, False), (new, True)))
        if (before.get("deprecated") is True) is not (after.get("deprecated") is True):
            state = "is deprecated" if after.get("deprecated") else "is not deprecated now"
            message = f"the header {new.name} of the response {status} {state}"
            where = f"response.{status}.header.{new.name}"
            rule = "response-header-deprecated-changed"
            self.changes.add(rule, self.pair.label, where, message, old.place, new.place)

    def header(self, old: ResponseDefinition, new: ResponseDefinition, header: Parameter, other: Parameter) -> None:
        self.schemas.compare(
            Versions(
                self.pair.label,
                Direction.RESPONSE,
                f"response.{new.status}.header.{other.name}",
                self.schemas.schema(header.described, header.place, False),
                self.schemas.schema(other.described, other.place, True),
                of_header(self.pair, new, other, allows_old=False),
                of_header(self.pair, old, header, allows_old=True),
            )
        )

    def links(self, old: ResponseDefinition, new: ResponseDefinition) -> None:
        old_links, new_links = ({link.name: link for link in each.links} for each in (old, new))
        for name in {**old_links, **new_links}:
            if (name in old_links) is not (name in new_links):
                is_new = name in new_links
                message = f"the link {name} of the response {new.status} was {'added' if is_new else 'removed'}"
                rule = f"response-link-{'added' if is_new else 'removed'}"
                old_place = old.place if is_new else old_links[name].place
                new_place = new_links[name].place if is_new else new.place
                self.changes.add(rule, self.pair.label, f"response.{new.status}", message, old_place, new_place)
            elif (changed := _changed(old_links[name], new_links[name])) != "":
                message = f"the link {name} of the response {new.status} has {changed}"
                places = old_links[name].place, new_links[name].place
                self.changes.add("response-link-changed", self.pair.label, f"response.{new.status}", message, *places)


def _changed(old: Link, new: Link) -> str:
    """What a link has other than before, "" for nothing."""
    if old.operation_id != new.operation_id and old.operation_id and new.operation_id:
        return f"the operation {new.operation_id}, and had {old.operation_id}"
    if old.operation_ref != new.operation_ref and old.operation_ref and new.operation_ref:
        return "another operation"
    if old.parameters != new.parameters:
        return "other parameters"
    return "another body" if old.request_body != new.request_body else ""
