"""What a fuzz run is asked for, and what comes out of it."""

from __future__ import annotations

import fnmatch
import socket
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlsplit

from tallystick.fuzz.credentials import Credentials, flag_for
from tallystick.fuzz.findings import Finding, Tested
from tallystick.nouns.contract import Contract
from tallystick.nouns.errors import Exit, UnreachableError, UsageError
from tallystick.nouns.violation import Severity
from tallystick.nouns.words import shortened

LISTED = 10
IN_PROCESS = "http://localhost:8000"
"""Where curl lines have an application that runs in this process and has no address."""


@dataclass(frozen=True, slots=True)
class Settings:
    """What is fuzzed and how: a server at `origin`, or an application in this process."""

    origin: str
    base_path: str
    seed: int
    selected: tuple[str, ...]
    """The labels of the operations that are tested."""
    application: Any = None
    credentials: Credentials = field(default_factory=Credentials)
    max_time: int | None = None
    max_examples: int | None = None
    workers: int = 1
    timeout: float = 10.0
    verify: bool = True


@dataclass(frozen=True, slots=True)
class Progress:
    """How far a run is: what it is at, how many requests and findings so far, and for how many seconds."""

    label: str
    requests: int
    findings: int
    seconds: float


@dataclass(slots=True)
class Outcome:
    """What a run found."""

    contract: Contract
    settings: Settings
    findings: list[Finding] = field(default_factory=list)
    tested: dict[str, Tested] = field(default_factory=dict)
    untested: dict[str, str] = field(default_factory=dict)
    """Why Schemathesis could not test something, by its label."""
    requests: int = 0
    seconds: float = 0.0
    stopped: str = ""
    """What ended the run before its time: "interrupted", "max_time", "server_unavailable"; "" for nothing."""

    @property
    def errors(self) -> list[Finding]:
        return [finding for finding in self.findings if finding.severity is Severity.ERROR]

    @property
    def warnings(self) -> list[Finding]:
        return [finding for finding in self.findings if finding.severity is not Severity.ERROR]

    @property
    def nothing(self) -> str:
        """Why the run as a whole tested nothing; "" where it tested something."""
        tested = [operation for operation in self.tested.values() if operation.requests]
        if not tested:
            return "no request was sent: nothing was tested"
        if all(operation.locked for operation in tested):
            return "every answer was 401 or 403: nothing was tested" + self._flags()
        if not any(operation.succeeded for operation in tested):
            return "no request to any operation was accepted: hardly anything was tested"
        return ""

    def _flags(self) -> str:
        schemes = {scheme for op in self.contract for requirement in op.security for scheme in requirement}
        wanted = sorted({flag_for(scheme) for scheme in schemes})
        return f"; give credentials that the server knows with {' and '.join(wanted)}" if wanted else ""

    @property
    def notes(self) -> list[str]:
        """What a reader has to know to judge the result, one sentence each."""
        unsent = [o.label for o in self.tested.values() if not o.requests and o.label not in self.untested]
        refused = [
            f"{tested.label} ({', '.join(f'{count} x {status}' for status, count in sorted(tested.statuses.items()))})"
            for tested in self.tested.values()
            if tested.requests and not tested.succeeded and not self.nothing
        ]
        notes = [f"not tested: {label}: {reason}" for label, reason in list(self.untested.items())[:LISTED]]
        if len(self.untested) > LISTED:
            notes.append(f"not tested, for like reasons: {shortened(list(self.untested)[LISTED:], LISTED)}")
        if unsent:
            notes.append(f"not tested, since no request was sent: {shortened(unsent, LISTED)}")
        if refused:
            notes.append(f"never accepted, so tested by halves: {shortened(refused, LISTED)}")
        return notes

    def code(self, strict: bool) -> int:
        """The exit code: what could not be tested fails a run as much as a finding does, by halves if `strict`."""
        if self.stopped == "interrupted":
            return 130
        if self.stopped == "server_unavailable":
            return Exit.UNREACHABLE
        failed = self.errors or self.nothing or (strict and (self.notes or self.warnings or self.contract.problems))
        return Exit.VIOLATIONS if failed else Exit.CLEAN


def select(contract: Contract, include: Sequence[str], exclude: Sequence[str]) -> tuple[str, ...]:
    """The labels of the operations that are meant: patterns (`*` and `?`) match an operation id, a path or a label.

    Raises `UsageError` where a pattern matches nothing, or nothing is left.
    """

    def matching(patterns: Sequence[str]) -> set[str]:
        found = set()
        for pattern in patterns:
            names = {
                operation.label
                for operation in contract
                if any(
                    fnmatch.fnmatchcase(name, pattern)
                    for name in (operation.label, operation.path, operation.operation_id or "")
                )
            }
            if not names:
                known = ", ".join(operation.operation_id or operation.label for operation in contract.operations[:8])
                raise UsageError(f"no operation matches {pattern!r}; there are {known or 'none'}")
            found |= names
        return found

    wanted = matching(include) if include else {operation.label for operation in contract}
    wanted -= matching(exclude)
    if not wanted:
        raise UsageError(f"{contract.file}: no operation is left to test")
    return tuple(operation.label for operation in contract if operation.label in wanted)


def split_url(url: str) -> tuple[str, str]:
    """The origin and the base path of a URL; raises `UsageError` where it is none."""
    parts = urlsplit(url)
    try:
        valid = parts.scheme in ("http", "https") and bool(parts.hostname) and parts.port != 0
    except ValueError:
        valid = False
    if not valid or parts.query or parts.fragment:
        raise UsageError(f"--url {url}: expected the base URL of the API, as in http://127.0.0.1:4010/v1")
    return f"{parts.scheme}://{parts.netloc}", parts.path.rstrip("/")


def reach(origin: str, seconds: float = 5.0) -> None:
    """Raises `UnreachableError` where nothing listens at an origin."""
    parts = urlsplit(origin)
    port = parts.port or (443 if parts.scheme == "https" else 80)
    try:
        socket.create_connection((parts.hostname or "", port), seconds).close()
    except OSError as error:
        reason = error.strerror or str(error) or "no answer"
        raise UnreachableError(f"{origin} cannot be reached: {reason}; is the server running?") from None
