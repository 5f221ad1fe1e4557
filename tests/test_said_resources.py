"""What the configuration says of resources goes before what is derived of them."""

from __future__ import annotations

from pathlib import Path

import pytest
from support.commands import run

from tallystick.nouns.errors import Exit

CONTRACT = """
openapi: 3.1.0
info: {title: Code, version: '1'}
paths:
  /orgs/{org}/code:
    parameters: [{name: org, in: path, required: true, schema: {type: string}}]
    post: {operationId: makeRepo, requestBody: {content: {application/json: {schema: {}}}}, responses: {'201': &box
      {description: It, content: {application/json: {schema: {type: object, properties: {box: {type: object,
      properties: {id: {type: integer}, slug: {type: string}}}}}}}}}}
    get: {operationId: search, responses: {'200': {description: Them}}}
  /repos/{owner}/{repo}:
    parameters: [{name: owner, in: path, required: true, schema: {type: string}},
      {name: repo, in: path, required: true, schema: {type: string}}]
    get: {responses: {'200': *box}}
    delete: {responses: {'204': {description: Gone}}}
"""


def listed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, *lines: str) -> tuple[int, str]:
    """The exit code of `mock --resources` with one table of the configuration, and what it says of the resource."""
    monkeypatch.chdir(tmp_path)
    Path("code.yaml").write_text(CONTRACT)
    table = "\n".join(lines)
    Path("tallystick.toml").write_text(f"[[mock.resources]]\n{table}\n")
    result = run("mock", "--resources", "code.yaml")
    text = result.stderr or "\n".join(result.stdout.splitlines()[1:])
    return result.exit_code, " ".join(text.split())


ITEM = 'item = "/repos/{owner}/{repo}"'


def test_what_is_said_goes_before_what_is_derived(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A collection, a name, an id, ways and the names of the path may be said; the rest is derived."""
    said = (
        ITEM,
        'collection = "/orgs/{org}/code"',
        'name = "repositories"',
        'id = "slug"',
        "list = false",
        "path-names = { owner = 'org' }",
    )
    assert listed(tmp_path, monkeypatch, *said) == (
        Exit.CLEAN,
        "repositories /repos/{owner} /repos/{owner}/{repo} create,read,delete id slug in box of read, create",
    )


def test_an_operation_is_named_for_a_role(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The operation of a role is named by its id or its label; the way to the resource in its body may be said, too."""
    said = (ITEM, 'create = "makeRepo"', "in = { create = '' }", "path-names = { owner = 'org' }")
    code, text = listed(tmp_path, monkeypatch, *said)
    assert (code, text) == (
        Exit.CLEAN,
        "repos /repos/{owner} /repos/{owner}/{repo} create,read,delete id slug in box of read",
    )


def test_a_resource_is_left_out(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """One that is to be ignored is none, and the reason says so."""
    code, text = listed(tmp_path, monkeypatch, ITEM, "ignore = true")
    assert (code, text) == (
        Exit.CLEAN,
        "not understood: /repos/{owner}/{repo}: the configuration leaves it out",
    )


@pytest.mark.parametrize(
    ("lines", "message"),
    [
        (('item = "/repo/{owner}/{repo}"',), "there is no path '/repo/{owner}/{repo}'; did you mean '/repos/{owner}"),
        (('collection = "/pets"',), "item: a text was expected, not None"),
        ((ITEM, 'collection = "/org/{org}/code"'), "collection: there is no path '/org/{org}/code'; did you mean"),
        ((ITEM, 'create = "makeRepos"'), "create: there is no operation 'makeRepos'; did you mean 'makeRepo'?"),
        ((ITEM, 'create = "makeRepo"'), "say which names are the same, as in path-names = { owner = 'org' }"),
        ((ITEM, "path-names = { user = 'org' }"), "path-names: there is no name in the path of the item 'user'"),
        ((ITEM, "in = { read = 'bux' }"), "in: read: unknown member 'bux'; did you mean 'box'?"),
        ((ITEM, "in = { get = 'box' }"), "in: 'get' is none of create, read, list, replace, update, delete, clear or"),
        ((ITEM, "sent-in = { create = '.x' }"), "the names of members were expected, as in 'data.id', or ''"),
        ((ITEM, "id = 5"), "id: the names of members were expected"),
        ((ITEM, "read = true"), "read: an operation was expected, as in 'POST /pets' or 'createPet', or false"),
        ((ITEM, "ignore = 1"), "ignore: true or false was expected, not 1"),
        ((ITEM, "idd = 'slug'"), "unknown key 'idd'; did you mean 'id'?"),
    ],
)
def test_what_does_not_fit_is_told(
    lines: tuple[str, ...], message: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A table that does not fit the contract is a usage error that says which table it is, and what was meant."""
    code, text = listed(tmp_path, monkeypatch, *lines)
    assert code == Exit.USAGE
    assert "tallystick.toml: mock: resources (number 1)" in text
    assert message in text
