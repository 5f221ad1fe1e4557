"""Pages of other origins may call the mock, unless that is switched off."""

from __future__ import annotations

import pytest
from support.asking import asker, contract
from support.mocking import PETS

from tallystick.nouns.exchange import Response


def cors_of(reply: Response) -> dict[str, str]:
    """The headers of a reply that let a page of another origin read it."""
    return {name: value for name, value in reply.headers if name.startswith("access-control")}


@pytest.mark.parametrize("line", ["GET /pets/1", "GET /pets/x", "GET /nowhere", "DELETE /pets/1"])
def test_pages_of_any_origin_may_call(line: str) -> None:
    """A success and a refusal alike can be read by a page of any origin, the headers of the mock among them."""
    fields = cors_of(asker(contract(PETS))(line, {"Origin": "http://localhost:3000"}))
    assert fields["access-control-allow-origin"] == "http://localhost:3000"
    assert fields["access-control-allow-credentials"] == "true"
    assert "tallystick-violations" in fields["access-control-expose-headers"].lower()


def test_a_preflight_is_answered() -> None:
    """A browser that asks first is told that it may, credentials and headers included."""
    asked = {
        "Origin": "http://localhost:3000",
        "Access-Control-Request-Method": "PUT",
        "Access-Control-Request-Headers": "authorization, x-trace",
    }
    reply = asker(contract(PETS))("OPTIONS /pets/1", asked)
    assert reply.status == 200
    assert "PUT" in cors_of(reply)["access-control-allow-methods"]
    assert "authorization" in cors_of(reply)["access-control-allow-headers"]


def test_without_cors_no_other_origin_may_call() -> None:
    """Where it is switched off there is no such header."""
    ask = asker(contract(PETS), cors=False)
    assert cors_of(ask("GET /pets/1", {"Origin": "http://localhost:3000"})) == {}
    assert ask("OPTIONS /pets/1", {"Origin": "x", "Access-Control-Request-Method": "PUT"}).status == 405
