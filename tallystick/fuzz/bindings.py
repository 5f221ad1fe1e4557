"""Which values of a request come from earlier responses: the ids of what was created, in paths, queries and bodies."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Sequence
from typing import NamedTuple
from urllib.parse import unquote, unquote_plus

from tallystick.fuzz.sequences import ETAG, LOCATION, Capture, Step, scalars, with_member, with_path_value
from tallystick.fuzz.verdicts import exchange_below
from tallystick.nouns.contract import Contract, Operation
from tallystick.nouns.exchange import Exchange, Request
from tallystick.nouns.json_pointer import to_pointer
from tallystick.nouns.path_templates import template_names
from tallystick.resources.names import singular, spelled
from tallystick.resources.resources import Resource
from tallystick.rules.sequence.history import History
from tallystick.rules.sequence.seen import Seen

_CONDITIONS = frozenset(("if-match", "if-none-match"))
_RARE_LENGTH = 8
"""From what length a text in a response and in a later request is not the same by chance."""


class Offer(NamedTuple):
    """A value of a response that later requests may have taken."""

    value: str
    capture: Capture
    names: frozenset[str]
    """What it is called by in bodies and queries, in the one spelling that stands for all."""


def written_down(contract: Contract, exchanges: Sequence[Exchange], base_path: str) -> tuple[Step, ...]:
    """The requests of exchanges, with names in the places of the values that come from earlier responses."""
    seen = History(contract, [exchange_below(exchange, base_path) for exchange in exchanges]).seen
    offers: list[list[Offer]] = []
    used: set[str] = set()
    requests: list[Request] = []
    for index, exchange in enumerate(exchanges):
        request = exchange.request
        earlier = [offer for of_step in offers for offer in of_step]
        if index:
            earlier += _matching(seen[:index], offers, seen[index])
        for offer in reversed(earlier):  # the last response that gives a value is the one that counts
            bound = bound_request(request, seen[index].operation, offer)
            if bound != request:
                used.add(offer.capture.name)
                request = bound
        requests.append(request)
        offers.append([*_offers(seen[index], {offer.capture.name for of_step in offers for offer in of_step})])
    return tuple(
        Step(request, tuple(offer.capture for offer in of_step if offer.capture.name in used), each.is_done)
        for request, of_step, each in zip(requests, offers, seen, strict=True)
    )


def creation_offer(seen: Seen, taken: set[str]) -> Offer | None:
    """The id that an exchange gave to what it created, under a free name; None where there is none."""
    resource, key = seen.resource, seen.key
    if resource is None or key is None or not seen.is_done or resource.is_single:
        return None
    name = _free(_variable(_id_name(resource)), taken)
    told = [way for way, text in scalars(seen.response_value) if text == key.id]
    ways = seen.role is not None and (*resource.response_ways.get(seen.role, ()), *resource.id_way)
    if seen.told_id == key.id and told:
        best = next((way for way in told if way == ways), told[0])
        return Offer(key.id, Capture(name, to_pointer(map(str, best))), names_of(resource))
    if seen.located_id == key.id:
        return Offer(key.id, Capture(name, header=LOCATION), names_of(resource))
    return None


def names_of(resource: Resource) -> frozenset[str]:
    """What the id of a resource is called elsewhere: `author_id`, `author`; in the one spelling that stands for all."""
    noun = spelled(singular(resource.name))
    generic = {"id", "uuid", "key", "name"}
    own = spelled(_id_name(resource))
    return frozenset({noun, f"{noun}id", f"{noun}uuid", own} - generic)


def bound_request(request: Request, operation: Operation, offer: Offer) -> Request:
    """A request that takes a value from an earlier response wherever it has that value."""
    values = path_texts(operation, request.path)
    for index, text in enumerate(values):
        if text == offer.value:
            request = with_path_value(request, operation.path, index, offer.capture.token)
    request = request._replace(query=_bound_query(request.query, offer))
    if offer.capture.header == ETAG:
        fields = (
            (n, v.replace(offer.value, offer.capture.token) if n in _CONDITIONS else v) for n, v in request.headers
        )
        return request._replace(headers=tuple(fields))
    for way, text in body_scalars(request):
        if text == offer.value and _is_called(next((key for key in reversed(way) if isinstance(key, str)), ""), offer):
            request = with_member(request, way, offer.capture.token)
    return request


def path_texts(operation: Operation, path: str) -> list[str]:
    """The path values of a request, decoded, by their order in the template."""
    segments, parts = path.split("/"), operation.path.split("/")
    first = len(segments) - len(parts)
    if first < 0:
        return []
    return [unquote(segments[first + at]) for at, part in enumerate(parts) for _ in template_names(part)]


def _bound_query(query: str, offer: Offer) -> str:
    fields = query.split("&") if query else []
    for index, field in enumerate(fields):
        name, _, text = field.partition("=")
        if unquote_plus(text) == offer.value and _is_called(unquote_plus(name), offer):
            fields[index] = f"{name}={offer.capture.token}"
    return "&".join(fields)


def _is_called(name: str, offer: Offer) -> bool:
    """Whether a member or a field means the value of an offer: by its name, or since the value is a rare one."""
    return spelled(name) in offer.names or (len(offer.value) >= _RARE_LENGTH and bool(offer.names))


def body_scalars(request: Request) -> list[tuple[tuple[str | int, ...], str]]:
    if not request.body or not any(name == "content-type" and "json" in value for name, value in request.headers):
        return []
    try:
        return [*scalars(json.loads(request.body))]
    except (ValueError, RecursionError):
        return []


def _offers(seen: Seen, taken: set[str]) -> Iterator[Offer]:
    """What later requests may take from a response: the id of what it created, and its ETag."""
    created = creation_offer(seen, taken)
    if created is not None:
        yield created
    headers = seen.exchange.response.headers if seen.exchange.response is not None else ()
    for name, value in headers:
        if name == ETAG:
            yield Offer(value, Capture(_free(ETAG, taken), header=ETAG), frozenset())


def _matching(earlier: Sequence[Seen], offers: list[list[Offer]], seen: Seen) -> Iterator[Offer]:
    """The values of a path that no creation gave, where an earlier response has them: a link, or a row of a list."""
    known = {offer.value for of_step in offers for offer in of_step}
    names = template_names(seen.operation.path)
    for name, text in zip(names, path_texts(seen.operation, seen.exchange.request.path), strict=False):
        for index in reversed(range(len(earlier))) if text not in known else ():
            way = next((way for way, value in scalars(earlier[index].response_value) if value == text), None)
            if way is not None and earlier[index].is_done:
                taken = {offer.capture.name for of_step in offers for offer in of_step}
                capture = Capture(_free(_variable(name), taken), to_pointer(map(str, way)))
                offer = Offer(text, capture, frozenset())
                offers[index].append(offer)
                yield offer
                break


def _id_name(resource: Resource) -> str:
    names = template_names(resource.item)
    return names[-1] if names else f"{resource.name}_id"


def _variable(name: str) -> str:
    """A name as a shell and Python have it."""
    word = re.sub(r"\W+", "_", name, flags=re.ASCII).strip("_") or "value"
    return f"_{word}" if word[0].isdigit() else word


def _free(name: str, taken: set[str]) -> str:
    """A name that is not taken: `id`, `id_2`, `id_3`."""
    number = 1
    while (candidate := name if number == 1 else f"{name}_{number}") in taken:
        number += 1
    return candidate
