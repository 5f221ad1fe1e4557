"""A dialect holds every fact of a version, and a version that is not known yet is read as the newest one."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from support.asking import contract
from support.commands import run
from support.folders import DOCUMENTS, ROOT
from support.running import running

from tallystick.contracts.read import version_warning
from tallystick.documents.dialect import DIALECTS, OPENAPI_3_0, OPENAPI_3_2, VERSION_FIELDS, dialect_of
from tallystick.nouns.errors import UnreadableError
from tallystick.rules.contract.document import judge_document

PACKAGE = ROOT / "tallystick"
VERSION = re.compile(r"v?[23]\.\d+(\.\d+)?")
OF_SOMETHING_ELSE = {
    ("exchanges", "openapi"): "a member that tells a document from a recording",
    ("exchanges", "swagger"): "a member that tells a document from a recording",
    ("fuzz", "3.0"): "a version of ASGI",
    ("fuzz", "2.3"): "a version of ASGI",
    ("contracts", "openapi"): "a folder",
    ("mock", "3.0"): "a version of ASGI",
    ("mock", "2.3"): "a version of ASGI",
    ("mock", "2.4"): "a version of ASGI",
    ("mock", "openapi"): "a member of the document that connexion is given",
    ("reports", "openapi"): "a member of a report",
    ("reports", "2.1.0"): "a version of SARIF",
}
"""Literals of a room that look like a version or the name of its field and are none, with what they are."""
EMPTY = {"info": {"title": "T", "version": "1"}, "paths": {}}


def literals(file: Path) -> Iterator[str]:
    """The strings of a module that are a version of OpenAPI, or the name of the field of one."""
    for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
        text = node.value if isinstance(node, ast.Constant) else None
        if isinstance(text, str) and (text in VERSION_FIELDS or VERSION.fullmatch(text)):
            yield text


def test_no_version_is_named_outside_the_dialects() -> None:
    """Who needs to know what a version has asks its dialect, and does not compare versions."""
    named = {
        (file.relative_to(PACKAGE).parts[0], text)
        for file in sorted(PACKAGE.rglob("*.py"))
        for text in literals(file)
        if file != PACKAGE / "documents" / "dialect.py"
    }
    assert named == set(OF_SOMETHING_ELSE)


@pytest.mark.parametrize("dialect", DIALECTS, ids=lambda dialect: dialect.name)
def test_the_example_of_a_version_is_one_of_it(dialect: Any) -> None:
    """A dialect's example version is read by this dialect, and its document is valid."""
    document = {dialect.version_field: dialect.example_version, **EMPTY}
    assert dialect_of(document, "x") is dialect
    known = contract(document)
    assert known.dialect is dialect
    assert version_warning(known) == ""
    assert judge_document(known) == []


@pytest.mark.parametrize("version", ["3.2.1", "3.2.17", "3.2.0-rc1"])
def test_a_patch_release_is_the_version_itself(version: str) -> None:
    """The specification has tools take no notice of patch releases, so nothing is said of one."""
    known = contract({"openapi": version, **EMPTY})
    assert known.dialect is OPENAPI_3_2
    assert judge_document(known) == []


@pytest.mark.parametrize("version", ["3.3.0", "3.10.0", "3.3.0-rc1"])
def test_a_newer_minor_version_is_read_as_the_newest_known_with_one_warning(version: str) -> None:
    """Nothing that the newest known version has is lost, and the place of the version says what was done."""
    operation = {"operationId": "a", "responses": {"200": {"description": "A"}}}
    paths = {"/a": {"query": operation, "additionalOperations": {"COPY": {**operation, "operationId": "b"}}}}
    known = contract({"openapi": version, **EMPTY, "paths": paths})
    assert [each.label for each in known] == ["QUERY /a", "COPY /a"]
    (violation,) = judge_document(known)
    assert (violation.rule, violation.severity) == ("version-unknown", "warning")
    assert violation.contract.pointer == "/openapi"
    assert violation.message == f"the OpenAPI version {version} is not known yet; it is read as 3.2, the newest known"


def test_a_newer_version_that_is_no_string_is_told_as_in_any_version() -> None:
    """`openapi: 3.3`, a number in YAML, is the warning and the wrong type."""
    known = contract({"openapi": 3.3, **EMPTY})
    assert [violation.rule for violation in judge_document(known)] == ["field-invalid", "version-unknown"]


@pytest.mark.parametrize("version", ["4.0.0", "1.2", "3", "3.x", "13.1.0"])
def test_another_major_version_is_refused(version: str) -> None:
    """What a major version changes is not known; the message says which ones are."""
    with pytest.raises(UnreadableError, match=r"is not known; known versions: 2\.0, 3\.0, 3\.1, 3\.2"):
        contract({"openapi": version, **EMPTY})


def test_additional_operations_are_none_before_they_were_there() -> None:
    """A version without `additionalOperations` has no operation in them."""
    operation = {"responses": {"200": {"description": "A"}}}
    known = contract({"openapi": "3.0.3", **EMPTY, "paths": {"/a": {"additionalOperations": {"COPY": operation}}}})
    assert known.dialect is OPENAPI_3_0
    assert list(known) == []


def test_the_mock_and_the_fuzz_run_say_it_once_at_their_start() -> None:
    """Whoever uses a contract of a version that is not known yet is told so by one line."""
    line = "the OpenAPI version 3.3.0 is not known yet; it is read as 3.2, the newest known"
    file = str(DOCUMENTS / "version-3.3.yaml")
    done = run("fuzz", file, "--url", "http://127.0.0.1:9")
    assert [text for text in done.stderr.splitlines() if line in text] == [f"tallystick fuzz: {file}: {line}"]
    with running(file, "--port", "0") as mock:
        assert mock.read_until(line)[-1].count(line) == 1
