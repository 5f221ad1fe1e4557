"""PATHs to contracts: each once, and a reason in place of one that cannot be read."""

from __future__ import annotations

from pathlib import Path

import pytest

from tallystick.config import Configuration
from tallystick.contracts.files import read_contracts, read_each
from tallystick.nouns.errors import UnreadableError

MINIMAL = "openapi: 3.1.0\ninfo: {title: t, version: '1'}\npaths: {}\n"


def test_what_cannot_be_read_takes_the_place_of_its_contract(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A PATH that leads nowhere and a broken file are reasons among the contracts, in the order of the PATHs."""
    monkeypatch.chdir(tmp_path)
    Path("good.yaml").write_text(MINIMAL)
    Path("broken.yaml").write_text("openapi: [")
    each = list(read_each(["nowhere.yaml", "good.yaml", "./good.yaml", "broken.yaml", "*.txt"], Configuration()))
    files = [entry.file for entry in each]
    assert files == ["nowhere.yaml", "good.yaml", "broken.yaml", "*.txt"]
    assert [isinstance(entry, UnreadableError) for entry in each] == [True, False, True, True]


def test_all_or_the_first_reason(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Who needs every contract gets them all, or the reason why the first cannot be read."""
    monkeypatch.chdir(tmp_path)
    Path("good.yaml").write_text(MINIMAL)
    assert [contract.name for contract in read_contracts(["*.yaml"], Configuration())] == ["good"]
    with pytest.raises(UnreadableError, match=r"nowhere\.yaml: there is no such file"):
        read_contracts(["good.yaml", "nowhere.yaml", "other.yaml"], Configuration())


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16"])
@pytest.mark.parametrize("line_end", ["\n", "\r\n", "\r"])
def test_a_contract_in_a_folder_is_found_in_each_encoding(tmp_path: Path, encoding: str, line_end: str) -> None:
    """A folder or a glob gives the contracts in each encoding that a document may have, whatever ends their lines."""
    text = "# a comment\n" + MINIMAL.replace("title: t", "title: Zoë")
    (tmp_path / "good.yaml").write_bytes(text.replace("\n", line_end).encode(encoding))
    (tmp_path / "other.yaml").write_bytes("name: Zoë\n".encode(encoding))
    for path in (tmp_path, tmp_path / "*.yaml"):
        (contract,) = read_contracts([str(path)], Configuration())
        assert contract.root.raw("info").string("title") == "Zoë"
