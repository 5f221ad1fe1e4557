"""The ids of all rules, whichever command they are of: what the configuration may grade."""

from __future__ import annotations

from tallystick.config import Configuration
from tallystick.nouns.errors import UsageError
from tallystick.nouns.grades import Grades, parse_grading
from tallystick.nouns.words import unknown

_OF_SCHEMATHESIS = ("missing-required-header", "max-response-time")
"""Checks of Schemathesis that are no rules of ours, and that findings may have for their rule."""


def rules_elsewhere() -> frozenset[str]:
    """The ids of rules that `tallystick check` itself does not judge by."""
    from tallystick.fuzz.rules import FUZZ_RULES  # as in what follows: only who grades rules needs them
    from tallystick.mock.rules import MOCK_RULES
    from tallystick.rules.sequence.relations import RULES

    return frozenset((*(rule.id for rule in (*FUZZ_RULES, *MOCK_RULES, *RULES)), *_OF_SCHEMATHESIS))


def grades_of(configuration: Configuration, texts: tuple[str, ...] = ()) -> Grades:
    """The grades of rules for exchanges: the configuration's, then those of flags, which go before.

    Raises `UsageError` for a rule that does not exist.
    """
    asked = [parse_grading("--rule", text) for text in texts]
    if asked or configuration.rule_ids:
        from tallystick.check.run import check_rule_ids, known_rules

        check_rule_ids(configuration, rules_elsewhere)
        known = known_rules() | rules_elsewhere()
        for grading in asked:
            if grading.rule not in known:
                raise UsageError(f"--rule: {unknown('rule', grading.rule, known)}")
    return Grades((*configuration.grades_of_exchanges.rows, *asked))
