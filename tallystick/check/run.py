"""Contracts judged by themselves: what `check` finds, and what other commands say of a contract at their start."""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass
from itertools import chain
from operator import attrgetter

from tallystick.check.baseline import BASELINE_RULES
from tallystick.config import Configuration
from tallystick.contracts.files import read_each
from tallystick.nouns import progress
from tallystick.nouns.contract import Contract
from tallystick.nouns.errors import Exit, UnreadableError, UsageError
from tallystick.nouns.rule import Rule
from tallystick.nouns.violation import Severity, Violation
from tallystick.nouns.words import unknown
from tallystick.rules.contract.document import DOCUMENT_RULES, UNREADABLE_DOCUMENT, judge_document, unreadable_document
from tallystick.rules.contract.left_out import is_unread
from tallystick.rules.judge import RULES as EXCHANGE_RULES

RULES: tuple[Rule, ...] = (*DOCUMENT_RULES, *BASELINE_RULES, *EXCHANGE_RULES)
"""The whole rule table: every rule on documents, baselines and exchanges."""


@dataclass(frozen=True, slots=True)
class Outcome:
    """What a check found: the contracts that could be read, and every violation, sorted by its place."""

    contracts: tuple[Contract, ...]
    violations: tuple[Violation, ...]
    judged: tuple[tuple[Contract, Sequence[Violation]], ...] = ()
    """Each contract with its own violations."""

    def code(self, strict: bool = False) -> Exit:
        """The exit code; warnings count only if the check is strict."""
        return exit_code(self.violations, strict)


def exit_code(violations: Sequence[Violation], strict: bool = False) -> Exit:
    """The exit code for the violations of contracts; warnings count only if the check is strict."""
    if is_unread(violations) or any(violation.rule == UNREADABLE_DOCUMENT.id for violation in violations):
        return Exit.UNREACHABLE
    if any(strict or violation.severity is Severity.ERROR for violation in violations):
        return Exit.VIOLATIONS
    return Exit.CLEAN


def check(
    paths: Sequence[str],
    configuration: Configuration,
    allow: Sequence[str] = (),
    elsewhere: Callable[[], Collection[str]] = tuple,
) -> Outcome:
    """Every violation of the contracts that the PATHs (or the configuration) name.

    A contract that cannot be read is a violation too, and the others are judged. `allow` names folders and hosts
    that references may reach, beside those of the configuration, and `elsewhere` rules that it may grade though
    nothing here is judged by them. Raises `UsageError` if no contract is named, or if
    the configuration names a rule that does not exist.
    """
    check_rule_ids(configuration, elsewhere)
    judged: list[tuple[Contract, Sequence[Violation]]] = []
    unreadable: list[Violation] = []
    for contract in read_each(paths, configuration, allow):
        if isinstance(contract, UnreadableError):
            unreadable.append(unreadable_document(contract))
            continue
        try:
            progress.tell(f"judging {contract.file}")
            judged.append((contract, violations_of(contract, configuration)))
        except UnreadableError as error:
            unreadable.append(unreadable_document(error))
    violations = dict.fromkeys(chain(unreadable, *(own for _, own in judged)))
    contracts = tuple(contract for contract, _ in judged)
    return Outcome(contracts, tuple(sorted(violations, key=attrgetter("sort_key"))), tuple(judged))


def violations_of(contract: Contract, configuration: Configuration) -> Sequence[Violation]:
    """The violations of one contract, sorted, each of the severity that the configuration gives its rule."""
    return configuration.graded(judge_document(contract))


def known_rules() -> frozenset[str]:
    """The ids of the rules here that can be graded."""
    return frozenset(rule.id for rule in RULES) - {UNREADABLE_DOCUMENT.id}


def check_rule_ids(configuration: Configuration, elsewhere: Callable[[], Collection[str]] = tuple) -> None:
    """Raise `UsageError` if the configuration names a rule that does not exist, or one that cannot be graded."""
    if UNREADABLE_DOCUMENT.id in configuration.rule_ids:
        raise UsageError(
            f"{configuration.file}: {UNREADABLE_DOCUMENT.id} cannot be graded: what is not read is not judged"
        )
    unheard = configuration.rule_ids - known_rules()
    if unheard:
        known = known_rules().union(elsewhere())
        for name in sorted(unheard - known):
            raise UsageError(f"{configuration.file}: {unknown('rule', name, known)}")
