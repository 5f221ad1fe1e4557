"""Prism's command line, understood by `tallystick mock`."""

from __future__ import annotations

from typing import Any

import click
import pytest

from tallystick.cli.mock import command
from tallystick.cli.prism_spellings import rewritten


def parsed(*arguments: str) -> dict[str, Any]:
    """The parameters that a command line gives."""
    return command.make_context("mock", [*arguments]).params


@pytest.mark.parametrize(
    ("given", "ours"),
    [
        ("--cors=false a.yaml", "--no-cors a.yaml"),
        ("--cors false a.yaml", "--no-cors a.yaml"),
        ("--no-cors --cors=true", "--no-cors --cors"),
        ("-d=true --errors=false", "--dynamic"),
        ("--ignoreExamples --ignore-examples", "--dynamic --dynamic"),
        ("--verboseLevel silent -v debug -v=error a", "--quiet --quiet a"),
        ("-m --multiprocess=false --no-multiprocess a", "a"),
        ("--json-schema-faker-fillProperties=false a", "a"),
        ("-p 1 --host 0.0.0.0 -- --cors=false", "-p 1 --host 0.0.0.0 -- --cors=false"),
    ],
)
def test_flags_of_prism_become_ours(given: str, ours: str) -> None:
    """Each flag of Prism means here what it means there, in each spelling that Prism takes."""
    assert " ".join(rewritten(given.split())) == ours


def test_the_value_of_a_flag_is_no_flag_of_prism() -> None:
    """What follows a flag that takes a value is that value, though it looks like a flag of Prism."""
    given = parsed("--seed", "-m", "--fault", "drop", "--control-token", "--cors=false", "--handlers", "-v", "a.yaml")
    assert (given["control_token"], given["handlers"], given["cors"]) == ("--cors=false", "-v", True)
    assert given["seed"] == parsed("--seed=-m")["seed"]
    assert given["paths"] == ("a.yaml",)


@pytest.mark.parametrize("arguments", [["-h", "0.0.0.0"], ["-h=localhost"], ["-h", "::"]])
def test_an_address_after_h_is_told_its_flag(arguments: list[str]) -> None:
    """`-h` is help; who gives it an address is told `--host`."""
    with pytest.raises(click.UsageError, match="--host"):
        parsed(*arguments)


def test_one_process_is_as_good_as_several(capsys: pytest.CaptureFixture[str]) -> None:
    """`-m` changes nothing, and one line says what serves with several processes."""
    assert parsed("-m", "a.yaml")["workers"] == 1
    assert "--workers N" in capsys.readouterr().err


def test_a_seed_is_any_text() -> None:
    """A number is a seed as it is, and a text has one of its own, the same as in `Prefer`."""
    assert parsed("--seed", "7")["seed"] == 7
    first, second = parsed("--seed", "monday")["seed"], parsed("--seed", "tuesday")["seed"]
    assert first == parsed("--seed", "monday")["seed"] != second
