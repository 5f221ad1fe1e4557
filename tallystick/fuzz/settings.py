"""The settings of a fuzz run: what is fuzzed, which of its operations, and how."""

from __future__ import annotations

import socket
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from tallystick.coverage.least import LeastCoverage
from tallystick.fuzz.application import Application
from tallystick.fuzz.cases import Phase
from tallystick.fuzz.credentials import Credentials
from tallystick.fuzz.known_values import GivenValue, RecordedValues
from tallystick.fuzz.pieces import ALL_PHASES
from tallystick.nouns.contract import Contract
from tallystick.nouns.errors import UnreachableError, UsageError
from tallystick.nouns.expectation import Expectation
from tallystick.nouns.grades import NO_GRADES, Grades
from tallystick.nouns.operation_patterns import is_named

if TYPE_CHECKING:
    from tallystick.fuzz.calls import Call, Login
    from tallystick.fuzz.renewal import Renewal
    from tallystick.fuzz.server_process import ServerCommand

_CONNECTION_SECONDS = 5.0
"""How long the first connection may take."""
IN_PROCESS = "http://localhost:8000"
"""The address in curl lines of an application that runs in this process, and so has none."""


@dataclass(frozen=True, slots=True)
class Settings:
    """What is fuzzed and how: a server at `origin`, or an application in this process."""

    origin: str
    base_path: str
    seed: int
    selected: tuple[str, ...]
    """The labels of the operations that are tested."""
    application: Application | None = None
    credentials: Credentials = field(default_factory=Credentials)
    max_seconds: int | None = None
    max_examples: int | None = None
    workers: int = 1
    settle_seconds: float = 0.0
    """How long the run waits for what it reads to be what was written, before it says that it is not."""
    timeout_seconds: float = 10.0
    """How long a response may take."""
    max_response_seconds: float = 0.0
    """How long a response may take before that is a finding; 0 for as long as it takes."""
    closed_world: bool = False
    """Whether responses may have no members but those that are declared, though their schemas are open."""
    verify: bool = True
    """Whether the server's certificate is verified."""
    expected: Mapping[str, frozenset[int]] = field(default_factory=dict)
    """The refusals and server errors that the user expects, by the label of an operation."""
    min_coverage: tuple[LeastCoverage, ...] = ()
    """How much of the contract must be seen, or the run fails."""

    values: tuple[GivenValue, ...] = ()
    """The values that the user gives to parameters, and to members of bodies."""
    recorded: RecordedValues = field(default_factory=dict)
    """Values of parameters that were recorded in requests which were accepted."""

    phases: tuple[Phase, ...] = ALL_PHASES
    """The phases of Schemathesis that are run."""
    allow_partial: bool = False
    """Whether a run may be cut short by its time without failing."""
    run: ServerCommand | None = None
    """The command that starts the server; it runs already where there is none."""
    schemathesis_file: str = ""
    """Schemathesis's own configuration file; "" for none."""
    schemathesis_flags: tuple[str, ...] = ()
    """Flags of Schemathesis's own command `run`."""
    grades: Grades = NO_GRADES
    """The grades that the user gives to rules."""
    login: Login | None = None
    """The call that is made first, and whose answer has a token."""
    renewal: Renewal | None = None
    """The token that the login gave, once the run has logged in."""
    reset: Call | None = None
    """The call that brings the server back to its first state."""

    def expected_of(self, label: str) -> frozenset[int]:
        """The refusals and server errors that the user expects of an operation."""
        return self.expected.get(label, frozenset())


def select_operations(contract: Contract, include: Sequence[str], exclude: Sequence[str]) -> tuple[str, ...]:
    """The labels of the operations to test: patterns (`*` and `?`) match an operation id, a path, a label or a tag.

    Raises `UsageError` if a pattern matches nothing, or nothing is left.
    """
    labels = _matching(contract, include) if include else {operation.label for operation in contract}
    labels -= _matching(contract, exclude)
    if not labels:
        raise UsageError(f"{contract.file}: no operation is left to test")
    return tuple(operation.label for operation in contract if operation.label in labels)


def expected_statuses(
    contract: Contract, asked: Iterable[Expectation], configured: Iterable[Expectation]
) -> dict[str, frozenset[int]]:
    """The refusals and server errors that a user expects, by the label of each operation that has any.

    Raises `UsageError` if a pattern that was asked for matches nothing. A configured one may be for another contract.
    """
    expectations = [(each, _matching(contract, [each.pattern or "*"])) for each in asked]
    expectations += [(each, _named(contract, each.pattern or "*")) for each in configured]
    expected: dict[str, frozenset[int]] = {}
    for expectation, labels in expectations:
        for label in labels:
            expected[label] = expected.get(label, frozenset()) | expectation.statuses
    return expected


def _matching(contract: Contract, patterns: Sequence[str]) -> set[str]:
    labels: set[str] = set()
    for pattern in patterns:
        matching = _named(contract, pattern)
        if not matching:
            names = ", ".join(operation.operation_id or operation.label for operation in contract.operations[:8])
            is_tag = any(pattern in operation.tags for operation in contract)
            hint = f"did you mean tag:{pattern}?" if is_tag else f"there are {names or 'none'}"
            raise UsageError(f"no operation matches {pattern!r}; {hint}")
        labels |= matching
    return labels


def _named(contract: Contract, pattern: str) -> set[str]:
    return {operation.label for operation in contract if is_named(operation, pattern)}


def split_url(url: str) -> tuple[str, str]:
    """The origin and the base path of a URL; raises `UsageError` if it is not a base URL."""
    parts = urlsplit(url)
    try:
        is_valid = parts.scheme in ("http", "https") and bool(parts.hostname) and parts.port != 0
    except ValueError:
        is_valid = False
    if not is_valid or parts.query or parts.fragment:
        raise UsageError(f"--url {url}: expected the base URL of the API, as in http://127.0.0.1:4010/v1")
    return f"{parts.scheme}://{parts.netloc}", parts.path.rstrip("/")


def require_server(settings: Settings) -> None:
    """Raises `UnreachableError` if nothing listens at the origin that is fuzzed."""
    origin, seconds = settings.origin, min(settings.timeout_seconds, _CONNECTION_SECONDS)
    parts = urlsplit(origin)
    port = parts.port or (443 if parts.scheme == "https" else 80)
    try:
        socket.create_connection((parts.hostname or "", port), seconds).close()
    except TimeoutError:
        fact = f"{origin} takes no connection within {seconds:g} s"
        raise UnreachableError(f"{fact}; is the server too busy, or is there a firewall before it?") from None
    except OSError as error:
        reason = error.strerror or str(error) or "no answer"
        raise UnreachableError(f"{origin} cannot be reached: {reason}; is the server running?") from None
