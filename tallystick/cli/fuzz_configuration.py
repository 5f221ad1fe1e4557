"""The settings of fuzz runs in the configuration: the keys of its table `fuzz` are flags without their dashes."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import click

from tallystick.cli.option_groups import GroupedCommand
from tallystick.config import Configuration, load_configuration, shown_path
from tallystick.nouns.errors import UsageError
from tallystick.nouns.words import unknown

_WITH_FLAGS = ("set",)
"""Keys whose values hold beside those of their flags, and may be about other contracts."""
_SECRETS = ("bearer", "auth", "api-key", "login")


class FuzzCommand(GroupedCommand):
    """The command, whose flags have the configuration's values where they are not given."""

    def make_context(
        self, info_name: str | None, args: list[str], parent: click.Context | None = None, **extra: Any
    ) -> click.Context:
        if not {"-h", "--help"} & set(args) and not extra.get("resilient_parsing"):
            extra.setdefault("default_map", self.configured(load_configuration()))
        return super().make_context(info_name, args, parent, **extra)

    def configured(self, configuration: Configuration) -> dict[str, object]:
        """The values of the table `fuzz` by the parameters of their flags; `UsageError` for one that is not known."""
        options = {
            name.removeprefix("--"): option
            for option in self.params
            if isinstance(option, click.Option)
            for name in option.opts
            if name.startswith("--")
        }
        where = _where(configuration)
        values: dict[str, object] = {}
        for key, value in configuration.fuzz.items():
            if key not in options:
                raise UsageError(f"{where}: {unknown('key', key, tuple(options))}")
            if key in _SECRETS:
                variable = options[key].envvar
                raise UsageError(f"{where}: {key}: a secret has no place in a file; give it as ${variable}")
            if key not in _WITH_FLAGS:
                values[options[key].name or ""] = _converted(options[key], value, f"{where}: {key}")
        return values


def _converted(option: click.Option, value: object, where: str) -> object:
    """The value of a key, judged as that of its flag is."""
    if option.is_flag is not isinstance(value, bool) or isinstance(value, dict):
        raise UsageError(f"{where}: {'true or false' if option.is_flag else 'a value of its flag'} was expected")
    if option.multiple and isinstance(value, str):
        value = [value]
    if isinstance(value, list) is not option.multiple:
        raise UsageError(f"{where}: {'a list was' if option.multiple else 'one value was'} expected, not {value!r}")
    try:
        option.type_cast_value(click.Context(click.Command("fuzz")), value)
    except click.BadParameter as error:
        raise UsageError(f"{where}: {error.message}") from None
    return value


def texts_of(configuration: Configuration, key: str) -> tuple[str, Sequence[str]]:
    """The list of texts under a key of the table `fuzz`, behind the name that messages have for it."""
    where, value = f"{_where(configuration)}: {key}:", configuration.fuzz.get(key, [])
    if not isinstance(value, list) or not all(isinstance(text, str) for text in value):
        raise UsageError(f"{where} a list of texts was expected, not {value!r}")
    return where, value


def _where(configuration: Configuration) -> str:
    return f"{shown_path(configuration.file)}: fuzz" if configuration.file is not None else "fuzz"
