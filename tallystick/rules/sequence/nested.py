"""Rules on resources below others: each is found below its parent alone, and nothing below one that is not there."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from tallystick.nouns.json_value import JSON
from tallystick.nouns.path_templates import template_names
from tallystick.nouns.rule import Rule, Scope
from tallystick.nouns.violation import Severity
from tallystick.resources.resources import Role
from tallystick.rules.sequence.history import History
from tallystick.rules.sequence.members import settable
from tallystick.rules.sequence.relation import Relation, SequenceCheck
from tallystick.rules.sequence.seen import Seen
from tallystick.schemas.messages import shown as shown_value

_GONE = frozenset((404, 410))

FOUND_BELOW_NOTHING = Rule(
    "found-below-nothing", Severity.ERROR, Scope.SEQUENCE, "Below a resource that is not there, nothing is found."
)
FOUND_BELOW_ANOTHER = Rule(
    "found-below-another",
    Severity.ERROR,
    Scope.SEQUENCE,
    "What was created below one resource is not found below another.",
)


def below_nothing(history: History) -> Iterator[Relation]:
    """Collections below a resource that is not there, which are answered as if it were, though 404 is documented."""
    missing: dict[str, Seen] = {}
    for seen in history.seen:
        if not seen.is_safe and not seen.is_refused:
            missing.clear()
        if seen.role is Role.READ and seen.resource is not None and not seen.resource.is_single:
            missing.pop(seen.exchange.request.path, None)
            if seen.status in _GONE and seen.is_valid:
                missing[seen.exchange.request.path] = seen
        parent = missing.get(_parent_path(seen))
        if parent is None or seen.operation.method != "GET" or not seen.is_done or not seen.is_valid:
            continue
        if seen.operation.response_for(404) is None or not parent.has_caller_of(seen):
            continue
        message = f"{parent.operation.label} says {parent.status} of what it is below, and it was answered with"
        violation = FOUND_BELOW_NOTHING.violation("response", seen.operation.place, f"{message} {seen.status}")
        yield Relation(violation, seen.operation.label, (parent.index, seen.index))


def _parent_path(seen: Seen) -> str:
    """The path of the item that a collection is below; "" where the path has other names behind that."""
    template, _, last = seen.operation.path.rpartition("/")
    is_below = template.endswith("}") and bool(last) and not template_names(last)
    return seen.exchange.request.path.rpartition("/")[0] if is_below else ""


def below_another(history: History) -> Iterator[Relation]:
    """What was created below one resource, and is shown below another one that is not its parent."""
    created = [
        seen
        for seen in history.seen
        if seen.role is Role.CREATE and seen.is_done and seen.created_id and seen.sent and seen.is_valid
    ]
    places = {(each.place, each.created_id) for each in created}
    for seen in history.seen:
        resource = seen.resource
        if resource is None or resource.parent is None or resource.parent.is_single or not seen.is_done:
            continue
        if Role.READ not in resource.parent.operations or seen.operation.response_for(404) is None:
            continue  # what stands before it in the path may be a tenant, or a language
        for child in created:
            is_other = child.resource is resource and child.place != seen.place and child.index < seen.index
            is_other = is_other and (seen.place, child.created_id) not in places
            shown = _shown(seen, child) if is_other else None
            if shown is not None and _is_same(history, child, seen, shown) and child.has_caller_of(seen):
                message = f"{shown_value(child.created_id)} was created below {child.place}, and is shown here, too"
                violation = FOUND_BELOW_ANOTHER.violation("response", seen.operation.place, message)
                yield Relation(violation, seen.operation.label, (child.index, seen.index))
                break


def _shown(seen: Seen, child: Seen) -> Mapping[str, JSON] | None:
    """What an exchange shows of a resource that was created elsewhere."""
    if seen.role is Role.READ and seen.key is not None and seen.key.id == child.created_id:
        return seen.shown
    rows = seen.rows or () if seen.role is Role.LIST else ()
    return next((row for row in rows if isinstance(row, dict) and seen.id_of_row(row) == child.created_id), None)


def _is_same(history: History, child: Seen, seen: Seen, shown: Mapping[str, JSON]) -> bool:
    """Whether what is shown has all that was sent, and not only the same id: each parent may count from 1."""
    schema = seen.shown_schema if seen.role is Role.READ else seen.row_schema
    sent = child.sent or {}
    names = [name for name, _, _ in settable(history.promises, child, schema) if sent.get(name) is not None]
    return bool(names) and all(shown.get(name) == sent[name] for name in names)


CHECKS = (
    SequenceCheck(below_nothing, (FOUND_BELOW_NOTHING,)),
    SequenceCheck(below_another, (FOUND_BELOW_ANOTHER,)),
)
