"""A first contract is learned from recorded traffic: templates, parameters, schemas, credentials and examples."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from support.archives import entry, saved
from support.asking import request
from support.commands import run

from tallystick.contracts.read import read_contract
from tallystick.documents.yaml_writing import yaml_text
from tallystick.exchanges.judged import judged
from tallystick.exchanges.recorded import Recorded, Recording
from tallystick.exchanges.traffic import traffic_of
from tallystick.learn.document import document_of
from tallystick.learn.folding import Templates, named
from tallystick.learn.segments import is_value
from tallystick.learn.shapes import Shape
from tallystick.learn.traffic import learned
from tallystick.nouns.exchange import Exchange, Response
from tallystick.rules.contract.document import judge_document


def seen(line: str, answer: Any = None, status: int = 200, sent: Any = None, **headers: str) -> Recorded:
    """A recorded exchange with JSON bodies; underscores in names of header fields are dashes."""
    fields = {name.replace("_", "-"): value for name, value in headers.items()}
    body = b"" if sent is None else json.dumps(sent).encode()
    asked = request(line, {**({"content-type": "application/json"} if body else {}), **fields}, body)
    octets = b"" if answer is None else json.dumps(answer).encode()
    of_answer = (("content-type", "application/json"),) if octets else ()
    return Recorded(Exchange(asked, Response(status, of_answer, octets)), "https://api.test", line)


def document(*exchanges: Recorded, url: str = "") -> Any:
    """The document that is learned; it is valid, and the exchanges keep it."""
    recording = Recording("test", list(exchanges))
    return document_of(learned([recording], url))


def is_kept(folder: Path, value: Any, exchanges: Sequence[Recorded]) -> bool:
    """Whether a document breaks no rule, and the exchanges keep it."""
    file = folder / "learned.yaml"
    file.write_text(yaml_text(value))
    own = read_contract(file)
    flaws = judged(own, traffic_of(own, [Recording("test", list(exchanges))]), lambda each: each).flaws
    return not judge_document(own) and not flaws


def templates(*lines: str, answers: dict[str, Any] | None = None) -> list[str]:
    """The templates of some paths (each with how often it came, if more than once), without doubles."""
    paths = Templates()
    split = [line.split() for line in lines]
    for path, *times in split:
        paths.add("GET", path, (answers or {}).get(path), int(times[0]) if times else 1)
    return list(dict.fromkeys(paths.template_of(path)[0] for path, *_ in split))


@pytest.mark.parametrize(
    "text",
    [
        *(
            "1",
            "007",
            "12.5",
            "550e8400-e29b-41d4-a716-446655440000",
            "2024-01-31",
            "2024-01-31T10:00:00Z",
            "a@b.example",
        ),
        *("deadbeef01", "cus_9s6XKzkNRiz8i3", "lb_qIDJzysqbJniHD", "order_7", "01HZX3", "two words", "a/b", "größe"),
    ],
)
def test_a_value_is_known_by_its_letters(text: str) -> None:
    """Numbers, ids, digests, dates and what no word has are values."""
    assert is_value(text)


@pytest.mark.parametrize(
    "text",
    [
        *(
            "pets",
            "findByStatus",
            "me",
            "@me",
            "v1",
            "v1beta1",
            "oauth2",
            "events.k8s.io",
            "agent-sessions",
            "openapi.json",
        ),
        "x509",
    ],
)
def test_a_word_is_no_value(text: str) -> None:
    """Words, versions and names with a number at their end are none."""
    assert not is_value(text)


@pytest.mark.parametrize(
    ("paths", "expected"),
    [
        (["/pets/1", "/pets/2", "/pets/findByStatus"], ["/pets/{}", "/pets/findByStatus"]),
        (["/users/me 9", "/users/7"], ["/users/me", "/users/{}"]),
        (["/v1/pets/1", "/2/tweets"], ["/v1/pets/{}", "/2/tweets"]),
        (["/days/2024-01-01/log", "/days/2024-01-02/log"], ["/days/{}/log"]),
        (["/files/1.json", "/files/list.json"], ["/files/{}.json", "/files/list.json"]),
        (["/topics/5:publish", "/topics/5"], ["/topics/{}:publish", "/topics/{}"]),
        (["/topics/red", "/topics/green", "/topics/blue", "/topics/grey"], ["/topics/{}"]),
        (["/topics/red 20", "/topics/green 20"], ["/topics/red", "/topics/green"]),
        (
            ["/search/pets", "/search/owners", "/search/shops", "/search/towns"],
            [f"/search/{x}" for x in ("pets", "owners", "shops", "towns")],
        ),
    ],
)
def test_paths_are_folded_by_evidence(paths: list[str], expected: list[str]) -> None:
    """Values are folded; words are where many stand at one place, each seldom, behind a plural."""
    assert templates(*paths) == expected


def test_a_word_that_is_an_id_is_folded() -> None:
    """A word that stands as an id in a body is a value, be it seen alone."""
    answers = {"/users/octocat": {"login": "octocat"}, "/orgs/octocat": None}
    assert templates("/users/octocat", "/users/search", answers=answers) == ["/users/{}", "/users/search"]


def test_names_of_a_template_come_from_the_words_before_them() -> None:
    """A name is the noun before it with `Id`; each is there once."""
    assert named("/pets/{}/blood-tests/{}/{}") == (
        "/pets/{petId}/blood-tests/{bloodTestId}/{id}",
        ("petId", "bloodTestId", "id"),
    )


def test_schemas_say_what_was_seen() -> None:
    """A member is required where it is always there, null is allowed where it came, and numbers are as wide as seen."""
    shape = Shape()
    shape.add({"id": 1, "name": "Rex", "weight": 3, "born": "2024-01-01", "tags": []})
    shape.add({"id": 2, "name": None, "weight": 3.5, "born": "2024-02-01", "tags": ["a"], "extra": True})
    assert shape.schema() == {
        "type": "object",
        "required": ["id", "name", "weight", "born", "tags"],
        "properties": {
            "id": {"type": "integer"},
            "name": {"type": ["string", "null"]},
            "weight": {"type": "number"},
            "born": {"type": "string", "format": "date"},
            "tags": {"type": "array", "items": {"type": "string"}},
            "extra": {"type": "boolean"},
        },
    }


@pytest.mark.parametrize(
    ("texts", "expected"),
    [
        (["a1b2c3d4-0000-4000-8000-000000000000"] * 2, {"format": "uuid"}),
        (["2024-01-01T10:00:00Z", "2024-01-01T10:00:00.5+02:00"], {"format": "date-time"}),
        (["2024-13-01"], {}),
        (["https://a.example/b?c=d"], {"format": "uri"}),
        (["a@b.example", "***"], {}),
        (["open", "closed"] * 15, {"enum": ["closed", "open"]}),
        (["open", "closed"] * 3, {}),
        ([f"state{n}" for n in range(15)] * 3, {}),
        (["a word", "another word"] * 15, {}),
        (["one"] * 40, {}),
    ],
)
def test_formats_and_lists_of_values_need_evidence(texts: list[str], expected: dict[str, Any]) -> None:
    """A format is named where all texts have it; values are listed where few of them come many times."""
    shape = Shape()
    for text in texts:
        shape.add(text)
    assert shape.schema() == {"type": "string", **expected}


def test_objects_that_are_named_by_values_are_maps() -> None:
    """Members whose names are ids are one schema for all of them."""
    shape = Shape()
    shape.add({str(number): {"n": number} for number in range(5)})
    expected = {"type": "object", "required": ["n"], "properties": {"n": {"type": "integer"}}}
    assert shape.schema() == {"type": "object", "additionalProperties": expected}


def test_a_contract_is_learned(tmp_path: Path) -> None:
    """Paths, parameters, bodies, statuses, credentials and the server are in a document that the traffic keeps."""
    pet = {"id": 1, "name": "Rex"}
    exchanges = [
        *(seen(f"GET /api/v1/pets?limit={n}", [pet], authorization="Bearer ***") for n in range(1, 5)),
        *(seen(f"GET /api/v1/pets/{n}", {**pet, "id": n}, authorization="Bearer ***") for n in range(1, 4)),
        seen("GET /api/v1/pets/9", {"error": "none"}, 404, authorization="Bearer ***"),
        seen("POST /api/v1/pets", pet, 201, sent={"name": "Rex"}, authorization="Bearer ***", x_tenant="a"),
        seen("DELETE /api/v1/pets/1", None, 204, authorization="Bearer ***"),
    ]
    found = document(*exchanges)
    assert found["servers"] == [{"url": "https://api.test/api/v1"}]
    assert {path: [*item] for path, item in found["paths"].items()} == {
        "/pets": ["get", "post"],
        "/pets/{petId}": ["get", "delete"],
    }
    (limit,) = found["paths"]["/pets"]["get"]["parameters"]
    assert (limit["name"], limit["required"], limit["schema"]) == ("limit", True, {"type": "integer"})
    assert [*found["paths"]["/pets/{petId}"]["get"]["responses"]] == ["200", "404"]
    assert found["components"]["schemas"]["Pet"]["required"] == ["id", "name"]
    assert found["components"]["securitySchemes"] == {"bearer": {"type": "http", "scheme": "bearer"}}
    assert found["paths"]["/pets"]["post"]["requestBody"]["content"]["application/json"]["example"] == {"name": "Rex"}
    assert is_kept(tmp_path, found, exchanges)
    assert document(*exchanges) == found


def test_a_refused_request_is_not_learned_from() -> None:
    """A request that was refused for what it says makes no member optional, and no parameter known."""
    exchanges = [
        *(seen("POST /pets", {}, 201, sent={"name": "Rex"}) for _ in range(3)),
        seen("POST /pets?odd=1", {"error": "no name"}, 422, sent={"age": 3}),
    ]
    operation = document(*exchanges)["paths"]["/pets"]["post"]
    schema = operation["requestBody"]["content"]["application/json"]["schema"]
    assert (schema["required"], [*schema["properties"]]) == (["name"], ["name"])
    assert "parameters" not in operation
    assert [*operation["responses"]] == ["201", "422"]


def test_what_the_server_does_not_have_is_passed_over() -> None:
    """A path that was only ever answered with 404 is no path of the API, and a note says so."""
    found = learned([Recording("test", [seen("GET /pets", []), seen("GET /nope", {}, 404)])])
    assert [each.template for each in found.operations] == ["/pets"]
    assert any("404" in note for note in found.notes)


def test_a_path_that_was_only_refused_is_passed_over() -> None:
    """What a scanner or a typo asks for is no path, whether the server looks first for it or for who asks."""
    own = [seen("GET /pets", []), seen("POST /pets", {}, 401), seen("PUT /tags", {}, 403, authorization="Bearer ***")]
    refused = [seen("GET /.env", {}, 401), seen("GET /wp-login.php", {}, 403), seen("POST /pest", {}, 405)]
    found = learned([Recording("test", [*own, *refused, seen("GET /favicon.ico", {}, 404)])])
    labels = [f"{each.method} {each.template}" for each in found.operations]
    assert labels == ["GET /pets", "POST /pets", "PUT /tags"]
    (note,) = found.notes
    assert "4 exchanges that the server only refused (401, 403, 404, 405)" in note


def test_a_session_in_a_path_is_no_part_of_it() -> None:
    """What servers of Java write into URLs is another one for each client."""
    lines = ("GET /cart;jsessionid=A1.n1", "GET /cart;jsessionid=B2.n1?x=1", "GET /cart/items;jsessionid=C3")
    found = learned([Recording("test", [seen(line, {"total": 1}) for line in lines])])
    assert [each.template for each in found.operations] == ["/cart", "/cart/items"]


def test_requests_of_a_page_are_passed_over() -> None:
    """What a browser asks for as a page, a script or a picture is no part of the API."""
    page = seen("GET /", None, accept="text/html,application/xhtml+xml")
    script = seen("GET /app.js", None, referer="https://api.test/")
    found = learned([Recording("test", [seen("GET /pets", []), page, script])])
    assert [each.template for each in found.operations] == ["/pets"]


def test_several_hosts_need_a_choice() -> None:
    """The host with the most exchanges of an API is learned; `url` names another one."""
    other = replace(seen("GET /other/2", {}), origin="https://other.test")
    exchanges = [seen("GET /pets", []), seen("GET /pets/1", {}), other]
    assert document(*exchanges)["servers"] == [{"url": "https://api.test"}]
    assert [*document(*exchanges, url="https://other.test")["paths"]] == ["/other/{otherId}"]


def test_secrets_are_no_examples() -> None:
    """A contract that is learned from traffic with secrets has none of them."""
    text = yaml_text(
        document(seen("POST /login", {"access_token": "geheim"}, sent={"password": "geheim"}, x_api_key="geheim"))
    )
    assert "geheim" not in text
    assert "xApiKey" in text


def test_what_a_header_field_says_is_learned() -> None:
    """A header field with a secret is a security scheme, one of a page is none, and others are read as UTF-8."""
    fields = {"private_token": "x", "x_csrf_token": "y", "x_city": "Köln".encode().decode("latin-1")}
    document: Any = document_of(learned([Recording("a", [seen("GET /pets", [], **fields)] * 3)]))
    own = document["paths"]["/pets"]["get"]
    assert [(each["name"], each["example"]) for each in own["parameters"]] == [
        ("x-csrf-token", "***"),
        ("x-city", "Köln"),
    ]
    assert own["security"] == [{"privateToken": []}]
    assert document["components"]["securitySchemes"]["privateToken"]["name"] == "private-token"


def test_a_field_without_a_name_is_no_parameter() -> None:
    """A query such as `?=1` has no name that a parameter could have."""
    document: Any = document_of(learned([Recording("a", [seen("GET /pets?=1&a=2", [])])]))
    assert [each["name"] for each in document["paths"]["/pets"]["get"]["parameters"]] == ["a"]


def test_forms_and_texts_are_learned(tmp_path: Path) -> None:
    """The fields of a form are typed by their texts; a text is a string."""
    form = seen("POST /login", {"ok": True})
    asked = request("POST /login", {"content-type": "application/x-www-form-urlencoded"}, b"user=a&age=3&tag=x&tag=y")
    form = replace(form, exchange=form.exchange._replace(request=asked))
    text = replace(
        form, exchange=Exchange(request("GET /log"), Response(200, (("content-type", "text/plain"),), b"a\nb"))
    )
    found = document(form, text)
    content = found["paths"]["/login"]["post"]["requestBody"]["content"]["application/x-www-form-urlencoded"]
    assert content["schema"]["properties"] == {
        "user": {"type": "string"},
        "age": {"type": "integer"},
        "tag": {"type": "array", "items": {"type": "string"}},
    }
    assert found["paths"]["/log"]["get"]["responses"]["200"]["content"]["text/plain"]["schema"] == {"type": "string"}
    assert is_kept(tmp_path, found, [form, text])


def test_the_command_writes_a_first_contract(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The contract of an archive is printed, or written where no file is."""
    monkeypatch.chdir(tmp_path)
    saved(tmp_path, entry("GET https://api.example.com/pets/1", 200, {"id": 1}))
    printed = run("learn", "traffic.har")
    assert printed.exit_code == 0
    assert "  /pets/{petId}:" in printed.stdout
    assert run("learn", "traffic.har", "-o", "api.yaml").exit_code == 0
    assert Path("api.yaml").read_text() == printed.stdout
    again = run("learn", "traffic.har", "-o", "api.yaml")
    assert (again.exit_code, "there is a file already" in again.stderr) == (2, True)


def test_what_the_configuration_masks_is_no_example(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A name in `record-mask` is that of a secret in an archive of another program, too."""
    monkeypatch.chdir(tmp_path)
    (tmp_path / "tallystick.toml").write_text('[mock]\nrecord-mask = ["customer_number"]\n')
    saved(tmp_path, entry("GET https://api.example.com/pets", 200, {"customer_number": "K-17"}))
    text = run("learn", "traffic.har").stdout
    assert ("K-17" in text, 'customer_number: "***"' in text) == (False, True)


def test_traffic_without_an_api_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A file without traffic, and traffic without an exchange of an API, end with one line and exit code 3."""
    monkeypatch.chdir(tmp_path)
    saved(tmp_path)
    (tmp_path / "folder").mkdir()
    for name, fact in (
        ("traffic.har", "no exchange of an API"),
        ("folder", "is no recording"),
        ("gone.har", "cannot be read"),
    ):
        result = run("learn", name)
        assert result.exit_code == 3
        assert fact in result.stderr
