"""What a run of the proxy has seen: traffic that was judged, and what of it was not."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field, replace

from tallystick.exchanges.judged import Flaw
from tallystick.exchanges.recorded import Recorded
from tallystick.exchanges.result import Counts, counted_result, reported
from tallystick.exchanges.traffic import OwnExchange
from tallystick.mock.roles import Answered, Reply
from tallystick.mock.routes import Route
from tallystick.nouns import budgets
from tallystick.nouns.contract import Contract
from tallystick.nouns.exchange import Exchange, Response
from tallystick.nouns.violation import Place
from tallystick.nouns.words import counted
from tallystick.reports.results import ReportedFinding, TrafficResult
from tallystick.wire.codings import CodingError, decode_body

_LACKING = "of paths that the contract does not have"
_MOCKED = "that the mock answered in place of the upstream"
_UNANSWERED = "that got no answer of the upstream"
_WHY_CUT = "too large, not whole, or in a coding that cannot be read"
_SWITCHING = 101
_STEP_BYTES = 16 * 2**10
"""How much of each body is kept of an exchange that shows a violation."""


Left = dict[str, Counter[str]]
"""How many exchanges were not judged, by what they are and by their names."""


@dataclass(slots=True)
class _Seen:
    """What was seen of one contract."""

    contract: Contract
    judged: int = 0
    cut: int = 0
    tunnels: Counter[str] = field(default_factory=Counter)
    operations: set[str] = field(default_factory=set)
    flaws: dict[tuple[str, str, Place], Flaw] = field(default_factory=dict)
    left: Left = field(default_factory=dict)

    def leave(self, kind: str, name: str) -> None:
        """Count an exchange that was not judged; the names beyond `budgets.UPSTREAM_PATHS` are counted together."""
        names = self.left.setdefault(kind, Counter())
        names[name if name in names or len(names) < budgets.UPSTREAM_PATHS else "others"] += 1


@dataclass(slots=True)
class ContractPart:
    """What one process has seen of one contract, as another process can read it."""

    judged: int = 0
    cut: int = 0
    tunnels: Counter[str] = field(default_factory=Counter)
    operations: set[str] = field(default_factory=set)
    findings: dict[tuple[str, str, Place], ReportedFinding] = field(default_factory=dict)
    left: Left = field(default_factory=dict)

    def add(self, other: ContractPart) -> None:
        """Add what another process has seen."""
        self.judged += other.judged
        self.cut += other.cut
        self.tunnels += other.tunnels
        self.operations |= other.operations
        for key, finding in other.findings.items():
            own = self.findings.get(key)
            self.findings[key] = finding if own is None else replace(own, count=own.count + finding.count)
        for kind, names in other.left.items():
            self.left.setdefault(kind, Counter()).update(names)


@dataclass(slots=True)
class Part:
    """What one process has seen of a run, without secrets: of each contract by its name, and of none of them."""

    contracts: dict[str, ContractPart] = field(default_factory=dict)
    lacking: Counter[str] = field(default_factory=Counter)
    tunnels: Counter[str] = field(default_factory=Counter)
    """The switches of protocols of paths that the contract does not have."""

    def add(self, other: Part) -> None:
        """Add what another process has seen."""
        for name, seen in other.contracts.items():
            self.contracts.setdefault(name, ContractPart()).add(seen)
        self.lacking += other.lacking
        self.tunnels += other.tunnels

    def results(self, contracts: Sequence[Contract], colour: bool = False, version: str = "") -> list[TrafficResult]:
        """The result of each contract; what is of none is told with the first."""
        results: list[TrafficResult] = []
        for number, contract in enumerate(contracts):
            seen = self.contracts.get(contract.name) or ContractPart()
            left = {kind: dict(names) for kind, names in seen.left.items()}
            if not number and self.lacking:
                left[_LACKING] = dict(self.lacking)
            entries = seen.judged + sum(sum(names.values()) for names in left.values())
            counts = Counts(entries, seen.judged, len(seen.operations), left)
            notes: list[str] = []
            if seen.cut:
                notes.append(f"of {seen.cut:,} of {seen.judged:,} exchanges a body was not judged: {_WHY_CUT}")
            if tunnels := seen.tunnels if number else seen.tunnels + self.tunnels:
                notes.append(_tunnel_note(tunnels))
            results.append(counted_result(contract, counts, [*seen.findings.values()], notes, colour, version))
        return results


class Tally:
    """A listener that counts what passes, and keeps of each violation the first exchange that shows it."""

    def __init__(self) -> None:
        self._seen: dict[str, _Seen] = {}
        self._lacking: Counter[str] = Counter()
        self._tunnels: Counter[str] = Counter()

    def hear(self, answered: Answered) -> None:
        """Hear of an exchange: a listener."""
        route, reply = answered.route, answered.reply
        if route is None:
            if reply is not None and reply.upstream:
                request = answered.exchange.request
                name = f"{request.method} {request.path}"
                is_new = name not in self._lacking and len(self._lacking) >= budgets.UPSTREAM_PATHS
                self._lacking["others" if is_new else name] += 1
                _count_tunnel(self._tunnels, reply)
            return
        seen = self._seen.setdefault(route.contract.name, _Seen(route.contract))
        seen.contract = route.contract
        if reply is not None and reply.upstream:
            self._judged(seen, route, answered, reply)
        elif reply is not None and reply.remocked:
            seen.leave(_MOCKED, f"{route.operation.label} ({reply.remocked})")
        elif reply is not None and reply.problem is not None and reply.response.status in (502, 504):
            seen.leave(_UNANSWERED, route.operation.label)
        else:
            self._judged(seen, route, answered, reply)

    def _judged(self, seen: _Seen, route: Route, answered: Answered, reply: Reply | None) -> None:
        label = route.operation.label
        seen.judged += 1
        seen.operations.add(label)
        if reply is not None and reply.upstream:
            _count_tunnel(seen.tunnels, reply)
        passed = reply.passed if reply is not None else None
        if passed is not None and (passed.unread or not (passed.has_whole_request and passed.has_whole_response)):
            seen.cut += 1
        for violation in answered.violations:
            key = violation.rule, label, violation.contract
            flaw = seen.flaws.get(key)
            if flaw is None:
                seen.flaws[key] = Flaw(violation, label, [_step(route, answered)])
            else:
                flaw.count += 1

    def part(self) -> Part:
        """What this process has seen until now."""
        contracts: dict[str, ContractPart] = {}
        for name, seen in self._seen.items():
            findings = dict(zip(seen.flaws, reported(seen.contract, seen.flaws.values()), strict=True))
            contracts[name] = ContractPart(seen.judged, seen.cut, seen.tunnels, seen.operations, findings, seen.left)
        return Part(contracts, self._lacking, self._tunnels)

    def newest(self, contracts: Sequence[Contract]) -> list[Contract]:
        """Contracts as their last exchanges met them: a file may have changed since the start."""
        return [self._seen[each.name].contract if each.name in self._seen else each for each in contracts]


def _count_tunnel(tunnels: Counter[str], reply: Reply) -> None:
    """Count a switch of protocols, once it has ended, with the bytes that passed."""
    if reply.response.status == _SWITCHING and reply.passed is not None:
        tunnels.update(count=1, sent=reply.passed.request_bytes, received=reply.passed.response_bytes)


def _tunnel_note(tunnels: Counter[str]) -> str:
    sent, received = tunnels["sent"], tunnels["received"]
    what = f"{sent:,} bytes went to the upstream then, and {received:,} came, and none was judged"
    return f"{counted(tunnels['count'], 'exchange')} switched to another protocol (as WebSockets do): {what}"


def _step(route: Route, answered: Answered) -> OwnExchange:
    """An exchange as a report shows it, without what no report shows of large bodies."""
    request, response = answered.exchange
    request = request._replace(body=request.body[:_STEP_BYTES])
    if response is not None:
        response = response._replace(body=_readable(response)[:_STEP_BYTES])
    host = next((value for name, value in request.headers if name == "host"), "localhost")
    origin = f"{answered.scheme}://{host}{route.prefix}"
    exchange = Exchange(request, response)
    return OwnExchange(route.operation, exchange, Recorded(exchange, origin, "a run of the proxy"))


def _readable(response: Response) -> bytes:
    """The body of a response without its codings; as it came where that cannot be."""
    coding = next((value for name, value in response.headers if name == "content-encoding"), "")
    try:
        return decode_body(response.body, coding, budgets.BODY_BYTES) if coding else response.body
    except CodingError:
        return response.body
