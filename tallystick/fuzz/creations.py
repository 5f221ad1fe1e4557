"""What a run has created: which request made the resource that a later one asks for, so that it can be made again."""

from __future__ import annotations

import threading
from typing import NamedTuple

from tallystick.fuzz.bindings import Offer, creation_offer
from tallystick.fuzz.exchanges import without_client_fields
from tallystick.nouns import budgets
from tallystick.nouns.contract import Contract, Operation
from tallystick.nouns.exchange import Exchange, Request
from tallystick.resources.resources import Resource, Role
from tallystick.rules.sequence.history import History, promises_of

_WAYS_TO_CREATE = (Role.CREATE, Role.REPLACE)


class Creation(NamedTuple):
    """A request that created a resource, and the id that its response gave."""

    request: Request
    operation: Operation
    offer: Offer


class Creations:
    """The creations of a run; its workers share it. Paths of requests begin where those of the contract do."""

    def __init__(self, contract: Contract) -> None:
        self._contract = contract
        self._resources = promises_of(contract).resources
        self._by_id: dict[tuple[str, str], Creation] = {}
        self._smallest: dict[str, Creation] = {}
        self._lock = threading.Lock()

    def note(self, operation: Operation, exchange: Exchange) -> None:
        """Takes in an exchange, if it created something and its request can be kept."""
        response = exchange.response
        if response is None or not 200 <= response.status < 300 or operation.method not in ("POST", "PUT"):
            return
        role = self._resources.role_of(operation)
        if role is None or role[1] not in _WAYS_TO_CREATE or role[0].is_single:
            return
        if (role[1] is Role.REPLACE and response.status != 201) or len(exchange.request.body) > budgets.BYTES_AT_ONCE:
            return
        seen = History(self._contract, [exchange]).seen[0]
        offer = creation_offer(seen, set())
        if offer is not None:
            self._keep(role[0].item, Creation(without_client_fields(exchange).request, operation, offer))

    def _keep(self, item: str, creation: Creation) -> None:
        with self._lock:
            if len(self._by_id) < budgets.FUZZ_CREATIONS:
                self._by_id[item, creation.offer.value] = creation
            smallest = self._smallest.get(item)
            if smallest is None or _size(creation) < _size(smallest):
                self._smallest[item] = creation

    def of(self, resource: Resource, resource_id: str) -> Creation | None:
        """The creation of one resource; None where the run has not created it, as far as is known."""
        return self._by_id.get((resource.item, resource_id))

    def like(self, resource: Resource) -> Creation | None:
        """The shortest request that has created a resource of one kind; None where the run has created none."""
        return self._smallest.get(resource.item)


def _size(creation: Creation) -> int:
    return len(creation.request.body) + len(creation.request.query)
