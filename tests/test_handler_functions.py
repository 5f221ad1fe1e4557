"""Which of a user's functions handles which operation, and what is said of those that cannot."""

from __future__ import annotations

import json
from pathlib import Path
from textwrap import dedent

import pytest
from support.asking import asker, contract, header
from support.running import run, running
from support.shop import SHOP, handled, shop_folder, write_module  # noqa: F401 - a fixture

from tallystick.mock.responders.handlers.functions import reload_handlers
from tallystick.nouns.errors import UnreachableError, UsageError


def test_where_a_function_is_found(shop: Path) -> None:
    """The contract may name a controller; a module named after the contract goes first; paths have names as well."""
    described = contract(
        """
        openapi: 3.2.0
        info: {title: Test, version: '1'}
        paths:
          /a: {get: {operationId: getA, responses: {'200': {description: A}}}}
          /b:
            get:
              operationId: getB
              x-openapi-router-controller: shop.controllers
              responses: {'200': {description: B}}
          /c: {get: {operationId: getC, x-openapi-router-controller: os, responses: {'200': {description: C}}}}
          /d: {get: {operationId: shop.views.get_d, responses: {'200': {description: D}}}}
          /e/{id}/f-g: {post: {responses: {'200': {description: E}}}}
          /e: {get: {responses: {'200': {description: E}}}}
          /h: {get: {operationId: os.getcwd, responses: {'200': {description: H}}}}
          /i: {get: {operationId: Class, responses: {'200': {description: I}}}}
          /j: {query: {operationId: queryJ, responses: {'200': {description: J}}}}
        """,
        "my-contract",
    )
    write_module(
        shop, "shop.handlers.my_contract", "def getA(): return 'the contract'\ndef queryJ(): return 'a method of 3.2'"
    )
    write_module(shop, "shop.handlers.e.f_g", "def post(): return 'a path'")
    write_module(shop, "shop.controllers", "def getB(): return 'a controller'")
    write_module(shop, "shop.views", "def get_d(): return 'a dotted name'")
    (shop / "shop/handlers/__init__.py").write_text(
        "def getA(): return 'the package'\ndef getC(): return 'no controller of the package'\nclass Class: pass\n"
    )
    (shop / "shop/handlers/e/__init__.py").write_text("def search(): return 'a collection'")
    ask = asker(described, handlers="shop.handlers")
    replies = {
        line: ask(line).body for line in ("GET /a", "GET /b", "GET /c", "GET /d", "POST /e/1/f-g", "GET /e", "QUERY /j")
    }
    assert replies == {
        "GET /a": b'"the contract"\n',
        "GET /b": b'"a controller"\n',
        "GET /c": b'"no controller of the package"\n',
        "GET /d": b'"a dotted name"\n',
        "POST /e/1/f-g": b'"a path"\n',
        "GET /e": b'"a collection"\n',
        "QUERY /j": b'"a method of 3.2"\n',
    }
    assert {header(ask(f"GET /{path}"), "tallystick-mock") for path in "hi"} == {"stateful"}


@pytest.mark.parametrize(
    ("module", "text", "error", "message"),
    [
        ("gone.handlers", "", UsageError, "--handlers gone.handlers: there is no module 'gone' here"),
        ("shop/handlers.py", "", UsageError, "--handlers shop/handlers.py: expected a module, as in shop.handlers"),
        ("shop.handlers", "import gone_too", UnreachableError, "--handlers shop.handlers: cannot be loaded: Module"),
        ("shop.handlers", "1 / 0", UnreachableError, r"ZeroDivisionError: division by zero \(shop/handlers.py:1\)"),
        ("shop.handlers", "def (", UnreachableError, "cannot be loaded: SyntaxError: "),
        ("shop.handlers", "raise SystemExit(0)", UnreachableError, "cannot be loaded: SystemExit: 0"),
        (
            "shop.handlers",
            "def other(): pass",
            UsageError,
            "it has no function for any operation; for GET /pets it is looked for as "
            r"shop\.handlers\.test\.listPets or shop\.handlers\.listPets",
        ),
    ],
)  # fmt: skip  # a table
def test_handlers_that_cannot_be_used(module: str, text: str, error: type[Exception], message: str, shop: Path) -> None:
    """A module that is not there, cannot be imported or handles nothing is one error that says so."""
    write_module(shop, "shop.handlers", text)
    with pytest.raises(error, match=message):
        asker(contract(SHOP), handlers=module)


def test_a_broken_module_below_is_told(shop: Path) -> None:
    """What is wrong with a module that a name leads to is not taken for its absence."""
    write_module(shop, "shop.handlers.test", "import gone_too")
    with pytest.raises(UnreachableError, match="No module named 'gone_too'"):
        asker(contract(SHOP), handlers="shop.handlers")


def test_handlers_are_imported_again_for_a_contract_that_has_changed(shop: Path) -> None:
    """An application that is made after a reload has the new functions; what does not import leaves the old ones."""
    write_module(shop, "shop.store", "SOLD = []")
    ask = handled(shop, "from shop.store import SOLD\ndef listPets(): SOLD.append(1); return [{'old': len(SOLD)}]")
    assert json.loads(ask("GET /pets").body) == [{"old": 1}]

    write_module(shop, "shop.handlers", "from shop.store import SOLD\ndef listPets(): return [{'renewed': len(SOLD)}]")
    reload_handlers("shop.handlers")
    again = asker(contract(SHOP), handlers="shop.handlers")
    assert json.loads(again("GET /pets").body) == [{"renewed": 1}]

    write_module(shop, "shop.handlers", "def listPets(: broken")
    with pytest.raises(UnreachableError, match="SyntaxError"):
        reload_handlers("shop.handlers")
    assert json.loads(asker(contract(SHOP), handlers="shop.handlers")("GET /pets").body) == [{"renewed": 1}]


def test_the_command_says_what_is_handled(shop: Path) -> None:
    """At start it says by what how many operations are handled; a fault of a handler is told, and the mock goes on."""
    (shop / "shop.yaml").write_text(dedent(SHOP))
    write_module(shop, "shop.handlers", "def listPets(): return [{}]\ndef getPet(petId, kinds): return {}[1]")
    with running("shop.yaml", "-p", "0", "--handlers", "shop.handlers", cwd=shop) as mock:
        assert mock.read_until("handles")[1] == (
            "shop.handlers handles 2 of 5 operations: GET /pets, GET /pets/{petId}/{kinds}; the others are mocked\n"
        )
        assert mock.get("/pets") == 200
        assert mock.get("/pets/1/1") == 500
        assert mock.get("/toys") == 200
        mock.read_until("200 GET /toys")
        code, _, err = mock.end()
        assert code == 0
        assert "tallystick mock: the handler shop.handlers.getPet failed: KeyError: 1 (shop/handlers.py:2)\n" in err


@pytest.mark.parametrize(("module", "code"), [("gone", 2), ("shop.other", 2), ("shop.broken", 3)])
def test_the_command_ends_where_there_are_no_handlers(module: str, code: int, shop: Path) -> None:
    """One line says why, with the exit code for a wrong flag, or for what cannot be read."""
    (shop / "shop.yaml").write_text(dedent(SHOP))
    write_module(shop, "shop.other", "")
    write_module(shop, "shop.broken", "1 / 0")
    done = run("shop.yaml", "-p", "0", "--handlers", module, cwd=shop)
    assert (done.returncode, done.stdout, done.stderr.count("\n")) == (code, "", 1)
    assert done.stderr.startswith(f"tallystick: --handlers {module}: ")
