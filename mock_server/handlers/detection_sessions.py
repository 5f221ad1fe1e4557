"""Detection sessions, kept in memory: one that was created can be read; any other is an example of the contract."""

from __future__ import annotations

import secrets
from collections import OrderedDict
from uuid import UUID, uuid4

from generated.detection_sessions import (
    CreateDetectionSessionRequest,
    CreateDetectionSessionResponse,
    DetectionSession,
    SessionStatus,
)

MOST_SESSIONS = 10_000
"""How many sessions are kept; the oldest is forgotten first."""

_ORGANIZATION = UUID("bb6d6317-35f0-4a9c-b5bd-676e32cfaf2c")
_sessions: OrderedDict[UUID, DetectionSession] = OrderedDict()


def createDetectionSession(body: dict[str, object]) -> tuple[dict[str, object], int]:  # the operation's id
    """Admits a session, with an id and a token of its own."""
    request = CreateDetectionSessionRequest.model_validate(body)
    session = DetectionSession(
        accepted_frames_total=0,
        mode=request.mode,
        organization_id=_ORGANIZATION,
        project_id=request.project_id,
        resolved_movespec_version_id=request.movespec_version_id or uuid4(),
        session_id=uuid4(),
        status=SessionStatus.CREATED,
    )
    _sessions[session.session_id] = session
    if len(_sessions) > MOST_SESSIONS:
        _sessions.popitem(last=False)
    response = CreateDetectionSessionResponse(
        input_schema_version="1.0.0",
        mode=session.mode,
        output_schema_version="1.0.0",
        project_id=session.project_id,
        resolved_movespec_version_id=session.resolved_movespec_version_id,
        runtime_token=secrets.token_urlsafe(),
        session_id=session.session_id,
        status="created",
        stream_url=f"wss://realtime.example.com/detection/{session.session_id}",
    )
    return response.model_dump(mode="json"), 201


def getDetectionSession(session_id: str) -> object:  # the operation's id
    """Reads a session that was created here; another is left to the mock, which knows those of the examples."""
    session = _sessions.get(UUID(session_id))
    return NotImplemented if session is None else session.model_dump(mode="json")
