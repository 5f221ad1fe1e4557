"""The settings of a mock: flags, and the configuration's table `mock`, whose keys are flags without their dashes."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from dataclasses import fields
from typing import Any

import click
from click.core import ParameterSource

from tallystick.cli.rule_table import grades_of
from tallystick.config import TIMEOUT_KEYS, Configuration, shown_path
from tallystick.mock.scopes import Tokens
from tallystick.mock.settings import MOCK_WIDE, NO_STATEFUL, MockSettings, OperationSettings
from tallystick.nouns.errors import UsageError
from tallystick.nouns.words import unknown
from tallystick.resources.said import SaidResource

_TOKENS = "tokens"
_OPERATIONS = "operations"
_RESOURCES = "resources"
_MATCH = "match"


def settings_of(context: click.Context, configuration: Configuration) -> MockSettings:
    """The settings that a command line asks for under a configuration; a flag goes before the key of its name.

    Raises `UsageError` for a key or a value that is not known.
    """
    options = _options(context.command)
    values = {name: context.params[name] for name in options}
    where = f"{shown_path(configuration.file)}: mock" if configuration.file is not None else "mock"
    table = dict(configuration.mock)
    listed = table.pop(_OPERATIONS, [])
    tokens = table.pop(_TOKENS, {})
    resources = table.pop(_RESOURCES, [])
    if "stateful" in table:
        raise UsageError(f"{where}: stateful: {NO_STATEFUL}")
    _refuse_flags(where, table, {option.name or "" for option in context.command.params}.difference(options))
    _refuse_unknown(where, table, (*options, *TIMEOUT_KEYS, _TOKENS, _OPERATIONS, _RESOURCES))
    for key, value in table.items():
        name = key.replace("-", "_")
        converted = _converted(context, options[name], value, f"{where}: {key}")
        if context.get_parameter_source(name) is not ParameterSource.COMMANDLINE:
            values[name] = converted
    operations = tuple(_operations(context, listed, where))
    said: tuple[SaidResource, ...] = ()
    if resources:
        from tallystick.cli.mock_resources import said_resources  # imported only where there are any

        said = tuple(said_resources(resources, f"{where}: {_RESOURCES}"))
    return MockSettings(
        **values,
        tokens=_tokens(tokens, f"{where}: {_TOKENS}"),
        operations=operations,
        resources=said,
        grades=grades_of(configuration),
    )


def _options(command: click.Command) -> dict[str, click.Parameter]:
    """The flags that are settings, by the names of their fields."""
    names = {field.name for field in fields(MockSettings)}
    return {option.name: option for option in command.params if option.name in names}


def _tokens(table: object, where: str) -> Tokens:
    expected = 'a table of tokens was expected, each with its scopes, as in { "my-token" = ["read:pets"] }'
    if not isinstance(table, dict):
        raise UsageError(f"{where}: {expected}; not {table!r}")
    for scopes in table.values():
        if not isinstance(scopes, list) or not all(isinstance(scope, str) for scope in scopes):
            raise UsageError(f"{where}: {expected}; not {scopes!r}")
    return tuple((token, frozenset(scopes)) for token, scopes in table.items())


def _operations(context: click.Context, listed: object, where: str) -> Iterator[OperationSettings]:
    if not isinstance(listed, list):
        raise UsageError(f"{where}: {_OPERATIONS}: a list of tables was expected, each with `{_MATCH}` and settings")
    options = {name: option for name, option in _options(context.command).items() if name not in MOCK_WIDE}
    for number, table in enumerate(listed, 1):
        place = f"{where}: {_OPERATIONS} (number {number})"
        if not isinstance(table, dict):
            raise UsageError(f"{place}: a table was expected, not {table!r}")
        _refuse_unknown(place, table, (_MATCH, *options))
        match = table.get(_MATCH)
        if not isinstance(match, list) or not match or not all(isinstance(pattern, str) for pattern in match):
            expected = 'a list of operations was expected, as in ["GET /pets/*", "listPets", "tag:admin"]'
            raise UsageError(f"{place}: {_MATCH}: {expected}; not {match!r}")
        values = {
            key.replace("-", "_"): _converted(context, options[key.replace("-", "_")], value, f"{place}: {key}")
            for key, value in table.items()
            if key != _MATCH
        }
        yield OperationSettings(tuple(match), values)


def _refuse_flags(where: str, table: Mapping[str, object], others: Collection[str]) -> None:
    """Raises `UsageError` for a key that is named after a flag of this start alone, such as the port."""
    for key in table:
        if key.replace("-", "_") in others:
            raise UsageError(
                f"{where}: {key}: it is said at the start alone; give the flag --{key} to `tallystick mock`"
            )


def _refuse_unknown(where: str, table: Mapping[str, object], known: Collection[str]) -> None:
    names = tuple(name.replace("_", "-") for name in known)
    for key in table:
        if key not in names:
            raise UsageError(f"{where}: {unknown('key', key, names)}")


def _converted(context: click.Context, option: click.Parameter, value: object, where: str) -> Any:
    """The value of a key, judged and converted as that of its flag is."""
    is_flag = isinstance(option, click.Option) and option.is_flag
    is_cut = isinstance(value, float) and isinstance(option.type, click.types.IntParamType)
    if isinstance(value, bool) is not is_flag or not isinstance(value, bool | int | float | str | list) or is_cut:
        raise UsageError(f"{where}: {_expected(option)} was expected, not {value!r}")
    if option.multiple and isinstance(value, str):
        value = [value]
    if isinstance(value, list) is not option.multiple:
        raise UsageError(f"{where}: {'a list was' if option.multiple else 'one value was'} expected, not {value!r}")
    try:
        return option.process_value(context, value)
    except click.BadParameter as error:
        raise UsageError(f"{where}: {error.message}") from None


def _expected(option: click.Parameter) -> str:
    if isinstance(option, click.Option) and option.is_flag:
        return "true or false"
    if isinstance(option.type, click.Choice):
        return f"one of {', '.join(map(repr, option.type.choices))}"
    return "a whole number" if isinstance(option.type, click.types.IntParamType) else "a value of its flag"
