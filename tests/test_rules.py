"""A rule makes its own violations: its id is written once, and a check finds violations of its own rules only."""

from __future__ import annotations

import ast
from collections import defaultdict
from contextlib import chdir

import pytest
from support.folders import DOCUMENTS, ROOT

from tallystick.check.run import RULES
from tallystick.contracts.files import files_at
from tallystick.contracts.read import read_contract
from tallystick.fuzz.rules import FUZZ_RULES
from tallystick.mock.rules import MOCK_RULES
from tallystick.nouns.rule import Check, Rule, Scope
from tallystick.nouns.violation import Place, Severity
from tallystick.rules.contract.document import DOCUMENT_CHECKS
from tallystick.rules.contract.objects import Objects
from tallystick.rules.judge import CHECKS
from tallystick.rules.sequence.relations import RULES as SEQUENCE_RULES

PACKAGE = ROOT / "tallystick"


def test_each_id_of_a_rule_is_written_once() -> None:
    """Whoever needs to know a rule takes its value, so that no id can be mistyped."""
    ids = {rule.id for rule in (*RULES, *SEQUENCE_RULES, *MOCK_RULES, *FUZZ_RULES)}
    places = defaultdict(list)
    for file in sorted(PACKAGE.rglob("*.py")):
        for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Constant) and node.value in ids:
                places[node.value].append(f"{file.relative_to(ROOT)}:{node.lineno}")
    assert {name: where for name, where in places.items() if len(where) > 1} == {}
    assert set(places) == ids


def test_a_rule_makes_its_own_violations() -> None:
    """A violation has the id and the severity of its rule."""
    rule, place = Rule("a-rule", Severity.WARNING, Scope.REQUEST, "A sentence."), Place("x.yaml", ("a",))
    assert rule.violation("query.a", place, "wrong") == ("a-rule", Severity.WARNING, "query.a", place, "wrong")
    assert rule.at(place, "wrong") == ("a-rule", Severity.WARNING, "", place, "wrong")


@pytest.mark.parametrize("check", DOCUMENT_CHECKS, ids=lambda check: check.find.__name__)
def test_a_check_of_documents_finds_violations_of_its_own_rules_only(check: Check[Objects]) -> None:
    """A check that is registered for some rules yields no violation of another one."""
    own = {rule.id for rule in check.rules}
    with chdir(DOCUMENTS):
        for file in files_at("."):
            assert {violation.rule for violation in check.find(Objects(read_contract(file)))} <= own


def test_each_check_is_about_one_scope() -> None:
    """The rules of a check are all about contracts, all about requests, or all about responses."""
    assert all(len({rule.scope for rule in check.rules}) == 1 for check in (*DOCUMENT_CHECKS, *CHECKS))
