"""A baseline keeps known violations from failing a check, and does not outlive them."""

from __future__ import annotations

from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from tallystick.check.baseline import Entry, read_baseline
from tallystick.cli import main
from tallystick.nouns.errors import Exit, UsageError

CONTRACT = """\
openapi: 3.1.0
info: {title: Days, version: '1'}
paths:
  /day:
    get:
      operationId: getDay
      responses:
        '200':
          description: A day
          content: {application/json: {schema: {type: string}, example: 1}}
        '404': {}
"""


def run(folder: Path, *arguments: str) -> Result:
    """The outcome of `tallystick check` on the contract in a folder."""
    return CliRunner().invoke(main, ["check", str(folder / "day.yaml"), *arguments])


def folder_with(tmp_path: Path, baseline: str | None = None) -> Path:
    """A folder with the contract, and a baseline where one is given."""
    (tmp_path / "day.yaml").write_text(CONTRACT)
    if baseline is not None:
        (tmp_path / "known.toml").write_text(baseline)
    return tmp_path


def test_known_violations_do_not_fail_and_reasons_stay(tmp_path: Path) -> None:
    """A written baseline makes the check pass, asks for reasons, and keeps those it has when it is written again."""
    folder = folder_with(tmp_path)
    known = str(folder / "known.toml")
    assert run(folder).exit_code == Exit.VIOLATIONS
    written = run(folder, "--baseline", known, "--update-baseline")
    assert written.exit_code == Exit.CLEAN
    assert "2 known violations" in written.output
    passed = run(folder, "--baseline", known)
    assert passed.exit_code == Exit.CLEAN
    assert passed.output.count("known-violation-without-reason (warning)") == 2
    assert run(folder, "--baseline", known, "--strict").exit_code == Exit.VIOLATIONS
    text = (folder / "known.toml").read_text().replace('reason = ""', 'reason = "clients \\"rely\\" on it"')
    (folder / "known.toml").write_text(text)
    assert "no violations" in run(folder, "--baseline", known, "--strict").output
    run(folder, "--baseline", known, "--update-baseline")
    assert {entry.reason for entry in read_baseline(folder / "known.toml")} == {'clients "rely" on it'}


def test_an_entry_whose_violation_is_gone_is_told_with_its_line(tmp_path: Path) -> None:
    """A stale entry is a warning at its own line."""
    folder = folder_with(tmp_path, "# Why\n\n[[known]]\nrule = 'old-rule'\nfile = 'day.yaml'\nreason = 'x'\n")
    found = run(folder, "--baseline", str(folder / "known.toml"))
    assert "known.toml:3: known-violation-gone (warning): old-rule at day.yaml# is no longer there" in found.output
    assert found.exit_code == Exit.VIOLATIONS


def test_what_cannot_be_read_is_never_known(tmp_path: Path) -> None:
    """A document that cannot be read fails whatever a baseline says."""
    (tmp_path / "day.yaml").write_text("openapi: 3.1.0\n\tinfo: x\n")
    known = str(tmp_path / "known.toml")
    assert "0 known violations" in run(tmp_path, "--baseline", known, "--update-baseline").output
    (tmp_path / "known.toml").write_text("[[known]]\nrule = 'unreadable-document'\nfile = 'day.yaml'\n")
    assert run(tmp_path, "--baseline", known).exit_code == Exit.UNREACHABLE


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("[[known]", "not TOML"),
        ("known = 1", "a [[known]] table was expected"),
        ("[[known]]\nrule = 'x'", "a [[known]] table was expected"),
        ("[[known]]\nrule = 'x'\nfile = 'y'\nwhy = 'z'", "a [[known]] table was expected"),
        ("[[known]]\nrule = 'x'\nfile = 1", "is a string"),
    ],
)
def test_a_file_that_is_no_baseline_is_a_usage_error(tmp_path: Path, text: str, message: str) -> None:
    """What is wrong with a baseline is told in one line."""
    (tmp_path / "known.toml").write_text(text)
    with pytest.raises(UsageError) as raised:
        read_baseline(tmp_path / "known.toml")
    assert message in str(raised.value)


def test_a_baseline_that_is_not_there_yet_is_empty(tmp_path: Path) -> None:
    """The first run may name the file that an update will write."""
    assert read_baseline(tmp_path / "none.toml") == []
    assert Entry("rule", "file", "/a").key == ("rule", "file", "/a")


def test_an_update_needs_a_file(tmp_path: Path) -> None:
    """Without a file there is nothing to update."""
    folder = folder_with(tmp_path)
    found = run(folder, "--update-baseline")
    assert found.exit_code == Exit.USAGE
    assert "--update-baseline needs a file" in found.output


def test_the_configuration_may_name_the_baseline(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A baseline in the configuration is read from where the configuration stands."""
    folder = folder_with(tmp_path)
    (folder / "tallystick.toml").write_text('contracts = ["day.yaml"]\nbaseline = "known.toml"\n')
    monkeypatch.chdir(folder)
    assert CliRunner().invoke(main, ["check", "--update-baseline"]).exit_code == Exit.CLEAN
    assert CliRunner().invoke(main, ["check"]).exit_code == Exit.CLEAN
