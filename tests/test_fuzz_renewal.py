"""A fuzz run logs in again where the server takes its token no longer, and tells it."""

from __future__ import annotations

import json
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import pytest
import requests
from click.testing import CliRunner
from support.fuzzing import served
from support.order_api import TENANT, TOKEN, OrderApi, Refusal, order_contract

from tallystick.cli import main
from tallystick.fuzz.renewal import Renewal
from tallystick.nouns.errors import Exit, UnreachableError

LOGIN = 'POST /token {"user": "ada", "password": "lovelace"}'
REQUESTS = 5


class ForgetfulApi(OrderApi):
    """The orders, whose token is good for so many requests; `issued` counts the tokens."""

    def __init__(self) -> None:
        super().__init__()
        self.issued = self.used = 0

    def answer(self, method: str, path: str, query: str, headers: dict[str, str], body: bytes) -> tuple[int, Any]:
        fields = dict(headers)
        if method != "GET" and not path.endswith("/token") and TOKEN in headers.get("authorization", ""):
            self.used += 1
            if self.used > REQUESTS or fields["authorization"] != f"Bearer {TOKEN}-{self.issued}":
                raise Refusal(401, "the token has expired")
            fields["authorization"] = f"Bearer {TOKEN}"
        status, value = super().answer(method, path, query, fields, body)
        if status == 200 and path.endswith("/token"):
            self.issued, self.used = self.issued + 1, 0
            value = {"access_token": f"{TOKEN}-{self.issued}"}
        return status, value


app = ForgetfulApi()


@pytest.mark.parametrize("is_served", [False, True])
def test_a_run_logs_in_again(tmp_path: Path, is_served: bool) -> None:
    """Creations are accepted to the end of the run; how often it logged in is told, and no token is shown."""
    api = ForgetfulApi()
    path = str(order_contract(tmp_path))
    with ExitStack() as stack:
        target = ["--url", f"{stack.enter_context(served(api))}/v1"] if is_served else []
        target = target or ["--app", "test_fuzz_renewal:app", "--url", "http://localhost:8000/v1"]
        words = ["--login", LOGIN, "--set", f"X-Tenant={TENANT}", "--seed", "1", "--tier", "pr"]
        result = CliRunner().invoke(main, ["fuzz", path, *target, *words, "--format", "json"])
    report = json.loads(result.stdout)
    assert result.exit_code == Exit.CLEAN, report["findings"]
    assert (api.created > REQUESTS) is is_served
    assert any("the run logged in again" in note for note in report["notes"])
    assert TOKEN not in result.stdout


def request(token: str, url: str = "http://x/a") -> requests.PreparedRequest:
    """A request with a token."""
    return requests.Request("GET", url, {"Authorization": f"Bearer {token}"}).prepare()


def test_a_token_is_renewed_once_it_was_taken() -> None:
    """A token that was never taken is none that expired; after some vain logins the run leaves it at the refusals."""
    logins: list[str] = []

    def log_in() -> str:
        logins.append(f"t{len(logins) + 2}")
        return logins[-1]

    renewal = Renewal("t1", ["authorization"], log_in)
    statuses: list[int] = []

    def answer(first: int, *more: int) -> requests.PreparedRequest:
        statuses[:] = [first, *more]
        sent = request("t1")
        renewal.answer(sent, lambda: statuses.pop(0), int)
        assert not statuses
        return sent

    answer(401)
    assert not logins
    answer(200)
    assert answer(401, 200).headers["Authorization"] == "Bearer t2"
    assert renewal.count == 1
    for _ in range(3):
        renewal._was_taken = True
        answer(401, 401)
    renewal._was_taken = True
    answer(401)
    assert len(logins) == 4


def test_other_requests_and_failed_logins_change_nothing() -> None:
    """A request without the token is not sent again; nor is one whose login fails."""

    def log_in() -> str:
        raise UnreachableError("no")

    renewal = Renewal("t1", ["authorization"], log_in)
    assert renewal.answer(request("t1"), lambda: 200, int) == 200
    assert renewal.answer(request("t12"), lambda: 401, int) == 401
    assert renewal.answer(request("t1"), lambda: 401, int) == 401
    assert renewal.tokens == ["t1"]
    in_query = request("other", "http://x/a?key=t1&b=t1x")
    renewal.tokens.append("t 2")
    renewal.answer(in_query, lambda: 200, int)
    assert in_query.url == "http://x/a?key=t%202&b=t1x"
