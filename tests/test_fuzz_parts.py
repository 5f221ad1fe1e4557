"""The parts of the fuzz run: the document that Schemathesis is given, credentials, what becomes one finding."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
import schemathesis
import yaml
from schemathesis.config import SchemathesisConfig
from support.folders import OPENAPI
from support.fuzzing import DETECTION, found, fuzz

from tallystick.contracts.read import read_contract
from tallystick.contracts.self_contained import self_contained, served_at, with_bearer_tokens
from tallystick.fuzz import report
from tallystick.fuzz.credentials import GivenCredentials, credentials_for
from tallystick.fuzz.hiding import hidden_text
from tallystick.fuzz.settings import select_operations, split_url
from tallystick.fuzz.variations import smaller_requests
from tallystick.nouns.contract import Contract
from tallystick.nouns.errors import UsageError
from tallystick.nouns.exchange import Request


def written(folder: Path, **files: Any) -> Path:
    """Documents in a folder, one a keyword (`a__b` is `a/b.yaml`); the first one's path."""
    paths = []
    for name, value in files.items():
        path = folder / (name.replace("__", "/") + ".yaml")
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(value if isinstance(value, str) else yaml.safe_dump(value))
        paths.append(path)
    return paths[0]


def document(paths: dict[str, Any], **more: Any) -> dict[str, Any]:
    """An OpenAPI 3.1 document with these paths."""
    return {"openapi": "3.1.0", "info": {"title": "T", "version": "1"}, "paths": paths, **more}


def operation(schema: Any, **more: Any) -> dict[str, Any]:
    """A GET operation that answers 200 with JSON of a schema."""
    return {
        "get": {"responses": {"200": {"description": "", "content": {"application/json": {"schema": schema}}}}, **more}
    }


def contract(folder: Path, paths: dict[str, Any], **more: Any) -> Contract:
    """The contract of such a document."""
    return read_contract(written(folder, api=document(paths, **more)))


def test_parts_of_other_files_come_along(tmp_path: Path) -> None:
    """References to other files, from there to others and back, become pointers into one document."""
    next_and_own = {"next": {"$ref": "#/Pet"}, "own": {"$ref": "../api.yaml#/components/schemas/Own"}}
    path = written(
        tmp_path,
        api=document({"/a": {"$ref": "paths/a.yaml"}}, components={"schemas": {"Own": {"type": "integer"}}}),
        paths__a={"get": {"$ref": "get.yaml"}},
        paths__get={"responses": {"200": {"$ref": "../responses.yaml#/ok"}}, "operationId": "a"},
        responses={
            "ok": {"description": "", "content": {"application/json": {"schema": {"$ref": "schemas/pet.yaml#/Pet"}}}}
        },
        schemas__pet={"Pet": {"properties": next_and_own}},
    )
    whole = self_contained(read_contract(path))
    assert ".yaml" not in json.dumps(whole)
    schema = schemathesis.openapi.from_dict(whole, config=SchemathesisConfig())
    (result,) = list(schema.get_all_operations())
    assert result.ok().label == "GET /a"
    body = whole["paths"]["/a"]["get"]["responses"]["200"]["content"]["application/json"]["schema"]
    assert body == {"$ref": "#/x-elsewhere/part1"}
    assert whole["x-elsewhere"]["part1"]["properties"] == {"next": body, "own": {"$ref": "#/components/schemas/Own"}}


def test_what_is_not_to_be_followed_is_left_out(tmp_path: Path) -> None:
    """Remote and broken references, servers, `$id` and external examples do not reach Schemathesis; values do."""
    schema = {
        "$id": "https://example.com/s",
        "properties": {
            "far": {"$ref": "https://example.com/far.json"},
            "gone": {"$ref": "#/components/schemas/Gone", "title": "kept"},
            "servers": {"type": "string"},
            "word": {"const": {"$ref": "https://example.com/a-word.json"}},
            "$ref": "no schema",
        },
        "items": "no schema",
    }
    paths = {"/a": {**operation(schema), "servers": [{"url": "https://example.com"}]}}
    path = written(tmp_path, api=document(paths, servers=[{"url": "https://example.com/v1"}]))
    whole = self_contained(read_contract(path))
    served_at(whole, "/base")
    copied = whole["paths"]["/a"]["get"]["responses"]["200"]["content"]["application/json"]["schema"]
    assert copied == {
        "properties": {
            "far": {},
            "gone": {"title": "kept"},
            "servers": {"type": "string"},
            "word": {"const": {"$ref": "https://example.com/a-word.json"}},
        }
    }
    assert "servers" not in whole["paths"]["/a"]
    assert whole["servers"] == [{"url": "/base"}]


def test_anchors_become_pointers(tmp_path: Path) -> None:
    """A reference to an anchor, and one that is dynamic, become what they lead to."""
    schemas = {
        "Node": {"$dynamicAnchor": "node", "properties": {"next": {"$dynamicRef": "#node"}}},
        "A": {"$anchor": "a"},
    }
    paths = {"/a": operation({"$ref": "#a"})}
    whole = self_contained(contract(tmp_path, paths, components={"schemas": schemas}))
    copied = whole["paths"]["/a"]["get"]["responses"]["200"]["content"]["application/json"]["schema"]
    assert copied == {"$ref": "#/components/schemas/A"}
    assert whole["components"]["schemas"]["Node"]["properties"]["next"] == {"$ref": "#/components/schemas/Node"}


@pytest.mark.parametrize("path", sorted(OPENAPI.glob("*.yaml")), ids=lambda path: path.stem)
def test_a_document_of_one_file_stays_as_it_is(path: Path) -> None:
    """Where there is nothing to bring along, the copy is the document but for its servers, and not the same object."""
    known = read_contract(path)
    root = known.root
    before = json.dumps(root.value)
    whole = self_contained(known)
    root_without_servers = {key: value for key, value in root.value.items() if key not in ("servers", "openapi")}
    assert {key: value for key, value in whole.items() if key != "openapi"} == root_without_servers
    assert whole["paths"] is not root.value["paths"]
    assert json.dumps(root.value) == before


def test_path_parameters_are_declared(tmp_path: Path) -> None:
    """A name in a path template that nobody declared is a string, and what is no operation does not count as one."""
    paths = {"/a/{b}/{c}": {**operation({}, parameters=[{"name": "c", "in": "path", "required": True}]), "post": None}}
    whole = self_contained(contract(tmp_path, paths))
    assert [one["name"] for one in whole["paths"]["/a/{b}/{c}"]["get"]["parameters"]] == ["c", "b"]
    assert "post" not in whole["paths"]["/a/{b}/{c}"]


def test_oauth_is_a_bearer_token() -> None:
    """OAuth 2 and OpenID Connect stand as bearer tokens, other schemes as they were."""
    key = {"type": "apiKey", "in": "query", "name": "k"}
    schemes = {"o": {"type": "oauth2", "flows": {}}, "k": key}
    whole: dict[str, Any] = {"openapi": "3.1.0", "components": {"securitySchemes": schemes}}
    with_bearer_tokens(whole)
    assert whole["components"]["securitySchemes"] == {"o": {"type": "http", "scheme": "bearer"}, "k": key}
    old: dict[str, Any] = {"swagger": "2.0", "securityDefinitions": {"o": {"type": "oauth2"}}}
    with_bearer_tokens(old)
    assert old["securityDefinitions"]["o"] == {"type": "apiKey", "in": "header", "name": "Authorization"}


SCHEMES = {
    "key": {"type": "apiKey", "in": "header", "name": "X-Key"},
    "token": {"type": "http", "scheme": "bearer"},
    "login": {"type": "oauth2", "flows": {}},
    "user": {"type": "http", "scheme": "basic"},
}


def secured(folder: Path, *requirements: dict[str, list[str]]) -> Contract:
    """A contract whose one operation has these alternatives."""
    return contract(folder, {"/a": operation({}, security=list(requirements))}, components={"securitySchemes": SCHEMES})


def test_credentials_of_the_user_go_before_made_up_ones(tmp_path: Path) -> None:
    """What the user gave is used, and nothing is made up for an operation that it opens."""
    known = secured(tmp_path, {"key": []}, {"token": []})
    made = credentials_for(known, GivenCredentials(bearer="t0ken-of-ada"))
    assert made.schemes == {"token": "t0ken-of-ada", "login": "t0ken-of-ada"}
    assert made.secrets == {"t0ken-of-ada": "TALLYSTICK_BEARER"}
    assert made.known_for(known.operations[0])


def test_made_up_credentials_open_the_first_alternative(tmp_path: Path) -> None:
    """Without credentials of the user, each scheme of the first alternative gets some of its shape; none is known."""
    known = secured(tmp_path, {"user": [], "key": []}, {"token": []})
    made = credentials_for(known, GivenCredentials())
    assert made.schemes == {"user": "tallystick:tallystick", "key": "tallystick"}
    assert not made.known_for(known.operations[0])
    assert made.secrets == {}


def test_a_header_of_the_user_is_the_credential_it_is(tmp_path: Path) -> None:
    """A -H that is where an API key goes stands for it, and is a secret."""
    known = secured(tmp_path, {"key": []})
    made = credentials_for(known, GivenCredentials(headers=(("X-Key", "k3y-of-ada"), ("X-Trace", "1"))))
    assert made.schemes == {}
    assert made.headers == {"X-Key": "k3y-of-ada", "X-Trace": "1"}
    assert made.known_for(known.operations[0])
    assert hidden_text("it is k3y-of-ada", made.secrets) == "it is $TALLYSTICK_HEADER_X_KEY"


def test_an_api_key_is_for_one_scheme_or_for_all(tmp_path: Path) -> None:
    """`--api-key scheme=key` names its scheme; a key alone, even with `=` in it, is for each of them."""
    known = secured(tmp_path, {"key": []})
    assert credentials_for(known, GivenCredentials(api_keys=("key=k",))).schemes == {"key": "k"}
    assert credentials_for(known, GivenCredentials(api_keys=("a2V5=",))).schemes == {"key": "a2V5="}


def test_a_url_has_an_origin_and_a_base_path() -> None:
    """A base URL is split into what is reached and what paths stand below; anything else is refused."""
    assert split_url("https://h:8443/v1/") == ("https://h:8443", "/v1")
    assert split_url("http://127.0.0.1") == ("http://127.0.0.1", "")
    for wrong in ("h", "ftp://h", "http://", "http://h:x", "http://h/?q=1"):
        with pytest.raises(UsageError):
            split_url(wrong)


def test_patterns_select_operations() -> None:
    """A pattern matches ids, paths and labels; excluding wins over including."""
    known = read_contract(DETECTION)
    create, get = (operation.label for operation in known)
    assert select_operations(known, (), ()) == (create, get)
    assert select_operations(known, ("create*",), ()) == (create,)
    assert select_operations(known, ("/api/*",), ("POST *",)) == (get,)


def test_a_request_is_taken_apart() -> None:
    """Each part of a request that can be left out is left out: query fields, headers, members, items."""
    headers = (("content-type", "application/json"), ("authorization", "x"), ("x-a", "1"))
    request = Request("POST", "/", "a=1&b=2", headers, b'{"m": [1, {"n": 2}]}')
    smaller = list(smaller_requests(request))
    assert [one.query for one in smaller[:3]] == ["", "b=2", "a=1"]
    assert smaller[3].headers == headers[:2]
    bodies = [b"{}", b'{"m": []}', b'{"m": [{"n": 2}]}', b'{"m": [1]}', b'{"m": [1, {}]}']
    assert [one.body for one in smaller[4:9]] == bodies


def answering(status: int, body: bytes = b"{}", **headers: str) -> Any:
    """An application that always gives the same answer."""

    async def application(scope: Any, _: Any, send: Any) -> None:
        assert scope["type"] == "http"
        fields = [
            (name.encode(), value.encode()) for name, value in {"content-type": "application/json", **headers}.items()
        ]
        await send({"type": "http.response.start", "status": status, "headers": fields})
        await send({"type": "http.response.body", "body": body})

    return application


def test_a_method_that_another_template_has_is_documented(tmp_path: Path) -> None:
    """POST /pets/search may be meant for POST /pets/{id}: that it is answered is no finding."""
    one, other = operation({}), operation({})
    other["post"] = other["get"]
    path = written(tmp_path, api=document({"/pets/search": one, "/pets/{id}": other}))
    findings = found(fuzz(answering(200), contract=path, given=GivenCredentials()))
    assert ("unsupported-method", "/pets/search") in findings  # DELETE and others
    steps = [f.steps[-1].request.method for f in fuzz(answering(200), contract=path, given=GivenCredentials()).errors]
    assert "POST" not in steps


def test_a_redirect_is_the_response_that_is_judged(tmp_path: Path) -> None:
    """A redirect is not followed: an undocumented one is the finding, whatever stands where it leads."""
    path = written(tmp_path, api=document({"/a": operation({"type": "object"})}))
    outcome = fuzz(answering(307, location="/b"), contract=path, given=GivenCredentials())
    assert ("response-status-undocumented", "GET /a") in found(outcome)


def test_a_documented_server_error_is_one_all_the_same(tmp_path: Path) -> None:
    """An API that documents its 500 may still not answer with it."""
    paths = {"/a": operation({})}
    paths["/a"]["get"]["responses"]["500"] = {"description": "sorry"}
    outcome = fuzz(answering(500), contract=written(tmp_path, api=document(paths)), given=GivenCredentials())
    assert ("not-a-server-error", "GET /a") in found(outcome)
    assert outcome.nothing


def test_a_contract_that_allows_no_success_is_not_held_against_the_server(tmp_path: Path) -> None:
    """Where only refusals are documented, a refusal of a valid request is what the contract says."""
    paths = {"/a": {"get": {"responses": {"400": {"description": "never"}}}}}
    outcome = fuzz(answering(400), contract=written(tmp_path, api=document(paths)), given=GivenCredentials())
    assert ("positive-data-acceptance", "GET /a") not in found(outcome)


def test_an_operation_without_responses_says_nothing_about_them(tmp_path: Path) -> None:
    """Where a contract documents no response at all, every status will do."""
    path = written(tmp_path, api=document({"/a": {"get": {"responses": {}}}}))
    assert [rule for rule, _ in found(fuzz(answering(202), contract=path, given=GivenCredentials()))] == [
        "unsupported-method"
    ]


def test_a_missing_response_header_is_found(tmp_path: Path) -> None:
    """A required header that does not come is one finding, at its place."""
    paths = {"/a": operation({})}
    header = {"X-Next": {"required": True, "schema": {"type": "integer"}}}
    paths["/a"]["get"]["responses"]["200"]["headers"] = header
    path = written(tmp_path, api=document(paths))
    assert ("response-header-missing", "GET /a") in found(fuzz(answering(200), contract=path, given=GivenCredentials()))
    wrong = found(fuzz(answering(200, **{"x-next": "soon"}), contract=path, given=GivenCredentials()))
    assert ("response-header-schema", "GET /a") in wrong
    assert not [rule for rule, _ in wrong if rule in ("response-headers-conformance", "response-schema-conformance")]


@pytest.mark.parametrize("mock", [True, False], ids=["a mock without state", "a server"])
def test_what_is_deleted_is_gone_unless_a_mock_says_it_has_no_state(tmp_path: Path, mock: bool) -> None:
    """What can be read after it was deleted is a finding, but only a note where the server says what it is."""
    parameters = [{"name": "id", "in": "path", "required": True, "schema": {"type": "integer", "minimum": 1}}]
    pet = {"type": "object", "properties": {"id": {"type": "integer", "minimum": 1}}, "required": ["id"]}
    paths = {"/pets": {"post": operation(pet, operationId="add")["get"]}}
    paths["/pets/{id}"] = {
        "parameters": parameters,
        "get": operation(pet, operationId="read")["get"],
        "delete": {"operationId": "remove", "responses": {"200": {"description": "gone"}}},
    }
    links = {name: {"operationId": name, "parameters": {"id": "$response.body#/id"}} for name in ("read", "remove")}
    paths["/pets"]["post"]["responses"]["200"]["links"] = links
    headers = {"tallystick-mock": "stateless"} if mock else {}
    path = written(tmp_path, api=document(paths))
    outcome = fuzz(answering(200, b'{"id": 7}', **headers), contract=path, given=GivenCredentials(), max_examples=40)
    assert (("use-after-free", "DELETE /pets/{id}") in found(outcome)) is not mock
    assert any(note.startswith("use-after-free: ") for note in report.notes(outcome)) is mock


def test_what_schemathesis_stumbles_over_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """An error inside Schemathesis ends the run with a reason and not with a traceback, and the run is not green."""
    from tallystick.fuzz import schemathesis_adapter

    def broken(_: Any) -> Any:
        raise KeyError("an inner matter")

    monkeypatch.setattr(schemathesis_adapter, "from_schema", broken)
    path = written(tmp_path, api=document({"/a": operation({})}))
    outcome = fuzz(answering(200), contract=path, given=GivenCredentials())
    assert outcome.untested == {
        "all that is left": "Schemathesis cannot go on: KeyError: 'an inner matter' (broken in test_fuzz_parts.py)"
    }
    assert outcome.code(strict=False) == 4  # the run's own requests were sent, and nothing is wrong with the answers


def test_an_error_of_ours_is_not_taken_for_one_of_the_contract(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """An error in the judge itself ends the run: it must not pass for an operation that could not be tested."""
    from tallystick.fuzz import verdicts

    def broken(*_: Any) -> Any:
        raise ZeroDivisionError

    monkeypatch.setattr(verdicts, "judge", broken)
    contract = written(tmp_path, api=document({"/a": operation({})}))
    assert isinstance(fuzz(answering(200), contract=contract, given=GivenCredentials()).error, ZeroDivisionError)


def test_what_cannot_be_generated_is_not_tested(tmp_path: Path) -> None:
    """An operation that Schemathesis can make no case for is named with the reason, and the others are tested."""
    body = {"required": True, "content": {"application/cbor": {"schema": {"type": "object"}}}}
    paths = {"/a": {"post": {**operation({})["get"], "requestBody": body}}, "/b": operation({})}
    outcome = fuzz(answering(200), contract=written(tmp_path, api=document(paths)), given=GivenCredentials())
    assert outcome.untested.keys() == {"POST /a"}
    assert "application/cbor" in outcome.untested["POST /a"]
    assert outcome.tested["GET /b"].requests
