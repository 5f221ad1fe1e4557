"""The probes of a run: a short life of each resource, then odd requests, within bounds of time and number."""

from __future__ import annotations

from collections.abc import Sequence

from tallystick.fuzz.clock import Clock
from tallystick.fuzz.probes.drafts import Drafts
from tallystick.fuzz.probes.lives import Life
from tallystick.fuzz.probes.odd import OddRequests
from tallystick.fuzz.probes.probed import Probed
from tallystick.fuzz.probes.prober import Hearer, OutOfProbesError, Prober
from tallystick.fuzz.probes.resource_client import Item
from tallystick.fuzz.probes.strangers import Strangers
from tallystick.fuzz.sending import Sender
from tallystick.fuzz.settings import Settings
from tallystick.nouns import budgets
from tallystick.nouns.contract import Contract
from tallystick.nouns.path_templates import template_names
from tallystick.resources.resources import Resource, Role
from tallystick.rules.sequence.history import promises_of


class Probes:
    """The probes of one run."""

    def __init__(self, contract: Contract, settings: Settings, sender: Sender, clock: Clock, hearer: Hearer) -> None:
        self.contract, self.settings = contract, settings
        self.promises = promises_of(contract)
        own_clock = Clock(min(budgets.FUZZ_LIVES_SECONDS, clock.left() * budgets.FUZZ_LIVES_SHARE))
        self.prober = Prober(sender, own_clock, settings.base_path, hearer, budgets.FUZZ_LIVES_REQUESTS)
        self.drafts = Drafts(settings)
        self.items: dict[str, Item | None] = {}
        """What each resource left, by the path of its items."""
        self.lives: dict[str, Life] = {}
        self.lived: list[str] = []
        self.refusals: list[str] = []

    def run(self) -> Probed:
        """Sends them; what was asked, and what was not."""
        resources = [each for each in self.promises.resources.resources if self._is_selected(each)]
        unasked: Sequence[Resource] = resources
        try:
            for index, resource in enumerate(resources):
                unasked = resources[index:]
                self._live(resource)
            unasked = ()
            self._ask_as_strangers()
            for resource in resources:
                self._try_odd(resource)
        except OutOfProbesError:
            pass
        finally:
            self.prober.end_sequence()
        names = tuple(each.name for each in unasked)
        return Probed(self.prober.sent, tuple(self.lived), tuple(self.refusals), names)

    def _is_selected(self, resource: Resource) -> bool:
        return any(operation.label in self.settings.selected for operation in resource.operations.values())

    def _live(self, resource: Resource) -> Item | None:
        """The life of a resource, after that of the one above it; what it left."""
        if resource.item in self.items:
            return self.items[resource.item]
        self.items[resource.item] = None
        above: tuple[str, ...] = ()
        if resource.parent is not None:
            parent = self._live(resource.parent)
            if parent is None and not resource.parent.is_single:
                return None
            above = parent.values if parent is not None else ()
        self.prober.end_sequence()
        life = Life(self.prober, self.drafts, self.promises, resource, above)
        self.lives[resource.item] = life
        try:
            if resource.is_single:
                life.single()
            else:
                self.items[resource.item] = life.live()
        finally:
            self.prober.end_sequence()
        if life.refusal and self.items[resource.item] is None:
            self.refusals.append(life.refusal)
        self.lived.append(resource.name)
        return self.items[resource.item]

    def _try_odd(self, resource: Resource) -> None:
        """Sends odd requests to each operation of a resource that lived, and several at once."""
        life, item = self.lives.get(resource.item), self.items.get(resource.item)
        if life is None:
            return
        self.prober.end_sequence()
        if item is not None:
            life.create_half_character(item)
            self.prober.end_sequence()
            life.create_at_once(item)
        for role in (Role.CREATE, Role.UPDATE, Role.REPLACE, Role.READ, Role.LIST):
            operation = life.operation(role)
            if operation is None:
                continue
            values = life.above if item is None or role in (Role.CREATE, Role.LIST) else item.values
            if len(template_names(operation.path)) <= len(values):
                body = item.sent if item is not None and role is Role.CREATE else self.drafts.body(operation, 1)
                OddRequests(self.prober, self.drafts, operation, values).send(body)
                self.prober.end_sequence()

    def _ask_as_strangers(self) -> None:
        """Asks for what there is without credentials, and with ones that nobody issued."""
        items = {path: item.values for path, item in self.items.items() if item is not None}
        Strangers(self.contract, self.drafts, self.prober, items).ask()
