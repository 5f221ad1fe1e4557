"""What is not there: which status says so, where the contract documents one and where it does not."""

from __future__ import annotations

from tallystick.mock.problem import Problem
from tallystick.mock.rules import RESOURCE_DELETED, RESOURCE_MISSING
from tallystick.mock.stores.store import Item
from tallystick.nouns.contract import Operation
from tallystick.resources.resources import Role

_CREATED_BEFORE = 2
"""The least version of the tombstone of a resource that was kept before."""


class Absence:
    """How one operation answers for what is not there."""

    def __init__(self, operation: Operation, is_closed: bool) -> None:
        self.operation = operation
        self.is_closed = is_closed
        has_404 = operation.response_for(404) is not None
        has_410 = operation.response_for(410) is not None
        self.is_documented = has_404 or has_410
        self.missing_status = 404 if has_404 or not has_410 else 410
        self.deleted_status = 410 if any(each.status == "410" for each in operation.responses) else self.missing_status

    def of(self, item: Item | None, is_single: bool = False, role: Role | None = None) -> bool:
        """Whether a resource of which this is kept is not there, as this operation with a role sees it.

        A single one is there though nobody created it. Where the contract documents no status that says so, only who
        reads what was created or changed before is told that it was deleted: whatever else is asked for is answered
        as the contract promises, and to delete again what is gone is a success.
        """
        if not self.is_documented and (is_single or role is Role.DELETE):
            return False
        if item is None:
            return self.is_closed and not is_single
        if self.is_documented or self.is_closed:
            return item.is_deleted
        return item.is_deleted and role is Role.READ and item.version >= _CREATED_BEFORE

    def problem(self, item: Item | None, path: str) -> Problem:
        """Why a request is refused that needs a resource at a path."""
        if item is None:
            fact = f"there is no {path}; only what was created or seeded exists (--state closed)"
            return Problem(self.missing_status, fact, (RESOURCE_MISSING.violation("path", self.operation.place, fact),))
        fact = f"{path} was deleted; creating it again brings it back"
        return Problem(self.deleted_status, fact, (RESOURCE_DELETED.violation("path", self.operation.place, fact),))
