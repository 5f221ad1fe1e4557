"""What a mock was made of before a change of its files is given back."""

from __future__ import annotations

import asyncio
import gc
import time
from collections.abc import Mapping
from pathlib import Path

import pytest
from starlette.types import ASGIApp
from support.pets_api import PETS_API

from tallystick.config import load_configuration
from tallystick.contracts.files import read_contracts
from tallystick.mock.making import Maker
from tallystick.mock.serving.reload import Reload
from tallystick.mock.settings import MockSettings


def sent_to(app: ASGIApp, method: str, path: str, body: bytes = b"") -> int:
    """The status of one request."""
    statuses: list[int] = []
    fields = {"host": "here", "content-type": "application/json", "content-length": str(len(body))} if body else {}
    headers = [(name.encode(), value.encode()) for name, value in fields.items()]

    async def receive() -> Mapping[str, object]:
        return {"type": "http.request", "body": body}

    async def send(message: Mapping[str, object]) -> None:
        if "status" in message:
            statuses.append(int(str(message["status"])))

    scope = {"type": "http", "method": method, "path": path, "query_string": b"", "headers": headers, "root_path": ""}
    asyncio.run(app(scope, receive, send))  # type: ignore[arg-type]
    return statuses[0]


def changing(count: int, reload: Reload, file: Path) -> int:
    """How many objects are garbage after so many changes of a contract whose mock answers requests in between."""
    for number in range(count):
        app = reload.made.app
        assert sent_to(app, "POST", "/pets", b'{"id": "p%d", "name": "Rex"}' % number) in (201, 409)
        assert sent_to(app, "GET", f"/pets/p{number}") == 200
        file.write_text(f"{PETS_API}\n# {number}\n")
        reload.unheeded = {file.absolute()}
        reload._take_up(lambda _: None, None)
    del app
    return gc.collect()


def test_what_was_replaced_is_given_back(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """After many changes only what the last few have left is still to be collected."""
    monkeypatch.chdir(tmp_path)
    file = Path("pets.yaml")
    file.write_text(PETS_API)
    configuration, settings = load_configuration(), MockSettings(state=("closed",), journal=0)
    maker = Maker(("pets.yaml",), (), lambda _: settings, (), lambda *_: None)
    read = read_contracts(("pets.yaml",), configuration, ())
    reload = Reload(maker, maker.make(read, configuration, ("pets.yaml",)), time.time_ns(), lambda *_: ())
    gc.disable()  # what Python collects by itself depends on all else that was made before
    try:
        changing(2, reload, file)
        few = changing(4, reload, file)
        many = changing(25, reload, file)
    finally:
        gc.enable()
    assert few > 100
    assert many < 3 * few
