"""Builders for the tests of the fuzz run: a run in this process, a server on a port, a WSGI application."""

from __future__ import annotations

import io
import json
import socket
import threading
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
import uvicorn
from support.detection_api import TOKEN, DetectionApi, Refused
from support.folders import OPENAPI

from tallystick.contracts.read import read_contract
from tallystick.fuzz.causes import all_of
from tallystick.fuzz.credentials import GivenCredentials, credentials_for
from tallystick.fuzz.engine import execute
from tallystick.fuzz.outcome import Outcome
from tallystick.fuzz.settings import IN_PROCESS, Settings, select_operations, split_url

REACHES_NO_NEW_LINE = pytest.mark.no_cover
"""For a run that reaches the same lines as others: tracing Hypothesis takes as long as the run itself."""

DETECTION = OPENAPI / "detection-sessions.yaml"
KNOWN = GivenCredentials(bearer=TOKEN)


def fuzz(
    application: Any = None,
    contract: Path = DETECTION,
    given: GivenCredentials = KNOWN,
    url: str = IN_PROCESS,
    include: Iterable[str] = (),
    **settings: Any,
) -> Outcome:
    """A run over an application in this process, or over the server at a URL."""
    known = read_contract(contract)
    origin, base_path = split_url(url)
    asked = {"seed": 1, "max_examples": 10, **settings}
    wanted = Settings(
        origin=origin,
        base_path=base_path,
        selected=select_operations(known, tuple(include), ()),
        application=application,
        credentials=credentials_for(known, given),
        **asked,
    )
    return execute(known, wanted, lambda _: None)


def found(outcome: Outcome) -> set[tuple[str, str]]:
    """The rule and the operation of each finding that fails a run, and of what has the same cause."""
    return {(finding.rule, finding.subject) for finding in all_of(outcome.errors)}


@contextmanager
def served(application: Any) -> Iterator[str]:
    """An ASGI application on a free port of 127.0.0.1; yields its URL."""
    listener = socket.create_server(("127.0.0.1", 0))
    server = uvicorn.Server(uvicorn.Config(application, log_level="critical", lifespan="off"))
    thread = threading.Thread(target=server.run, kwargs={"sockets": [listener]})
    thread.start()
    try:
        yield f"http://127.0.0.1:{listener.getsockname()[1]}"
    finally:
        server.should_exit = True
        thread.join()
        listener.close()


Fields = tuple[tuple[str, str], ...]
JSON = ("content-type", "application/json")


def document(paths: dict[str, Any], **more: Any) -> dict[str, Any]:
    """An OpenAPI 3.1 document with these paths."""
    return {"openapi": "3.1.0", "info": {"title": "T", "version": "1"}, "paths": paths, **more}


def written(folder: Path, paths: dict[str, Any], **more: Any) -> Path:
    """The file of such a document."""
    path = folder / "api.yaml"
    path.write_text(json.dumps(document(paths, **more)))
    return path


class Answers:
    """An application that gives each GET its answer by path; 405 to any other method, 404 to any other path."""

    def __init__(self, answers: dict[str, tuple[int, Fields, bytes]]) -> None:
        self.answers = answers

    async def __call__(self, scope: Any, _: Any, send: Any) -> None:
        if scope["type"] != "http":
            raise RuntimeError("only HTTP is served")
        status, fields, body = self.answers.get(scope["path"], (404, (JSON,), b"{}"))
        if scope["path"] in self.answers and scope["method"] != "GET":
            status, fields, body = 405, (("allow", "GET"),), b""
        encoded = [(name.encode(), value.encode()) for name, value in fields]
        await send({"type": "http.response.start", "status": status, "headers": encoded})
        await send({"type": "http.response.body", "body": body})


def as_wsgi(api: DetectionApi) -> Callable[..., list[bytes]]:
    """The detection API as a WSGI application."""

    def application(environ: dict[str, Any], start_response: Callable[..., Any]) -> list[bytes]:
        headers = {name[5:].replace("_", "-").lower(): value for name, value in environ.items() if name[:5] == "HTTP_"}
        headers["content-type"] = environ.get("CONTENT_TYPE", "")
        body = environ.get("wsgi.input", io.BytesIO()).read(int(environ.get("CONTENT_LENGTH") or 0))
        try:
            status, answer = api.answer(environ["REQUEST_METHOD"], environ["PATH_INFO"], headers, body)
            extra: dict[str, str] = {}
        except Refused as refusal:
            status, answer, extra = refusal.status, {"detail": str(refusal)}, refusal.headers
        start_response(f"{status} -", [("Content-Type", "application/json"), *extra.items()])
        return [json.dumps(answer).encode()]

    return application
