"""A fuzz run gets to what nobody can guess: with given and documented values, and without imagined dependencies."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from click.testing import CliRunner, Result
from support.fuzzing import fuzz
from support.order_api import TENANT, TOKEN, OrderApi, order_contract

from tallystick.cli import main
from tallystick.contracts.read import read_contract
from tallystick.fuzz.credentials import GivenCredentials
from tallystick.fuzz.known_values import documented_values, given_values, value_for
from tallystick.nouns.errors import Exit, UsageError

KNOWN = GivenCredentials(bearer=TOKEN)
app = OrderApi()


def command(folder: Path, *words: str) -> Result:
    """`tallystick fuzz` on the orders, with few examples."""
    path = str(folder / "orders.json")
    return CliRunner().invoke(main, ["fuzz", path, "--app", "test_fuzz_reach:app", "--seed", "1", *words])


def test_a_request_id_is_no_resource(tmp_path: Path) -> None:
    """A create that wants a request id and a tenant is accepted where the tenant is given, and what it made is read."""
    contract = order_contract(tmp_path)
    api = OrderApi()
    values = tuple(given_values(read_contract(contract), "--set", [f"X-Tenant={TENANT}"]))
    outcome = fuzz(api, contract, KNOWN, url="http://localhost:8000/v1", values=values, max_examples=15)
    assert api.created > 10
    assert outcome.tested["GET /orders/{order_id}"].statuses[200]
    assert outcome.tested["DELETE /orders/{order_id}"].statuses[204]
    assert outcome.errors == []


def test_a_documented_example_is_tried(tmp_path: Path) -> None:
    """A required header whose example the server knows is sent with it, often enough for creates."""
    contract = order_contract(tmp_path, {"example": TENANT})
    api = OrderApi()
    fuzz(api, contract, KNOWN, url="http://localhost:8000/v1", max_examples=15)
    assert api.created > 5


def test_values_are_for_what_they_name(tmp_path: Path) -> None:
    """A value is for the operations of its pattern, and for the place that its name says; the last one counts."""
    contract = read_contract(order_contract(tmp_path))
    create = next(operation for operation in contract if operation.operation_id == "createOrder")
    tenant = next(parameter for parameter in create.parameters if parameter.name == "X-Tenant")
    values = given_values(contract, "--set", ["x-tenant=a", "createOrder:header.X-Tenant=b=c", "quantity=7"])
    assert value_for(values, create, tenant) == "b=c"
    assert (values[2].location, values[2].name) == ("body", "quantity")
    general = given_values(contract, "set", ["elsewhere=1", "listOrders:limit=3"], is_general=True)
    assert [value.name for value in general] == ["limit"]
    assert documented_values(tenant) == []


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("X-Tenant", "expected [OPERATION:]NAME=VALUE"),
        ("X-Tennant=1", "nothing that is sent has the name 'X-Tennant'; did you mean 'X-Tenant'?"),
        ("nothing:limit=1", "no operation matches 'nothing'"),
        ("body.a b=1", "body.a b names no member of a body"),
    ],
)
def test_values_for_nothing_are_refused(tmp_path: Path, text: str, message: str) -> None:
    """A value whose name or operation the contract does not have is refused, with what would have worked."""
    contract = read_contract(order_contract(tmp_path))
    with pytest.raises(UsageError) as caught:
        given_values(contract, "--set", [text])
    assert message in str(caught.value)


def test_the_configuration_has_settings(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The table `fuzz` of the configuration gives flags their values, and values that nobody can guess."""
    monkeypatch.chdir(tmp_path)
    order_contract(tmp_path)
    (tmp_path / "tallystick.toml").write_text(f'[fuzz]\nset = ["X-Tenant={TENANT}"]\nmax-examples = 3\n')
    result = command(tmp_path, "--bearer", TOKEN, "--format", "json")
    assert result.exit_code == Exit.CLEAN, result.output
    statuses = {each["operation"]: each["statuses"] for each in json.loads(result.stdout)["operations"]}
    assert statuses["POST /orders"]["201"] > 0


@pytest.mark.parametrize(
    ("line", "message"),
    [
        ("max-exmples = 3", "unknown key 'max-exmples'"),
        ("max-examples = 0", "0 is not in the range"),
        ("strict = 1", "true or false was expected"),
        ("include = 3", "a list was expected, not 3"),
        ('bearer = "x"', "a secret has no place in a file; give it as $TALLYSTICK_BEARER"),
        ('set = "x"', "a list of texts was expected"),
    ],
)
def test_wrong_settings_are_one_line(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, line: str, message: str) -> None:
    """A key or a value that the table `fuzz` cannot have ends the command with one line that names the file."""
    monkeypatch.chdir(tmp_path)
    order_contract(tmp_path)
    (tmp_path / "tallystick.toml").write_text(f"[fuzz]\n{line}\n")
    result = command(tmp_path)
    assert result.exit_code == Exit.USAGE
    assert "tallystick.toml: fuzz: " in result.output
    assert message in result.output
