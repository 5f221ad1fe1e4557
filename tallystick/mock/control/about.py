"""What the control API says of itself and of the mock: what there is, the version, the settings."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import fields
from importlib.metadata import version
from typing import cast

from tallystick.mock.control.call import Call, Function, told
from tallystick.mock.roles import Reply
from tallystick.nouns.json_value import JSON

_SECRET = frozenset(("control_token", "tokens"))
"""The settings that are not shown."""


async def _version(_: Call) -> Reply:
    return told({"name": "tallystick", "version": version("tallystick")})


async def _settings(call: Call) -> Reply:
    settings = call.memory.settings
    shown = {field.name: getattr(settings, field.name) for field in fields(settings) if field.name not in _SECRET}
    shown["operations"] = [{"match": each.match, **each.values} for each in settings.operations]
    return told(_json(shown))


def _json(value: object) -> JSON:
    if isinstance(value, Mapping):
        return {str(key): _json(each) for key, each in value.items()}
    if isinstance(value, list | tuple | set | frozenset):
        return [_json(each) for each in value]
    return cast("JSON", value)


FUNCTIONS: dict[str, Function] = {"getVersion": _version, "getSettings": _settings}
