"""What an application of the mock is asked for."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field, replace
from typing import Any, Literal

from tallystick.examples.draws import DEFAULT_LOCALE, Style
from tallystick.examples.samples import ExampleUse
from tallystick.mock.control import PATH as CONTROL_PATH
from tallystick.nouns import budgets
from tallystick.nouns.contract import Operation
from tallystick.nouns.grades import NO_GRADES, Grades
from tallystick.nouns.operation_patterns import is_named
from tallystick.resources.said import SaidResource

Strictness = Literal["enforce", "report", "off"]
CompatName = Literal["none", "prism"]

MOCK_WIDE = frozenset(
    (
        "cors",
        "stateless",
        "state",
        "state_required",
        "session_idle",
        "handlers",
        "base_path",
        "compat",
        "tokens",
        "operations",
        "grades",
        "resources",
        "seed_data",
        "control",
        "control_path",
        "journal",
        "control_token",
        "record",
        "record_mask",
        "replay",
        "replay_only",
    )
)
"""The settings that no operation has for itself."""
MODES = ("open", "closed")
"""The values of the setting `state` that say what exists; each other value is a store."""


NO_STATEFUL = "the mock remembers what was created, changed and deleted by default (but with --stateless); leave it out"
"""What is said to who asks for the setting that there was before `state` and `stateless`."""


_USUAL_JOURNAL_ENTRIES = 1_000
"""How many exchanges of each session the journal has where nothing else is asked for."""


@dataclass(frozen=True, slots=True)
class OperationSettings:
    """Settings of the operations that one of the patterns names (see `tallystick.nouns.operation_patterns`)."""

    match: tuple[str, ...]
    values: Mapping[str, Any]
    """By the names of the fields of `MockSettings`, and of their types."""


@dataclass(frozen=True, kw_only=True, slots=True)
class MockSettings:
    """The settings of one mock.

    Each but `tokens`, `operations` and `resources` is a flag of `tallystick mock` by the same name.
    """

    cors: bool = True
    """Web pages of any origin may call."""

    stateless: bool = False
    """The mock remembers nothing: each request is answered as if it were the first."""

    state: tuple[str, ...] = ()
    """Where it is kept what was created, changed and deleted (see `store`), and whether a resource that nobody created
    exists (`open`) or not (`closed`); the last of each kind counts."""

    state_required: bool = True
    """A request that needs state is refused while the store cannot be reached; otherwise its reply is made without."""

    session_idle: float = 0.0
    """How many seconds a session is kept that no request uses; 0 for the budget."""

    seed_data: str = ""
    """The file of the resources that every session begins with (see `tallystick.mock.state.seeds`)."""

    handlers: str = ""
    """The user's own module or package (`shop.handlers`) whose functions answer for some operations."""

    seed: int = 0
    """Another seed gives other generated values; the same one always the same."""

    locale: str = DEFAULT_LOCALE
    """Of which country generated people, addresses and the like are, by Faker's name of the locale (`de_DE`)."""

    errors: bool = False
    """A reply that breaks the contract, or whose example does, is replaced by a 500; otherwise it is sent, and says
    what it breaks."""

    compat: CompatName = "none"
    """The mock whose problems and violations are imitated (see `tallystick.mock.compat`)."""

    examples: ExampleUse = "mend"
    """What is done with an example that breaks its schema: it is mended and served, served as it is, or passed over."""

    dynamic: bool = False
    """Values are generated from schemas even where there are examples."""

    base_path: str = ""
    """Where the contracts are served (`/v1`), and not at the root."""

    control: bool = True
    """The mock can be looked into and changed by calls of its control API (see `tallystick.mock.control`)."""

    journal: int | None = None
    """How many exchanges of each session the journal has, 0 for none; None for the usual number, and for none where
    the mock is `stateless` or has no control API."""

    control_path: str = CONTROL_PATH
    """Where the control API is."""

    control_token: str = field(default="", repr=False)
    """What the callers of the control API have to send; without one only this machine may call it."""

    record: str = ""
    """The folder that each exchange is written into (see `tallystick.exchanges.recording`)."""

    record_mask: tuple[str, ...] = ()
    """The names of header fields, query fields and members of bodies that are written without their values; with an
    exclamation mark before it, a name that is written with them."""

    replay: str = ""
    """The recording that requests are answered from."""

    replay_only: bool = False
    """What was not recorded is answered with a 404, and not mocked."""

    items: int | None = None
    """How many rows the list of a reply has where neither the request nor the contract says; None for ten."""

    latency: str = ""
    """How long a reply takes: `200ms`, `100ms-2s`, or percentiles (`p50=80ms,p99=2s`)."""

    fault: tuple[str, ...] = ()
    """What goes wrong on purpose: `10% 503`, `drop` (see `tallystick.mock.faults`)."""

    validate: Strictness = "enforce"
    """Whether a request that breaks the contract is refused; whether its violations are told at all."""

    auth: Strictness = "enforce"
    """The same of its credentials."""

    strict_query: bool = False
    """A name in a query that the contract does not document is a violation."""

    tokens: tuple[tuple[str, frozenset[str]], ...] = field(default=(), repr=False)
    """Bearer tokens with the scopes that each has."""

    upstream: str = ""
    """The base URL of the server that answers what it can, "" for none; the mock passes on what comes and goes."""

    remock: frozenset[str] = frozenset(("501",))
    """Where the mock answers in place of the upstream: `down`, `slow`, and statuses that say that it lacks an
    operation (`501`, `404`)."""

    upstream_timeout: float = budgets.UPSTREAM_SECONDS
    """How many seconds the head of an upstream's reply may take."""

    upstream_ca: str = ""
    """The file of the authorities whose certificates an upstream may have, "" for those of the system."""

    upstream_insecure: bool = False
    """The certificate of an upstream is not judged."""

    rewrite: bool = False
    """Redirects and cookies of an upstream lead to the mock, and not to the upstream."""

    stream_delay: float = 0.0
    """How many seconds there are between two items of a stream."""

    resources: tuple[SaidResource, ...] = ()
    """What is said of resources, where that is to go before what is derived of them."""

    grades: Grades = NO_GRADES
    """The grades that the user gives to rules."""

    operations: tuple[OperationSettings, ...] = ()
    """Settings of single operations; a later one goes before an earlier one."""

    def for_operation(self, operation: Operation) -> MockSettings:
        """The settings of one operation, without those of others, so that they are hashable."""
        if not self.operations:
            return self
        values: dict[str, Any] = {}
        for each in self.operations:
            if any(is_named(operation, pattern) for pattern in each.match):
                values.update(each.values)
        return replace(self, operations=(), **values)

    @property
    def has_upstream(self) -> bool:
        """Whether any operation has an upstream."""
        return bool(self.upstream) or any(each.values.get("upstream") for each in self.operations)

    @property
    def journal_entries(self) -> int:
        """How many exchanges of each session the journal has."""
        if self.journal is not None:
            return self.journal
        return _USUAL_JOURNAL_ENTRIES if self.control and not self.stateless else 0

    def unmatched(self, operations: Collection[Operation]) -> list[str]:
        """The patterns that name none of some operations, which somebody has misspelt."""
        patterns = [pattern for each in self.operations for pattern in each.match]
        return [each for each in patterns if not any(is_named(operation, each) for operation in operations)]

    def wished(self, dynamic: bool | None, seed: int | None) -> MockSettings:
        """The settings of a reply whose request has wishes of its own."""
        if dynamic is None and seed is None:
            return self
        wanted = self.dynamic if dynamic is None else dynamic
        return replace(self, dynamic=wanted, seed=self.seed if seed is None else seed)

    @property
    def store(self) -> str:
        """Where what is remembered is kept: `memory`, a file or a URL."""
        return next((value for value in reversed(self.state) if value not in MODES), "memory")

    @property
    def is_closed(self) -> bool:
        """Whether only what was created or seeded exists."""
        return next((value for value in reversed(self.state) if value in MODES), "") == "closed"

    @property
    def style(self) -> Style:
        """How values are generated."""
        return Style(self.seed, self.locale, self.dynamic)


DEFAULTS = MockSettings()
