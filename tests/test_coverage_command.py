"""`tallystick coverage`: what of contracts some exchanges touched, in every form."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result
from support.archives import entry, saved
from test_judge_command import API, GOOD, PETS

from tallystick.cli import main
from tallystick.nouns.errors import Exit


@pytest.fixture(autouse=True)
def _folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    Path("api.yaml").write_text(API)


def coverage(*words: Any, contract: str = "api.yaml") -> Result:
    """`tallystick coverage` of the contract."""
    return CliRunner().invoke(main, ["coverage", "--contract", contract, *map(str, words)])


def test_a_text_has_a_table_and_what_was_never_seen_by_name(tmp_path: Path) -> None:
    """Each kind has its figure, and each part that no exchange touched its name and place."""
    result = coverage(saved(tmp_path, GOOD))
    assert result.exit_code == Exit.CLEAN
    assert re.search(r"^operations +1 of 3 +█+░+ +33\.3 %$", result.output, re.MULTILINE)
    assert "never seen, statuses:\n  POST /pets 201 (api.yaml:16)\n" in result.output
    assert "never seen, request members:\n  Pet.id (api.yaml:26)\n  Pet.name (api.yaml:26)\n" in result.output
    assert result.output.endswith("api.yaml (Pets): 29.4 % (5 of 17 parts), 1 exchange\n")


def test_sources_are_merged_and_what_was_told_is_read_again(tmp_path: Path) -> None:
    """Traffic of several files, and the JSON of an earlier report, are one coverage."""
    post = entry(f"POST {PETS}", 201, {"id": 1, "name": "a"}, {"id": 1, "name": "a"})
    get = entry(f"GET {PETS}/1", answer={"name": "a"})
    first = coverage(saved(tmp_path, GOOD, name="a.har"), saved(tmp_path, post, name="b.har"), "--format", "json")
    Path("first.json").write_text(first.stdout)
    again = json.loads(coverage("first.json", saved(tmp_path, get), "--format", "json").stdout)["coverages"][0]
    assert again["exchanges"] == 3
    assert again["kinds"]["operations"] == {"percent": 100.0, "seen": 3, "total": 3}
    assert again["never_seen"] == {"statuses": ["GET /pets/{id} 404"], "parameters": ["GET /pets query.limit"]}
    assert again["operations"]["GET /pets/{id}"]["statuses"] == {"percent": 50.0, "seen": 1, "total": 2}
    record = Path("record.json")
    record.write_text(json.dumps(again["record"]))
    assert json.loads(coverage(record, "--format", "json").stdout)["coverages"][0] == again


def test_the_report_of_a_fuzz_run_is_a_source() -> None:
    """The record in the JSON of a fuzz run is read; that of another contract is taken with a note."""
    record = {"contract": "shop", "exchanges": 5, "seen": {"statuses": {"GET /pets": ["200"]}}}
    Path("fuzz.json").write_text(json.dumps({"findings": [], "coverage": {"percent": 5, "record": record}}))
    result = coverage("fuzz.json")
    assert "note: fuzz.json: a coverage of the contract 'shop', taken for one of 'api'" in result.output
    assert "5 exchanges" in result.output


def test_several_contracts_are_told_one_after_the_other(tmp_path: Path) -> None:
    """Each contract has a table of its own, and gets what is of it."""
    Path("other.yaml").write_text(API.replace("/pets", "/dogs").replace("api.example.com", "dogs.example.com"))
    dogs = entry("GET https://dogs.example.com/v1/dogs", answer=[])
    result = coverage(saved(tmp_path, GOOD, dogs), "--contract", "other.yaml", "--format", "json")
    first, second = json.loads(result.stdout)["coverages"]
    assert (first["contract"], first["exchanges"]) == ("api.yaml", 1)
    assert (second["contract"], second["exchanges"]) == ("other.yaml", 1)


def test_a_least_coverage_fails(tmp_path: Path) -> None:
    """Less than was asked for ends with 1, and says so in every form."""
    file = saved(tmp_path, GOOD)
    for form in ("text", "json", "markdown", "html"):
        result = coverage(file, "--min-coverage", "operations=50", "--format", form)
        assert result.exit_code == Exit.VIOLATIONS
        assert "the coverage of operations is 33.3 % (1 of 3), and 50 % were asked for" in result.output
    assert coverage(file, "--min-coverage", "operations=33.3").exit_code == Exit.CLEAN


def test_markdown_and_html_have_tables_and_no_live_text(tmp_path: Path) -> None:
    """What a contract says is shown as it is: neither Markdown nor HTML comes from it; the page needs nothing else."""
    Path("api.yaml").write_text(API.replace("title: Pets", "title: '<b>*Pets*</b> | x'"))
    file = saved(tmp_path, GOOD)
    markdown = coverage(file, "--format", "markdown").output
    assert markdown.startswith(r"## Coverage of \<b\>\*Pets\*\</b\> \| x: 29.4 %")
    assert "| operations | 1 | 3 | 33.3 |" in markdown
    assert "| `GET /pets/{id}` | 0 of 2 | 0 of 1 | 0 of 5 |" in markdown
    page = coverage(file, "--format", "html").output
    assert "<h1>&lt;b&gt;*Pets*&lt;/b&gt; | x: 29.4 % of the contract was seen</h1>" in page
    assert "<li><code>GET /pets query.limit</code> (api.yaml:7)</li>" in page
    assert not re.search(r"https?://|<script|<link|<img|@import|url\(", page)


def test_what_is_no_source_is_told_in_one_line(tmp_path: Path) -> None:
    """A file that is neither traffic nor a coverage is told; the others count, and the command ends with 3."""
    Path("odd.json").write_text('{"a": 1}')
    result = coverage("odd.json", saved(tmp_path, GOOD))
    assert result.exit_code == Exit.UNREACHABLE
    assert result.output.startswith("tallystick: odd.json: it is JSON with 'a' at its top; ")
    assert "29.4 %" in result.output
    Path("odd.json").write_text('{"exchanges": 1, "seen": {"colours": {}}}')
    assert coverage("odd.json").output == "tallystick: odd.json: it holds no coverage that tallystick wrote\n"
    assert coverage("none.json").exit_code == Exit.UNREACHABLE


def test_traffic_without_an_exchange_of_the_contract_fails(tmp_path: Path) -> None:
    """Nothing that was seen is no coverage: it ends with 1 and the reason."""
    result = coverage(saved(tmp_path, entry("GET https://other.example.com/x", answer=1)))
    assert result.exit_code == Exit.VIOLATIONS
    assert "note: no exchange is of api.yaml" in result.output
