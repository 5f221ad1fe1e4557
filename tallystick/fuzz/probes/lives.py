"""A short life of each resource: created, read, listed, changed and deleted, and asked for under conditions."""

from __future__ import annotations

from collections.abc import Sequence

from tallystick.fuzz.probes.absent import absent_value, path_parameter
from tallystick.fuzz.probes.changes import Changes
from tallystick.fuzz.probes.drafts import format_of
from tallystick.fuzz.probes.lists import ListQuestions
from tallystick.fuzz.probes.odd import half_character
from tallystick.fuzz.probes.resource_client import Item
from tallystick.fuzz.probes.variation import varied
from tallystick.nouns.exchange import Exchange
from tallystick.nouns.json_value import JSON
from tallystick.nouns.media_type import MediaKind
from tallystick.nouns.path_templates import template_names
from tallystick.resources.resources import Role
from tallystick.rules.sequence.links import next_page
from tallystick.rules.sequence.seen import Seen

_ATTEMPTS = 4
"""How many bodies are tried to create something."""
_READS = 4
"""How often a resource is read in a row, which is to change nothing."""
_AT_ONCE = 6
"""How many are created at the same time."""
_HALF_ON_THE_WIRE = b"\\ud800"


class Life(Changes):
    """The life of one resource, below the items of those above it.

    `elsewhere` has the path values of other items that it might be below, and is not.
    """

    elsewhere: Sequence[tuple[str, ...]] = ()
    others: Sequence[Item] = ()
    """Resources that it has created, beside the first one."""
    links_left = 3
    """How many links to next pages are followed."""

    def live(self) -> Item | None:
        """Lives the whole life, and leaves one resource, for those below it; None where nothing could be created."""
        first = self.create()
        if first is None:
            self.read_what_is_there()
            return None
        self.follow_location(first)
        for _ in range(_READS):
            self.read(first)
        others = [each for each in (self.another(first), self.minimal(first), self.another(first)) if each is not None]
        for each in others:
            self.read(each)
        self.others = others
        self.question_lists(first)
        self.ask_elsewhere(first)
        self.read_only(first)
        self.update(first)
        for each in others[:1]:  # it has other values than defaults, so that it shows what an update resets to them
            self.update(each, most=1)
        self.replace(first)
        self.conditions(first)
        self.idempotency(first)
        self.delete(first, [*others])
        return others[0] if others else None

    def single(self) -> None:
        """The life of the only resource at its path: it is there, and is changed."""
        item = self.found()
        if item is not None:
            self.read(item)
            self.update(item)
            self.replace(item)
            self.conditions(item)

    def found(self) -> Item | None:
        """The resource that is there though the run did not create it."""
        seen = self.ask(Role.READ, self.above)
        return Item(self.above, None, seen) if seen is not None and seen.is_done and seen.shown is not None else None

    def create(self) -> Item | None:
        """Creates one, by the documented body or by others; the reason is kept where none is accepted."""
        operation = self.operation(Role.CREATE)
        for number in range(_ATTEMPTS if operation is not None else 0):
            body = self.drafts.body(operation, number) if operation is not None else None
            item = self.create_with(body)
            if item is not None:
                return item
        return None

    def follow_location(self, item: Item) -> None:
        """Asks for what `Location` leads to, as a client would."""
        read, location = self.operation(Role.READ), item.seen.location
        if read is not None and location:
            draft = self.drafts.request(read, item.values)
            base = self.prober.base_path
            path = location[len(base) :] if base and location.startswith(f"{base}/") else location
            if draft is not None and draft.path != path:
                self.prober.send(draft._replace(path=path))

    def another(self, first: Item) -> Item | None:
        """Creates one that is like another, with other values."""
        operation = self.operation(Role.CREATE)
        if operation is None or first.sent is None:
            return self.create_with(None) if operation is not None else None
        members, schemas = self.members_of(operation, Role.CREATE, first.sent)
        body = self.with_members(operation, Role.CREATE, first.sent, varied(members, schemas, self.draw))
        return self.create_with(body if body is not None else first.sent)

    def minimal(self, first: Item) -> Item | None:
        """Creates one with what is required alone, so that the rest has its defaults."""
        operation = self.operation(Role.CREATE)
        if operation is None or first.sent is None:
            return None
        members, schemas = self.members_of(operation, Role.CREATE, first.sent)
        kept = varied(members, schemas, self.draw)
        body: JSON = None
        for name in members:
            smaller = {key: value for key, value in kept.items() if key != name}
            candidate = self.with_members(operation, Role.CREATE, first.sent, smaller)
            if candidate is not None:
                kept, body = smaller, candidate
        return self.create_with(body) if body is not None else None

    def read_what_is_there(self) -> None:
        """Reads the list, and one of its rows, where nothing can be created."""
        listed = self.ask(Role.LIST)
        if listed is None or not listed.rows:
            return
        one = self.resource.id_in(listed.rows[0], Role.LIST)
        if one and self.operation(Role.READ) is not None:
            for _ in range(2):
                self.ask(Role.READ, (*self.above, one))
        self.question_lists(None)

    def question_lists(self, item: Item | None) -> None:
        operation = self.operation(Role.LIST)
        if operation is None or len(template_names(operation.path)) > len(self.above):
            return
        shown = item.seen.shown if item is not None else None
        promise = self.promises.list_of(operation)
        listed = self.ask(Role.LIST)
        for query in ListQuestions(promise, listed, shown, self.draw).queries() if listed is not None else ():
            page = self.ask(Role.LIST, query=query)
            if page is not None:
                self.follow_next(page)

    def follow_next(self, page: Seen) -> None:
        """Asks for the next page where a page says that there is one: the first few times."""
        link = next_page(page, self.promises.list_of(page.operation)) if self.links_left else None
        draft = self.drafts.request(page.operation, self.above) if link is not None else None
        if link is None or draft is None:
            return
        self.links_left -= 1
        base = self.prober.base_path
        path = link.path[len(base) :] if base and link.path.startswith(f"{base}/") else link.path
        self.prober.send(draft._replace(path=path, query=link.query))

    def ask_elsewhere(self, first: Item) -> None:
        """Asks for a resource, and for the list that it is in, below other parents: one that is there, and none."""
        parent = self.resource.parent
        if parent is None or not self.above:
            return
        read = parent.operations.get(Role.READ)
        parameter = path_parameter(read) if read is not None else None
        absent = absent_value(parameter, self.draw) if parameter is not None else None
        others = [*self.elsewhere[:1], *([(*self.above[:-1], str(absent))] if absent is not None else [])]
        for values in others:
            request = self.drafts.request(read, values) if read is not None else None
            if request is not None:
                self.prober.send(request)
            self.ask(Role.LIST, values)
            self.ask(Role.READ, (*values, first.values[-1]))

    def create_at_once(self, first: Item) -> None:
        """Creates several at the same time, and reads them: each is to have an id of its own."""
        operation = self.operation(Role.CREATE)
        if operation is None or first.sent is None:
            return
        members, schemas = self.members_of(operation, Role.CREATE, first.sent)
        bodies = [
            self.with_members(operation, Role.CREATE, first.sent, varied(members, schemas, self.draw))
            for _ in range(_AT_ONCE)
        ]
        drafts = [self.drafts.request(operation, self.above, body=each) for each in bodies if each is not None]
        exchanges = self.prober.send_at_once([each for each in drafts if each is not None])
        for exchange in exchanges:
            seen = self.seen(operation, exchange, Role.CREATE)
            if seen.is_done and seen.created_id:
                self.ask(Role.READ, (*self.above, seen.created_id))

    def create_half_character(self, first: Item) -> None:
        """Creates one with half of a character, which may be refused, and is taken away again where it is not."""
        operation, delete = self.operation(Role.CREATE), self.operation(Role.DELETE)
        body_format = format_of(operation) if operation is not None else None
        base = self.drafts.request(operation, self.above, body=first.sent) if operation is not None else None
        if operation is None or delete is None or body_format is None or base is None:
            return
        if body_format.media_type.kind is not MediaKind.JSON:
            return
        request = half_character(base, first.sent, body_format.schema)
        if request is not None:
            asked, response = self.prober.send(request, is_judged=False)
            if response is not None:  # with half of a character in it, its body is no JSON for us, and tells no id
                response = response._replace(body=response.body.replace(_HALF_ON_THE_WIRE, b"?"))
            seen = self.seen(operation, Exchange(asked, response), Role.CREATE)
            if seen.is_done and seen.created_id:
                self.ask(Role.DELETE, (*self.above, seen.created_id))
