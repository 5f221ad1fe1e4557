"""`tallystick judge`: recorded traffic, held to a contract."""

from __future__ import annotations

import gzip
import json
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result
from support.archives import archive, entry, flow, saved
from support.pet_shop import JSON_BODY, Shop

from tallystick.cli import main
from tallystick.exchanges.secrets import Secrets
from tallystick.mock.journal.har import har_of
from tallystick.nouns.errors import Exit

API = """\
openapi: 3.1.0
info: {title: Pets, version: '1'}
servers: [{url: https://api.example.com/v1}]
paths:
  /pets:
    get:
      parameters: [{name: limit, in: query, schema: {type: integer}}]
      responses:
        '200':
          description: Pets
          content: {application/json: {schema: {type: array, items: {$ref: '#/components/schemas/Pet'}}}}
    post:
      security: [{token: []}]
      requestBody: {content: {application/json: {schema: {$ref: '#/components/schemas/Pet'}}}}
      responses:
        '201': {description: Made, content: {application/json: {schema: {$ref: '#/components/schemas/Pet'}}}}
  /pets/{id}:
    get:
      parameters: [{name: id, in: path, required: true, schema: {type: integer}}]
      responses:
        '200': {description: Pet, content: {application/json: {schema: {$ref: '#/components/schemas/Pet'}}}}
        '404': {description: None}
components:
  securitySchemes: {token: {type: http, scheme: bearer}}
  schemas:
    Pet: {type: object, required: [name], properties: {id: {type: integer}, name: {type: string}}}
"""
PETS = "https://api.example.com/v1/pets"
GOOD = entry(f"GET {PETS}", answer=[{"id": 1, "name": "Rex"}])
BAD = entry(f"GET {PETS}/1", answer={"id": "1"})


@pytest.fixture(autouse=True)
def _folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    Path("api.yaml").write_text(API)


def judge(*words: Any) -> Result:
    """`tallystick judge` with the contract."""
    return CliRunner().invoke(main, ["judge", "--contract", "api.yaml", *map(str, words)])


def test_traffic_that_keeps_the_contract_is_a_line(tmp_path: Path) -> None:
    """Exchanges without a violation end with 0 and one line."""
    result = judge(saved(tmp_path, GOOD))
    assert result.output == "no finding; 1 exchange of 1 of 3 operations judged\n"
    assert result.exit_code == Exit.CLEAN


def test_a_violation_is_told_with_its_request_and_place(tmp_path: Path) -> None:
    """A response that breaks its schema is told once for all exchanges, with a curl line and the place."""
    result = judge(saved(tmp_path, GOOD, BAD, BAD))
    assert result.exit_code == Exit.VIOLATIONS
    lines = result.output.splitlines()
    assert lines[0] == "response-body-schema  GET /pets/{id}"
    assert "  response.body/id: " in result.output
    assert f"    curl -i {PETS}/1" in lines
    assert lines[-1] == "2 findings of 1 rule; 3 exchanges of 2 of 3 operations judged"
    assert "(api.yaml:26, 2 times)" in result.output


def test_other_hosts_paths_and_kinds_are_counted(tmp_path: Path) -> None:
    """What is no exchange of the contract is counted by host, path and kind, and not judged."""
    preflight = entry(f"OPTIONS {PETS}", 204, headers={"Access-Control-Request-Method": "GET"})
    others = [
        entry("GET https://cdn.example.com/app.js", answer=1),
        entry("GET https://cdn.example.com/app.css", answer=1),
        entry("GET https://api.example.com/health", answer={}),
        entry("GET wss://api.example.com/live", 101),
        entry(f"GET {PETS}", 0),
        entry("GET data:image/png;base64,AAAA"),
        entry("GET chrome-extension://abc/x.js"),
        preflight,
    ]
    result = judge(saved(tmp_path, GOOD, *others), "--format", "json")
    report = json.loads(result.stdout)
    assert (report["entries"], report["judged"]) == (9, 1)
    assert report["not_judged"] == {
        "of other hosts": {"cdn.example.com": 2},
        "of paths that the contract does not have": {"GET /health": 1},
        "that are no exchange": {
            "WebSocket": 1,
            "request without a response": 1,
            "address that is not HTTP": 2,
            "CORS preflight": 1,
        },
    }
    assert result.exit_code == Exit.CLEAN


def test_without_a_server_the_origin_with_most_exchanges_is_taken(tmp_path: Path) -> None:
    """Where no server of the contract was recorded, the origin with most of its paths is taken; --url says another."""
    local = [entry("GET http://localhost:3000/pets", answer=[]), entry("GET http://localhost:3000/v1/pets", answer=[])]
    file = saved(tmp_path, *local, entry("GET https://shop.test/pets", answer=["x"]))
    result = judge(file)
    assert "http://localhost:3000 is taken for it; --url names another one" in result.output
    assert result.output.endswith("no finding; 2 exchanges of 1 of 3 operations judged\n")
    assert judge(file, "--url", "https://shop.test/").exit_code == Exit.VIOLATIONS
    assert judge(file, "--url", "shop.test").exit_code == Exit.USAGE


def test_traffic_of_another_api_fails(tmp_path: Path) -> None:
    """Where nothing is of the contract, nothing was judged, and the command says so with 1."""
    result = judge(saved(tmp_path, entry("GET https://other.example.com/x", answer=1)))
    assert result.output.endswith("none of 1 entries is an exchange of api.yaml: nothing was judged\n")
    assert result.exit_code == Exit.VIOLATIONS


def test_a_body_that_was_not_recorded_is_not_judged(tmp_path: Path) -> None:
    """A size without a text is a body that the browser did not keep: nothing is said of it, but that."""
    lost = entry(f"GET {PETS}/1")
    lost["response"]["content"] = {"size": 120, "mimeType": "application/json"}
    sent = entry(
        f"POST {PETS}", 201, {"name": "a"}, headers={"Content-Type": "application/json", "Content-Length": "9"}
    )
    result = judge(saved(tmp_path, lost, sent))
    assert "note: of 2 of 2 exchanges a body was not recorded, or not whole" in result.output
    assert result.exit_code == Exit.CLEAN


def test_a_recording_that_was_cleaned_of_credentials_is_not_blamed(tmp_path: Path) -> None:
    """Where no request has credentials, it is noted, and no request is told to lack them; else one is."""
    post = entry(f"POST {PETS}", 201, {"name": "a"}, {"name": "a"})
    cleaned = judge(saved(tmp_path, post))
    assert "whether they were sent is not judged" in cleaned.output
    assert cleaned.exit_code == Exit.CLEAN
    signed = entry(f"POST {PETS}", 201, {"name": "a"}, {"name": "a"}, headers={"Authorization": "Bearer secret-token"})
    result = judge(saved(tmp_path, post, signed))
    assert "credentials-missing  POST /pets" in result.output


def test_no_secret_is_printed(tmp_path: Path) -> None:
    """Credentials, cookies and members by the name of a secret are masked in every form of the report."""
    headers = {"Authorization": "Bearer geheim-1", "Cookie": "sid=geheim-2", "X-API-Key": "geheim-3"}
    sent = {"name": 1, "password": "geheim-4"}
    bad = entry(f"POST {PETS}?access_token=geheim-5", 201, {"access_token": "geheim-6"}, sent, headers=headers)
    file = saved(tmp_path, bad)
    for form in ("text", "json", "junit", "sarif", "github"):
        result = judge(file, "--format", form)
        assert result.exit_code == Exit.VIOLATIONS
        assert "geheim" not in result.output
        assert "***" in result.output


def test_a_side_alone_is_judged_if_asked(tmp_path: Path) -> None:
    """--only responses leaves out what clients sent."""
    file = saved(tmp_path, entry(f"GET {PETS}?limit=x", answer=[]))
    assert judge(file).exit_code == Exit.VIOLATIONS
    assert judge(file, "--only", "responses").exit_code == Exit.CLEAN


def timed(second: float, value: dict[str, Any], milliseconds: float = 5) -> dict[str, Any]:
    """An entry at a time."""
    return {**value, "startedDateTime": f"2026-01-01T10:00:0{second:.3f}Z", "time": milliseconds}


def test_what_several_exchanges_show_is_told(tmp_path: Path) -> None:
    """What was created and is not there is a finding, but not where both were under way at once, or if not wanted."""
    created = entry(f"POST {PETS}", 201, {"id": 7, "name": "a"}, {"name": "a"})
    gone = entry(f"GET {PETS}/7", 404)
    result = judge(saved(tmp_path, timed(1, created), timed(2, gone)))
    assert result.exit_code == Exit.VIOLATIONS
    assert len([line for line in result.output.splitlines() if line.startswith("    curl")]) == 2
    assert judge(saved(tmp_path, timed(1, created), timed(2, gone)), "--no-relations").exit_code == Exit.CLEAN
    assert judge(saved(tmp_path, timed(1, created, 3000), timed(2, gone))).exit_code == Exit.CLEAN


def test_rules_are_graded_by_the_configuration(tmp_path: Path) -> None:
    """A rule that the configuration grades as a warning fails with --strict alone."""
    Path("tallystick.toml").write_text("[rules]\nresponse-body-schema = 'warning'\n")
    file = saved(tmp_path, BAD)
    result = judge(file)
    assert result.exit_code == Exit.CLEAN
    assert "response-body-schema (warning)" in result.output
    assert judge(file, "--strict").exit_code == Exit.VIOLATIONS


def test_the_archive_of_the_mock_is_read() -> None:
    """What the mock was asked is read again from its archive, with the same exchanges."""
    shop = Shop()
    shop.ask("GET /pets?limit=x", {"X-Api-Key": "secret"})
    shop.ask("POST /pets", JSON_BODY, b'{"name": "Rex"}')
    Path("shop.har").write_text(json.dumps(har_of(shop.records(), Secrets([shop.contract]))))
    Path("api.yaml").write_text(json.dumps(shop.contract.root.value))
    report = json.loads(judge("shop.har", "--format", "json").stdout)
    assert report["judged"] == 2
    assert [finding["operation"] for finding in report["findings"] if finding["rule"].startswith("parameter")] == [
        "GET /pets"
    ]


def test_the_journal_of_the_mock_is_read() -> None:
    """A journal, as its control call lists it, is read with its values, texts and bytes; a cut body is not judged."""

    def exchange(answer: dict[str, Any], **sent: Any) -> dict[str, Any]:
        fields = [{"name": "content-type", "value": "application/json"}]
        asked = {"method": "GET", "url": f"{PETS}/1?x=1", "path": "/pets/1", "query": "", "headers": [], "size": 0}
        came = {"status": 200, "headers": fields, **answer}
        return {"time": "2026-01-01T10:00:00Z", "seconds": 0.1, "request": {**asked, **sent}, "response": came}

    bodies = [
        {"size": 15, "body": {"name": "Rex"}},
        {"size": 15, "body_base64": "eyJuYW1lIjogIlJleCJ9"},
        {"size": 5000, "body": '{"name": '},
        {"size": 5, "body": "Rex"},
    ]
    Path("journal.json").write_text(json.dumps({"exchanges": [*map(exchange, bodies), {"request": 5}], "total": 5}))
    report = json.loads(judge("journal.json", "--format", "json").stdout)
    assert report["judged"] == 4
    (finding,) = [each for each in report["findings"] if each["rule"] == "response-body-schema"]
    assert (finding["count"], finding["message"]) == (1, 'response.body: "Rex" is a string; expected an object')
    assert any("exchanges[4]: request: an object was expected" in note for note in report["notes"])


def test_flows_of_mitmproxy_are_read() -> None:
    """Flows are read with their codings undone; what is no exchange is counted, and a cut file is told in one line."""
    body = gzip.compress(b'{"id": "1"}')
    headers = [(b"Content-Type", b"application/json"), (b"Content-Encoding", b"gzip")]
    octets = flow("GET api.example.com /v1/pets/1", 200, body, headers)
    socket = flow("GET api.example.com /v1/live", 101, b"", websocket={"messages": []})
    Path("flows").write_bytes(octets + socket)
    result = judge("flows")
    assert "response.body/id: " in result.output
    assert "WebSocket (1)" in result.output
    Path("flows").write_bytes(octets[:-20])
    assert judge("flows").output.startswith("tallystick: flows: it ends in the middle of a flow")


def test_a_large_archive_is_judged(tmp_path: Path) -> None:
    """An archive of 50 MB with one long body is read in a moment."""
    long = entry("GET https://cdn.example.com/film", answer="x" * 50_000_000)
    assert judge(saved(tmp_path, GOOD, long)).exit_code == Exit.CLEAN


def changed(path: str, value: Any) -> dict[str, Any]:
    """The good archive with another value at a path of keys."""
    result = json.loads(json.dumps(archive(GOOD)))
    holder: Any = result["log"]["entries"][0]
    *way, last = path.split("/")
    for key in way:
        holder = holder[key]
    holder[last] = value
    return dict(result)


TRUNCATED = json.dumps(archive(GOOD))[:-20]
FILES: dict[str, bytes] = {
    "empty": b"",
    "blank": b" \n\n",
    "truncated": TRUNCATED.encode(),
    "html": b"<!doctype html><p>Sign in</p>",
    "yaml": API.encode(),
    "png": b"\x89PNG\r\n\x1a\n" + bytes(range(256)),
    "gzip": gzip.compress(TRUNCATED.encode()),
    "nul": bytes(1000),
    "no-object": b"[]",
    "number": b"12",
    "other-json": b'{"a": 1, "b": 2}',
    "openapi": b'{"openapi": "3.1.0", "paths": {}}',
    "log-is-a-text": b'{"log": "x"}',
    "no-entries": b'{"log": {"version": "1.2"}}',
    "entries-are-an-object": b'{"log": {"entries": {}}}',
    "deep": b'{"log": {"entries": ' + b"[" * 200_000,
    "netstring": b"12:34",
    "netstring-cut": b"99999999:1",
    "netstring-odd": b"2:11?",
    "flow-of-nothing": b"4:3:abc,",
}
"""Files that are no traffic, by what they are."""
ENTRIES: dict[str, Any] = {
    "entry-is-a-text": "x",
    "no-request": {"response": {"status": 200}},
    "no-response": {"request": GOOD["request"]},
    "url-is-a-number": changed("request/url", 5)["log"]["entries"][0],
    "url-is-none": changed("request/url", "https://[::1")["log"]["entries"][0],
    "url-without-a-host": changed("request/url", "https:///pets")["log"]["entries"][0],
    "url-with-an-odd-port": changed("request/url", "https://a:99999/")["log"]["entries"][0],
    "method-is-missing": changed("request/method", None)["log"]["entries"][0],
    "status-is-a-text": changed("response/status", "200")["log"]["entries"][0],
    "status-is-infinite": changed("response/status", float("inf"))["log"]["entries"][0],
    "status-is-no-number": changed("response/status", float("nan"))["log"]["entries"][0],
    "status-is-a-fraction": changed("response/status", 200.5)["log"]["entries"][0],
    "headers-are-an-object": changed("request/headers", {"a": "b"})["log"]["entries"][0],
    "header-is-a-text": changed("request/headers", ["a: b"])["log"]["entries"][0],
    "header-value-is-a-number": changed("response/headers", [{"name": "a", "value": 1}])["log"]["entries"][0],
    "content-is-a-list": changed("response/content", [])["log"]["entries"][0],
    "text-is-a-number": changed("response/content", {"text": 5})["log"]["entries"][0],
    "no-base64": changed("response/content", {"text": "äöü", "encoding": "base64"})["log"]["entries"][0],
    "post-data-is-a-text": changed("request/postData", "x")["log"]["entries"][0],
    "post-text-is-an-object": changed("request/postData", {"text": {}})["log"]["entries"][0],
}
"""Entries that cannot be read, by what is odd about them."""


def test_times_and_sizes_that_no_program_means_are_not_known(tmp_path: Path) -> None:
    """A time or a size that is endless counts as none, and the exchange is judged."""
    odd = changed("response/content/size", float("-inf"))["log"]["entries"][0]
    assert judge(saved(tmp_path, GOOD, {**odd, "time": 1e300})).exit_code == Exit.CLEAN


@pytest.mark.parametrize("name", FILES)
def test_a_file_that_is_no_traffic_is_told_in_one_line(name: str) -> None:
    """A file that is no recording ends the command with 3 and one line that names it and what was expected."""
    Path("odd.har").write_bytes(FILES[name])
    result = judge("odd.har")
    assert result.exit_code == Exit.UNREACHABLE
    (line,) = result.output.splitlines()
    assert line.startswith("tallystick: odd.har: ")
    assert line.endswith(" was expected")
    assert len(line) < 300


@pytest.mark.parametrize("name", ENTRIES)
def test_an_entry_that_is_odd_is_told_in_one_line_and_the_others_are_judged(name: str, tmp_path: Path) -> None:
    """An entry of wrong types is noted with its place and what was expected; the others are judged."""
    result = judge(saved(tmp_path, GOOD, ENTRIES[name]))
    notes = [line for line in result.output.splitlines() if line.startswith("note: ")]
    (note,) = notes
    assert "log.entries[1]: " in note
    assert result.output.endswith("no finding; 1 exchange of 1 of 3 operations judged\n")
    assert result.exit_code == Exit.CLEAN


@pytest.mark.parametrize("encoding", ["utf-8-sig", "utf-16", "utf-16-be"])
def test_a_file_with_a_byte_order_mark_is_read(encoding: str) -> None:
    """Archives that editors and shells have saved in their own encoding are read."""
    mark = b"\xfe\xff" if encoding == "utf-16-be" else b""
    Path("odd.har").write_bytes(mark + json.dumps(archive(GOOD)).encode(encoding))
    assert judge("odd.har").exit_code == Exit.CLEAN


def test_what_browsers_write_is_read_as_it_was_sent(tmp_path: Path) -> None:
    """Pseudo-headers of HTTP/2, base64, joined fields, forms by their fields and halves of surrogates are read."""
    good = entry(f"GET {PETS}", headers={":authority": "api.example.com", ":method": "GET"})
    good["response"]["headers"] = [{"name": "set-cookie", "value": "a=1\nb=2"}]
    good["response"]["content"] = {"size": 2, "mimeType": "application/json", "text": "W10=", "encoding": "base64"}
    strange = entry("GET https://cdn.example.com/x", answer="\ud83d")
    form = entry("POST https://cdn.example.com/form", 204)
    form["request"]["postData"] = {
        "mimeType": "application/x-www-form-urlencoded",
        "params": [{"name": "a", "value": "b c"}],
    }
    result = judge(saved(tmp_path, good, strange, form))
    assert result.exit_code == Exit.CLEAN
    assert "1 exchange of 1 of 3 operations judged" in result.output


def test_a_file_that_cannot_be_read_does_not_keep_others_from_being_judged(tmp_path: Path) -> None:
    """The others are judged and reported, and the command ends with 3."""
    result = judge("none.har", tmp_path, saved(tmp_path, BAD))
    assert result.exit_code == Exit.UNREACHABLE
    assert "tallystick: none.har: cannot be read: " in result.output
    assert "response-body-schema" in result.output
