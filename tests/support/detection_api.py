"""A real implementation of openapi/detection-sessions.yaml: sessions are kept, read back and guarded by a token.

It knows nothing of tallystick and checks what it is sent by hand, as an API would; `defect` plants one fault in it.
"""

from __future__ import annotations

import json
import re
import uuid
from collections.abc import Awaitable, Callable, MutableMapping
from typing import Any

TOKEN = "detection-token"
COLLECTION = "/api/detection/sessions"
PROJECT = "e0da8a69-7cad-4512-bb26-e8bfeb248f60"
_UUID = re.compile(r"[0-9a-fA-F]{8}(?:-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}")

Message = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[Message]]
Send = Callable[[Message], Awaitable[None]]
Session = dict[str, Any]


class Refused(Exception):
    """A request that is answered with an error."""

    def __init__(self, status: int, detail: str, **headers: str) -> None:
        super().__init__(detail)
        self.status = status
        self.headers = {name.replace("_", "-"): value for name, value in headers.items()}


class DetectionApi:
    """The application; every instance has sessions of its own."""

    def __init__(self, defect: str = "", token: str = TOKEN) -> None:
        self.defect = defect
        self.token = token
        self.sessions: dict[str, Session] = {}
        self.answers: dict[str, tuple[bytes, tuple[int, Any]]] = {}
        """The body and the answer of each idempotency key."""
        self.keep(
            session_id="3c90c3cc-0d44-4b50-8888-8dd25736052a",
            status="streaming",
            accepted_frames_total=1842,
            started_at="2026-11-20T09:15:04Z",
        )
        self.keep(
            session_id="177782f6-5078-4f40-8967-144a9276203e",
            status="failed",
            started_at="2026-11-20T08:02:30Z",
            ended_at="2026-11-20T08:02:41Z",
            error_code="stream_disconnected",
            terminal_outcome="failed",
        )

    def keep(self, session_id: str, **known: Any) -> Session:
        """Stores a session with what is known of it."""
        session = {
            "accepted_frames_total": 0,
            "mode": "live",
            "organization_id": "bb6d6317-35f0-4a9c-b5bd-676e32cfaf2c",
            "project_id": PROJECT,
            "resolved_movespec_version_id": "64d3fd62-3c63-47e3-b24a-d2993f65990b",
            "session_id": session_id,
            "status": "created",
            "ended_at": None,
            "error_code": None,
            "error_message": None,
            "started_at": None,
            "terminal_outcome": None,
            **known,
        }
        if self.defect != "created-session-lost" or session["status"] != "created":
            self.sessions[session_id] = session
        return session

    async def __call__(self, scope: Message, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            raise RuntimeError("only HTTP is served")
        body, more = b"", True
        while more:
            message = await receive()
            body += message.get("body", b"")
            more = message.get("more_body", False)
        headers = {name.decode("latin-1"): value.decode("latin-1") for name, value in scope["headers"]}
        try:
            status, answer = self.answer(scope["method"], scope["path"], headers, body)
            extra: dict[str, str] = {}
        except Refused as refusal:
            status, answer, extra = refusal.status, {"detail": str(refusal)}, refusal.headers
        content = json.dumps(answer).encode()
        if self.defect == "malformed-json" and status < 300:
            content = content[:-1]
        media_type = "text/html" if self.defect == "wrong-content-type" and status < 300 else "application/json"
        if not (self.defect == "no-content-type" and status < 300):
            extra = {"content-type": media_type, **extra}
        await send(
            {
                "type": "http.response.start",
                "status": status,
                "headers": [(name.lower().encode(), value.encode()) for name, value in extra.items()],
            }
        )
        await send({"type": "http.response.body", "body": b"" if scope["method"] == "HEAD" else content})

    def answer(self, method: str, path: str, headers: dict[str, str], body: bytes) -> tuple[int, Any]:
        """The status and the JSON value that answer a request; raises `Refused`."""
        name = path.removeprefix(COLLECTION + "/")
        if path != COLLECTION and (name == path or not name or "/" in name):
            raise Refused(404, "no such path")
        wanted = "POST" if path == COLLECTION else "GET"
        if self.defect == "undeclared-method" and method == "DELETE":
            return 200, {}
        if method != wanted:
            if self.defect == "no-allow-header":
                raise Refused(405, "method not allowed")
            if self.defect == "wrong-allow-header":
                raise Refused(405, "method not allowed", Allow=f"{wanted}, PATCH")
            raise Refused(405, "method not allowed", Allow=wanted)
        self.authenticate(headers)
        if method == "GET":
            return self.read(name)
        key = headers.get("idempotency-key", "")
        if key and key in self.answers and self.answers[key][0] == body:
            return self.answers[key][1]
        answer = self.create(headers, body)
        if key:
            self.answers[key] = (body, answer)
        return answer

    def authenticate(self, headers: dict[str, str]) -> None:
        """Raises `Refused` for a request that does not carry the token."""
        scheme, _, token = headers.get("authorization", "").partition(" ")
        known = scheme.lower() == "bearer" and token.strip() == self.token
        if self.defect == "any-token":
            known = scheme.lower() == "bearer" and bool(token)
        if not known and self.defect != "no-authentication":
            raise Refused(401, "a known bearer token is needed", WWW_Authenticate="Bearer")

    def create(self, headers: dict[str, str], body: bytes) -> tuple[int, Any]:
        """Opens a session."""
        if headers.get("content-type", "").partition(";")[0].strip().lower() != "application/json":
            if self.defect == "crash-on-content-type":
                raise RuntimeError("a body that is not JSON")
            raise Refused(415, "application/json is wanted")
        order = self.order(body)
        session_id = str(uuid.uuid5(uuid.NAMESPACE_URL, f"{COLLECTION}/{len(self.sessions)}"))
        if self.defect == "bad-uuid-in-response":
            session_id = session_id.replace("-", "_")
        session = self.keep(session_id, mode=order["mode"], project_id=order["project_id"])
        if self.defect == "wrong-status":
            raise Refused(303, "see the session", Location=f"{COLLECTION}/{session_id}")
        return 201, {
            "input_schema_version": "1.0.0",
            "mode": session["mode"],
            "output_schema_version": "1.0.0",
            "project_id": session["project_id"],
            "resolved_movespec_version_id": session["resolved_movespec_version_id"],
            "runtime_token": "eyJhbGciOiJIUzI1NiJ9.e30.c2lnbmF0dXJl",
            "session_id": session_id,
            "status": "pending" if self.defect == "wrong-const" else "created",
            "stream_url": "wss://realtime.example.com/detection",
        }

    def order(self, body: bytes) -> dict[str, Any]:
        """What a client asks for, checked field by field; raises `Refused`."""
        try:
            order = json.loads(body.decode(), parse_constant=_refuse_constant)
        except (ValueError, RecursionError):
            raise Refused(400, "not JSON") from None
        if not isinstance(order, dict):
            raise Refused(422, "an object is wanted")
        if self.defect == "accepts-missing-field":
            order.setdefault("mode", "live")
        if self.defect == "accepts-null-mode" and order.get("mode", 0) is None:
            order["mode"] = "live"
        if order.get("mode") not in ("live", "replay"):
            raise Refused(422, "mode is live or replay")
        self.check_project(order)
        major = order.get("contract_major", 1)
        if isinstance(major, bool) or not isinstance(major, (int, float)) or major != int(major):
            raise Refused(422, "contract_major is an integer")
        if self.defect == "crash-on-valid-input" and major < 0:
            raise ValueError("a version below zero")
        if self.defect == "crash-on-odd-major" and major > 3 and major % 2:
            raise ValueError("an odd version")
        for key in ("movespec_id", "movespec_version_id"):
            value = order.get(key)
            refuses_null = self.defect == "refuses-valid-null" and key in order
            if not is_uuid(value) if value is not None else refuses_null:
                raise Refused(422, f"{key} is a UUID or null")
        return order

    def check_project(self, order: dict[str, Any]) -> None:
        project = order.get("project_id")
        if self.defect == "accepts-bad-uuid" and isinstance(project, str) and not is_uuid(project):
            order["project_id"] = PROJECT
        elif not is_uuid(project):
            raise Refused(422, "project_id is a UUID")

    def read(self, name: str) -> tuple[int, Any]:
        """The stored state of a session."""
        if not is_uuid(name):
            if self.defect == "accepts-bad-path":
                name = "177782f6-5078-4f40-8967-144a9276203e"
            else:
                raise Refused(422, "session_id is a UUID")
        session = self.sessions.get(name.lower())
        if session is None:
            raise Refused(404, "no such session")
        shown = {**session, **READ_DEFECTS.get(self.defect, {})}
        return 200, {key: value for key, value in shown.items() if value != "-"}


READ_DEFECTS: dict[str, dict[str, Any]] = {
    "missing-field": {"organization_id": "-"},
    "wrong-enum": {"status": "running"},
    "null-field": {"accepted_frames_total": None},
    "bad-date-time": {"started_at": "2026-11-20 09:15"},
    "integer-as-string": {"accepted_frames_total": "1842"},
    "object-for-string": {"error_message": {"text": "lost"}},
}
"""What a session that is read has in place of the right value, by defect; "-" leaves the field out."""


def is_uuid(value: Any) -> bool:
    """Whether a value is a UUID as RFC 9562 writes it."""
    return isinstance(value, str) and _UUID.fullmatch(value) is not None


def _refuse_constant(name: str) -> Any:
    raise ValueError(f"{name} is not JSON")


def detection_api(defect: str = "", token: str = TOKEN) -> DetectionApi:
    """The application, sound or with one planted defect."""
    return DetectionApi(defect, token)


app = detection_api()
