"""What a request says of a resource: the members in its body."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import cast

from tallystick.examples.choices import ValuePath
from tallystick.mock.rules import NOT_KEPT
from tallystick.mock.state.shelf import Shelf
from tallystick.mock.state.whole import Members, Whole, schema_at
from tallystick.mock.stores.store import StoreFullError
from tallystick.mock.tailoring.puts import put_all
from tallystick.mock.tailoring.request_body import Echo, is_one_sided
from tallystick.nouns import budgets
from tallystick.nouns.contract import Operation
from tallystick.nouns.json_value import JSON, is_shallow
from tallystick.nouns.media_type import MediaKind
from tallystick.nouns.schema import Schema
from tallystick.nouns.violation import Violation
from tallystick.resources.names import names_row, spelled
from tallystick.resources.resources import part_at
from tallystick.resources.server_set import is_set_by_server
from tallystick.schemas.compiled import is_same
from tallystick.schemas.shapes import ALL_TYPES, properties_of, types_of
from tallystick.wire.reading import Reading
from tallystick.wire.values import MISSING

_KINDS = (MediaKind.JSON, MediaKind.FORM, MediaKind.MULTIPART, MediaKind.XML)


@dataclass(frozen=True)
class Sent:
    """The members that the body of a request has for a resource, and those that it may have."""

    operation: Operation
    value: JSON
    """The part of the body that is the resource, None for nothing."""
    schema: Schema | None
    documented: Mapping[str, Schema | None]
    way: ValuePath = ()
    """The way to that part."""

    @property
    def members(self) -> Members:
        """The members of the resource that were sent."""
        return self.value if isinstance(self.value, dict) else {}

    def is_shown(self, way: ValuePath) -> bool:
        """Whether an example of the body has what stands at a way."""
        content = self.operation.request_body.content if self.operation.request_body is not None else ()
        return any(
            part_at(example.value, (*self.way, *way)) is not None for each in content for example in each.examples
        )

    @property
    def names(self) -> frozenset[str]:
        """The names of what was sent, in one spelling."""
        return frozenset(map(spelled, self.members))

    def put(self, resource: Members, whole: Whole, is_patch: bool, kind: Schema | None = None) -> None:
        """Put what was sent into a resource that fits, but for what would not fit.

        What is null in a patch is null where the schema says so, and else removed.

        `kind` is the schema of the resource, where it is one of several that it may have.
        """
        schema = kind or whole.schema
        if not whole.declared:
            for name, member in self.members.items():
                if not _is_withheld(name, self.documented.get(name), None):
                    resource.setdefault(name, member)
        echo = Echo(schema, self.schema, names_row(self.operation.path), is_patch, _is_withheld)
        members = _without_nulls(self.members) if is_patch else self.members
        put_all([*echo.merged((resource, schema), (members, self.schema), 0)], resource, schema)
        if is_patch:
            _remove(resource, schema, self.members, whole, resource)

    def not_kept(self, resource: Members, whole: Whole) -> Sequence[Violation]:
        """What was sent, has a place in the resource, and is not there."""
        by_spelling = {spelled(name): name for name in (*whole.declared, *resource)}
        violations = []
        for name, value in self.members.items():
            target = by_spelling.get(spelled(name))
            is_unknown = bool(self.documented) and name not in self.documented
            withheld = _is_withheld(name, self.documented.get(name), whole.declared.get(target or name))
            if target is None or is_unknown or withheld or value is None or isinstance(value, (dict, list)):
                continue
            if str(resource.get(target)) != str(value) and not isinstance(resource.get(target), dict):
                fact = f"{target!r} is not kept as it was sent, since the replies that show it allow no such value"
                violations.append(NOT_KEPT.violation(f"body.{name}", self.operation.place, fact))
        return violations


def sent_by(shelf: Shelf, reading: Reading) -> Sent:
    """What the body of a request says of a resource; nothing where it has none that can be read.

    Raises `StoreFullError` where it is too deep to be kept.
    """
    body, way = reading.body, shelf.resource.request_ways.get(shelf.role)
    is_read = not body.fault and body.format is not None and body.media_type.kind in _KINDS
    if way is None or body.format is None or not is_read:
        return Sent(shelf.operation, None, None, {})
    schema, part = schema_at(body.format.schema, way), part_at(body.value, way)
    if not is_shallow(part, budgets.RESOURCE_LEVELS):
        raise StoreFullError(
            f"the resource in the body has more than {budgets.RESOURCE_LEVELS} levels, and is not kept"
        )
    return Sent(shelf.operation, part, schema, properties_of(schema), way)


def _is_withheld(name: str, sent: Schema | None, answered: Schema | None) -> bool:
    """Whether a member of the resource stays whatever the request says: the contract says that the server sets it.

    What a request documents it may set, though replies say that it is read-only.
    """
    is_settable = sent is not None and answered is not None and not is_same(sent, answered)
    if is_settable and answered is not None and answered.resolved.get("readOnly") is True:
        answered = None
    return is_one_sided(name, sent, answered)


def unsent(whole: Whole, sent: Sent, is_replaced: bool = False) -> Collection[str]:
    """The members that a resource does not have since they could have been sent and were not.

    What the server sets is not among them: ids and times, what is read-only or has one of some values, and what the
    path says. Where the
    request and the resource have one schema, it cannot be told who sets what, and only what `is_replaced` lacks it.
    """
    if not is_replaced and (whole.schema is None or is_same(sent.schema, whole.schema)):
        return ()
    names = {spelled(name): name for name in whole.declared}
    return [
        names[spelled(name)]
        for name, schema in sent.documented.items()
        if spelled(name) in names
        and spelled(name) not in sent.names
        and spelled(name) not in whole.names_above
        and not is_one_sided(name, schema, whole.declared[names[spelled(name)]])
        and not is_set_by_server(name)
        and (is_replaced or schema is None or "enum" not in schema.resolved)
        and name not in whole.resource.id_way[:1]
    ]


def without(resource: Members, names: Collection[str], whole: Whole, holder: Members | None = None) -> Members:
    """A resource that fits, without some members of it or of a `holder` inside, but for those that it needs to fit."""
    holder = resource if holder is None else holder
    for name in names:
        if name in holder:
            member = holder.pop(name)
            if not whole.fits(resource):
                holder[name] = member
    return resource


def without_unsent_inside(resource: Members, sent: Sent, whole: Whole) -> None:
    """Remove from the objects inside a resource that is replaced what could have been sent in them and was not."""
    waiting = [(resource, whole.schema, sent.members, sent.schema)]
    while waiting:
        holder, schema, members, documented = waiting.pop()
        declared, sendable = properties_of(schema), properties_of(documented)
        for name, member in members.items():
            inner = holder.get(name)
            if isinstance(member, dict) and isinstance(inner, dict):
                answered, own = properties_of(declared.get(name)), properties_of(sendable.get(name))
                unsent_names = [
                    each
                    for each in own
                    if each not in member
                    and not is_one_sided(each, own[each], answered.get(each))
                    and not is_set_by_server(each)
                ]
                without(resource, unsent_names, whole, inner)
                waiting.append((inner, declared.get(name), member, sendable.get(name)))


def _without_nulls(members: Members) -> Members:
    return {
        name: _without_nulls(member) if isinstance(member, dict) else member
        for name, member in members.items()
        if member is not None
    }


def _remove(holder: Members, schema: Schema | None, patch: Members, whole: Whole, resource: Members) -> None:
    """Have what is null in a patch be null in a resource where its schema says so, and else remove it.

    A member that the resource needs is null, or empty, where that fits.
    """
    declared = properties_of(schema)
    for name, member in patch.items():
        inner, present = declared.get(name), holder.get(name)
        if isinstance(member, dict) and isinstance(present, dict):
            _remove(present, inner, member, whole, resource)
        elif member is None and (name in holder or _may_be_null(inner)):
            before = holder.pop(name, MISSING)
            empty = [type(before)()] if isinstance(before, (list, dict)) else []
            first = [None, MISSING] if _may_be_null(inner) else [MISSING, None]
            for value in (*first, *empty, before):
                holder.pop(name, None)
                if value is not MISSING:
                    holder[name] = cast("JSON", value)
                if whole.fits(resource):
                    break


def _may_be_null(schema: Schema | None) -> bool:
    """Whether a schema says that null is one of its values, and does not just allow anything."""
    types = types_of(schema)
    return "null" in types and types != ALL_TYPES
