"""Mocks that share what they remember, in small: `make replicas` measures the same with many requests."""

from __future__ import annotations

import contextlib
import json
import os
import shutil
import subprocess
import sys
import tomllib
from collections.abc import Iterator
from http.client import HTTPConnection
from pathlib import Path
from typing import Any

import pytest
import yaml
from support.folders import ROOT
from support.servers import free_port, needs_haproxy, needs_redis, wait_for_port

from tallystick.contracts.read import read_contract
from tallystick.examples.requests import example_request
from tallystick.nouns.exchange import Request
from tests.replicas.__main__ import redis, reloads, sessions, sqlite
from tests.replicas.parts import CONFIGURATION

pytestmark = pytest.mark.skipif(
    not hasattr(os, "fork") or shutil.which("pgrep") is None, reason="needs a system that forks, and pgrep"
)


@needs_redis
@needs_haproxy
def test_replicas_behind_haproxy_lose_nothing(tmp_path: Path) -> None:
    """Two mocks with one Redis contradict no answer, while Redis is killed and comes back, and one mock, too."""
    assert redis(tmp_path, 500, 12, 1) == []


def test_workers_with_a_file_lose_nothing(tmp_path: Path) -> None:
    """Two workers with one file contradict no answer, while one of them is killed."""
    assert sqlite(tmp_path, 500, 12, 1) == []


def test_sessions_at_once_see_nothing_of_each_other(tmp_path: Path) -> None:
    """Sixteen sessions that use the same ids at once each see their own."""
    assert sessions(tmp_path, 320, 16, 1) == []


def test_a_contract_that_is_saved_all_the_time_breaks_no_request(tmp_path: Path) -> None:
    """No request is dropped or answered otherwise while the contract is saved, valid and broken in turn."""
    assert reloads(tmp_path, 1200, 12, 1) == []


def test_the_deployment_names_what_it_is_made_of() -> None:
    """The files of the deployment agree on their names and ports."""
    compose = (CONFIGURATION.parent / "compose.yaml").read_text()
    configuration = CONFIGURATION.read_text()
    for name in ("mock-1", "mock-2"):
        assert f"  {name}: *mock\n" in compose
        assert f"server {name} {name}:4010\n" in configuration
    assert '"4010:4010", "8404:8404"' in compose
    assert "haproxy.cfg" in compose
    assert "--appendonly" in compose
    assert "bind :4010" in configuration
    assert "bind :8404" in configuration


@needs_redis
def test_the_commands_of_the_deployment_run_as_they_stand(tmp_path: Path) -> None:
    """Two mocks and a Redis with the commands of the compose file, on other ports, share what is created."""
    compose = yaml.safe_load((CONFIGURATION.parent / "compose.yaml").read_text())
    services, port = compose["services"], free_port()
    redis_command = [*services["redis"]["command"], "--port", str(port), "--dir", str(tmp_path)]
    shutil.copytree(ROOT / "openapi", tmp_path / "openapi")
    with contextlib.ExitStack() as stack:
        stack.enter_context(_ended(subprocess.Popen(redis_command, stdout=subprocess.DEVNULL), port))
        client, *words = services["redis"]["healthcheck"]["test"][1:]
        ping = [client, "-p", str(port), *words]
        assert subprocess.run(ping, capture_output=True, check=True, text=True).stdout == "PONG\n"
        mocks = []
        for name in ("mock-1", "mock-2"):
            own = free_port()
            others = {"4010": str(own), "0.0.0.0": "127.0.0.1", "redis://redis:6379/0": f"redis://127.0.0.1:{port}/0"}
            command = [others.get(word, word) for word in services[name]["command"]]
            process = subprocess.Popen([sys.executable, "-m", "tallystick", "mock", *command], cwd=tmp_path)
            stack.enter_context(_ended(process, own))
            mocks.append(own)
        create, read = (_request(method) for method in ("POST", "GET"))
        made = _answer(mocks[0], create)
        path = f"/api/detection/sessions/{made['session_id']}"
        assert _answer(mocks[1], read._replace(path=path))["session_id"] == made["session_id"]


def _request(method: str) -> Request:
    """A request that creates a session, or reads one."""
    operations = read_contract(ROOT / "openapi" / "detection-sessions.yaml").operations
    return example_request(next(each for each in operations if each.method == method and "delete" not in each.path))


def _answer(port: int, request: Request) -> Any:
    """What a mock on a port answers with."""
    with contextlib.closing(HTTPConnection("127.0.0.1", port, timeout=30)) as connection:
        path = f"{request.path}?{request.query}" if request.query else request.path
        connection.request(request.method, path, request.body or None, dict(request.headers))
        response = connection.getresponse()
        answered = json.loads(response.read())
        assert response.status < 300, answered
        return answered


@contextlib.contextmanager
def _ended(process: subprocess.Popen[bytes], port: int) -> Iterator[None]:
    """A process that listens at a port, and is ended with the test."""
    try:
        wait_for_port(port, process, 60)
        yield
    finally:
        process.terminate()
        process.wait(20)


def test_the_image_of_the_deployment_has_what_its_command_needs() -> None:
    """It is built with the extra that a Redis needs, under the name that the project gives it."""
    image = (CONFIGURATION.parent / "Dockerfile").read_text()
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    assert "redis" in project["optional-dependencies"]
    assert "'.[redis]'" in image
