"""The exceptions of an application in this process, as its findings tell them."""

from __future__ import annotations

import logging
import sys
from collections.abc import Callable, Iterable
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest
from support.fuzzing import fuzz, written

from tallystick.user_code import describe_error, import_user_module

CRASHING = """
import json

def price(text):
    return json.loads(text)["price"]

async def on_asgi(scope, receive, send):
    if scope["type"] != "http":
        raise RuntimeError("only HTTP is served")
    price("{}") if scope["path"] == "/prices" else price("no JSON")
"""


@pytest.fixture
def shop(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> ModuleType:
    """A module of the user's, imported from the working folder."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.syspath_prepend(str(tmp_path))
    (tmp_path / "crashing_shop.py").write_text(CRASHING)
    monkeypatch.delitem(sys.modules, "crashing_shop", raising=False)
    return import_user_module("crashing_shop", "--app", "")


def contract(folder: Path) -> Path:
    ok = {"get": {"responses": {"200": {"description": "fine"}}}}
    return written(folder, {"/prices": ok, "/names": ok})


def server_errors(application: Any, folder: Path) -> dict[str, str]:
    """The messages of the server errors by their operations."""
    outcome = fuzz(application, contract(folder), max_examples=2)
    return {each.subject: each.message for each in outcome.errors if each.rule == "not-a-server-error"}


def logging_only(price: Callable[[str], object]) -> Callable[..., Iterable[bytes]]:
    """A WSGI application that answers its own errors with 500 and writes them into its log, as frameworks do."""

    def application(environ: dict[str, Any], start_response: Callable[..., Any]) -> Iterable[bytes]:
        try:
            price("{}" if environ["PATH_INFO"] == "/prices" else "no JSON")
        except (KeyError, ValueError):
            logging.getLogger("shop").error("exception on %s", environ["PATH_INFO"], exc_info=True)
        start_response("500 -", [("Content-Type", "text/plain")])
        return [b"Internal Server Error"]

    return application


@pytest.mark.parametrize("kind", ["asgi", "wsgi"])
def test_a_crash_is_told_with_the_users_own_line(kind: str, shop: ModuleType, tmp_path: Path) -> None:
    """A server error of an application in process names the exception and the user's line, not that of a library."""
    application = shop.on_asgi if kind == "asgi" else logging_only(shop.price)
    told = server_errors(application, tmp_path)
    assert told["GET /prices"].endswith("was answered with 500: KeyError: 'price' (crashing_shop.py:5)")
    assert "JSONDecodeError: Expecting value" in told["GET /names"]
    assert told["GET /names"].endswith("(crashing_shop.py:5)")


def test_two_faults_of_one_operation_are_two_findings(shop: ModuleType, tmp_path: Path) -> None:
    """Two exceptions from two lines behind the same status are told apart."""
    turns = iter(range(1_000_000))

    async def application(scope: Any, receive: Any, send: Any) -> None:
        if next(turns) % 3 == 0:
            raise ValueError("odd")
        await shop.on_asgi(scope, receive, send)

    outcome = fuzz(application, contract(tmp_path), max_examples=4, include=["/prices"])
    kinds = {each.defect.raised.kind for each in outcome.errors if each.defect.raised is not None}
    assert kinds == {"ValueError", "KeyError"}


def test_the_record_factory_of_the_log_comes_back(shop: ModuleType, tmp_path: Path) -> None:
    """After a run, log records are made as before."""
    before = logging.getLogRecordFactory()
    server_errors(logging_only(shop.price), tmp_path)
    assert logging.getLogRecordFactory() is before


def test_a_module_that_is_missing_is_told_with_the_line_that_imports_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """An import error names the user's line with the import, and no file of Python's import system."""
    monkeypatch.chdir(tmp_path)
    (tmp_path / "needs_more.py").write_text("import json\n\nimport there_is_no_such_module\n")
    monkeypatch.syspath_prepend(str(tmp_path))
    with pytest.raises(ModuleNotFoundError) as error:
        __import__("needs_more")
    assert describe_error(error.value).endswith("(needs_more.py:3)")
