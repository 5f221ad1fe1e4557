"""docs/testing.md says what works: its Python and its JavaScript are run as they stand there."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from importlib.util import find_spec
from pathlib import Path
from textwrap import dedent

import pytest
from support.folders import ROOT
from support.web import serving
from test_control_items import SHOP

from tallystick.testing import mock

PAGE = (ROOT / "docs" / "testing.md").read_text()
CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
NODE = shutil.which("node")

HTML = """
<!doctype html><title>Shop</title><ul id="pets"></ul><button id="add">Add</button><p id="error"></p>
<script>
const api = "ORIGIN";
async function show() {
  const reply = await fetch(`${api}/pets`);
  if (!reply.ok) { document.getElementById("error").textContent = `error ${reply.status}`; return; }
  const pets = await reply.json();
  document.getElementById("pets").innerHTML = pets.map((pet) => `<li>${pet.name}</li>`).join("");
}
document.getElementById("add").onclick = async () => {
  const headers = { "content-type": "application/json" };
  await fetch(`${api}/pets`, { method: "POST", headers, body: '{"name":"Rex"}' });
  await show();
};
show();
</script>
"""
SCRIPT = """
import { mockSession } from './mock.mjs';
const mock = await mockSession(process.env.MOCK, 'node-1');
await mock.put('pets', 7, { name: 'Rex' });
const names = async () => (await (await fetch(`${mock.url}/pets`)).json()).map((pet) => pet.name).join();
console.log(await names());
await mock.override('getPet', { code: 404 }, { times: 1 });
console.log((await fetch(`${mock.url}/pets/7`)).status, (await fetch(`${mock.url}/pets/7`)).status);
await mock.fault('503', { operation: 'listPets' });
console.log((await fetch(`${mock.url}/pets`)).status);
await mock.verify('getPet', { times: 2 });
for (const wrong of [() => mock.verify('addPet'), () => mock.override('getPet', { body: { name: 5 } })]) {
  await wrong().catch((error) => console.log(error.message.split('\\n')[0]));
}
await mock.freeze('2030-01-31T09:00:00Z');
await mock.drop();
console.log(await names());
"""


def blocks(language: str, heading: str) -> list[str]:
    """The blocks of code of a language in a section of the page."""
    section = PAGE.partition(f"\n## {heading}\n")[2].partition("\n## ")[0]
    return re.findall(rf"```{language}\n(.*?)```", section, re.DOTALL)


@pytest.fixture
def pets(tmp_path: Path) -> Path:
    """A folder with the contract that the page speaks of."""
    (tmp_path / "pets.yaml").write_text("openapi: 3.1.0\ninfo: {title: Pets, version: '1'}\n" + dedent(SHOP))
    return tmp_path


def test_the_python_of_the_page_works(pets: Path) -> None:
    """The block with a mock runs to its end."""
    (code,) = blocks("python", "Python")
    run = subprocess.run(
        [sys.executable, "-c", code], cwd=pets, capture_output=True, text=True, check=False, timeout=60
    )
    assert (run.returncode, run.stderr) == (0, "")


def test_the_suite_of_the_page_works(pets: Path) -> None:
    """Its tests pass, but for the one that needs somebody's server."""
    (ini,), (tests,) = blocks("ini", "pytest"), blocks("python", "pytest")
    (pets / "pytest.ini").write_text(ini)
    (pets / "test_shop.py").write_text(tests)
    command = [sys.executable, "-m", "pytest", "-p", "tallystick.pytest_plugin", "-k", "not our_server"]
    environment = {**os.environ, "PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1"}
    run = subprocess.run(command, cwd=pets, env=environment, capture_output=True, text=True, check=False, timeout=60)
    assert "2 passed, 1 deselected" in run.stdout, run.stdout


@pytest.mark.skipif(NODE is None, reason="there is no node")
def test_the_javascript_of_the_page_works(pets: Path) -> None:
    """The helper sets, verifies and drops a session, and its errors say what the mock says."""
    (helper,) = blocks("js", "A session in JavaScript")
    (pets / "mock.mjs").write_text(helper)
    (pets / "run.mjs").write_text(SCRIPT)
    with mock(pets / "pets.yaml") as api:
        environment = {**os.environ, "MOCK": api.url}
        run = subprocess.run(
            [str(NODE), "run.mjs"], cwd=pets, env=environment, capture_output=True, text=True, check=False, timeout=60
        )
    assert run.stderr == ""
    first, statuses, fault, verified, override, last = run.stdout.splitlines()
    assert (first, statuses, fault, last) == ("Rex,Tom", "404 200", "503", "Tom")
    assert verified == "expected at least 1 call of addPet; there were 0 calls like that"
    assert override.startswith("POST /overrides: GET /pets/{id}: the reply breaks the contract")


@pytest.mark.skipif(
    find_spec("playwright") is None, reason="Playwright is not installed; make test-browser installs it"
)
@pytest.mark.skipif(CHROMIUM is None, reason="there is no Chromium; Debian has it as a package")
def test_pages_have_sessions_of_their_own(pets: Path) -> None:
    """Pages of one application, each with the header of its session, do not see each other; none reaches the API."""
    from playwright.sync_api import sync_playwright

    with (
        mock(pets / "pets.yaml") as api,
        serving({"/": (200, HTML.replace("ORIGIN", api.url))}) as (origin, _),
        sync_playwright() as driver,
    ):
        browser = driver.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])
        for name in ("one", "two"):
            with api.session(name) as session:
                session.put("pets", 7, {"name": f"Own {name}"})
                page = browser.new_page()
                page.set_extra_http_headers(session.headers)
                page.goto(f"{origin}/")
                page.get_by_text(f"Own {name}").wait_for()
                assert page.locator("li").all_inner_texts() == [f"Own {name}", "Tom"]
                page.click("#add")
                page.get_by_text("Rex").wait_for()
                session.verify({"operation": "addPet", "body": {"name": "Rex"}}, times=1)
                session.override("listPets", fault="503")
                page.reload()
                page.get_by_text("error 503").wait_for()
        page.set_extra_http_headers({})
        asked = "fetch(`${api}/_tallystick/version`).then((reply) => reply.status, () => 'refused')"
        assert page.evaluate(asked) == "refused"
        browser.close()
