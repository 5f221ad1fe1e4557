"""Headers and members that say where a resource is lead to it on the mock."""

from __future__ import annotations

import re
from collections.abc import Iterator

from tallystick.examples.samples import Unsatisfiable, parameter_sample
from tallystick.mock.tailoring.addresses import Addresses, Target, filled, raw, target_of
from tallystick.mock.tailoring.edit import Base, Draft, Edit
from tallystick.mock.tailoring.envelopes import envelopes
from tallystick.mock.tailoring.puts import Put, Shapes, objects_in, put_all
from tallystick.nouns.contract import Link, Operation
from tallystick.nouns.json_pointer import part_at
from tallystick.nouns.json_value import JSON
from tallystick.nouns.path_templates import template_names
from tallystick.resources.names import names_row, path_names, spelled, words_of

_HEADERS = frozenset(("location", "content-location"))
_OWN = frozenset(("self", "href", "selflink", "selfurl", "selfhref"))
"""Members that hold the address of the object that they are in."""
_MAYBE_OWN = _OWN | {"url", "uri", "resourceuri", "resourceurl", "apiurl"}
"""Members that do so where they lead to an operation for one item."""
_ADDRESS_WORDS = {(word,) for word in ("self", "href", "url", "uri", "link", "location")}
_OF_PAGES = frozenset("next prev previous first last".split())
_BODY_POINTER = re.compile(r"\$response\.body#(/.*)")


def location_edit(base: Base) -> Edit[Target] | None:
    """The edit that makes `Location` and `Content-Location` of a success lead to the item on the mock."""
    status = base.reply.response.status
    documented = {name for name, _ in base.reply.response.headers if name in _HEADERS}
    if base.contract is None or not documented or not 200 <= status < 400:
        return None
    addresses = Addresses(base.contract, base.operation)
    item = addresses.item if status < 300 else None

    def apply(draft: Draft, target: Target) -> None:
        own = _item_path(base, addresses, item, draft.value, target) if item is not None else ""
        for index, (name, value) in enumerate(draft.headers):
            if name in _HEADERS:
                path = own or _path_on_mock(addresses, value, target)
                if path:
                    draft.headers[index] = (name, target.origin + path)

    return Edit(target_of, apply, "the address of the request")


def addresses_edit(base: Base) -> Edit[Target] | None:
    """The edit that makes addresses of the API in a body lead to the mock, those of the resource itself to its path."""
    contract = base.contract
    if contract is None or not base.has_value or not isinstance(base.value, (dict, list)):
        return None
    if not 200 <= base.reply.response.status < 300:
        return None
    addresses, shapes = Addresses(contract, base.operation), Shapes()
    example = Target("http", "example.com", "", tuple(template_names(base.operation.path)))
    if not any(True for _ in _address_puts(base, base.value, addresses, example, shapes)):
        return None
    return kept_addresses_edit(base)


def kept_addresses_edit(base: Base) -> Edit[Target] | None:
    """The same edit of a reply with a resource in it that is kept, which may have addresses where the base has none."""
    if base.contract is None or not base.has_value:
        return None
    addresses, shapes = Addresses(base.contract, base.operation), Shapes()

    def apply(draft: Draft, target: Target) -> None:
        put_all([*_address_puts(base, draft.value, addresses, target, shapes)], draft.value, base.schema)

    return Edit(target_of, apply, "the address of the request")


def _address_puts(base: Base, body: JSON, addresses: Addresses, target: Target, shapes: Shapes) -> Iterator[Put]:
    """The puts of the addresses in a body: of the resource itself, of the objects in it, and of rows."""
    own: dict[str, JSON] | None = None
    own_path = ""
    item = addresses.item
    if isinstance(body, dict) and item is not None:
        own_path = _item_path(base, addresses, item, body, target, invents=False)
        holders = [*envelopes(body, base.schema, shapes, names_row(base.operation.path))]
        own = next((holder for holder, _ in holders if any(spelled(name) in _OWN for name in holder)), None)
    inner = (holder for holder, _, _ in objects_in(body, base.schema, shapes))
    for holder in (*([body] if isinstance(body, dict) else ()), *inner):
        for name, value in holder.items():
            if not isinstance(value, str) or words_of(name)[-1:] not in _ADDRESS_WORDS or spelled(name) in _OF_PAGES:
                continue
            is_own = holder is own and spelled(name) in _OWN
            path = own_path if is_own and own_path else _path_on_mock(addresses, value, target, name, holder)
            origin = "" if value.startswith("/") else target.origin
            if path and origin + path != value:
                yield Put(holder, name, origin + path)


def _path_on_mock(
    addresses: Addresses, text: str, target: Target, name: str = "", holder: dict[str, JSON] | None = None
) -> str:
    """The path on the mock that an address of the API leads to; "" where it leads elsewhere.

    It may be the address of the object that holds it under a name.
    """
    address = addresses.read(text, spelled(name) in _OWN)
    if address is None:
        return ""
    template = address.operation.path
    values = {**address.path_values, **addresses.shared_values(template, target)}
    last = path_names(template)[-1:]
    if holder is not None and spelled(name) in _MAYBE_OWN and last and last[0].is_item:
        value = _identity(holder, last[0].own_names)
        values[last[0].name] = raw(value) if value is not None else values[last[0].name]
    return target.prefix + filled(template, values) + address.rest


def _item_path(
    base: Base, addresses: Addresses, item: Operation, body: JSON, target: Target, invents: bool = True
) -> str:
    """The path of the item that a reply is about.

    A value that the reply does not have is that of the contract where it `invents`; else the path is "".
    """
    values = addresses.shared_values(item.path, target)
    for link in base.definition.links:
        if link.operation_id is not None and link.operation_id == item.operation_id:
            values.update(_linked(link, body))
    missing = [name for name in path_names(item.path) if name.name not in values]
    for name in missing:
        if isinstance(body, dict):
            for holder, _ in envelopes(body, base.schema, Shapes(), name.noun):
                value = _identity(holder, name.own_names)
                if value is not None:
                    values[name.name] = raw(value)
                    break
        if name.name not in values and invents:
            values.update(_invented(item, name.name))
    is_known = all(name in values for name in template_names(item.path))
    return target.prefix + filled(item.path, values) if is_known else ""


def _linked(link: Link, body: JSON) -> Iterator[tuple[str, str]]:
    """The path values that a link takes from a body."""
    for name, expression in link.parameters.items():
        pointer = _BODY_POINTER.fullmatch(expression) if isinstance(expression, str) else None
        if pointer is None:
            continue
        try:
            value = part_at(body, pointer[1].split("/")[1:])
        except KeyError:
            continue
        if isinstance(value, (str, int, float)) and value != "":
            yield name.removeprefix("path."), raw(value)


def _invented(item: Operation, name: str) -> dict[str, str]:
    """The value of a path parameter that the contract gives, where the reply has none."""
    parameter = next((each for each in item.parameters if each.location == "path" and each.name == name), None)
    try:
        sample = parameter_sample(parameter) if parameter is not None else None
    except Unsatisfiable:
        return {}
    return {name: raw(sample.value)} if sample is not None and isinstance(sample.value, (str, int)) else {}


def _identity(holder: dict[str, JSON], names: tuple[str, ...]) -> JSON:
    """The value that identifies an object, by the names of what identifies it; None where there is none."""
    members = {spelled(member): value for member, value in holder.items()}
    values = (members.get(name) for name in names)
    scalars = (value for value in values if isinstance(value, (str, int)) and not isinstance(value, bool))
    return next((value for value in scalars if value != ""), None)
