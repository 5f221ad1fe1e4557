"""A contract comes from a file, a web address that the user names, or standard input; each fault is one clear line."""

from __future__ import annotations

import os
import pty
import socket
from contextlib import chdir
from pathlib import Path

import pytest
from click.testing import CliRunner, Result
from support.commands import CONTRACT, process, run, written
from support.web import answering, serving

from tallystick.cli import main
from tallystick.contracts import files
from tallystick.contracts.read import read_contract
from tallystick.documents import fetch
from tallystick.nouns import budgets
from tallystick.nouns.errors import Exit, UnreadableError

REFERRING = CONTRACT.replace("{description: A day}", "{$ref: 'parts/day.yaml#/Day'}")
"""A contract with a reference to a file beside it."""
PARTS = "Day: {description: A day}\n"


def piped(text: str | bytes, *arguments: str) -> Result:
    """The command line in this process, with a text in its standard input."""
    return CliRunner().invoke(main, arguments, prog_name="tallystick", input=text)


def line_of(result: Result) -> str:
    """The first line that a command says, without the rule or its own name."""
    text = result.stdout if "unreadable-document" in result.stdout else result.stderr
    return text.splitlines()[0].replace("unreadable-document: ", "").removeprefix("tallystick: ")


def test_every_command_takes_an_address(tmp_path: Path) -> None:
    """What the user names is fetched, and the references beside it, and nothing else; `fuzz` asks its server."""
    replies = {"/api/openapi.json": (200, REFERRING), "/api/parts/day.yaml": (200, PARTS)}
    with serving(replies) as (url, asked):
        address = f"{url}/api/openapi.json"
        assert run("check", address).stdout == "1 contract, 1 operation: no violations\n"
        assert asked == list(replies)
        assert f"days  {address}" in run("mock", "--list", address).stdout
        assert run("models", address, "-o", str(tmp_path)).exit_code == Exit.CLEAN
        assert f"from {address}: change" in (tmp_path / "days.py").read_text()
        assert set(asked) == set(replies)
        assert f"every answer below {url} was 404" in run("fuzz", address).stdout


def test_a_contract_of_an_address_may_refer_to_its_own_folder_only() -> None:
    """Another folder, host or port is not asked until it is allowed, however its path is written."""
    for ref in ("../other.yaml", "http://localhost:1/a.yaml", "%2e%2e/other.yaml", "parts/%2E%2E/%2e%2e/other.yaml"):
        text = CONTRACT.replace("{description: A day}", f"{{$ref: '{ref}#/Day'}}")
        with serving({"/api/openapi.json": (200, text), "/other.yaml": (200, PARTS)}) as (url, asked):
            result = run("check", f"{url}/api/openapi.json")
            assert result.exit_code == Exit.UNREACHABLE
            assert "is remote and was not fetched; allow it with --allow-ref" in result.stdout
            assert asked == ["/api/openapi.json"]
    with serving({"/api/a.json": (200, CONTRACT.replace("{description: A day}", "{$ref: ../o.yaml#/Day}"))}) as (
        url,
        _,
    ):
        assert "reference-unresolvable" in run("check", f"{url}/api/a.json", "--allow-ref", "127.0.0.1").stdout


def test_a_file_of_the_machine_is_out_of_reach_of_an_address(tmp_path: Path) -> None:
    """A reference to a file is not followed from there."""
    file = written(tmp_path, "day.yaml", PARTS)
    with serving({"/a.json": (200, CONTRACT.replace("{description: A day}", f"{{$ref: '{file.as_uri()}#/Day'}}"))}) as (
        url,
        _,
    ):
        assert "reference-not-followed" in run("check", f"{url}/a.json").stdout


def test_a_redirect_on_the_same_host_is_followed() -> None:
    """References are then relative to where the contract was found; another host has to be allowed."""
    replies = {
        "/docs": (302, "/api/openapi.json"),
        "/api/openapi.json": (200, REFERRING),
        "/api/parts/day.yaml": (200, PARTS),
        "/away": (302, "http://localhost:1/a"),
        "/circle": (302, "/circle"),
    }
    with serving(replies) as (url, _):
        assert run("check", f"{url}/docs").exit_code == Exit.CLEAN
        expected = "it redirects to localhost; allow that with --allow-ref localhost"
        assert line_of(run("check", f"{url}/away")) == f"{url}/away: cannot be fetched: {expected}"
        expected = "it redirects in a circle, or more than ten times"
        assert line_of(run("check", f"{url}/circle")) == f"{url}/circle: cannot be fetched: {expected}"


USUAL = "many servers have theirs at /openapi.json, /v3/api-docs or /swagger/v1/swagger.json"
ANSWERS = {
    "/nothing": (404, "", f"cannot be fetched: 404 Not Found; {USUAL}"),
    "/broken": (500, "", "cannot be fetched: 500 Internal Server Error"),
    "/page": (200, "\n<!DOCTYPE html><html></html>", f"the answer is a web page, not an OpenAPI document; {USUAL}"),
    "/empty": (200, " \n", f"the answer is empty; {USUAL}"),
    "/json": (200, '{"a": 1}', "not an OpenAPI document: there is no `openapi` (or `swagger`) field"),
}


@pytest.mark.parametrize("command", [["check"], ["mock"], ["models"], ["fuzz", "--url", "http://127.0.0.1:1"]])
@pytest.mark.parametrize("path", ANSWERS)
def test_an_answer_that_is_no_contract_is_one_line(path: str, command: list[str]) -> None:
    """Each command says the same of it, and ends with 3."""
    status, body, expected = ANSWERS[path]
    with serving({path: (status, body)}) as (url, _):
        result = run(*command, f"{url}{path}")
    assert result.exit_code == Exit.UNREACHABLE
    assert expected in line_of(result)


def test_a_refusal_says_how_to_send_credentials() -> None:
    """Credentials go through a client of the user's own, and are taken out of an address before it is shown."""
    with serving({"/a": (401, "")}) as (url, _):
        expected = f"ask with a client that sends credentials: curl -s -u USER:PASSWORD {url}/a | tallystick check -"
        assert line_of(run("check", f"{url}/a")) == f"{url}/a: cannot be fetched: 401 Unauthorized; {expected}"
    result = run("check", "http://user:secret@127.0.0.1:1/a")
    assert (result.exit_code, "secret" in result.stderr) == (Exit.USAGE, False)


def test_a_server_that_is_not_there_is_one_line() -> None:
    """Nothing listens, the name is unknown, or what listens does not speak TLS."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port = listener.getsockname()[1]
    assert line_of(run("check", f"http://127.0.0.1:{port}/a")).endswith("cannot be fetched: Connection refused")
    with answering(b"HTTP/1.1 200 OK\r\n\r\n") as (url, _):
        line = line_of(run("check", url.replace("http:", "https:")))
    assert "cannot be fetched: TLS fails: " in line
    assert line.endswith("; is it http:// there?")


def test_an_address_that_cannot_be_asked_is_a_wrong_argument() -> None:
    """No host, or a port that is none."""
    for address in ("http://", "http://127.0.0.1:99999/a"):
        result = run("check", address)
        assert (result.exit_code, f"{address}: no web address: " in result.stderr) == (Exit.USAGE, True)


def test_a_slow_answer_and_a_large_one_are_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    """The bounds of time and size hold for what the user names, too."""
    monkeypatch.setattr(budgets, "DOCUMENT_BYTES", 1 << 20)
    with serving({"/large": (200, "x" * (2 << 20))}) as (url, _):
        assert line_of(run("check", f"{url}/large")).endswith("cannot be fetched: it is larger than 1 MiB")
    with (
        answering(b"HTTP/1.1 200 OK\r\n\r\n", *[b"a"] * 99, pause=0.1) as (url, _),
        pytest.raises(OSError, match=r"it took longer than 0\.3 seconds"),
    ):
        fetch.fetch(url, lambda _: True, seconds=0.3)


def test_every_command_takes_standard_input(tmp_path: Path) -> None:
    """References are relative to the working folder; the name of the contract, and of its module, is its title."""
    written(tmp_path, "parts/day.yaml", PARTS)
    with chdir(tmp_path):
        assert piped(REFERRING, "check", "-").stdout == "1 contract, 1 operation: no violations\n"
        assert "days  <stdin>" in piped(REFERRING, "mock", "--list", "-").stdout
        assert piped(REFERRING, "models", "-", "-o", "models").exit_code == Exit.CLEAN
        assert piped(REFERRING, "models", "-", "-o", "models", "--check").exit_code == Exit.CLEAN
        assert "what is to be fuzzed?" in piped(REFERRING, "fuzz", "-").stderr
        assert (tmp_path / "models" / "days.py").is_file()
        faulty = piped(CONTRACT.replace("{description: A day}", "{$ref: '../day.yaml#/Day'}"), "check", "-", "-")
        assert faulty.stdout.startswith("<stdin>:7: reference-not-followed: ")
        assert faulty.exit_code == Exit.UNREACHABLE


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("", "nothing came through standard input; an OpenAPI document was expected"),
        ("<html>", "this is HTML; an OpenAPI document in YAML or JSON was expected"),
        ("<?xml version='1.0'?><a/>", "this is XML; an OpenAPI document in YAML or JSON was expected"),
        ("just words", "not an OpenAPI document: an object was expected at the top"),
        (b"a: \xff\n", "not text in UTF-8: byte 0xff at offset 3"),
        ("x" * 2000, "larger than 0 MiB; put it into a file"),
    ],
)
def test_what_is_no_contract_in_standard_input_is_one_line(
    text: str | bytes, expected: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It ends with 3, like a file that is none."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(budgets, "DOCUMENT_BYTES", 1000)
    result = piped(text, "check", "-")
    assert result.exit_code == Exit.UNREACHABLE
    assert line_of(result).partition(": ")[2] == expected


def test_a_terminal_is_not_waited_for() -> None:
    """Who types `-` by mistake is told what to pipe."""
    ours, theirs = pty.openpty()
    try:
        ended = process("check", "-", stdin=theirs)
        _, stderr = ended.communicate(timeout=60)
    finally:
        os.close(ours)
        os.close(theirs)
    assert ended.returncode == Exit.USAGE
    assert stderr.startswith(
        "tallystick: - stands for standard input, which is a terminal here; pipe a contract into it"
    )


@pytest.mark.parametrize(
    ("missing", "meant"),
    [
        ("petstore.yaml", "openapi/petstore.yaml"),
        ("openapi/petstor.yaml", "openapi/petstore.yaml"),
        ("openapi/petstore.yml", "openapi/petstore.yaml"),
        ("opnapi/petstore.yaml", "openapi/petstore.yaml"),
        ("localhost:8000/openapi.json", "http://localhost:8000/openapi.json"),
        ("settings.yaml", ""),
        ("something/else.yaml", ""),
    ],
)
def test_a_file_that_is_not_there_is_answered_with_the_one_that_was_meant(
    missing: str, meant: str, tmp_path: Path
) -> None:
    """Every command suggests a contract of a similar name beside it or below the working folder, and nothing else."""
    written(tmp_path, "openapi/petstore.yaml", CONTRACT)
    written(tmp_path, "openapi/setting.yaml", "a: 1\n")
    expected = f"{missing}: there is no such file" + (f"; did you mean {meant}?" if meant else "")
    with chdir(tmp_path):
        for command in (["check"], ["mock"], ["models"], ["fuzz", "--url", "http://127.0.0.1:1"]):
            result = run(*command, missing)
            assert (line_of(result), result.exit_code) == (expected, Exit.UNREACHABLE)
        assert not (tmp_path / "generated").exists()


def test_a_large_folder_is_not_walked_to_its_end(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The search for a file of a similar name ends after so many folders, and passes over what is no file."""
    monkeypatch.setattr(files, "_MOST_LOOKED_AT", 3)
    os.mkfifo(tmp_path / "petstor.yaml")
    written(tmp_path, "c/petstore.yaml", CONTRACT)
    (tmp_path / "b").mkdir()
    with chdir(tmp_path):
        assert line_of(run("check", "petstores.yaml")).endswith("; did you mean c/petstore.yaml?")
        (tmp_path / "a").mkdir()
        assert line_of(run("check", "petstores.yaml")).endswith("there is no such file")


def test_a_folder_for_one_contract_has_one(tmp_path: Path) -> None:
    """`fuzz` takes the only contract of a folder, and names several."""
    written(tmp_path, "one.yaml", CONTRACT)
    assert "what is to be fuzzed?" in run("fuzz", str(tmp_path)).stderr
    written(tmp_path, "two.yaml", CONTRACT)
    expected = f"one contract was expected, and there are 2: {tmp_path}/one.yaml, {tmp_path}/two.yaml"
    assert line_of(run("fuzz", str(tmp_path))) == f"{tmp_path}: {expected}"


def test_the_library_reads_an_address_too() -> None:
    """`read_contract` takes what the commands take."""
    with serving({"/a.json": (200, CONTRACT)}) as (url, _):
        assert [operation.operation_id for operation in read_contract(f"{url}/a.json")] == ["getDay"]
        with pytest.raises(UnreadableError, match="404"):
            read_contract(f"{url}/b.json")
