"""A suite that was written without tallystick, judged by one flag of pytest."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from test_pytest_plugin import suite
from test_testing_clients import CONTRACT

from tallystick.contracts.files import read_only
from tallystick.exchanges.recorded import Recorded
from tallystick.nouns.exchange import Exchange, Request, Response
from tallystick.nouns.violation import Violation
from tallystick.testing.contract import broken_by
from tallystick.testing.suite import Suite

APP = """
import json

async def app(scope, receive, send):
    body = (await receive()).get("body", b"")
    name = json.loads(body or b"{}").get("name")
    reply = {"id": 1} if name == "Wrong" else {"id": 1, "name": name}
    status = 201 if scope["path"] == "/pets" else 404
    await send({"type": "http.response.start", "status": status, "headers": [(b"content-type", b"application/json")]})
    await send({"type": "http.response.body", "body": json.dumps(reply).encode()})
"""
TESTS = """
    import asyncio
    import httpx
    import pytest
    from app import app

    def post(path, name):
        async def ask():
            async with httpx.AsyncClient(transport=httpx.ASGITransport(app=app), base_url="http://test") as client:
                return await client.post(path, json={"name": name})
        return asyncio.run(ask())

    @pytest.mark.parametrize("name", ["Rex", "Tom", "Wrong"])
    def test_create(name):
        assert post("/pets", name).status_code == 201

    def test_other():
        assert post("/health", "x").status_code == 404
"""


@pytest.mark.parametrize("workers", [(), ("-p", "xdist", "-n", "2")], ids=["one process", "two workers"])
def test_the_test_that_breaks_the_contract_fails(tmp_path: Path, workers: tuple[str, ...]) -> None:
    """With one flag only the test fails whose exchange breaks the contract; exchanges and coverage are told."""
    flags = ("--tallystick-contract", "pets.yaml", "--tallystick-coverage", *workers)
    run = suite(tmp_path, TESTS, *flags, app__py=APP, pets__yaml=CONTRACT)
    assert "1 failed, 3 passed" in run.stdout, run.stdout + run.stderr
    assert "FAILED test_suite.py::test_create[Wrong]" in run.stdout
    assert "POST http://test/pets -> 201 breaks the contract:" in run.stdout
    assert "response-body-schema: response.body: the property 'name' is missing" in run.stdout
    assert "3 exchanges held to pets.yaml" in run.stdout
    assert "not judged, since no contract has them: POST /health (1)" in run.stdout
    assert "% of the contract" in run.stdout


def test_without_a_flag_nothing_is_judged(tmp_path: Path) -> None:
    """A suite that asks for nothing passes as before, and says nothing of contracts."""
    run = suite(tmp_path, TESTS, app__py=APP, pets__yaml=CONTRACT)
    assert "4 passed" in run.stdout
    assert "tallystick" not in run.stdout.replace(str(tmp_path), "").partition("collected")[2]


@pytest.mark.parametrize(("least", "code"), [("10", 0), ("99", 1)])
def test_too_little_coverage_fails_the_suite(tmp_path: Path, least: str, code: int) -> None:
    """A suite whose tests pass fails where it has touched less of the contract than was asked for."""
    flags = ("--tallystick-contract", "pets.yaml", "--tallystick-min-coverage", least, "-k", "Rex")
    run = suite(tmp_path, TESTS, *flags, app__py=APP, pets__yaml=CONTRACT)
    assert run.returncode == code, run.stdout + run.stderr
    assert ("% were asked for" in run.stdout) is bool(code)


def test_a_contract_that_is_not_there_is_one_line(tmp_path: Path) -> None:
    """A wrong path ends pytest with one line, and no test is run."""
    run = suite(tmp_path, TESTS, "--tallystick-contract", "toys.yaml", app__py=APP)
    assert run.returncode == 4
    assert "toys.yaml: there is no such file" in run.stderr
    assert "Traceback" not in run.stderr


FIXTURES = """
    import asyncio
    import httpx
    import pytest
    from app import app

    def post(name):
        async def ask():
            async with httpx.AsyncClient(transport=httpx.ASGITransport(app=app), base_url="http://test") as client:
                return await client.post("/pets", json={"name": name})
        return asyncio.run(ask())

    @pytest.fixture
    def before():
        post("Wrong")

    @pytest.fixture
    def after():
        yield
        post("Wrong")

    def test_before(before):
        pass

    def test_after(after):
        pass

    def test_other():
        assert post("Rex").status_code == 201

    def test_assertion():
        assert post("Wrong").json() == {}
"""


def test_what_fixtures_ask_is_held_to_the_contract_too(tmp_path: Path) -> None:
    """An exchange of a fixture fails the test that it prepares, or its teardown; one of a failed test is shown."""
    run = suite(tmp_path, FIXTURES, "--tallystick-contract", "pets.yaml", app__py=APP, pets__yaml=CONTRACT)
    assert "2 failed, 2 passed, 1 error" in run.stdout, run.stdout + run.stderr
    assert "FAILED test_suite.py::test_before" in run.stdout
    assert "ERROR test_suite.py::test_after" in run.stdout
    assert run.stdout.count("POST http://test/pets -> 201 breaks the contract:") == 3


def test_what_broke_nothing_is_not_judged_again(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Of equal exchanges that keep the contract one is judged, and all are counted; what breaks it fails each time."""
    file = tmp_path / "pets.yaml"
    file.write_text(CONTRACT)
    judged: list[int] = []

    def counting(*arguments: Any) -> list[Violation]:
        judged.append(1)
        return broken_by(*arguments)

    monkeypatch.setattr("tallystick.testing.suite.broken_by", counting)
    suite_of_one = Suite([read_only(str(file))], True, False, [])
    sent = Request("POST", "/pets", "", (("content-type", "application/json"),), b'{"name": "Rex"}')
    for body in (b'{"id": 1, "name": "Rex"}', b"{}"):
        response = Response(201, (("content-type", "application/json"),), body)
        for _ in range(3):
            suite_of_one.hear(Recorded(Exchange(sent, response), "http://test", ""))
    assert (len(judged), suite_of_one.judged, len(suite_of_one.broken)) == (1 + 3, 6, 3)
