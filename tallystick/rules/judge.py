"""The one verb: what, by its operation, is wrong with an exchange."""

from __future__ import annotations

from collections.abc import Callable, Iterable

from tallystick.nouns.contract import Operation
from tallystick.nouns.exchange import Exchange
from tallystick.nouns.violation import Rule, Violation
from tallystick.rules.exchange import body, headers, parameters, security, status
from tallystick.wire.reading import Reading

RULES: tuple[Rule, ...] = (*security.RULES, *parameters.RULES, *body.RULES, *status.RULES, *headers.RULES)
"""Every rule on exchanges; a check that stands in several rows yields the violations of all of them."""


def _checks(scope: str) -> tuple[Callable[[Reading], Iterable[Violation]], ...]:
    return tuple(dict.fromkeys(rule.check for rule in RULES if rule.scope == scope))


_REQUEST, _RESPONSE = _checks("request"), _checks("response")


def judge(operation: Operation, exchange: Exchange) -> list[Violation]:
    """Every violation of an exchange, those of the request first; of the request alone where there is no response.

    Pure: the same operation and exchange give the same list. The path of the request may stand below the base path
    of one of the operation's servers.
    """
    return judge_reading(Reading(operation, exchange))


def judge_reading(reading: Reading) -> list[Violation]:
    """The violations of an exchange that has been read already (see `tallystick.wire.reading`)."""
    found: list[Violation] = []
    for check in _REQUEST:
        found += check(reading)
    if reading.exchange.response is not None:
        reading.request_violations = tuple(found)
        for check in _RESPONSE:
            found += check(reading)
    return found
