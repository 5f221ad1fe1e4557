"""What a run of the proxy has seen: traffic that was judged, and what of it was not."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field

from tallystick.exchanges.judged import Flaw, Judged
from tallystick.exchanges.recorded import Recorded
from tallystick.exchanges.result import Counts, counted_result
from tallystick.exchanges.traffic import OwnExchange
from tallystick.mock.roles import Answered, Reply
from tallystick.mock.routes import Route
from tallystick.nouns import budgets
from tallystick.nouns.contract import Contract
from tallystick.nouns.exchange import Exchange
from tallystick.reports.results import TrafficResult

_LACKING = "of paths that the contract does not have"
_MOCKED = "that the mock answered in place of the upstream"
_UNANSWERED = "that got no answer of the upstream"
_WHY_CUT = "too large, not whole, or in a coding that cannot be read"
_STEP_BYTES = 16 * 2**10
"""How much of each body is kept of an exchange that shows a violation."""


@dataclass(slots=True)
class _Seen:
    """What was seen of one contract."""

    contract: Contract
    judged: int = 0
    cut: int = 0
    operations: set[str] = field(default_factory=set)
    flaws: dict[tuple[str, str, object], Flaw] = field(default_factory=dict)
    left: dict[str, Counter[str]] = field(default_factory=dict)

    def leave(self, kind: str, name: str) -> None:
        """Count an exchange that was not judged; the names beyond `budgets.UPSTREAM_PATHS` are counted together."""
        names = self.left.setdefault(kind, Counter())
        names[name if name in names or len(names) < budgets.UPSTREAM_PATHS else "others"] += 1


class Tally:
    """A listener that counts what passes, and keeps of each violation the first exchange that shows it."""

    def __init__(self) -> None:
        self._seen: dict[str, _Seen] = {}
        self._lacking: Counter[str] = Counter()

    def hear(self, answered: Answered) -> None:
        """Hear of an exchange: a listener."""
        route, reply = answered.route, answered.reply
        if route is None:
            if reply is not None and reply.upstream:
                request = answered.exchange.request
                name = f"{request.method} {request.path}"
                is_new = name not in self._lacking and len(self._lacking) >= budgets.UPSTREAM_PATHS
                self._lacking["others" if is_new else name] += 1
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

    def results(self, contracts: Sequence[Contract], colour: bool = False, version: str = "") -> list[TrafficResult]:
        """The result of each contract; what is of none is told with the first."""
        results: list[TrafficResult] = []
        for number, contract in enumerate(contracts):
            seen = self._seen.get(contract.name) or _Seen(contract)
            contract = seen.contract  # a file may have changed since
            left = {kind: dict(names) for kind, names in seen.left.items()}
            if not number and self._lacking:
                left[_LACKING] = dict(self._lacking)
            entries = seen.judged + sum(sum(names.values()) for names in left.values())
            counts = Counts(entries, seen.judged, len(seen.operations), left)
            notes = [f"of {seen.cut:,} of {seen.judged:,} exchanges a body was not judged: {_WHY_CUT}"]
            found = Judged(list(seen.flaws.values()), notes if seen.cut else [])
            results.append(counted_result(contract, counts, found, colour, version))
        return results


def _step(route: Route, answered: Answered) -> OwnExchange:
    """An exchange as a report shows it, without what no report shows of large bodies."""
    request, response = answered.exchange
    request = request._replace(body=request.body[:_STEP_BYTES])
    if response is not None:
        response = response._replace(body=response.body[:_STEP_BYTES])
    host = next((value for name, value in request.headers if name == "host"), "localhost")
    origin = f"{answered.scheme}://{host}{route.prefix}"
    exchange = Exchange(request, response)
    return OwnExchange(route.operation, exchange, Recorded(exchange, origin, "a run of the proxy"))
