"""`relations()`: every violation that several exchanges show together, by what their contract says."""

from __future__ import annotations

from collections.abc import Sequence

from tallystick.nouns.contract import Contract
from tallystick.nouns.exchange import Exchange
from tallystick.nouns.rule import Rule
from tallystick.rules.sequence import (
    closed,
    conditional,
    echo,
    files,
    filtering,
    internals,
    links,
    lives,
    nested,
    pages,
    reads,
    replacing,
    write_only,
)
from tallystick.rules.sequence.folding import folded
from tallystick.rules.sequence.history import History
from tallystick.rules.sequence.relation import Relation, SequenceCheck

CHECKS: tuple[SequenceCheck, ...] = (
    *echo.CHECKS,
    *lives.CHECKS,
    *replacing.CHECKS,
    *reads.CHECKS,
    *nested.CHECKS,
    *files.CHECKS,
    *pages.CHECKS,
    *links.CHECKS,
    *filtering.CHECKS,
    *conditional.CHECKS,
    *internals.CHECKS,
    *write_only.CHECKS,
)
_ALONE = tuple(check for check in CHECKS if check.is_alone)
RULES: tuple[Rule, ...] = tuple(dict.fromkeys(rule for check in (*CHECKS, *closed.CHECKS) for rule in check.rules))
"""Every rule on sequences of exchanges."""


def relations(contract: Contract, sequence: Sequence[Exchange], *, closed_world: bool = False) -> list[Relation]:
    """Every violation that the exchanges of a sequence show together; each exchange alone is the judge's.

    Pure: the same sequence gives the same list. The paths of the requests begin where those of the contract do. The
    sequence is all that one client did, in order, and it takes for granted that no other client changed the same
    resources meanwhile. What was answered with 202, with a server error or not at all may have changed anything; after
    that, nothing is said of what it may have changed. Nor is anything said where the contract has no evidence for it:
    a member counts where the request may set it and the response may show it, a resource where its paths are understood
    (see `tallystick.resources`). In a closed world a response has declared members alone.
    """
    return _found(History(contract, sequence), CHECKS, closed_world)


def relations_of_one(contract: Contract, exchange: Exchange, *, closed_world: bool = False) -> list[Relation]:
    """Those that one exchange shows: what it answers to its own request."""
    return _found(History(contract, [exchange]), _ALONE, closed_world)


def _found(history: History, checks: Sequence[SequenceCheck], is_closed: bool) -> list[Relation]:
    wanted = (*checks, *closed.CHECKS) if is_closed else checks
    return folded(history.promises.contract, [relation for check in wanted for relation in check.find(history)])
