"""Mocks that run: a server in a thread of this process, or a process of its own."""

from __future__ import annotations

import asyncio
import os
import subprocess
import sys
import threading
import warnings
from collections.abc import Callable, Mapping, Sequence
from dataclasses import fields
from pathlib import Path
from secrets import token_hex
from typing import IO, TYPE_CHECKING, Any, TypeAlias

from tallystick.mock.control import PATH
from tallystick.nouns.errors import UnreachableError, UsageError
from tallystick.nouns.words import unknown
from tallystick.testing.calls import Calls
from tallystick.testing.session import MockSession

if TYPE_CHECKING:
    from tallystick.mock.app import Mock
    from tallystick.nouns.contract import Contract

PathOrContract: TypeAlias = "str | Path | Contract"
"""A contract, or where one is: a file, a folder, a glob, a URL."""

_HOST = "127.0.0.1"
_START_SECONDS = 60.0
_END_SECONDS = 5.0
_URL = "http://"


class RunningMock(MockSession):
    """A mock that runs until it is closed; it is its own shared session, and has others.

    `app` is its ASGI application, None where it runs in a process of its own.
    """

    def __init__(self, calls: Calls, base_path: str, app: Mock | None, end: Callable[[], None]) -> None:
        super().__init__(calls, base_path, "")
        self.app = app
        self._end = end

    def session(self, name: str = "") -> MockSession:
        """A session by its name, or one with a name that nobody else has."""
        return MockSession(self.calls, self.base_path, name or f"test-{token_hex(8)}")

    def close(self) -> None:
        """End the mock."""
        self._end()

    def __exit__(self, *_: object) -> None:
        self.close()


def mock(*contracts: PathOrContract, process: bool = False, port: int = 0, **settings: Any) -> RunningMock:
    """Start a mock of some contracts; without any, of those of the configuration.

        with mock("api.yaml") as api:
            requests.get(f"{api.url}/pets/7")
            api.verify("getPet", times=1)

    It is a server on a port of this machine (a free one, if none is given): in a thread of this process, or with
    `process=True` in a process of its own. It runs until the `with` block ends, or until `close()`. The settings are
    those of `tallystick.MockSettings`, by which the flags of `tallystick mock` are named: `seed=7`, `state="closed"`,
    `fault="10% 503"`. Raises a `TallystickError` where a contract cannot be read, or a setting cannot be.
    """
    wanted = _settings(settings)
    return (_in_process if process else _in_thread)(contracts, wanted, port)


def _settings(given: Mapping[str, Any]) -> dict[str, Any]:
    """Settings by name, as they were given, with one text for a list of one."""
    from tallystick.mock.settings import DEFAULTS, MockSettings
    from tallystick.mock.wishes import seed_of

    names = [field.name for field in fields(MockSettings)]
    for name in given:
        if name not in names:
            raise UsageError(unknown("setting", name, names))
    if given.get("control") is False:
        raise UsageError("a mock for tests is spoken to by its control API; leave out control=False")
    wanted = {name: _as_set(value, getattr(DEFAULTS, name)) for name, value in given.items()}
    return {**wanted, "seed": seed_of(str(wanted["seed"]))} if "seed" in wanted else wanted


def _as_set(value: Any, default: object) -> Any:
    """A setting as its field has it, where a text stands for several."""
    if isinstance(value, str) and isinstance(default, tuple):
        return (value,)
    if isinstance(value, str) and isinstance(default, frozenset):
        return frozenset(value.replace(" ", "").split(",")) - {"none", ""}
    return value


def _in_thread(contracts: Sequence[PathOrContract], settings: Mapping[str, Any], port: int) -> RunningMock:
    with warnings.catch_warnings():  # of libraries, which a suite may take for errors
        warnings.simplefilter("ignore")
        from tallystick.mock.app import create_app
        from tallystick.mock.routes import normal_base_path
        from tallystick.mock.serving.server import Served, bind, origin
        from tallystick.mock.settings import MockSettings

        wanted = MockSettings(**settings)
        app = create_app(_read(contracts), wanted)
    (listener,) = bind(_HOST, port)
    served, ready = Served(app), threading.Event()
    served.server.ready = ready.set

    def serve() -> None:
        served.serve(listener)
        asyncio.run(app.memory.store.close())

    thread = threading.Thread(target=serve, name="tallystick: a mock for tests", daemon=True)
    thread.start()

    def end() -> None:
        served.stop()
        thread.join(_END_SECONDS)
        listener.close()

    if not ready.wait(_START_SECONDS):
        end()
        raise UnreachableError("the mock has not started")
    calls = Calls(origin(listener, _HOST), wanted.control_path, wanted.control_token)
    return RunningMock(calls, normal_base_path(wanted.base_path), app, end)


def _read(contracts: Sequence[PathOrContract]) -> list[Contract]:
    """The contracts, those of files read now."""
    from tallystick.config import load_configuration
    from tallystick.contracts.files import read_contracts
    from tallystick.mock.making import named_apart
    from tallystick.nouns.contract import Contract

    paths = [str(each) for each in contracts if not isinstance(each, Contract)]
    given = [each for each in contracts if isinstance(each, Contract)]
    return [*given, *named_apart(read_contracts(paths, load_configuration()) if paths or not given else ())]


def _in_process(contracts: Sequence[PathOrContract], settings: Mapping[str, Any], port: int) -> RunningMock:
    files = [str(getattr(each, "file", each)) for each in contracts]
    command = [sys.executable, "-m", "tallystick", "mock", "--quiet", "--no-reload", "--host", _HOST, "-p", str(port)]
    token = str(settings.get("control_token", ""))
    server = subprocess.Popen(
        [*command, *_flags(settings), "--", *files],
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        env={**os.environ, "TALLYSTICK_CONTROL_TOKEN": token},
        text=True,
    )

    output = server.stdout
    assert output is not None  # it is a pipe
    reader = threading.Thread(target=output.read, daemon=True)  # a pipe that nobody reads stops who writes

    def end() -> None:
        server.terminate()
        try:
            server.wait(_END_SECONDS)
        except subprocess.TimeoutExpired:
            server.kill()
            server.wait()
        if reader.ident is not None:
            reader.join()
        output.close()

    try:
        url = _started(output)
    except BaseException:
        end()
        raise
    reader.start()
    base_path = str(settings.get("base_path", "")).strip("/")
    calls = Calls(url, str(settings.get("control_path", PATH)), token)
    return RunningMock(calls, f"/{base_path}" if base_path else "", None, end)


def _started(output: IO[str]) -> str:
    """The origin of a mock by the first line that it prints; raises `UnreachableError` with what else it prints."""
    lines: list[str] = []
    for line in output:
        lines.append(line.rstrip())
        start = line.find(_URL)
        if line.startswith("tallystick mock:") and start >= 0:
            address = line[start:].split()[0]
            return "/".join(address.split("/")[:3])
    raise UnreachableError("the mock has not started: " + "\n".join(lines))


def _flags(settings: Mapping[str, Any]) -> list[str]:
    """Settings as flags."""
    from tallystick.mock.settings import DEFAULTS

    flags: list[str] = []
    for name, value in settings.items():
        flag = f"--{name.replace('_', '-')}"
        if name in ("operations", "resources", "tokens"):
            raise UsageError(f"{name}: a mock in a process of its own takes this from the configuration; leave it out")
        if name == "control_token":
            continue
        if isinstance(value, bool):
            flags += [flag if value else f"--no-{flag[2:]}"] if value != getattr(DEFAULTS, name) else []
        elif isinstance(value, tuple | list):
            flags += [each for one in value for each in (flag, str(one))]
        elif isinstance(value, frozenset):
            flags += [flag, ",".join(sorted(value)) or "none"]
        elif name in ("stream_delay", "session_idle", "upstream_timeout"):
            flags += [flag, f"{value}s"]
        elif value is not None:
            flags += [flag, str(value)]
    return flags
