"""The one door to Schemathesis: who imports it, and what a run does where Schemathesis has changed."""

from __future__ import annotations

import ast
import asyncio
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import schemathesis
from hypothesis import strategies
from schemathesis.checks import CHECKS, load_all_checks
from schemathesis.core import failures as core_failures
from schemathesis.core import transport
from schemathesis.core.failures import Failure
from schemathesis.generation import feedback
from schemathesis.generation.jsonschema import strategy as object_strategies
from schemathesis.openapi import checks as openapi_failures
from schemathesis.specs.openapi import checks
from schemathesis.specs.openapi.adapter import parameters, responses
from schemathesis.transport import asgi
from support.detection_api import detection_api
from support.fuzzing import found, fuzz, served

from tallystick.fuzz import report, schemathesis_adapter, schemathesis_failures
from tallystick.fuzz.failed_checks import FailedCheck
from tallystick.nouns.errors import Exit

ROOT = Path(__file__).parent.parent
GET = "GET /api/detection/sessions/{session_id}"


def imported(path: Path) -> Iterator[str]:
    """The modules that a file imports, wherever in it."""
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module is not None:
            yield node.module
            yield from (f"{node.module}.{alias.name}" for alias in node.names)


FILES = [path for package in ("tallystick", "mock_server") for path in (ROOT / package).rglob("*.py")]


def test_there_is_one_door_to_schemathesis() -> None:
    """Only `schemathesis_*` modules import Schemathesis or Hypothesis, and others import only the adapter of these."""
    doors, users = set(), set()
    for path in FILES:
        names = set(imported(path))
        if {name.partition(".")[0] for name in names} & {"schemathesis", "hypothesis"}:
            doors.add(path.name.partition("_")[0])
        if not path.name.startswith("schemathesis_"):
            users |= {name.split(".")[2] for name in names if name.startswith("tallystick.fuzz.schemathesis_")}
    assert doors == {"schemathesis"}
    assert users == {"schemathesis_adapter"}


def test_the_way_to_an_application_is_imported_only_where_there_is_one() -> None:
    """A run over a URL does without the module that sends requests to an application in this process."""
    script = (
        "import sys; from support.fuzzing import fuzz; from support.detection_api import detection_api;"
        "from support.fuzzing import served\n"
        "with served(detection_api()) as url: outcome = fuzz(url=url, max_examples=1)\n"
        "assert outcome.requests and not outcome.unpatched\n"
        "assert 'tallystick.fuzz.schemathesis_patches' in sys.modules\n"
        "assert 'tallystick.fuzz.schemathesis_transport' not in sys.modules\n"
    )
    subprocess.run([sys.executable, "-c", script], cwd=ROOT / "tests", check=True, timeout=60)


REPLACED = [
    (parameters.OpenApiParameterSet, "get_strategy"),
    (parameters.OpenApiBody, "get_strategy"),
    (parameters, "OpenApiBody"),
    (parameters, "_strategy_cache_key"),
    (object_strategies, "st"),
    (feedback, "NO_FEEDBACK"),
    (transport, "expand_status_code"),
    (responses, "expand_status_code"),
    (checks, "expand_status_code"),
    (asgi, "ASGITransport"),
    (asgi, "ASGI_TRANSPORT"),
]
"""What the patches use of Schemathesis: with any of it gone, a run goes on."""


@pytest.mark.parametrize(("owner", "name"), REPLACED, ids=[f"{owner.__name__}.{name}" for owner, name in REPLACED])
def test_a_name_that_has_moved_does_not_end_a_run(owner: object, name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Without a name that is patched, Schemathesis is left as it is, and exactly one note of the result says so."""
    for module in ("schemathesis_patches", "schemathesis_transport"):
        monkeypatch.delitem(sys.modules, f"tallystick.fuzz.{module}", raising=False)
    patch = schemathesis_adapter._patch

    def patch_without_the_name(*arguments: Any) -> str:
        with monkeypatch.context() as release:
            release.delattr(owner, name)
            reason = patch(*arguments)
        assert object_strategies.st is strategies
        assert asgi.ASGI_TRANSPORT is own_transport
        return reason

    own_transport = asgi.ASGI_TRANSPORT
    monkeypatch.setattr(schemathesis_adapter, "_patch", patch_without_the_name)
    outcome = fuzz(detection_api("wrong-enum"), max_examples=1)
    assert found(outcome) == {("response-body-schema", GET)}
    (note,) = (note for note in report.notes(outcome) if "Schemathesis" in note)
    assert note.startswith(f"Schemathesis {schemathesis.__version__} runs unpatched, so more slowly")
    assert name in note


@pytest.mark.parametrize("where", ["in this process", "at a URL"])
def test_another_release_runs_as_it_is(where: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Under a release whose code was not read, a run has the same findings, one note says why, and --strict passes."""
    monkeypatch.setattr(schemathesis_adapter, "PATCHED_RELEASES", ("4.0.1",))
    defective, sound = detection_api("wrong-enum"), detection_api()
    if where == "in this process":
        outcomes = [fuzz(application, max_examples=2) for application in (defective, sound)]
    else:
        with served(defective) as defective_url, served(sound) as sound_url:
            outcomes = [fuzz(url=url, max_examples=2) for url in (defective_url, sound_url)]
    assert [found(outcome) for outcome in outcomes] == [{("response-body-schema", GET)}, set()]
    reason = "runs unpatched, so more slowly: tallystick makes only 4.0.1 faster"
    assert report.notes(outcomes[1])[-1:] == [f"Schemathesis {schemathesis.__version__} {reason}"]
    assert outcomes[1].code(strict=True) == Exit.CLEAN


def test_an_application_that_hangs_is_given_up_in_an_unpatched_run(monkeypatch: pytest.MonkeyPatch) -> None:
    """Without our transport, too, an operation that does not answer in time is a finding."""
    monkeypatch.setattr(schemathesis_adapter, "PATCHED_RELEASES", ("4.0.1",))
    api = detection_api()

    async def hanging(scope: Any, receive: Any, send: Any) -> None:
        if scope["type"] == "http" and scope["path"].startswith("/api/detection/sessions/3c90"):
            await asyncio.sleep(60)
        await api(scope, receive, send)

    outcome = fuzz(hanging, timeout_seconds=0.2, max_examples=1)
    assert ("no-response", GET) in found(outcome)


@pytest.mark.parametrize("name", schemathesis_failures._CAUSES_BY_NAME)
def test_each_class_of_failures_is_one_of_schemathesis(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """The pinned release has each class of failures that is told apart, and does without one that is gone."""
    (module,) = (module for module in (openapi_failures, core_failures) if hasattr(module, name))
    failure_class = getattr(module, name)
    assert failure_class in schemathesis_failures._CAUSES
    monkeypatch.delattr(module, name)
    assert schemathesis_failures._classes().keys() == schemathesis_failures._CAUSES.keys() - {failure_class}


def test_a_failure_that_nothing_is_known_of_is_told_in_its_own_words() -> None:
    """A failure of an unknown class has its check's name for a rule, and no cause."""

    class Surprise(Failure):
        checks = ("something_new",)

    failed = schemathesis_failures.failed_check(Surprise(operation="GET /a", title="New", message="seen"), 200)
    assert failed == FailedCheck("something-new", "New", "seen", "GET /a", None)
    Surprise.checks = ()
    assert schemathesis_failures.failed_check(Surprise(operation=None, title="New", message="seen"), 200).rule == (
        "surprise"
    )


def test_checks_are_as_before_when_a_run_has_ended() -> None:
    """A run leaves the registry of checks as it was, in its order."""
    load_all_checks()
    before = list(CHECKS._items.items())
    fuzz(detection_api(), max_examples=1)
    assert list(CHECKS._items.items()) == before
