"""What a request needs to be there, and the requests that create it from nothing."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from typing import NamedTuple
from urllib.parse import unquote, unquote_plus

from tallystick.fuzz.bindings import Offer, body_scalars, bound_request, names_of, path_texts
from tallystick.fuzz.creations import Creation, Creations
from tallystick.fuzz.sequences import Step
from tallystick.fuzz.verdicts import exchange_below
from tallystick.nouns.contract import Contract, Operation
from tallystick.nouns.exchange import Exchange, Request
from tallystick.nouns.path_templates import template_names
from tallystick.resources.names import spelled
from tallystick.resources.resources import Resource
from tallystick.rules.sequence.history import promises_of
from tallystick.wire.reading import operation_for

_MOST_LEVELS = 4
"""How many creations one behind the other a request may need."""


class Need(NamedTuple):
    """A resource that a request names: its kind, and its id."""

    resource: Resource
    id: str


class Needs:
    """Finds the creations that a request stands on."""

    def __init__(self, contract: Contract, creations: Creations, base_path: str) -> None:
        self._contract, self._creations, self._base_path = contract, creations, base_path
        self._resources = promises_of(contract).resources

    def behind(self, sequence: Sequence[Step]) -> list[Step]:
        """A sequence behind the requests that create what it names, as far as the run knows how."""
        steps: list[Step] = []
        made: dict[tuple[str, str], Offer] = {}
        bound = [
            replace(step, request=self._add_needs(step.request, operation, steps, made, _MOST_LEVELS))
            if (operation := self._operation_of(step.request)) is not None
            else step
            for step in sequence
        ]
        return [*steps, *bound]

    def _operation_of(self, request: Request) -> Operation | None:
        path = exchange_below(Exchange(request), self._base_path).request.path
        match = operation_for(self._contract, request.method, path, request)
        return match[0] if match is not None else None

    def _add_needs(
        self,
        request: Request,
        operation: Operation,
        steps: list[Step],
        made: dict[tuple[str, str], Offer],
        levels: int,
    ) -> Request:
        """Adds the creations that a request needs; the request, with the names of their ids."""
        for need in self._named_by(request, operation) if levels else ():
            key = need.resource.item, need.id
            if "{{" in need.id:
                continue
            creation = self._creations.of(*need) or self._creations.like(need.resource)
            if creation is None or creation.request == request:
                continue
            if key not in made:
                made[key] = self._created(creation, steps, made, levels - 1)
            request = bound_request(request, operation, made[key]._replace(value=need.id))
        return request

    def _created(self, creation: Creation, steps: list[Step], made: dict[tuple[str, str], Offer], levels: int) -> Offer:
        """Adds a creation with what it needs itself; what it offers."""
        path = self._base_path + creation.request.path
        request = creation.request._replace(path=path)
        request = self._add_needs(request, creation.operation, steps, made, levels)
        offer = creation.offer
        names = {capture.name for step in steps for capture in step.captures}
        number = 2
        while offer.capture.name in names:
            offer = offer._replace(capture=offer.capture.called(f"{creation.offer.capture.name}_{number}"))
            number += 1
        steps.append(Step(request, (offer.capture,), is_accepted=True))
        return offer

    def _named_by(self, request: Request, operation: Operation) -> Iterator[Need]:
        """The resources that a request names: in its path, then in its query and its body those that the run made."""
        values = path_texts(operation, request.path)
        for resource, _ in self._resources.line_of(operation):
            index = len(template_names(resource.item)) - 1
            if not resource.is_single and index < len(values) and _is_above(resource, operation):
                yield Need(resource, unquote(values[index]))
        named = [(spelled(str(way[-1])), text) for way, text in body_scalars(request) if way]
        for field in request.query.split("&"):
            name, _, text = field.partition("=")
            named.append((spelled(unquote_plus(name)), unquote_plus(text)))
        for name, text in named:
            for resource in self._resources.resources:
                if name in names_of(resource) and self._creations.of(resource, text) is not None:
                    yield Need(resource, text)

    def of_rows(self, requests: Sequence[Request], row_ids: Sequence[str], resource: Resource) -> list[Step]:
        """Lists behind the creation of some of their rows; nothing where the run created none of them."""
        creations = [each for row_id in row_ids if (each := self._creations.of(resource, row_id)) is not None]
        created = [each.request._replace(path=self._base_path + each.request.path) for each in creations]
        steps = [Step(request, (), is_accepted=True, is_needed=True) for request in created]
        return self.behind([*steps, *(Step(request, (), is_accepted=True) for request in requests)]) if steps else []


def _is_above(resource: Resource, operation: Operation) -> bool:
    """Whether the path of an operation begins with that of a resource's items."""
    names = operation.path.split("/")[: resource.item.count("/") + 1]
    return all(a == b or ("{" in a and "{" in b) for a, b in zip(names, resource.item.split("/"), strict=False))
