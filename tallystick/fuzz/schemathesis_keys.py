"""The idempotency keys of the cases that Schemathesis makes: it sends many of them with the same one."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

import schemathesis
from schemathesis import hooks

from tallystick.fuzz.idempotency_keys import IdempotencyKeys
from tallystick.fuzz.settings import Settings
from tallystick.nouns.contract import Contract

if TYPE_CHECKING:
    from schemathesis.hooks import HookContext


@contextmanager
def own_idempotency_keys(contract: Contract, settings: Settings) -> Iterator[None]:
    """Gives each case a key of its own, for the length of a run: such a hook cannot be that of one schema."""
    keys = IdempotencyKeys(contract, settings)

    def before_call(context: HookContext, case: schemathesis.Case[Any], kwargs: dict[str, Any]) -> None:  # noqa: ARG001 - Schemathesis's signature
        case.headers.update(keys.fresh(case.operation.label, case.headers))

    schemathesis.hook(before_call)
    try:
        yield
    finally:
        hooks.unregister(before_call)
