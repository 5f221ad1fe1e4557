"""Models of a contract whose version of OpenAPI is not known yet."""

from __future__ import annotations

from pathlib import Path

from support.modelling import contract_of, document, run, things

from tallystick.nouns.errors import Exit


def test_an_unknown_version_gives_one_warning(tmp_path: Path) -> None:
    """The models are written, and one line on stderr says as which version the contract was read."""
    folder = tmp_path / "models"
    known = contract_of(tmp_path, document({"Pet": things(name={"type": "string"})}), "known.json")
    newer = contract_of(tmp_path, document({"Pet": things(name={"type": "string"})}, openapi="3.9.0"), "newer.json")
    result = run(known.file, newer.file, "-o", folder)
    assert result.exit_code == Exit.CLEAN, result.output
    fact = "the OpenAPI version 3.9.0 is not known yet; it is read as 3.2, the newest known"
    assert result.stderr == f"tallystick: {newer.file}: {fact}\n"
    assert "class Pet" in (folder / "newer.py").read_text(encoding="utf-8")
