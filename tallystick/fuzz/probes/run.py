"""The probes of a run: a short life of each resource, then requests near the edges, within time and number."""

from __future__ import annotations

import random
from collections.abc import Callable, Sequence

from tallystick.fuzz.clock import Clock
from tallystick.fuzz.probes.absent import absent_values
from tallystick.fuzz.probes.drafts import Drafts
from tallystick.fuzz.probes.edges import Edges
from tallystick.fuzz.probes.lives import Life
from tallystick.fuzz.probes.probed import Probed
from tallystick.fuzz.probes.prober import Hearer, OutOfProbesError, Prober
from tallystick.fuzz.probes.resource_client import Item
from tallystick.fuzz.probes.strangers import Strangers
from tallystick.fuzz.sending import Sender
from tallystick.fuzz.settings import Settings
from tallystick.nouns import budgets
from tallystick.nouns.contract import BodyFormat, Contract, Operation
from tallystick.resources.resources import Resource
from tallystick.rules.sequence.history import promises_of
from tallystick.rules.sequence.seen import SAFE_METHODS

_LIVES_SHARE = 0.5
"""How much of the time the lives may take, so that each operation is asked."""
_LEAST_EDGES = 12
"""How many requests are sent near the edges of an operation, where there are many operations."""
_SLOW_SECONDS = 0.4
"""From what mean time of a response on a run with a time limit is left to Schemathesis."""
_MOST_FORMS = 3
"""In how many media types beside the first one an operation is read."""
_EDGES_SHARE = 3.0
"""How much of its even share of the time an operation may take: most take less."""


class Probes:
    """The probes of one run."""

    def __init__(self, contract: Contract, settings: Settings, sender: Sender, clock: Clock, hearer: Hearer) -> None:
        self.contract, self.settings = contract, settings
        self.promises = promises_of(contract)
        self.clock = Clock(min(budgets.FUZZ_LIVES_SECONDS, clock.left() * budgets.FUZZ_LIVES_SHARE))
        self.prober = Prober(sender, self.clock, settings.base_path, hearer, budgets.FUZZ_LIVES_REQUESTS)
        self.drafts = Drafts(contract, settings)
        self.draw = random.Random(settings.seed)
        self.items: dict[str, Item | None] = {}
        """What each resource left, by the path of its items."""
        self.lives: dict[str, Life] = {}
        self.lived: list[str] = []
        self.refusals: list[str] = []

    def run(self, after_lives: Callable[[], None]) -> Probed:
        """Sends them; what was asked, and what was not.

        `after_lives` is called once the resources have lived, while there is little on the server.
        """
        resources = [each for each in self.promises.resources.resources if self._is_selected(each)]
        unasked: Sequence[Resource] = resources
        self.prober.clock = Clock(self.clock.left() * _LIVES_SHARE)
        try:
            for index, resource in enumerate(resources):
                unasked = resources[index:]
                self._live(resource)
            unasked = ()
        except OutOfProbesError:
            pass
        finally:
            self.prober.end_sequence()
        self.prober.clock = self.clock
        after_lives()
        self._go_on(resources)
        names = tuple(each.name for each in unasked)
        return Probed(self.prober.sent, tuple(self.lived), tuple(self.refusals), names)

    def _go_on(self, resources: Sequence[Resource]) -> None:
        """Asks each operation at least once, and then what else there is to ask, as far as time goes."""
        try:
            self._ask_the_others()
            self._ask_for_each_form()
            Strangers(self.contract, self.drafts, self.prober, self._values_for).ask()
            for resource in resources:
                self._create_at_once(resource)
            self._try_edges()
        except OutOfProbesError:
            pass
        finally:
            self.prober.end_sequence()

    @property
    def _is_too_slow(self) -> bool:
        """Whether the time of the run has an end, and the responses take so long that few of them fit into it."""
        has_end = self.settings.max_seconds is not None
        return has_end and self.prober.seconds > _SLOW_SECONDS * max(1, self.prober.sent)

    def _ask_the_others(self) -> None:
        """Sends a valid request to each operation that no life has asked; nothing is deleted that is there."""
        for operation in self.contract:
            if self._is_too_slow:
                return
            if operation.label not in self.settings.selected or operation.label in self.prober.asked:
                continue
            values: Sequence[str] | None = self._values_for(operation)
            if operation.method == "DELETE":
                values = absent_values(operation, values or (), self.draw)
            if values is None:
                continue
            request = self.drafts.request(operation, values, body=self.drafts.body(operation, 0))
            if request is not None:
                self.prober.send(request)
                self.prober.end_sequence()

    def _ask_for_each_form(self) -> None:
        """Reads in each media type that is documented beside the first one: few clients of a test ask for it."""
        for operation in self.contract:
            if operation.label not in self.settings.selected or operation.method != "GET":
                continue
            forms = [each.media_type for each in _success(operation)[1:] if not each.media_type.is_range]
            for form in forms[:_MOST_FORMS]:
                request = self.drafts.request(operation, self._values_for(operation), headers={"accept": form.text})
                if request is not None:
                    self.prober.send(request)
            self.prober.end_sequence()

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
        above_it = self.lives.get(resource.parent.item) if resource.parent is not None else None
        if above_it is not None:
            life.elsewhere = [each.values for each in above_it.others if each.values != above]
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

    def _create_at_once(self, resource: Resource) -> None:
        """Creates several of a resource that lived at the same time, and one with half of a character."""
        life, item = self.lives.get(resource.item), self.items.get(resource.item)
        if life is None or item is None:
            return
        self.prober.end_sequence()
        life.create_half_character(item)
        self.prober.end_sequence()
        life.create_at_once(item)
        self.prober.end_sequence()

    def _try_edges(self) -> None:
        """Sends requests near the edges of what each operation allows, those that write before those that read."""
        selected = [each for each in self.contract if each.label in self.settings.selected and each.method != "DELETE"]
        paths = {path: index for index, path in enumerate(dict.fromkeys(each.path for each in selected))}
        selected.sort(key=lambda each: (paths[each.path], each.method in SAFE_METHODS))
        for index, operation in enumerate(selected):
            if self._is_too_slow:
                return
            left = len(selected) - index
            most = max(_LEAST_EDGES, min(budgets.FUZZ_EDGES, self.prober.left // left))
            clock = Clock(_EDGES_SHARE * self.prober.clock.left() / left)
            Edges(self.prober, self.drafts, operation, self._values_for(operation)).send(most, clock)
            self.prober.end_sequence()

    def _values_for(self, operation: Operation) -> Sequence[str]:
        """The values in the path of an operation that lead to what is there."""
        items = {path: item.values for path, item in self.items.items() if item is not None}
        above = [path for path in items if f"{operation.path}/".startswith(f"{path}/")]
        return items[max(above, key=len)] if above else ()


def _success(operation: Operation) -> Sequence[BodyFormat]:
    """The body formats of what is shown where all is well."""
    response = operation.response_for(200)
    return response.content if response is not None else ()
