"""Webhooks and callbacks compared: requests that the owner of a contract sends, and that clients read."""

from __future__ import annotations

from tallystick.contracts.hooks import Hooks, callbacks_of, webhooks_of
from tallystick.diff.changes import Changes
from tallystick.diff.exchanges import Pair, of_item, of_parameter, of_request_body
from tallystick.diff.schemas import SchemaComparison, Versions
from tallystick.nouns.contract import BodyFormat, Contract
from tallystick.nouns.schema import Direction
from tallystick.wire.negotiation import concrete_type, documented_format


class HookComparison:
    """Compares the webhooks of two contracts, and the callbacks of their operations."""

    def __init__(self, old: Contract, new: Contract, schemas: SchemaComparison, changes: Changes) -> None:
        self.contracts = old, new
        self.schemas = schemas
        self.changes = changes
        self.nodes = tuple(
            {(each.method, each.template): each.node for each in contract.documented_operations}
            for contract in (old, new)
        )

    def webhooks(self) -> None:
        old, new = (webhooks_of(contract) for contract in self.contracts)
        self.hooks("webhook", "", old, new)

    def callbacks(self, pair: Pair) -> None:
        """Compare the callbacks of an operation."""
        nodes = [self.nodes[index].get((each.method, each.path)) for index, each in enumerate((pair.old, pair.new))]
        if not any(node is not None and "callbacks" in node.members for node in nodes):
            return
        old, new = (
            callbacks_of(contract, node) if node is not None else {}
            for contract, node in zip(self.contracts, nodes, strict=True)
        )
        self.hooks("callback", pair.label, old, new)

    def hooks(self, kind: str, label: str, old: Hooks, new: Hooks) -> None:
        for name, method in {**old, **new}:
            one, other = old.get((name, method)), new.get((name, method))
            own_label = label or f"{kind} {name}"
            where = f"{kind} {name.partition(' ')[0]}" if label else kind
            if one is not None and other is not None:
                self.hook(Pair(one, other), own_label, where)
                continue
            verb = "added" if one is None else "removed"
            message = f"the {kind} {name} ({method}) was {verb}"
            places = (one.place if one is not None else None), (other.place if other is not None else None)
            self.changes.add(f"{kind}-{verb}", own_label, "" if not label else where, message, *places)

    def hook(self, pair: Pair, label: str, where: str) -> None:
        self.body(pair, label, where)
        self.parameters(pair, label, where)
        old_statuses, new_statuses = ({each.status: each for each in one.responses} for one in (pair.old, pair.new))
        for status in {**old_statuses, **new_statuses}:
            one, other = old_statuses.get(status), new_statuses.get(status)
            if one is None or other is None:
                verb = "added" if one is None else "removed"
                places = (one.place if one else pair.old.place), (other.place if other else pair.new.place)
                message = f"{where}: the answer {status} was {verb}"
                self.changes.add(f"webhook-answer-{verb}", label, where, message, *places)

    def body(self, pair: Pair, label: str, where: str) -> None:
        old, new = pair.old.request_body, pair.new.request_body
        if old is None or new is None:
            if old is not new:
                verb = "added" if old is None else "removed"
                places = (old.place if old else pair.old.place), (new.place if new else pair.new.place)
                message = f"{where}: the body was {verb}"
                self.changes.add(f"webhook-body-{verb}", label, f"{where} body", message, *places)
            return
        for old_format in old.content:
            new_format = documented_format(new.content, concrete_type(old_format.media_type))
            if new_format is None:
                message = f"{where}: the body is not sent as {old_format.media_type} any more"
                rule = "webhook-media-type-removed"
                self.changes.add(rule, label, f"{where} body", message, old_format.place, new.place)
            else:
                self.format(pair, label, where, old_format, new_format)
        for new_format in new.content:
            if documented_format(old.content, concrete_type(new_format.media_type)) is None:
                message = f"{where}: the body may be sent as {new_format.media_type}"
                rule = "webhook-media-type-added"
                self.changes.add(rule, label, f"{where} body", message, old.place, new_format.place)

    def format(self, pair: Pair, label: str, where: str, old: BodyFormat, new: BodyFormat) -> None:
        for one, other in ((old.schema, new.schema), (old.item_schema, new.item_schema)):
            if one is None and other is None:
                continue
            self.schemas.compare(
                Versions(
                    label,
                    Direction.REQUEST,
                    f"{where} body{'/0' if of_item(new, other) else ''}",
                    self.schemas.schema(one, old.place, False),
                    self.schemas.schema(other, new.place, True),
                    of_request_body(pair, new, other, reverse=True),
                    of_request_body(pair, old, one),
                    [example.value for example in old.examples],
                    [example.value for example in new.examples],
                    is_hook=True,
                )
            )

    def parameters(self, pair: Pair, label: str, where: str) -> None:
        old, new = (
            {(each.location, each.name.lower()): each for each in one.parameters} for one in (pair.old, pair.new)
        )
        for key in {**old, **new}:
            one, other = old.get(key), new.get(key)
            if one is not None and other is not None:
                self.schemas.compare(
                    Versions(
                        label,
                        Direction.REQUEST,
                        f"{where} {other.where}",
                        self.schemas.schema(one.described, one.place, False),
                        self.schemas.schema(other.described, other.place, True),
                        of_parameter(pair, other, reverse=True),
                        of_parameter(pair, one),
                        is_hook=True,
                    )
                )
                continue
            verb = "added" if one is None else "removed"
            places = (one.place if one else pair.old.place), (other.place if other else pair.new.place)
            message = f"{where}: the parameter {'.'.join(key)} was {verb}"
            self.changes.add(f"webhook-parameter-{verb}", label, where, message, *places)
