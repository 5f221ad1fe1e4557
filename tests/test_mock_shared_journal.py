"""Overrides and the journal of a mock with several processes: whichever is asked, they are the same."""

from __future__ import annotations

import contextlib
import http.client
import json
import os
import shutil
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from textwrap import dedent
from typing import Any
from urllib.parse import urlsplit

import pytest
from support.pet_shop import SHOP
from support.running import Running, running
from support.servers import needs_redis, redis_running

pytestmark = pytest.mark.skipif(
    not hasattr(os, "fork") or shutil.which("pgrep") is None, reason="needs a system that forks"
)

_JSON = {"Content-Type": "application/json"}


@contextlib.contextmanager
def shop(folder: Path, *flags: str) -> Iterator[Running]:
    """A mock of the shop in processes of its own."""
    (folder / "shop.yaml").write_text(f"openapi: 3.1.0\ninfo: {{title: Shop, version: '1'}}\n{dedent(SHOP)}")
    with running("shop.yaml", "-p", "0", "-q", *flags, cwd=folder) as mock:
        try:
            yield mock
        finally:
            mock.end()


@pytest.fixture
def mock(tmp_path: Path) -> Iterator[Running]:
    """A shop with two workers, which share a SQLite file of their own."""
    with shop(tmp_path, "--workers", "2") as mock:
        yield mock


def ask(mock: Running, session: str, line: str, body: Any = None) -> tuple[int, Any]:
    """The status and the value that a new connection gets, which may be with any of the processes."""
    method, _, path = line.partition(" ")
    connection = http.client.HTTPConnection(urlsplit(mock.origin).netloc, timeout=20)
    sent = json.dumps(body).encode() if body is not None else None
    try:
        connection.request(method, f"/~{session}{path}", sent, _JSON if sent else {})
        response = connection.getresponse()
        text = response.read()
    finally:
        connection.close()
    return response.status, json.loads(text) if text else None


def play(mock: Running, session: str) -> None:
    """One test: it overrides some replies, asks, and verifies what it has asked."""
    override = {"match": "getPet", "reply": {"code": 404}, "times": 5}
    assert ask(mock, session, "POST /_tallystick/overrides", override)[0] == 201
    statuses = [ask(mock, session, f"GET /pets/{number}")[0] for number in range(12)]
    assert statuses == [404] * 5 + [200] * 7
    for times in (12, 11):
        _, verdict = ask(mock, session, "POST /_tallystick/verify", {"match": "getPet", "times": times})
        assert (verdict["count"], verdict["verified"]) == (12, times == 12)
    _, journal = ask(mock, session, "GET /_tallystick/journal")
    assert [each["request"]["path"] for each in journal["exchanges"]] == [f"/pets/{number}" for number in range(12)]
    assert [each["why"]["source"] for each in journal["exchanges"][:6]] == ["override"] * 5 + ["contract"]
    assert ask(mock, session, "GET /_tallystick/overrides")[1] == {"overrides": []}


def test_workers_share_overrides_and_the_journal(mock: Running) -> None:
    """Several sessions at once, each asked over many connections: each sees its own overrides and calls alone."""
    with ThreadPoolExecutor(6) as pool:
        for _ in pool.map(lambda number: play(mock, f"w{number}"), range(6)):
            pass


def test_requests_at_once_share_the_calls_of_an_override(mock: Running) -> None:
    """Of 40 requests at once, in two processes, just as many are overridden as it was asked for."""
    override = {"match": "getPet", "reply": {"code": 404}, "times": 15}
    assert ask(mock, "all", "POST /_tallystick/overrides", override)[0] == 201
    with ThreadPoolExecutor(8) as pool:
        statuses = list(pool.map(lambda number: ask(mock, "all", f"GET /pets/{number}")[0], range(40)))
    assert sorted(statuses) == [200] * 25 + [404] * 15


def test_stateless_workers_share_overrides(tmp_path: Path) -> None:
    """Workers that remember nothing have the same overrides all the same; where one sets the first, all look for it."""
    with shop(tmp_path, "--workers", "2", "--stateless") as mock:
        assert {ask(mock, "s", f"GET /pets/{number}")[0] for number in range(8)} == {200}
        assert ask(mock, "s", "POST /_tallystick/overrides", {"match": "getPet", "reply": {"code": 404}})[0] == 201
        assert {ask(mock, "s", f"GET /pets/{number}")[0] for number in range(12)} == {404}
        assert ask(mock, "s", "DELETE /_tallystick/overrides")[0] == 204
        assert {ask(mock, "s", f"GET /pets/{number}")[0] for number in range(8)} == {200}


@needs_redis
def test_replicas_share_overrides_and_the_journal(tmp_path: Path) -> None:
    """The same holds of two mocks that share a Redis."""
    with redis_running(tmp_path / "redis") as redis:
        flags = ("--state", redis.address)
        with shop(tmp_path, *flags) as one, shop(tmp_path, *flags) as other:
            override = {"match": "getPet", "reply": {"code": 404}, "times": 2}
            assert ask(one, "s", "POST /_tallystick/overrides", override)[0] == 201
            statuses = [ask(mock, "s", "GET /pets/1")[0] for mock in (other, one, other)]
            assert statuses == [404, 404, 200]
            for mock in (one, other):
                assert ask(mock, "s", "POST /_tallystick/verify", {"match": "getPet", "times": 3})[1]["verified"]
            assert ask(other, "s", "POST /_tallystick/reset")[0] == 204
            assert ask(one, "s", "GET /_tallystick/journal")[1]["total"] == 0
