"""The one verb, `judge()`: every violation in an exchange, by what its operation says."""

from __future__ import annotations

from collections.abc import Callable, Iterable

from tallystick.nouns.contract import Operation
from tallystick.nouns.exchange import Exchange
from tallystick.nouns.rule import Check, Rule, Scope
from tallystick.nouns.violation import Violation
from tallystick.rules.exchange import body, headers, parameters, security, status
from tallystick.wire.reading import Reading

CHECKS: tuple[Check[Reading], ...] = (
    *security.CHECKS,
    *parameters.CHECKS,
    *body.CHECKS,
    *status.CHECKS,
    *headers.CHECKS,
)
RULES: tuple[Rule, ...] = tuple(rule for check in CHECKS for rule in check.rules)
"""Every rule on exchanges."""


def _functions(scope: Scope) -> tuple[Callable[[Reading], Iterable[Violation]], ...]:
    return tuple(check.find for check in CHECKS if check.rules[0].scope is scope)


_FIND_IN_REQUEST, _FIND_IN_RESPONSE = _functions(Scope.REQUEST), _functions(Scope.RESPONSE)


def judge(operation: Operation, exchange: Exchange) -> list[Violation]:
    """Every violation in an exchange: first those of the request, then, if there is a response, those of the response.

    Pure: the same operation and exchange give the same list. The path of the request may begin with the base path of
    one of the operation's servers.
    """
    return judge_reading(Reading(operation, exchange))


def judge_reading(reading: Reading) -> list[Violation]:
    """The violations in an exchange that has been read already (see `tallystick.wire.reading`)."""
    violations: list[Violation] = []
    for find in _FIND_IN_REQUEST:
        violations += find(reading)
    if reading.exchange.response is not None:
        reading.request_violations = tuple(violations)
        for find in _FIND_IN_RESPONSE:
            violations += find(reading)
    return violations


def judge_response(reading: Reading) -> list[Violation]:
    """The violations of the response in an exchange whose request is judged: `request_violations` are there."""
    return [violation for find in _FIND_IN_RESPONSE for violation in find(reading)]
