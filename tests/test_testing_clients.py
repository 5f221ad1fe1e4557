"""Clients of Python libraries, watched: what breaks the contract fails where the request is made."""

from __future__ import annotations

import asyncio
import json
import re
import threading
import warnings
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from wsgiref.simple_server import WSGIRequestHandler, WSGIServer, make_server

import httpx
import pytest
import requests

from tallystick.contracts.read import read_contract
from tallystick.testing import TestedContract

CONTRACT = """
openapi: 3.1.1
info: {title: Pets, version: '1'}
paths:
  /pets:
    post:
      requestBody:
        required: true
        content:
          application/json:
            schema: {type: object, required: [name], properties: {name: {type: string, minLength: 1}}}
      responses:
        '201':
          description: Created
          content:
            application/json:
              schema: {type: object, required: [id, name], properties: {id: {type: integer}, name: {type: string}}}
        '422': {description: Refused}
"""
RIGHT, WRONG = "Rex", "Wrong"
"""The names that an application answers rightly and wrongly."""


def answer(body: bytes) -> tuple[int, dict[str, Any]]:
    """What an application answers: one name is refused, one is forgotten in the reply."""
    name = json.loads(body or b"{}").get("name")
    if not name:
        return 422, {}
    return 201, {"id": 1} if name == WRONG else {"id": 1, "name": name}


async def asgi(scope: Any, receive: Any, send: Any) -> None:
    """An ASGI application."""
    if scope["type"] != "http":
        return
    body, more = b"", True
    while more:
        message = await receive()
        body, more = body + message.get("body", b""), message.get("more_body", False)
    status, value = answer(body)
    headers = [(b"content-type", b"application/json")] if value else []
    await send({"type": "http.response.start", "status": status, "headers": headers})
    await send({"type": "http.response.body", "body": json.dumps(value).encode() if value else b""})


def wsgi(environ: Any, start_response: Any) -> list[bytes]:
    """A WSGI application."""
    status, value = answer(environ["wsgi.input"].read(int(environ.get("CONTENT_LENGTH") or 0)))
    start_response(f"{status} Told", [("Content-Type", "application/json")] if value else [])
    return [json.dumps(value).encode()] if value else [b""]


class _Silent(WSGIRequestHandler):
    def log_message(self, *_: object) -> None:
        """Says nothing."""


@contextmanager
def served() -> Iterator[str]:
    """The WSGI application on a port of its own."""
    server: WSGIServer = make_server("127.0.0.1", 0, wsgi, handler_class=_Silent)
    thread = threading.Thread(target=server.serve_forever, args=(0.05,))
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}"
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


Post = Callable[[Any], Any]
"""A function that posts a JSON value to /pets, and returns the response."""


@contextmanager
def by_httpx(contract: TestedContract) -> Iterator[Post]:
    """httpx, of a base URL."""
    with served() as url, contract.client(url) as client:
        yield lambda value: client.post("/pets", json=value)


@contextmanager
def by_httpx_async(contract: TestedContract) -> Iterator[Post]:
    """The asynchronous client of httpx."""

    async def post(value: Any) -> Any:
        async with httpx.AsyncClient(transport=httpx.ASGITransport(app=asgi), base_url="http://test") as client:
            return await contract.client(client).post("/pets", json=value)

    yield lambda value: asyncio.run(post(value))


@contextmanager
def by_requests(contract: TestedContract) -> Iterator[Post]:
    """A session of requests."""
    with served() as url, requests.Session() as session:
        watched = contract.client(session)
        yield lambda value: watched.post(f"{url}/pets", json=value, timeout=9)


@contextmanager
def by_starlette(contract: TestedContract) -> Iterator[Post]:
    """Starlette's test client, of an ASGI application."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        client = contract.client(asgi)
    yield lambda value: client.post("/pets", json=value)


@contextmanager
def by_wsgi(contract: TestedContract) -> Iterator[Post]:
    """A WSGI application of no framework."""
    with contract.client(wsgi) as client:
        yield lambda value: client.post("/pets", json=value)


@contextmanager
def by_flask(contract: TestedContract) -> Iterator[Post]:
    """Flask's test client, of a Flask application."""
    flask = pytest.importorskip("flask")
    app = flask.Flask(__name__)

    @app.post("/pets")
    def create() -> Any:
        status, value = answer(flask.request.get_data())
        return (value, status) if value else ("", status)

    client = contract.client(app)
    yield lambda value: client.post("/pets", json=value)


@contextmanager
def by_django(contract: TestedContract) -> Iterator[Post]:
    """Django's test client."""
    django = pytest.importorskip("django")
    from django.conf import settings
    from django.http import HttpResponse, JsonResponse
    from django.test import Client
    from django.urls import path

    def create(request: Any) -> Any:
        status, value = answer(request.body)
        return JsonResponse(value, status=status) if value else HttpResponse(b"", status=status)

    if not settings.configured:
        settings.configure(
            ROOT_URLCONF=(path("pets", create),),
            ALLOWED_HOSTS=["*"],
            SECRET_KEY="test",
            SESSION_ENGINE="django.contrib.sessions.backends.signed_cookies",
        )
        django.setup()
    client = contract.client(Client())
    yield lambda value: client.post("/pets", data=value, content_type="application/json")


@contextmanager
def by_aiohttp(contract: TestedContract) -> Iterator[Post]:
    """The client of aiohttp."""
    aiohttp = pytest.importorskip("aiohttp")

    async def post(url: str, value: Any) -> Any:
        async with aiohttp.ClientSession() as session:
            response = await contract.client(session).post(f"{url}/pets", json=value)
            await response.read()
            return response

    with served() as url:
        yield lambda value: asyncio.run(post(url, value))


CLIENTS = (by_httpx, by_httpx_async, by_requests, by_starlette, by_wsgi, by_flask, by_django, by_aiohttp)


@pytest.fixture
def contract(tmp_path: Path) -> TestedContract:
    """The contract of the pets."""
    (tmp_path / "pets.yaml").write_text(CONTRACT)
    return TestedContract(read_contract(str(tmp_path / "pets.yaml")))


@pytest.mark.parametrize("client", CLIENTS, ids=lambda client: client.__name__)
def test_what_breaks_the_contract_fails_where_it_is_asked(client: Any, contract: TestedContract) -> None:
    """Each client gives right replies as they are, refusals too, and fails for a reply that breaks the contract."""
    with client(contract) as post:
        response = post({"name": RIGHT})
        assert getattr(response, "status_code", getattr(response, "status", 0)) == 201
        assert getattr(post({"name": ""}), "status_code", 422) == 422
        with pytest.raises(AssertionError) as failed:
            post({"name": WRONG})
    lines = str(failed.value).splitlines()
    assert re.fullmatch(r"POST http://\S+/pets -> 201 breaks the contract:", lines[0])
    assert "response-body-schema: response.body: the property 'name' is missing; it is required (" in lines[1]
    assert lines[2].startswith("  curl -i http://")
    assert "/pets" in lines[2]
    assert '"Wrong"' in lines[2]
    assert lines[3].startswith("  201 application/json")
    assert lines[4].replace(" ", "") == '{"id":1}'


def test_a_wrong_request_that_is_accepted_fails(contract: TestedContract) -> None:
    """A request that breaks the contract and is accepted all the same breaks it."""

    async def accepts(scope: Any, receive: Any, send: Any) -> None:  # noqa: ARG001 - the signature of ASGI
        await send({"type": "http.response.start", "status": 201, "headers": [(b"content-type", b"application/json")]})
        await send({"type": "http.response.body", "body": b'{"id": 1, "name": ""}'})

    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        client = contract.client(accepts)
    with pytest.raises(AssertionError, match="body-schema: body/name: "):
        client.post("/pets", json={"name": ""})


def test_an_exchange_is_in_a_contract_or_not(contract: TestedContract) -> None:
    """`response in contract` says whether an exchange keeps it."""
    with served() as url:
        assert requests.post(f"{url}/pets", json={"name": RIGHT}, timeout=9) in contract
        assert requests.post(f"{url}/pets", json={"name": WRONG}, timeout=9) not in contract
        assert requests.post(f"{url}/toys", json={"name": RIGHT}, timeout=9) not in contract


def test_every_client_is_watched_in_a_block(contract: TestedContract) -> None:
    """In the block each client of the process is watched, and none of them after it."""
    with served() as url:
        with contract.watching(), pytest.raises(AssertionError, match="the property 'name' is missing"):
            requests.post(f"{url}/pets", json={"name": WRONG}, timeout=9)
        with contract.watching(), pytest.raises(AssertionError, match="the property 'name' is missing"):
            httpx.post(f"{url}/pets", json={"name": WRONG})
        assert requests.post(f"{url}/pets", json={"name": WRONG}, timeout=9).status_code == 201
        assert httpx.post(f"{url}/pets", json={"name": WRONG}).status_code == 201


def test_no_secret_is_told(contract: TestedContract) -> None:
    """The curl line of a failure names a variable in the place of a credential."""
    headers = {"Authorization": "Bearer hush-hush"}
    with served() as url, requests.Session() as session:
        client = contract.client(session)
        with pytest.raises(AssertionError) as failed:
            client.post(f"{url}/pets", json={"name": WRONG}, headers=headers, timeout=9)
    assert "hush" not in str(failed.value)
    assert "Bearer $AUTHORIZATION" in str(failed.value).replace('"', "").replace("'", "")


def test_what_is_no_client_is_a_type_error(contract: TestedContract) -> None:
    """What is neither a client nor an application is refused by its name."""
    with pytest.raises(TypeError, match="42 is neither a client that can be watched, nor a base URL"):
        contract.client(42)
