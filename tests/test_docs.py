"""The documentation says what the code does."""

from __future__ import annotations

import re

from support.asking import asker, header
from support.folders import OPENAPI, ROOT

from tallystick.check.run import RULES
from tallystick.contracts.read import read_contract
from tallystick.diff.table import TABLE
from tallystick.fuzz.rules import FUZZ_RULES
from tallystick.mock.rules import MOCK_RULES
from tallystick.nouns.errors import Exit
from tallystick.reports.markdown import rules_page
from tallystick.rules.sequence.relations import RULES as SEQUENCE_RULES

PAGE = (*RULES, *SEQUENCE_RULES), MOCK_RULES, FUZZ_RULES, tuple(TABLE.values())


def test_rules_page_is_made_from_the_table() -> None:
    """docs/rules.md is what `make docs` writes."""
    assert (ROOT / "docs" / "rules.md").read_text() == rules_page(*PAGE)


def test_rule_ids_are_unique_and_kebab_case() -> None:
    """A rule is told from every other one by its id."""
    ids = [rule.id for rule in (*RULES, *SEQUENCE_RULES, *MOCK_RULES, *FUZZ_RULES)] + [*TABLE]
    assert len(set(ids)) == len(ids)
    assert all(re.fullmatch(r"[a-z]+(-[a-z0-9]+)*", name) for name in ids)


def test_exit_codes_are_in_the_readme() -> None:
    """The README lists every exit code there is."""
    readme = (ROOT / "README.md").read_text()
    assert all(re.search(rf"^\| {int(code)} \|", readme, re.MULTILINE) for code in Exit)


def test_relative_links_of_the_pages_lead_somewhere() -> None:
    """Each file that a page links to is in the repository."""
    for page in (*ROOT.glob("*.md"), *ROOT.glob("docs/*.md")):
        for target in re.findall(r"\]\((?!https?:|#)([^)#]+)", page.read_text()):
            assert (page.parent / target).exists(), f"{page.name} links to {target}"


def test_the_first_example_of_the_readme_is_what_the_mock_answers() -> None:
    """The status, the violations and the body that the README shows come back from the mock of our contracts."""
    shown = re.search(
        r"\$ curl -si http://127\.0\.0\.1:4010(\S+)\nHTTP/1\.1 (\d+) .*?^tallystick-violations: (.*?)\n\n(.*?)\n```",
        (ROOT / "README.md").read_text(),
        re.MULTILINE | re.DOTALL,
    )
    assert shown is not None
    ask = asker(*(read_contract(file) for file in sorted(OPENAPI.glob("*.yaml"))))
    response = ask(f"GET {shown[1]}")
    violations = header(response, "tallystick-violations")
    assert (str(response.status), violations, response.body.decode()) == (shown[2], shown[3], shown[4])


if __name__ == "__main__":
    print(rules_page(*PAGE), end="")
