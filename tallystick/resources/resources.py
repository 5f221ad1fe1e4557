"""The resources of a contract: which operations create, read, list, replace, update and delete them.

All is derived from the contract alone, each set of paths when it is asked for first.
"""

from __future__ import annotations

import enum
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import cast
from urllib.parse import quote, unquote

from tallystick.examples.choices import ValuePath
from tallystick.nouns.contract import Contract, Operation
from tallystick.nouns.json_value import JSON
from tallystick.nouns.path_templates import template_names, template_shape
from tallystick.resources.many import Many
from tallystick.resources.path_sets import PathSet, path_sets, plain_template, stands_for
from tallystick.resources.references import Reference
from tallystick.resources.said import SaidResource, refuse_unfitting, said_of, said_operations, with_said
from tallystick.wire.reading import Reading
from tallystick.wire.write import text_of

_SAFE = "-._~!$&'()*+,;=:@"
"""What stands in a segment as it is (RFC 3986, section 3.3)."""


class Role(enum.Enum):
    """What an operation does to a resource."""

    CREATE = "create"
    READ = "read"
    LIST = "list"
    REPLACE = "replace"
    """PUT on the item, or on the collection where the body says which item."""
    UPDATE = "update"
    """PATCH, or POST on the item's path."""
    DELETE = "delete"
    CLEAR = "clear"
    """DELETE on the collection: all of its items, or those that the request names."""
    ACT = "act"
    """POST or PUT below the item's path that answers with the item (`/orders/{id}/cancel`)."""

    __hash__ = object.__hash__


class ListShape(enum.Enum):
    """What the way to the rows of a list leads to."""

    ROWS = "rows"
    """An array."""
    BY_ID = "by id"
    """An object with a member for each, called as its id."""
    ONE = "one"
    """One of the items, which an author took for the list."""


@dataclass(frozen=True, eq=False)
class Resource:
    """A kind of resource: one that a collection has any number of, each with an id.

    `collection` and `item` are path templates without an end such as `.json`; the contract may have no operation at
    the collection itself. A way leads from a value to a part of it: `id_way` from the resource to its id, empty where
    the id is in the path alone; `request_ways` and `response_ways` from the body of a role to the resource (from that
    of a list to its rows). A role whose body holds no resource is left out of them. An integer in a way stands for
    that item of an array.
    """

    name: str
    collection: str
    item: str
    operations: Mapping[Role, Operation]
    id_way: ValuePath
    request_ways: Mapping[Role, ValuePath]
    response_ways: Mapping[Role, ValuePath]
    id_ways: Mapping[Role, ValuePath] = field(default_factory=dict)
    """The way to the id in the resource as the response of each role shows it; of a list, in a row.

    Where a response says the id and does not show the resource, it leads from the whole body. A role whose response
    does not say the id is left out.
    """
    sent_id_way: ValuePath = ()
    """The way to the id in what is sent to create one, which may call it otherwise; () where it has none."""
    alias_ways: Sequence[ValuePath] = ()
    """The ways to what one is called by in its path, too (`/issues/{idOrKey}`)."""
    is_single: bool = False
    """Whether it is the only resource at its path (`/users/{id}/avatar`): its id is the last segment, and it is there
    though nobody created it."""
    has_items: bool = True
    """Whether the contract has the path of the items; `item` is one all the same."""
    parent: Resource | None = None
    """The resource whose item path is the beginning of the collection's."""
    list_shape: ListShape = ListShape.ROWS
    many: Many | None = None
    """Where several stand that one request creates; None where it creates one."""
    reference: Reference | None = None
    """The member by which one says what it belongs to, where its creation and list are below that and it is not."""
    moved: Mapping[Operation, Sequence[int]] = field(default_factory=dict)
    """The operations at other paths than the collection's and the item's (`POST /orgs/{org}/repos`): for each name in
    the collection's path, which of the values in their own path stands for it."""

    def place(self, reading: Reading) -> str:
        """The path of the collection that a request is about, in one normal form: `/users/3/pets`."""
        values = reading.path_values or ()
        if self.moved and (indices := self.moved.get(reading.operation)) is not None:
            values = [values[index] for index in indices]
        return concrete(self._pieces, values)

    def id_of(self, reading: Reading) -> str:
        """The id that a request is about: in the path of an item, else in the body; "" where it has none."""
        if self.is_single:
            return self.item.rpartition("/")[2]
        values, last = reading.path_values or (), len(self._pieces) - 1
        if len(values) > last and reading.operation not in self.moved:
            return unquote(values[last])
        role = next((role for role, operation in self.operations.items() if operation is reading.operation), None)
        way = self.request_ways.get(role) if role is not None else None
        return self.id_in(part_at(reading.body.value, way)) if way is not None else ""

    def id_at(self, values: Sequence[str], index: int) -> str:
        """The id in a path: the raw value at an index; of a single resource, its last segment."""
        return self.item.rpartition("/")[2] if self.is_single else unquote(values[index])

    def id_in(self, value: object, role: Role | None = None) -> str:
        """The id in a resource as it stands in a path; "" where it has none. A role's response may have its own way."""
        way = self.id_way if role is None else self.id_ways.get(role, self.id_way)
        member = part_at(value, way) if way or not isinstance(value, (dict, list)) else None
        return text_of(member) if isinstance(member, (str, int)) and not isinstance(member, bool) else ""

    @cached_property
    def _pieces(self) -> Sequence[str]:
        return literals(self.collection)


class Resources:
    """The resources of one contract."""

    def __init__(self, contract: Contract, said: Sequence[SaidResource] = ()) -> None:
        self.contract = contract
        self._said = said_of(contract, said) if said else {}
        self._judged: dict[str, Resource | str] = {}
        """The resource of each set of paths by the shape of its item; the reason where it is none."""
        self._roles: dict[Operation, tuple[Resource, Role] | None] = {}
        self._lines: dict[Operation, Sequence[tuple[Resource, Sequence[str]]]] = {}

    def index(self) -> None:
        """Have the paths of the contract in sets already, so that no request waits for that."""
        _ = self._set_by_operation

    def settle(self) -> None:
        """Derive the resources of which something is said; raises `UsageError` where that does not fit."""
        for shape in self._said:
            self._of(self._sets[shape])

    @cached_property
    def _sets(self) -> Mapping[str, PathSet]:
        sets = dict(path_sets(self.contract))
        for shape, said in self._said.items():
            sets[shape] = with_said(sets.get(shape), said, self.contract)
        return sets

    @cached_property
    def _set_by_operation(self) -> Mapping[Operation, Sequence[PathSet]]:
        sets: dict[Operation, list[PathSet]] = {}
        for shape, each in sorted(self._sets.items(), key=lambda entry: entry[0] not in self._said):
            said = self._said.get(shape)
            named = [*said_operations(self.contract, said)] if said is not None else []
            others = [operation for _, operation in named if operation is not None]
            for operation in dict.fromkeys((*each.on_item.values(), *each.on_collection.values(), *others)):
                sets.setdefault(operation, []).append(each)
        return sets

    def role_of(self, operation: Operation) -> tuple[Resource, Role] | None:
        """The resource that an operation is about, and what it does to it; None for one that is about none."""
        if operation not in self._roles:
            in_set = self._role_in_sets(operation)
            if in_set is not None and not in_set[0].has_items and self._are_elsewhere(in_set[0].operations.values()):
                in_set = None
            self._roles[operation] = in_set or self._role_elsewhere(operation)
        return self._roles[operation]

    def _are_elsewhere(self, operations: Iterable[Operation]) -> bool:
        """Whether all operations of a collection whose items have no path are of items that have one elsewhere."""
        return all(self._role_elsewhere(operation) is not None for operation in operations)

    def _role_in_sets(self, operation: Operation) -> tuple[Resource, Role] | None:
        for each in self._set_by_operation.get(operation, ()):
            resource = self._of(each)
            for role, own in resource.operations.items() if isinstance(resource, Resource) else ():
                if own is operation:
                    return cast("Resource", resource), role
        return None

    def _role_elsewhere(self, operation: Operation) -> tuple[Resource, Role] | None:
        """The role of an operation at the path of another collection than its items have."""
        from tallystick.resources.acting import acted_on  # imports this module
        from tallystick.resources.elsewhere import created_in_bulk, items_elsewhere, role_elsewhere  # as above

        shape = template_shape(plain_template(operation).rpartition("/")[0])
        above, inside = self._sets.get(shape), self._sets.get(f"{shape}/{{}}")
        item = self._of(above) if above is not None and not above.is_single else None
        if isinstance(item, Resource) and (acting := acted_on(operation, item, self.contract)) is not None:
            return acting, Role.ACT
        one = self._of(inside) if inside is not None and operation.method == "POST" else None
        if isinstance(one, Resource) and (bulk := created_in_bulk(operation, one)) is not None:
            return bulk, Role.CREATE
        sets = items_elsewhere(operation, self._sets.values())
        resources = [resource for each in sets if isinstance(resource := self._of(each), Resource)]
        for may_be_summary in (False, True):
            roles = [role for each in resources if (role := role_elsewhere(operation, each, may_be_summary))]
            if len(roles) == 1:
                return roles[0]
        return None

    def line_of(self, operation: Operation) -> Sequence[tuple[Resource, Sequence[str]]]:
        """The resources at and above the path of an operation, each with the literals of its collection's path."""
        line = self._lines.get(operation)
        if line is None:
            line = self._lines[operation] = [*self._line(stands_for(operation)[1])]
        return line

    def can_be_created(self, resource: Resource) -> bool:
        """Whether an operation creates a resource, at whatever path."""
        roles = {Role.CREATE, Role.REPLACE}
        return not roles.isdisjoint(resource.operations) or any(
            not roles.isdisjoint(each.operations) for each in self.resources if each.item == resource.item
        )

    @cached_property
    def resources(self) -> Sequence[Resource]:
        """All resources, in the order of the contract, each with all of its operations."""
        derived = [each for paths in self._sets.values() if isinstance(each := self._of(paths), Resource)]
        resources = {
            each.item: each for each in derived if each.has_items or not self._are_elsewhere(each.operations.values())
        }
        for operation, (resource, role) in self.roles.items():
            if operation in resource.moved:
                resources[resource.item] = _joined(resources[resource.item], resource, role)
        return [*resources.values()]

    @cached_property
    def roles(self) -> Mapping[Operation, tuple[Resource, Role]]:
        """Every operation that has a role."""
        return {operation: role for operation in self.contract if (role := self.role_of(operation)) is not None}

    @cached_property
    def not_understood(self) -> Sequence[tuple[str, str]]:
        """The item paths of the sets of which no resource was made, each with the reason."""
        judged = ((each.item, self._of(each)) for each in self._sets.values())
        return [(path, reason) for path, reason in judged if isinstance(reason, str) and reason]

    def _of(self, paths: PathSet) -> Resource | str:
        """The resource of a set of paths, or the reason why there is none."""
        key = template_shape(paths.item)
        if key not in self._judged:
            self._judged[key] = self._derived(paths)
        return self._judged[key]

    def _derived(self, paths: PathSet) -> Resource | str:
        from tallystick.resources.derivation import derived  # imports this module

        parent = next((resource for resource, _ in reversed([*self._line(paths.collection)])), None)
        said = self._said.get(template_shape(paths.item))
        if said is not None and said.is_ignored:
            return "the configuration leaves it out"
        named = dict(said_operations(self.contract, said)) if said is not None else {}
        return derived(paths, parent, said, named)

    def _line(self, template: str) -> Iterator[tuple[Resource, Sequence[str]]]:
        segments = template.split("/")
        for end in range(2, len(segments) + 1):
            paths = self._sets.get(template_shape("/".join(segments[:end])))
            if paths is None or (paths.is_single and end < len(segments) and not _can_be_gone(paths)):
                continue
            resource = self._of(paths)
            if isinstance(resource, Resource):
                yield resource, literals("/".join(segments[: end - 1]))


def _joined(resource: Resource, other: Resource, role: Role) -> Resource:
    """A resource with an operation that another one of the same items has beside those that both have."""
    if role in resource.operations:
        return resource
    ways = ((each.request_ways, each.response_ways) for each in (resource, other))
    (sent, answered), (other_sent, other_answered) = ways
    return replace(
        resource,
        operations={**resource.operations, role: other.operations[role]},
        request_ways={**other_sent, **sent},
        response_ways={**other_answered, **answered},
        moved={**resource.moved, **other.moved},
    )


def _can_be_gone(paths: PathSet) -> bool:
    """Whether a single resource may be deleted, and is not there then: the contract documents an answer to that."""
    return "DELETE" in paths.on_item and any(
        paths.on_item["GET"].response_for(status) is not None for status in (404, 410)
    )


def resources_of(contract: Contract, said: Sequence[SaidResource] = ()) -> Resources:
    """The resources of a contract; nothing is derived before it is asked for. What is `said` goes before that."""
    return Resources(contract, said)


def understood(contracts: Sequence[Contract], said: Sequence[SaidResource]) -> dict[Contract, Resources]:
    """The resources of each contract. Raises `UsageError` where what is said of some does not fit any contract."""
    if said:
        refuse_unfitting(contracts, said)
    all_resources = {contract: resources_of(contract, said) for contract in contracts}
    for resources in all_resources.values() if said else ():
        resources.settle()
    return all_resources


def part_at(value: object, way: ValuePath) -> JSON:
    """The part of a value at the end of a way; None where it has no such part."""
    for key in way:
        if isinstance(value, dict):
            value = value.get(key)
        else:
            value = value[key] if isinstance(value, list) and isinstance(key, int) and key < len(value) else None
    return cast("JSON", value)  # what is inside of a JSON value is one too


def literals(template: str) -> Sequence[str]:
    """The texts between the names of a template, from its beginning to its end."""
    pieces, rest = [], template
    for name in template_names(template):
        piece, _, rest = rest.partition(f"{{{name}}}")
        pieces.append(piece)
    return [*pieces, rest]


def concrete(pieces: Sequence[str], values: Sequence[str]) -> str:
    """A path: the literal pieces of its template, with a raw value of a request between each two."""
    if len(pieces) == 1:
        return pieces[0]
    text = pieces[0]
    for value, piece in zip(values, pieces[1:], strict=False):
        text += normal_segment(value) + piece
    return text


def normal_segment(raw: str) -> str:
    """A raw segment of a path in the one spelling that stands for all of them."""
    return raw if raw.isalnum() and raw.isascii() else quote(unquote(raw), safe=_SAFE)
