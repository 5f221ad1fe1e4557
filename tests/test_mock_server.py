"""The application that serves `openapi/` as a team would run it: some operations implemented, the others mocked."""

from __future__ import annotations

import json
from uuid import UUID

import pytest
from support.asking import Ask, asker_of, header
from support.folders import OPENAPI
from support.fuzzing import fuzz

from tallystick.fuzz.credentials import GivenCredentials

CONTRACT = OPENAPI / "detection-sessions.yaml"
SESSIONS = "/detection-sessions/api/detection/sessions"
TOKEN = {"Authorization": "Bearer token"}
WANTED = {"mode": "replay", "project_id": "e0da8a69-7cad-4512-bb26-e8bfeb248f60"}
EXAMPLE = "3c90c3cc-0d44-4b50-8888-8dd25736052a"
"""The session of an example in the contract."""


@pytest.fixture(scope="module")
def ask() -> Ask:
    """The application, asked in this process."""
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(OPENAPI.parent)
        from mock_server.asgi import app
    return asker_of(app)


def created(ask: Ask) -> tuple[str, dict[str, object]]:
    """A session that was created: its id, and the whole reply."""
    reply = ask(f"POST {SESSIONS}", {**TOKEN, "Content-Type": "application/json"}, json.dumps(WANTED).encode())
    assert (reply.status, header(reply, "tallystick-violations")) == (201, None)
    session = json.loads(reply.body)
    return session["session_id"], session


def test_a_session_that_is_created_can_be_read(ask: Ask) -> None:
    """Each has an id of its own, which the other operation knows from then on."""
    (first, session), (second, _) = created(ask), created(ask)
    assert first != second
    assert UUID(first).version == 4
    reply = ask(f"GET {SESSIONS}/{first}", TOKEN)
    assert (reply.status, header(reply, "tallystick-violations")) == (200, None)
    read = json.loads(reply.body)
    assert (read["session_id"], read["status"], read["mode"]) == (first, "created", "replay")
    for name in ("project_id", "resolved_movespec_version_id"):
        assert read[name] == session[name]


def test_another_session_is_the_mocks(ask: Ask) -> None:
    """A session that was not created here is answered for by the examples of the contract."""
    reply = ask(f"GET {SESSIONS}/{EXAMPLE}", TOKEN)
    assert json.loads(reply.body)["status"] == "streaming"


def test_what_is_not_implemented_is_mocked(ask: Ask) -> None:
    """The other contracts have no handler, and the header of a reply says so."""
    assert header(ask("GET /nowhere"), "tallystick-mock") == "stateless"
    reply = ask("GET /tracking-sessions/v1/sessions/x", TOKEN)
    assert header(reply, "tallystick-mock") == "stateful"
    assert header(ask(f"GET {SESSIONS}/{EXAMPLE}", TOKEN), "tallystick-mock") == "handler"


def test_only_so_many_sessions_are_kept(ask: Ask, monkeypatch: pytest.MonkeyPatch) -> None:
    """The oldest is forgotten first."""
    from mock_server.handlers import detection_sessions

    monkeypatch.setattr(detection_sessions, "MOST_SESSIONS", 1)
    monkeypatch.setattr(detection_sessions, "_sessions", type(detection_sessions._sessions)())
    (first, _), (second, _) = created(ask), created(ask)
    assert json.loads(ask(f"GET {SESSIONS}/{second}", TOKEN).body)["status"] == "created"
    assert json.loads(ask(f"GET {SESSIONS}/{first}", TOKEN).body)["status"] == "streaming"  # as in the example


def test_a_fuzz_run_finds_nothing() -> None:
    """With handlers it keeps the contract as the mock alone does, and every operation is accepted."""
    from mock_server.asgi import app

    outcome = fuzz(app, contract=CONTRACT, url="http://localhost/detection-sessions", given=GivenCredentials())
    assert outcome.errors == []
    assert all(operation.succeeded for operation in outcome.tested.values())
