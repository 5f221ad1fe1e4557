"""What the user gives to Schemathesis itself reaches it: its configuration file, and flags of its command."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result
from support.fuzzing import served
from support.order_api import OrderApi, order_contract, order_document

from tallystick.cli import main
from tallystick.fuzz.cases import Phase
from tallystick.fuzz.schemathesis_adapter import given_to_schemathesis
from tallystick.fuzz.settings import IN_PROCESS, Settings
from tallystick.nouns.errors import Exit, UsageError

app = OrderApi()


def given(**settings: Any) -> Any:
    """What settings give to Schemathesis."""
    return given_to_schemathesis(Settings(IN_PROCESS, "", 1, (), **settings), "Orders")


def command(*words: str) -> Result:
    """`tallystick fuzz` on the orders of the working folder, with few examples."""
    fixed = ("--app", "test_fuzz_schemathesis_given:app", "--seed", "1", "--max-examples", "1")
    return CliRunner().invoke(main, ["fuzz", "orders.json", *fixed, *words])


def test_flags_reach_schemathesis() -> None:
    """Flags of Schemathesis's own command change its configuration, and filter its operations."""
    taken = given(schemathesis_flags=("--phases=coverage", "--include-method=GET", "--request-retries=2"))
    assert taken.phases == {Phase.COVERAGE}
    assert taken.filters["include_method"] == ("GET",)
    assert taken.project.request_retries == 2


@pytest.mark.parametrize(
    ("flag", "message"),
    [
        ("--nonsense", "--st-arg: No such option '--nonsense'"),
        ("--rate-limit=x", "--st-arg: Invalid rate limit value: `x`"),
        ("--seed=4", "--st-arg --seed=4: tallystick decides on it; give --seed without --st-arg"),
        ("--help", "--st-arg: these flags start no run"),
    ],
)
def test_flags_that_cannot_be_used_are_one_line(flag: str, message: str) -> None:
    """A flag that Schemathesis does not have, or that ours replaces, is refused in a line."""
    with pytest.raises(UsageError) as caught:
        given(schemathesis_flags=(flag,))
    assert message in str(caught.value)


def test_the_file_of_schemathesis_is_honoured(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The nearest `schemathesis.toml` switches phases off, and a wrong one ends the command before anything is sent."""
    monkeypatch.chdir(tmp_path)
    order_contract(tmp_path)
    file = tmp_path / "schemathesis.toml"
    file.write_text('[phases]\nenabled = false\n[[project]]\ntitle = "Orders"\nrequest-retries = 3\n')
    taken = given(schemathesis_file=str(file))
    assert taken.phases == frozenset()
    assert taken.project.request_retries == 3
    file.write_text("[phases.fuzzin]\nenabled = false\n")
    before = app.asked.total()
    result = command()
    assert result.exit_code == Exit.USAGE
    assert "schemathesis.toml: Error in [phases] section: Unknown properties: - 'fuzzin'" in result.stderr
    assert app.asked.total() == before
    assert command("--st-config", "nowhere.toml").exit_code == Exit.USAGE


def test_an_api_that_serves_its_own_document_is_fuzzed_by_its_url() -> None:
    """A contract that is read from a server is tested at that server, where its own servers name no other host."""
    api = OrderApi("/v1")
    document = json.dumps(order_document()).encode()

    async def serving(scope: Any, receive: Any, send: Any) -> None:
        if scope["type"] != "http" or scope["path"] != "/openapi.json":
            await api(scope, receive, send)
            return
        headers = [(b"content-type", b"application/json")]
        await send({"type": "http.response.start", "status": 200, "headers": headers})
        await send({"type": "http.response.body", "body": document})

    with served(serving) as url:
        words = ("--tier", "pr", "--include", "listOrders", "--format", "json")
        result = CliRunner().invoke(main, ["fuzz", f"{url}/openapi.json", *words])
    assert json.loads(result.stdout)["url"] == f"{url}/v1"
    assert result.exit_code == Exit.CLEAN
