"""What the control API says of itself and of the mock: what there is, the version, the settings."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import fields
from importlib.metadata import version
from typing import cast

from tallystick.mock.control.call import Call, Function, told
from tallystick.mock.roles import Reply
from tallystick.mock.stores.opening import without_password
from tallystick.mock.tailoring.edit import origin_of
from tallystick.nouns.exchange import Response
from tallystick.nouns.json_value import JSON

_SERVER = "http://127.0.0.1:4010/_tallystick"
"""The address of a mock as the contract of the control API has it."""
_SECRET = frozenset(("control_token", "tokens"))
"""The settings that are not shown."""


async def _index(call: Call) -> Reply:
    base = f"{origin_of(call.reading)}{call.reading.prefix}"
    calls: list[JSON] = [
        {"method": operation.method, "url": f"{base}{operation.path}", "summary": operation.summary}
        for operation in call.contract
    ]
    return told({"contract": f"{base}/openapi.yaml", "calls": calls})


async def _contract(call: Call) -> Reply:
    own = f"{origin_of(call.reading)}{call.reading.prefix}"
    text = call.contract.root.document.source.replace(_SERVER, own)
    return Reply(Response(200, (("content-type", "application/yaml"),), text.encode()), "control")


async def _version(_: Call) -> Reply:
    return told({"name": "tallystick", "version": version("tallystick")})


async def _settings(call: Call) -> Reply:
    settings = call.memory.settings
    shown = {field.name: getattr(settings, field.name) for field in fields(settings) if field.name not in _SECRET}
    shown["state"] = tuple(without_password(value) for value in settings.state)
    shown["operations"] = [{"match": each.match, **each.values} for each in settings.operations]
    return told(_json(shown))


def _json(value: object) -> JSON:
    if isinstance(value, Mapping):
        return {str(key): _json(each) for key, each in value.items()}
    if isinstance(value, list | tuple | set | frozenset):
        return [_json(each) for each in value]
    return cast("JSON", value)


FUNCTIONS: dict[str, Function] = {
    "getIndex": _index,
    "getContract": _contract,
    "getVersion": _version,
    "getSettings": _settings,
}
