"""The settings of the mock, from its flags and from the configuration."""

from __future__ import annotations

from pathlib import Path

import pytest
from support.asking import asker, contract
from support.commands import written

from tallystick.cli.mock import command
from tallystick.cli.mock_settings import settings_of
from tallystick.config import load_configuration
from tallystick.mock.app import create_app
from tallystick.mock.settings import MockSettings, OperationSettings
from tallystick.nouns.errors import UsageError

LISTS = """
    paths:
      /pets:
        get:
          operationId: listPets
          tags: [public]
          responses: {'200': {description: Pets, content: {application/json: &names {
            schema: {type: array, items: {type: string}}, example: [Rex]}}}}
      /owners:
        get: {tags: [admin], responses: {'200': {description: Owners, content: {application/json: *names}}}}
"""


def configured(folder: Path, configuration: str, *flags: str) -> MockSettings:
    """The settings that flags ask for under a configuration."""
    written(folder, "tallystick.toml", configuration)
    return settings_of(command.make_context("mock", [*flags]), load_configuration(folder))


def test_a_key_is_a_flag_without_its_dashes(tmp_path: Path) -> None:
    """The table `mock` takes the flags of the mock; a flag goes before it."""
    table = '[mock]\nexamples = "as-is"\ndynamic = true\ncors = false\nhead-seconds = 5\n'
    settings = configured(tmp_path, table)
    assert (settings.examples, settings.dynamic, settings.cors) == ("as-is", True, False)
    settings = configured(tmp_path, table, "--examples", "mend", "--cors")
    assert (settings.examples, settings.dynamic, settings.cors) == ("mend", True, True)


@pytest.mark.parametrize("pattern", ["GET /pets", "/pets", "listPets", "list*", "tag:public"])
def test_an_operation_has_settings_of_its_own(tmp_path: Path, pattern: str) -> None:
    """A table of `operations` names them by label, path, id or tag; the last one that matches goes first."""
    table = f'[[mock.operations]]\nmatch = ["{pattern}"]\ndynamic = true\n'
    pets, owners = contract(LISTS)
    settings = configured(tmp_path, table)
    assert settings.for_operation(pets).dynamic
    assert not settings.for_operation(owners).dynamic
    again = configured(tmp_path, f'{table}[[mock.operations]]\nmatch = ["*"]\ndynamic = false\n')
    assert not again.for_operation(pets).dynamic


def test_an_operation_is_served_by_its_own_settings() -> None:
    """A setting of one operation leaves the others as they are."""
    ask = asker(contract(LISTS), operations=(OperationSettings(("tag:admin",), {"dynamic": True}),))
    assert ask("GET /pets").body == b'["Rex"]'
    assert ask("GET /owners").body != b'["Rex"]'


def test_a_pattern_without_an_operation_is_told() -> None:
    """Settings whose pattern matches no operation of any contract are named at start."""
    matching = ("listPets", "/pet", "tag:admin")
    settings = MockSettings(operations=(OperationSettings(matching, {"dynamic": True}),))
    said = "the configuration has settings for '/pet', which matches no operation"
    assert create_app([contract(LISTS)], settings).summaries == (said,)


@pytest.mark.parametrize(
    ("table", "said"),
    [
        ("[mock]\nhead-second = 5", "mock: unknown key 'head-second'; did you mean 'head-seconds'?"),
        ('[mock]\nexamples = "ment"', "mock: examples: 'ment' is not one of 'mend', 'as-is', 'valid-only'."),
        ("[mock]\ndynamic = 1", "mock: dynamic: true or false was expected, not 1"),
        ("[mock]\nexamples = true", "mock: examples: one of 'mend', 'as-is', 'valid-only' was expected, not True"),
        ("[mock]\nitems = 5.5", "mock: items: a whole number was expected, not 5.5"),
        ("[mock]\nlocale = true", "mock: locale: a value of its flag was expected, not True"),
        ("[mock]\nport = 4010", "mock: port: it is said at the start alone; give the flag --port to"),
        ('[mock]\nexamples = ["mend"]', "mock: examples: one value was expected, not ['mend']"),
        ("[mock]\noperations = 3", "mock: operations: a list of tables was expected, each with `match` and settings"),
        (
            "[[mock.operations]]\ndynamic = true",
            "mock: operations (number 1): match: a list of operations was",
        ),
        ("[[mock.operations]]\nmatch = ['*']\ncors = true", "mock: operations (number 1): unknown key 'cors'"),
    ],
)
def test_a_wrong_setting_says_where_and_what(tmp_path: Path, table: str, said: str) -> None:
    """The message names the file, the key and what would have worked."""
    with pytest.raises(UsageError) as error:
        configured(tmp_path, table)
    assert f"tallystick.toml: {said}" in str(error.value)


def test_a_wrong_locale_in_the_configuration_is_told_with_its_file(tmp_path: Path) -> None:
    """The message names the file and the key, and not the flag that nobody gave."""
    with pytest.raises(UsageError, match=r"tallystick\.toml: mock: locale: unknown locale 'xx'; known: ar_AA") as told:
        configured(tmp_path, '[mock]\nlocale = "xx"\n')
    assert "--locale" not in str(told.value)
