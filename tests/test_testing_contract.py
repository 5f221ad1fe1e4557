"""`TestedContract`: responses of any server, held to a contract."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
import requests
from support.asking import contract
from support.web import serving
from test_control_items import SHOP

from tallystick.testing import TestedContract

HELD = TestedContract(contract(SHOP, "shop"))


@pytest.fixture
def server() -> Iterator[str]:
    """A server that keeps the contract in one reply of three."""
    replies: dict[str, tuple[int, str | bytes]] = {
        "/pets/1": (200, '{"id": 1, "name": "Tom"}'),
        "/pets/2": (200, '{"id": "2"}'),
        "/pets/3": (418, "{}"),
        "/other": (200, "{}"),
    }
    with serving(replies) as (url, _):
        yield url


def test_a_response_is_held_to_the_contract(server: str) -> None:
    """One that keeps it passes; an error names each way in which one breaks it, with the place in the contract."""
    good = requests.get(f"{server}/pets/1", timeout=9)
    good.headers["Content-Type"] = "application/json"
    HELD.check(good)
    assert HELD.violations(good) == []
    bad = requests.get(f"{server}/pets/2", timeout=9)
    bad.headers["Content-Type"] = "application/json"
    with pytest.raises(
        AssertionError, match=r"GET http://.*/pets/2 -> 200 breaks the contract:\n  \S+: response\.body"
    ) as told:
        HELD.check(bad)
    assert "shop.yaml:" in str(told.value)
    with pytest.raises(AssertionError, match="418"):
        HELD.check(requests.get(f"{server}/pets/3", timeout=9))


def test_a_request_without_an_operation_is_told(server: str) -> None:
    """The error names operations that are like it."""
    with pytest.raises(AssertionError, match=r"shop\.yaml has no GET /other"):
        HELD.check(requests.get(f"{server}/other", timeout=9))


def test_a_response_of_httpx_is_held_too(server: str) -> None:
    """And the request that it answers is judged with it."""
    httpx = pytest.importorskip("httpx", reason="another client that many use")
    response = httpx.post(f"{server}/pets", json={"name": 5})
    violations = HELD.violations(response)
    assert [each.where for each in violations if each.where.startswith("body")] == ["body/name"]
