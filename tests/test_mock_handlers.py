"""Users' own functions answer for some operations: behind the gate, and judged as every reply."""

from __future__ import annotations

import json
import threading
from pathlib import Path

import pytest
from support.asking import header
from support.shop import JSON, REX, handled, shop_folder  # noqa: F401 - a fixture

from tallystick.mock.roles import Answered


def test_a_function_is_called_with_the_parameters(shop: Path) -> None:
    """It gets the values that the judge has read, and the defaults, by name; what it does not ask for is left out."""
    ask = handled(
        shop,
        """
        def listPets(limit, filter=None, **others):
            return [{"limit": limit, "filter": filter, "others": others}]

        def getPet(petId, kinds):
            return {"id": petId, "kinds": kinds}

        def addPet(body):
            return {"id": 7, **body}, 201
        """,
    )
    expected = [{"limit": 3, "filter": {"age": 2}, "others": {"tag": ["a", "b"]}}]
    assert json.loads(ask("GET /pets?limit=3&tag=a&tag=b&filter[age]=2").body) == expected
    assert json.loads(ask("GET /pets").body) == [{"limit": 10, "filter": None, "others": {}}]
    assert json.loads(ask("GET /pets/5/1.5,2").body) == {"id": 5, "kinds": [1.5, 2]}
    added = ask("POST /pets", {"Content-Type": 'Application/JSON; profile="a/b"'}, b'{"name": "Rex"}')
    assert (added.status, json.loads(added.body)) == (201, {"id": 7, "name": "Rex"})
    assert header(added, "tallystick-mock") == "handler"
    assert header(added, "tallystick-violations") is None


def test_what_has_no_function_is_mocked(shop: Path) -> None:
    """Beside a handler the other operations answer with their examples."""
    ask = handled(shop, "def addPet(body): return {'id': 7}, 201")
    assert json.loads(ask("GET /toys").body) == ["ball"]
    assert header(ask("GET /toys"), "tallystick-mock") == "stateful"


def test_a_request_that_breaks_the_contract_never_reaches_a_function(shop: Path) -> None:
    """The gate stands before it."""
    ask = handled(shop, "def addPet(body): raise AssertionError(body)")
    assert ask("POST /pets", JSON, b"{}").status == 422


def test_a_function_may_be_async(shop: Path) -> None:
    """An async one runs in the event loop, a sync one in a thread, where it may wait without holding up others."""
    ask = handled(
        shop,
        """
        import asyncio, threading

        async def listPets():
            await asyncio.sleep(0)
            return [{"thread": threading.get_ident()}]

        def getPet(petId, kinds):
            return {"thread": threading.get_ident()}
        """,
    )
    assert json.loads(ask("GET /pets").body) == [{"thread": threading.get_ident()}]
    assert json.loads(ask("GET /pets/1/1").body)["thread"] != threading.get_ident()


@pytest.mark.parametrize(
    ("result", "status", "content_type", "body"),
    [
        ("{'id': 1}, 201", 201, "application/json", b'{"id": 1}\n'),
        ("({'id': 1}, HTTPStatus.CREATED, {'X-Id': 1})", 201, "application/json", b'{"id": 1}\n'),
        ("{'id': 2}, 299, [('X-Id', 1)]", 299, "application/json", b'{"id": 2}\n'),
        ("{'id': Decimal(7)}, 201", 201, "application/json", b'{"id": 7.0}\n'),
        ("None", 204, None, b""),
        ("NoContent, 201", 201, None, b""),
        ("{'a': 1}, {'Content-Type': 'application/x+json'}", 200, "application/x+json", b'{"a": 1}\n'),
        ("ConnexionResponse(201, body='x', content_type='text/plain')", 201, "text/plain", b"x"),
        ("PlainTextResponse('x', 201)", 201, "text/plain; charset=utf-8", b"x"),
        ("StreamingResponse(iter([b'a', b'b']), 201)", 201, None, b"ab"),
        ("problem(404, 'No', 'none')", 404, "application/problem+json", None),
        ("refuse(ClientProblem(404, detail='none'))", 404, "application/problem+json", None),
        ("refuse(HTTPException(404, 'none', {'X-Id': '1'}))", 404, "application/problem+json", None),
    ],
)  # fmt: skip  # a table
def test_what_a_function_may_return(
    result: str, status: int, content_type: str | None, body: bytes | None, shop: Path
) -> None:
    """All that connexion allows: a value, with a status and header fields, a response, an exception that is one."""
    ask = handled(
        shop,
        f"""
        from decimal import Decimal
        from http import HTTPStatus
        from connexion import NoContent
        from connexion.exceptions import ClientProblem
        from connexion.lifecycle import ConnexionResponse
        from connexion.problem import problem
        from starlette.exceptions import HTTPException
        from starlette.responses import PlainTextResponse, StreamingResponse

        def refuse(error):
            raise error

        def addPet(body):
            return {result}
        """,
    )
    reply = ask("POST /pets", JSON, REX)
    assert (reply.status, header(reply, "content-type")) == (status, content_type)
    assert body is None or reply.body == body
    assert header(reply, "content-length") == (None if status == 204 else str(len(reply.body)))
    if body is None:
        assert json.loads(reply.body)["detail"] == "none"


def test_a_reply_is_written_as_the_contract_documents_it(shop: Path) -> None:
    """Of several documented types a text is sent as text and a value as JSON, and `Accept` is heard."""
    ask = handled(shop, "def getPet(petId, kinds): return 'Rex' if petId else {'name': 'Rex'}")
    assert header(ask("GET /pets/1/1"), "content-type") == "text/plain"
    assert header(ask("GET /pets/0/1"), "content-type") == "application/json"


def test_a_reply_that_breaks_the_contract_is_told_or_refused(shop: Path) -> None:
    """The header and every listener tell it; with `errors` a problem that names it is sent in its place."""
    heard: list[Answered] = []
    text = "def addPet(body): return {'id': 'seven'}, 201"
    reply = handled(shop, text, listeners=[heard.append])("POST /pets", JSON, REX)
    assert (reply.status, reply.body) == (201, b'{"id": "seven"}\n')
    (told,) = json.loads(header(reply, "tallystick-violations") or "[]")
    assert told["where"] == "response.body/id"
    assert [violation.where for violation in heard[0].violations] == ["response.body/id"]
    assert heard[0].why == "the handler shop.handlers.addPet"

    refused = handled(shop, text, errors=True)("POST /pets", JSON, REX)
    assert refused.status == 500
    assert json.loads(refused.body)["detail"] == (
        "the reply has 1 violation of the contract, so it is not sent (the handler shop.handlers.addPet)"
    )


@pytest.mark.parametrize("status", [204, 304])
def test_a_reply_without_a_body_has_none(shop: Path, status: int) -> None:
    """What a function returns beside a 204 or a 304 is not sent, since a client takes it for the next reply."""
    reply = handled(shop, f"def listPets(): return [1], {status}")("GET /pets")
    assert (reply.status, reply.body, header(reply, "content-length")) == (status, b"", None)


def test_a_function_may_leave_a_request_to_the_mock(shop: Path) -> None:
    """With `NotImplemented` the next is asked, which in the end is the mock."""
    ask = handled(shop, "def addPet(body): return NotImplemented", stateless=True)
    assert json.loads(ask("POST /pets", JSON, REX).body) == {"id": 1}


def test_a_function_that_fails_is_told(shop: Path, capfd: pytest.CaptureFixture[str]) -> None:
    """The client gets a problem, whoever wrote the function a traceback of it, and the mock goes on."""
    ask = handled(
        shop,
        """
        def addPet(body):
            return {}[body["name"]]
        """,
    )
    problem = ask("POST /pets", JSON, REX)
    assert problem.status == 500
    assert json.loads(problem.body)["detail"] == (
        "the handler shop.handlers.addPet failed: KeyError: 'Rex' (shop/handlers.py:3)"
    )
    first, second, *frames = capfd.readouterr().err.splitlines()
    assert first == "tallystick mock: the handler shop.handlers.addPet failed: KeyError: 'Rex' (shop/handlers.py:3)"
    assert (second, frames[-1]) == ("Traceback (most recent call last):", "KeyError: 'Rex'")
    files = [frame.strip() for frame in frames if "File" in frame]
    assert files == [f'File "{shop}/shop/handlers.py", line 3, in addPet']


def test_a_traceback_is_printed_only_where_it_helps(shop: Path, capfd: pytest.CaptureFixture[str]) -> None:
    """What was not raised in a function is told in one line; one that would end the process does not."""
    ask = handled(
        shop,
        """
        def listPets(wanted):
            return []

        def getPet(**_):
            return object()

        async def upload(**_):
            raise SystemExit(3)
        """,
    )
    assert ask("GET /pets").status == ask("GET /pets/1/1").status == 500
    assert ask("POST /uploads", {"Content-Type": "application/x-www-form-urlencoded"}, b"").status == 500
    err = capfd.readouterr().err
    assert "listPets() missing 1 required positional argument: 'wanted'" in err
    assert "Object of type object is not JSON serializable" in err
    assert err.count("Traceback") == 1  # of the last
    assert "SystemExit: 3" in err


@pytest.mark.parametrize(
    ("result", "fact"),
    [
        ("{}, 99", "99 is no status"),
        ("{}, 'x'", "a status is an integer, not 'x'"),
        ("(1, 2, 3, 4)", "a tuple of 4 is no response"),
        ("{}, 200, {'X-A': 'b\\r\\nSet-Cookie: c'}", "the header field 'x-a' has a character that cannot be sent"),
        ("{}, 200, {'Content-Type': 'image/png'}", "a dict cannot be written as image/png"),
    ],
)
def test_what_cannot_be_sent_is_told(result: str, fact: str, shop: Path, capfd: pytest.CaptureFixture[str]) -> None:
    """A result that is no response is a problem that says why."""
    reply = handled(shop, f"def addPet(body): return {result}")("POST /pets", JSON, REX)
    assert reply.status == 500
    assert fact in json.loads(reply.body)["detail"]
    assert "Traceback" not in capfd.readouterr().err


def test_forms_and_files_are_arguments(shop: Path) -> None:
    """The fields of a form are the body, and a file comes by its name, as connexion has it."""
    ask = handled(
        shop,
        """
        async def upload(body, file=None, pages=()):
            files = [file, *pages] if file else []
            return {"body": body, "files": [(await each.read()).decode() for each in files]}
        """,
    )
    sent = {"Content-Type": "application/x-www-form-urlencoded"}
    assert json.loads(ask("POST /uploads", sent, b"count=3").body) == {"body": {"count": 3}, "files": []}
    parts = (
        b'--x\r\nContent-Disposition: form-data; name="note"\r\n\r\nhi\r\n'
        b'--x\r\nContent-Disposition: form-data; name="file"; filename="a"\r\n\r\nbytes\r\n'
        b'--x\r\nContent-Disposition: form-data; name="pages"; filename="b"\r\n\r\none\r\n--x--\r\n'
    )
    reply = ask("POST /uploads", {"Content-Type": "multipart/form-data; boundary=x"}, parts)
    assert json.loads(reply.body) == {"body": {"note": "hi"}, "files": ["bytes", "one"]}


def test_the_request_is_there_as_connexion_has_it(shop: Path) -> None:
    """`connexion.request` has the header fields, which are no arguments."""
    ask = handled(
        shop,
        """
        from connexion import request

        def listPets():
            return [{"x": request.headers["x-trace"], "url": str(request.url), "method": request.method}]
        """,
    )
    (seen,) = json.loads(ask("GET /pets?limit=2", {"X-Trace": "7", "Host": "shop.test"}).body)
    assert seen == {"x": "7", "url": "http://shop.test/pets?limit=2", "method": "GET"}


def test_what_is_no_body_is_not_read(shop: Path) -> None:
    """A `Content-Type` without a body, or of a request that documents none, does not keep a function from its call."""
    ask = handled(shop, "def listPets(): return [{}]\ndef upload(body): return {'body': body}")
    broken_form = {"Content-Type": "multipart/form-data"}
    assert ask("GET /pets", broken_form).status == 200
    assert ask("GET /pets", {**broken_form, "Content-Length": "1"}, b"x").status == 200
    assert json.loads(ask("POST /uploads", broken_form).body) == {"body": {}}
