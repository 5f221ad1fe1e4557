"""Makes the resource of a set of paths: the roles of its operations, its id, and where it stands in their bodies."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from types import MappingProxyType

from tallystick.examples.choices import ValuePath
from tallystick.nouns.contract import Operation
from tallystick.nouns.path_templates import template_shape
from tallystick.resources.as_said import as_said
from tallystick.resources.identities import Identified, alias_ways_of, id_way_of, sent_id_way_of
from tallystick.resources.many import Many, many_of
from tallystick.resources.names import PathName, path_names, singular, spelled, words_of
from tallystick.resources.path_sets import PathSet
from tallystick.resources.resources import ListShape, Resource, Role
from tallystick.resources.said import SaidResource
from tallystick.resources.views import View, request_view, response_view
from tallystick.resources.ways import Subject, is_list, item_way, request_way, rows_way, way_by_id
from tallystick.wire.choosing import success

_CHANGING = frozenset((Role.CREATE, Role.REPLACE, Role.UPDATE, Role.DELETE, Role.CLEAR))
_WRITING = (Role.CREATE, Role.REPLACE, Role.UPDATE)
_TELLING = (Role.READ, Role.REPLACE, Role.UPDATE, Role.CREATE, Role.LIST)
"""Whose body tells best what the resource is."""
_READING = frozenset(
    "get list search query find retrieve read fetch count scroll recommend export lookup check".split()
)
"""First words of the ids of operations that create nothing, whatever their method is."""
NO_RESOURCE = ""
"""The reason where a path is that of a list: nobody would take it for a single resource."""
_FEW = 3
"""How many members of a deleted resource a response may have that only says that it is deleted."""
_MUCH = 0.5
"""The share of a body's members that the resource has where the body shows it."""


def derived(
    paths: PathSet,
    parent: Resource | None,
    said: SaidResource | None = None,
    named: Mapping[Role, Operation | None] = MappingProxyType({}),
) -> Resource | str:
    """The resource of a set of paths, or the reason why there is none.

    What is `said` of it goes before what is derived, and so do the operations that are `named` for roles.
    """
    is_item = parent is not None and not parent.is_single and _is_at(parent, paths.collection)
    taken = [*parent.operations.values()] if parent is not None and is_item else []
    resource = _Derivation(paths, taken, named, said is not None).resource(parent)
    return resource if said is None or isinstance(resource, str) else as_said(resource, said)


def _is_at(parent: Resource, path: str) -> bool:
    return template_shape(parent.item) == template_shape(path)


class _Derivation:
    """A set of paths while the resource of it is derived: what is known is added step by step."""

    def __init__(
        self, paths: PathSet, taken: list[Operation], named: Mapping[Role, Operation | None], is_said: bool
    ) -> None:
        self.paths = paths
        self.named = named
        self.is_said = is_said
        self.on_collection = {method: each for method, each in paths.on_collection.items() if each not in taken}
        self.name = _name_of(paths)
        self.operations: dict[Role, Operation] = {}
        self.ways: dict[Role, ValuePath] = {}
        self.told: dict[Role, ValuePath] = {}
        """Where responses that do not show the resource say something of it."""
        self.list_shape = ListShape.ROWS
        self.many: Many | None = None
        self.is_of_many = False
        """Whether a creation is always of several."""
        self.subject = Subject(self.name)
        self.answers: dict[Operation, View | None] = {}
        self.requests: dict[Operation, View | None] = {}

    def answered(self, operation: Operation | None) -> View | None:
        """What an operation answers with, looked up once."""
        if operation is not None and operation not in self.answers:
            self.answers[operation] = response_view(operation)
        return self.answers[operation] if operation is not None else None

    def sent(self, operation: Operation | None) -> View | None:
        """What is sent to an operation, looked up once."""
        if operation is not None and operation not in self.requests:
            self.requests[operation] = request_view(operation)
        return self.requests[operation] if operation is not None else None

    def resource(self, parent: Resource | None) -> Resource | str:
        """The resource, or the reason why there is none."""
        self.add_item_roles()
        self.add_named_roles()
        for role in (Role.READ, Role.REPLACE, Role.UPDATE):
            self.find_way(role)
        self.know_whole()
        if not self.paths.is_single:
            self.add_collection_roles()
        self.add_named_roles()
        for role in _WRITING:
            self.find_way(role)
        self.know_whole()
        self.settle_ways()
        reason = self.reason()
        if reason is not None:
            return reason
        id_ways = dict(self.id_ways())
        id_way = next((id_ways[role] for role in _TELLING if role in id_ways), ())
        request_ways = dict(self.request_ways())
        return Resource(
            name=self.paths.name,
            collection=self.paths.collection,
            item=self.paths.item,
            operations=self.operations,
            id_way=id_way,
            id_ways=id_ways,
            sent_id_way=self.sent_id_way(request_ways, id_way),
            alias_ways=self.alias_ways(id_way),
            request_ways=request_ways,
            response_ways=self.ways,
            list_shape=self.list_shape,
            many=self.many if Role.CREATE in self.operations else None,
            is_single=self.paths.is_single,
            has_items=self.paths.has_items,
            parent=parent,
        )

    # Roles

    def add_item_roles(self) -> None:
        """Say what the operations at the item's path do, by their methods."""
        on_item = self.paths.on_item
        roles = {"GET": Role.READ, "PUT": Role.REPLACE, "PATCH": Role.UPDATE, "DELETE": Role.DELETE}
        self.operations.update((role, on_item[method]) for method, role in roles.items() if method in on_item)
        read = self.answered(on_item.get("GET"))
        if read is not None and self.lists_others(read):
            if not self.paths.is_single:
                self.operations.clear()  # all of them are about the others, of which the path is the collection
                return
            del self.operations[Role.READ]
        if "POST" in on_item and Role.UPDATE not in self.operations and Role.REPLACE not in self.operations:
            sent = self.sent(on_item["POST"])
            if sent is not None and Role.READ in self.operations and self.is_part(sent, read):
                self.operations[Role.UPDATE] = on_item["POST"]

    def add_named_roles(self) -> None:
        """Take the operations that are named for roles."""
        for role, operation in self.named.items():
            self.operations.pop(role, None)
            if operation is not None:
                self.operations[role] = operation
        if Role.LIST in self.named:
            way = rows_way(self.answered(self.named[Role.LIST]), self.subject)
            self.ways.pop(Role.LIST, None)
            if way is not None:
                self.ways[Role.LIST] = way

    def lists_others(self, read: View) -> bool:
        """Whether what is read at the item's path is a list of other resources."""
        if not self.paths.is_single:
            is_of_others = read.is_array or (is_list(read, self.subject) and not self.subject.is_identified(read))
            return self.paths.has_inner and is_of_others
        sent = self.sent(self.operations.get(Role.REPLACE))
        is_value = not self.paths.has_inner and read.is_array and sent is not None and sent.is_array
        return is_list(read, self.subject) and not is_value

    def is_part(self, sent: View, read: View | None) -> bool:
        """Whether a body holds members of the resource, and not the wishes of an action."""
        way = item_way(read, self.subject) if read is not None else None
        whole = read.at(way) if read is not None and way is not None else None
        return not sent.members or whole is None or sent.is_like(whole) or sent.shared_with(whole) > 0

    def add_collection_roles(self) -> None:
        """Say what the operations at the collection's path do: a list answers with rows, a POST or PUT creates."""
        listing = self.answered(self.on_collection.get("GET"))
        way = rows_way(listing, self.subject)
        if way is not None and self.is_item(listing, way):
            way, self.list_shape = (), ListShape.ONE
        elif way is None and (way := way_by_id(listing, self.subject)) is not None:
            self.list_shape = ListShape.BY_ID
        if way is not None:
            self.operations[Role.LIST], self.ways[Role.LIST] = self.on_collection["GET"], way
            self.know_whole()
        if "DELETE" in self.on_collection:
            self.operations[Role.CLEAR] = self.on_collection["DELETE"]
        post, put, patch = (self.on_collection.get(method) for method in ("POST", "PUT", "PATCH"))
        if post is not None and self.creates(post):
            self.operations[Role.CREATE] = post
        for operation, role in ((put, Role.REPLACE), (patch, Role.UPDATE)):
            sent = self.sent(operation)
            if operation is not None and sent is not None and role not in self.operations and not sent.is_array:
                if self.subject.is_identified(sent):
                    self.operations[role] = operation
                elif role is Role.REPLACE and post is None and self.creates(operation):
                    self.operations[Role.CREATE] = operation

    def is_item(self, listing: View | None, way: ValuePath) -> bool:
        """Whether what is documented as a list is one of its items by mistake, with a list inside of it."""
        whole = self.subject.whole
        rows = listing.at(way) if listing is not None else None
        if listing is None or whole is None or len(way) != 1 or way[0] not in whole.members:
            return False
        row = rows.items if rows is not None else None
        return listing.shared_with(whole) > _MUCH * len(listing.members) and not (
            row is not None and row.is_like(whole)
        )

    def creates(self, operation: Operation) -> bool:
        """Whether an operation on the collection creates an item."""
        if words_of(operation.operation_id or "")[:1] and words_of(operation.operation_id or "")[0] in _READING:
            return False
        sent, answered, whole = self.sent(operation), self.answered(operation), self.subject.whole
        self.many = many_of(sent, answered, self.subject)
        if sent is not None and sent.is_array:
            return self.many is not None and self.paths.has_items
        if answered is not None and not self.paths.has_items and is_list(answered, self.subject):
            return False  # it is a search
        if sent is not None and whole is not None:
            resource = sent.at(request_way(sent, self.subject)) or sent
            if sent.is_like(whole) or resource.shared_with(whole) > 0:
                return True
        way = item_way(answered, self.subject) if answered is not None else None
        shown = answered.at(way) if answered is not None and way is not None else None
        if shown is not None and way is not None:
            if 0 in way and sent is not None and sent.members:
                self.is_of_many = self.many is not None  # several may come of what is sent
                return self.is_of_many
            if whole is None and shown.is_bare:
                return self.paths.has_items and success(operation)[0] == 201
            return shown.is_like(whole) or self.subject.is_identified(shown) or shown.shared_with(whole) > 1
        is_created = not operation.responses or success(operation)[0] == 201
        return self.paths.has_items and (whole is None or is_created)

    # Bodies

    def find_way(self, role: Role) -> None:
        """Find the resource in the response of a role."""
        view = self.answered(self.operations.get(role))
        if view is None:
            return
        sent = self.sent(self.operations.get(Role.REPLACE))
        is_value = view.is_scalar or (view.is_array and self.paths.is_single)
        if is_value and sent is not None and sent.types & view.types:
            self.ways[role] = ()  # what is put is no object, and is read as it is
        elif (way := item_way(view, self.subject)) is not None and self.tells(role, view.at(way)):
            self.ways[role] = way

    def tells(self, role: Role, part: View | None) -> bool:
        """Whether a part of a response to a change tells of the resource, and not only how it went."""
        sent = self.sent(self.operations.get(role)) if role in _WRITING else None
        if part is None or sent is None or self.subject.whole is not None or self.subject.is_identified(part):
            return True
        return part.shared_with(sent.at(request_way(sent, self.subject))) > 0

    def know_whole(self) -> None:
        """Take the resource from the body that tells most of it."""
        for role in _TELLING:
            part = self.view(role)
            if part is not None and part.members:
                self.subject = replace(self.subject, whole=part)
                return

    def view(self, role: Role) -> View | None:
        """The resource as the response of a role shows it; a row of a list."""
        body = self.answered(self.operations.get(role)) if role in self.ways else None
        part = body.at(self.ways[role]) if body is not None else None
        return part.items if part is not None and role is Role.LIST else part

    def settle_ways(self) -> None:
        """Leave out the responses that only say how it went, and add a deletion's that shows what was deleted."""
        for role in _WRITING:
            part = self.view(role)
            if part is not None and part is not self.subject.whole and not self.shows(part):
                self.told[role] = self.ways.pop(role)
        sent = self.sent(self.operations.get(Role.CREATE))
        if self.is_of_many or (sent is not None and sent.is_array and self.many is not None):
            self.ways.pop(Role.CREATE, None)
            self.told.pop(Role.CREATE, None)
        self.find_way(Role.DELETE)
        deleted = self.view(Role.DELETE)
        is_one = deleted is not None and self.subject.whole and self.shows(deleted) and len(deleted.members) > _FEW
        if deleted is not None and (not is_one or 0 in self.ways[Role.DELETE]):
            del self.ways[Role.DELETE]

    def shows(self, part: View) -> bool:
        """Whether a part of a body is the resource, and not only what is said of it."""
        whole = self.subject.whole
        return whole is None or part.is_like(whole) or part.shared_with(whole) > _MUCH * len(part.members)

    def request_ways(self) -> Iterator[tuple[Role, ValuePath]]:
        """Where the resource is in the bodies of requests."""
        for role in _WRITING:
            sent = self.sent(self.operations.get(role))
            is_one = sent is not None and (self.paths.is_single or not sent.is_array)
            if sent is not None and is_one and not (role is Role.CREATE and self.is_of_many):
                yield role, request_way(sent, self.subject)

    # Identity

    def id_ways(self) -> Iterator[tuple[Role, ValuePath]]:
        """The ways to the id in the resource as each role shows it."""
        if self.paths.is_single:
            return
        operations = [*self.operations.values()]
        for role in _TELLING:
            part = self.view(role)
            if part is not None and role is Role.LIST and part.is_scalar and not part.members:
                yield role, ()
            elif part is not None:
                links = [link.parameters for link in success(self.operations[role])[1].links]
                known = Identified(self.paths.item, self.name, operations, part, self.ways[role], links)
                way = id_way_of(known)
                if way is not None:
                    yield role, way
        told = self.told.get(Role.CREATE)
        answered = self.answered(self.operations.get(Role.CREATE))
        part = answered.at(told) if answered is not None and told is not None else None
        if told is not None and part is not None:
            way = id_way_of(Identified(self.paths.item, self.name, operations, part))
            if way is not None:
                yield Role.CREATE, (*told, *way)

    def sent_id_way(self, request_ways: Mapping[Role, ValuePath], id_way: ValuePath) -> ValuePath:
        """The way to the id in what is sent to create a resource."""
        sent = self.sent(self.operations.get(Role.CREATE))
        part = sent.at(request_ways[Role.CREATE]) if sent is not None and Role.CREATE in request_ways else None
        if part is None:
            return ()
        return sent_id_way_of(Identified(self.paths.item, self.name, [*self.operations.values()], part), id_way)

    def alias_ways(self, id_way: ValuePath) -> Sequence[ValuePath]:
        """The ways to what the resource is called by beside its id."""
        whole = self.subject.whole
        if whole is None or not id_way:
            return ()
        return alias_ways_of(Identified(self.paths.item, self.name, [*self.operations.values()], whole), id_way)

    def reason(self) -> str | None:
        """Why this is no resource that can be kept; None where it is one."""
        operations = self.operations
        if self.is_said and operations:
            return None
        if self.paths.is_single and Role.READ not in operations:
            return NO_RESOURCE
        if self.paths.is_single and not self.is_kept_single():
            return "what is read here is not what is sent here"
        if not self.paths.has_items and not self.is_kept_list():
            return NO_RESOURCE
        if not operations:
            return "no operation at this path reads, changes or deletes one resource"
        if not _CHANGING.isdisjoint(operations):
            return None
        read = self.answered(operations.get(Role.READ))
        if read is not None and read.is_array:
            return f"{operations[Role.READ].label} answers with a list, and nothing changes what is in it"
        if operations.keys() == {Role.READ} and Role.READ not in self.ways:
            return "it can only be read, and not as an object in JSON"
        return None

    def is_kept_list(self) -> bool:
        """Whether items that have no path are listed, and created or deleted with the list, which is not one itself."""
        if Role.CREATE in self.operations:
            return Role.LIST in self.operations
        listing = self.answered(self.operations.get(Role.LIST))
        return Role.CLEAR in self.operations and listing is not None and not self.subject.is_identified(listing)

    def is_kept_single(self) -> bool:
        """Whether what a single resource is replaced or updated with is what is read, or there are no bodies at all."""
        whole = self.view(Role.READ)
        for role in (Role.REPLACE, Role.UPDATE):
            sent = self.sent(self.operations.get(role))
            if sent is None or whole is None:
                continue
            resource = sent.at(request_way(sent, self.subject)) or sent
            if sent.members and not (resource.is_like(whole) or resource.shared_with(whole) > 0):
                return False
        return True


def _name_of(paths: PathSet) -> PathName:
    """The name of the id in the item's path; of a single resource, one that only its noun may be."""
    if not paths.is_single:
        return path_names(paths.item)[-1]
    last = paths.item.rpartition("/")[2]
    return PathName("", singular(spelled(last)), True)
