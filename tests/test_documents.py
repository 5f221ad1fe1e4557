"""Each rule on documents is broken where the comments of a document say so, and nowhere else."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import chdir
from functools import cache

import pytest
from support.folders import DOCUMENTS

from tallystick.check.run import RULES
from tallystick.contracts.files import files_at
from tallystick.contracts.read import read_contract
from tallystick.nouns.rule import Rule
from tallystick.nouns.violation import Severity, Violation
from tallystick.rules.contract.document import DOCUMENT_RULES, judge_document

NAMES = sorted(str(file.relative_to(DOCUMENTS)) for file in files_at(str(DOCUMENTS)))
NOT_IN_A_DOCUMENT = {
    "unreadable-document": "there is no document then; the broken files below have it",
    "unreadable-part": "what another rule says of the same part is not told twice; this one is for what none foresees",
}
"""Rules that no document in the folder can break, with the reason."""


def marks(name: str) -> Iterator[tuple[str, int, str]]:
    """What the comments of a document say is wrong with it: file, line, and rule with message."""
    for number, line in enumerate((DOCUMENTS / name).read_text(encoding="utf-8").splitlines(), 1):
        for mark in line.split("#! ")[1:]:
            yield name, number, mark.strip()


@cache
def judged(name: str) -> list[Violation]:
    """The violations of one of the documents in the folder, whose paths begin there."""
    with chdir(DOCUMENTS):
        return judge_document(read_contract(name))


@pytest.mark.parametrize("name", NAMES)
def test_a_document_has_the_violations_that_its_comments_say(name: str) -> None:
    """Each violation is found at its line with its words, and nothing else is."""
    violations = judged(name)
    found = {(one.contract.file, one.contract.line, f"{one.rule}: {one.message}") for one in violations}
    files = {name, *(one.contract.file for one in violations)}
    assert found == {mark for file in files for mark in marks(file)}
    assert len(found) == len(violations)


@pytest.mark.parametrize("rule", DOCUMENT_RULES, ids=lambda rule: rule.id)
def test_each_rule_is_broken_by_some_document_and_kept_by_another(rule: Rule) -> None:
    """Some document breaks the rule, with the severity of the table or in a mild case, unless none can."""
    fired = [{one.severity for one in judged(name) if one.rule == rule.id} for name in NAMES]
    severities = {severity for one in fired for severity in one}
    if rule.id in NOT_IN_A_DOCUMENT:
        assert severities == set()
    else:
        assert {rule.severity} <= severities <= {rule.severity, Severity.WARNING}
    assert not all(fired)


def test_every_rule_has_an_id_of_its_own_and_a_sentence() -> None:
    """Ids are kebab-case and unique, sentences end in a full stop, and every check can be called."""
    ids = [rule.id for rule in RULES]
    assert len(set(ids)) == len(ids)
    assert all(re.fullmatch(r"[a-z]+(-[a-z]+)+", name) for name in ids)
    assert all(rule.sentence[0].isupper() and rule.sentence.endswith(".") for rule in RULES)
    assert {rule.scope for rule in DOCUMENT_RULES} == {"contract"}
    assert set(NOT_IN_A_DOCUMENT) <= set(ids)
