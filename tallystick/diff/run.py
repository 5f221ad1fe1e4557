"""Two versions of a contract compared: operations in pairs, then everything in them."""

from __future__ import annotations

from datetime import date

from tallystick.diff.changes import Changes
from tallystick.diff.exchanges import errors_of, plain_request
from tallystick.diff.hooks import HookComparison
from tallystick.diff.pairing import paired
from tallystick.diff.promises import Promises, sunset_of
from tallystick.diff.requests import Requests
from tallystick.diff.responses import Responses
from tallystick.diff.schemas import SchemaComparison
from tallystick.diff.security import Security, compare_schemes
from tallystick.diff.servers import Servers
from tallystick.nouns import progress
from tallystick.nouns.change import Change, Witness
from tallystick.nouns.contract import Contract, Operation
from tallystick.nouns.exchange import Exchange
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
        servers = Servers(self.old, self.new, self.found)
        hooks = HookComparison(self.old, self.new, self.schemas, self.found)
        for number, pair in enumerate(pairs, 1):
            progress.tell(f"{self.new.file}: {number:,} of {len(pairs):,} operations: {pair.label}")
            Promises(pair, self.found).compare()
            servers.compare(pair)
            Requests(pair, self.schemas, self.found).compare()
            Security(pair, self.found).compare()
            Responses(pair, self.schemas, self.found).compare()
            hooks.callbacks(pair)
        hooks.webhooks()
        compare_schemes(self.old, self.new, self.found)
        return self.found.sorted()

    def removed(self, operation: Operation) -> None:
        message = f"{operation.label} was removed"
        sunset = sunset_of(operation)
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
        other = operation_for(self.new, request.method, request.path, request)
        if other is None:
            methods = ", ".join(self.new.methods(request.path))
            reason = f"the path has only {methods} now" if methods else "no path of the new contract matches"
            return Witness(exchange, reason)
        errors = errors_of(other[0], exchange, False)
        return Witness(exchange, f"{other[0].label}: {errors[0].where}: {errors[0].message}") if errors else None


def is_same_text(old: Contract, new: Contract) -> bool:
    """Whether all documents of two contracts have the same text, one by one."""
    texts = [[document.source for document in contract.root.document.family] for contract in (old, new)]
    return texts[0] == texts[1]
