"""Two versions of a contract compared: operations in pairs, then everything in them."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date

from tallystick.diff.changes import Changes
from tallystick.diff.exchanges import Pair, errors_of, plain_request
from tallystick.diff.requests import Requests
from tallystick.diff.responses import Responses
from tallystick.diff.schemas import SchemaComparison
from tallystick.nouns.change import Change, Witness
from tallystick.nouns.contract import Contract, Operation
from tallystick.nouns.exchange import Exchange
from tallystick.nouns.path_templates import template_shape
from tallystick.wire.reading import operation_for


def compare(old: Contract, new: Contract, today: date) -> list[Change]:
    """The changes between two versions of a contract, breaking ones first; `today` says which sunsets have passed."""
    return Comparison(old, new, today).changes()


class Comparison:
    """Compares two contracts."""

    def __init__(self, old: Contract, new: Contract, today: date) -> None:
        self.old = old
        self.new = new
        self.today = today
        self.found = Changes()
        self.schemas = SchemaComparison(old, new, self.found)

    def changes(self) -> list[Change]:
        if is_same_text(self.old, self.new):
            return []
        pairs, removed, added = paired(self.old, self.new)
        for operation in removed:
            self.removed(operation)
        for operation in added:
            message = f"{operation.label} was added"
            self.found.add("operation-added", operation.label, "", message, None, operation.place)
        for pair in pairs:
            self.operation(pair)
            Requests(pair, self.schemas, self.found).compare()
            Responses(pair, self.schemas, self.found).compare()
        self.webhooks()
        return self.found.sorted()

    def removed(self, operation: Operation) -> None:
        message = f"{operation.label} was removed"
        sunset = _date(operation.extensions.get("x-sunset"))
        if operation.deprecated and sunset is not None and sunset <= self.today:
            message += f", after its sunset ({sunset})"
            rule = "operation-removed-after-sunset"
            self.found.add(rule, operation.label, "", message, operation.place, None)
            return
        self.found.add(
            "operation-removed", operation.label, "", message, operation.place, None, self.not_found(operation)
        )

    def not_found(self, operation: Operation) -> Witness | None:
        """A request that the operation took, and that the new contract has no operation for, or refuses."""
        request = plain_request(operation)
        exchange = Exchange(request)
        if errors_of(operation, exchange, False):
            return None
        other = operation_for(self.new, request.method, request.path)
        if other is None:
            methods = ", ".join(self.new.methods(request.path))
            reason = f"the path has only {methods} now" if methods else "no path of the new contract matches"
            return Witness(exchange, reason)
        errors = errors_of(other[0], exchange, False)
        return Witness(exchange, f"{other[0].label}: {errors[0].where}: {errors[0].message}") if errors else None

    def operation(self, pair: Pair) -> None:
        old, new, add = pair.old, pair.new, self.found.add
        if new.deprecated and not old.deprecated:
            sunset = _date(new.extensions.get("x-sunset"))
            rule = "operation-deprecated" if sunset is not None else "operation-deprecated-without-sunset"
            ends = f", and ends on {sunset}" if sunset is not None else "; say when it ends with x-sunset"
            add(rule, pair.label, "", f"{pair.label} is deprecated{ends}", old.place, new.place)
        if old.deprecated and not new.deprecated:
            add("operation-reinstated", pair.label, "", f"{pair.label} is not deprecated now", old.place, new.place)
        if old.operation_id and old.operation_id != new.operation_id:
            message = f"the operationId {old.operation_id!r} is {new.operation_id!r} now"
            add("operation-id-changed", pair.label, "", message, old.place, new.place)
        if {*old.tags} != {*new.tags}:
            message = f"the tags were {', '.join(old.tags) or 'none'} and are {', '.join(new.tags) or 'none'}"
            add("operation-tags-changed", pair.label, "", message, old.place, new.place)
        self.servers(pair)

    def servers(self, pair: Pair) -> None:
        old, new = pair.old, pair.new
        old_paths = {server.base_path: server for server in old.servers}
        new_paths = {server.base_path: server for server in new.servers}
        for base, server in old_paths.items():
            if new_paths and base and base not in new_paths and base + old.path != new.path:
                request = plain_request(old)
                exchange = Exchange(request._replace(path=base + request.path))
                bases = ", ".join(path or "/" for path in new_paths)
                witness = Witness(exchange, f"the path begins with none of the base paths {bases}")
                message = f"the base path {base} is {bases} now"
                place = new.servers[0].place
                self.found.add("base-path-removed", pair.label, "path", message, server.place, place, witness)
        for base, server in new_paths.items():
            if old_paths and base and base not in old_paths and old.path != base + new.path:
                message = f"the base path {base} was added"
                self.found.add("base-path-added", pair.label, "path", message, old.servers[0].place, server.place)
        old_hosts, new_hosts = (
            {each.host: each for each in servers if each.host} for servers in (old.servers, new.servers)
        )
        for host in {**old_hosts, **new_hosts}:
            if (host in old_hosts) is not (host in new_hosts):
                is_new = host in new_hosts
                message = f"the server {host} was {'added' if is_new else 'removed'}"
                server = (new_hosts if is_new else old_hosts)[host]
                rule = f"server-{'added' if is_new else 'removed'}"
                places = (None, server.place) if is_new else (server.place, None)
                self.found.add(rule, pair.label, "", message, *places)

    def webhooks(self) -> None:
        hooks = []
        for contract in (self.old, self.new):
            key = "webhooks" if contract.root.members_of("webhooks") else "x-webhooks"
            place = contract.root.place.at(key)
            hooks.append(
                {
                    (name, method): place.at(name, method)
                    for name, item in contract.root.members_of(key).items()
                    if isinstance(item, dict)
                    for method in item
                    if method in contract.dialect.methods
                }
            )
        old, new = hooks
        for name, method in {**old, **new}:
            hook = name, method
            if (hook in old) is not (hook in new):
                verb = "added" if hook in new else "removed"
                message = f"the webhook {name} ({method.upper()}) was {verb}"
                self.found.add(f"webhook-{verb}", name, "", message, old.get(hook), new.get(hook))


def is_same_text(old: Contract, new: Contract) -> bool:
    """Whether all documents of two contracts have the same text, one by one."""
    texts = [[document.source for document in contract.root.document.family] for contract in (old, new)]
    return texts[0] == texts[1]


def paired(old: Contract, new: Contract) -> tuple[list[Pair], list[Operation], list[Operation]]:
    """The operations that both contracts have, those that only the old has, and those that only the new has.

    The names in a path do not matter, nor whether its beginning stands in the path or in the address of the server.
    """
    left = {key: operation for operation in reversed(new.operations) for key in _keys(operation)}
    pairs, removed, passed = [], [], set[int]()
    for operation in old.operations:
        partner = next((left[key] for key in _keys(operation) if key in left and id(left[key]) not in passed), None)
        if partner is None:
            removed.append(operation)
        else:
            passed.add(id(partner))
            pairs.append(Pair(operation, partner))
    return pairs, removed, [operation for operation in new.operations if id(operation) not in passed]


def _keys(operation: Operation) -> Iterator[tuple[str, str]]:
    yield operation.method, template_shape(operation.path)
    for server in operation.servers:
        if server.base_path:
            yield operation.method, template_shape(server.base_path + operation.path)


def _date(value: object) -> date | None:
    try:
        return date.fromisoformat(str(value)[:10])
    except ValueError:
        return None
