"""Fuzzes operations of a contract inside a test: `tallystick_fuzz(app)` fails the test by what it finds."""

from __future__ import annotations

import sys
from collections.abc import Callable, Mapping, Sequence
from contextlib import redirect_stdout
from typing import cast

from tallystick.fuzz.application import Application
from tallystick.fuzz.credentials import GivenCredentials, credentials_for
from tallystick.fuzz.outcome import Outcome
from tallystick.fuzz.report import result_of
from tallystick.fuzz.settings import IN_PROCESS, Settings, require_server, select_operations, split_url
from tallystick.nouns.contract import Contract
from tallystick.nouns.errors import Exit, UnreachableError, UsageError
from tallystick.nouns.extras import install_line
from tallystick.reports.formats import fuzz_report

Target = str | Application
"""A base URL, or an ASGI or WSGI application."""
_EXAMPLES = 20
"""How many requests are drawn for each operation where nothing else is said."""


class OperationFuzzer:
    """Fuzzes some operations of a contract when it is called; the limits are those of `tallystick fuzz`."""

    def __init__(
        self,
        contract: Contract,
        operations: Sequence[str] = (),
        max_examples: int = _EXAMPLES,
        max_time: int | None = None,
        seed: int = 0,
    ) -> None:
        for name, value, least in (("max_examples", max_examples, 1), ("max_time", max_time, 1), ("seed", seed, 0)):
            is_whole = isinstance(value, int) and not isinstance(value, bool) and value >= least
            if not is_whole and not (name == "max_time" and value is None):
                raise UsageError(f"tallystick_fuzz: {name}: a whole number from {least} on was expected; not {value!r}")
        self.contract = contract
        self.selected = select_operations(contract, operations, ())
        self.max_examples, self.max_seconds, self.seed = max_examples, max_time, seed

    def __call__(self, target: Target, headers: Mapping[str, str] | None = None) -> None:
        """Fuzz the operations of a server or of an application, and raise `AssertionError` with what was found.

        The header fields are sent with every request.
        """
        __tracebackhide__ = True
        if not isinstance(target, str) and not callable(target):
            fact = "expected a base URL, or an ASGI or WSGI application (an app itself, not a test client of it)"
            raise UsageError(f"tallystick_fuzz: {target!r:.100}: {fact}")
        outcome = Outcome.begun(self.contract, self.settings(target, headers or {}))
        with redirect_stdout(sys.stderr):
            if isinstance(target, str):
                require_server(outcome.settings)
            _engine()(self.contract, outcome.settings, lambda _: None, outcome)
        if outcome.error is not None:
            raise outcome.error
        if outcome.code(strict=False) not in (Exit.CLEAN, Exit.PARTIAL) or outcome.is_broken_off:
            raise AssertionError(fuzz_report("text", result_of(outcome, False)).rstrip())

    def settings(self, target: Target, headers: Mapping[str, str]) -> Settings:
        """The settings of the run."""
        given = GivenCredentials(headers=tuple(headers.items()))
        if isinstance(target, str):
            origin, base_path = split_url(target)
        else:
            servers = self.contract.servers
            origin, base_path = IN_PROCESS, servers[0].base_path if servers else ""
        return Settings(
            origin=origin,
            base_path=base_path,
            seed=self.seed,
            selected=self.selected,
            application=None if isinstance(target, str) else target,
            credentials=credentials_for(self.contract, given),
            max_seconds=self.max_seconds,
            max_examples=self.max_examples,
        )


def _engine() -> Callable[..., Outcome]:
    try:
        from tallystick.fuzz.engine import execute  # imports Schemathesis, which is slow
    except ImportError as error:
        if (error.name or "").partition(".")[0] == "tallystick":
            raise  # a fault of ours
        raise UnreachableError(f"Schemathesis is not installed: {error}; type: {install_line('fuzz')}") from None
    return cast(Callable[..., Outcome], execute)
