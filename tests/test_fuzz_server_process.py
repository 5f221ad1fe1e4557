"""A server that a run starts itself: it is waited for, started again when it dies, and ended at the end."""

from __future__ import annotations

import os
import sys
from pathlib import Path

import pytest
from click.testing import CliRunner
from support.fuzzing import fuzz, written

from tallystick.cli import main
from tallystick.fuzz.clock import Clock
from tallystick.fuzz.server_process import ServerCommand, ServerProcess, free_port, server_command
from tallystick.nouns.errors import Exit, UnreachableError, UsageError

SERVER = """
import http.server, os, sys
class Handler(http.server.BaseHTTPRequestHandler):
    def do_GET(self):
        if self.path.startswith("/die"):
            print("about to die", flush=True)
            os._exit(3)
        if self.path.startswith("/fail"):
            print("Traceback (most recent call last):\\nValueError: no such thing", flush=True)
        self.send_response(500 if self.path.startswith("/fail") else 200)
        self.send_header("Content-Length", "0")
        self.end_headers()
    do_POST = do_PUT = do_PATCH = do_DELETE = do_OPTIONS = do_TRACE = do_QUERY = do_HEAD = do_GET
    def log_message(self, *_):
        pass
with open("pid", "w") as file:
    file.write(str(os.getpid()))
http.server.HTTPServer(("127.0.0.1", int(sys.argv[1])), Handler).serve_forever()
"""


@pytest.fixture
def server(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> ServerCommand:
    """The command of a small server."""
    monkeypatch.chdir(tmp_path)
    (tmp_path / "server.py").write_text(SERVER)
    return server_command(f"{sys.executable} server.py {{port}}", free_port())


def _is_running(folder: Path) -> bool:
    try:
        os.kill(int((folder / "pid").read_text()), 0)
    except ProcessLookupError:
        return False
    return True


def test_a_run_starts_the_server_and_tells_of_its_death(server: ServerCommand, tmp_path: Path) -> None:
    """A run starts its server, reports the request that ended it with its last lines, goes on, and ends the server."""
    answers = {"200": {"description": "some"}}
    contract = written(tmp_path, {path: {"get": {"responses": answers}} for path in ("/die", "/fail", "/well")})
    outcome = fuzz(None, contract, url=f"http://127.0.0.1:{server.port}", run=server, max_examples=2)
    messages = [f"{finding.rule} {finding.subject}: {finding.message}" for finding in outcome.errors]
    died = next(message for message in messages if message.startswith("server-died GET /die: "))
    assert "the server died (exit code 3); its last lines: " in died
    assert died.endswith("about to die")
    assert any(message.endswith("the server wrote: ValueError: no such thing") for message in messages), messages
    assert outcome.tested["GET /well"].statuses[200]
    assert not _is_running(tmp_path)


def test_a_server_that_does_not_start_is_one_line(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A server that ends before it answers is one error, with what it wrote."""
    monkeypatch.chdir(tmp_path)
    command = server_command(f"{sys.executable} -c 'print(\"no database\")'", free_port())
    with pytest.raises(UnreachableError, match=r"--run: the server died \(exit code 0\); its last lines: no database"):
        ServerProcess(command, Clock()).__enter__()


@pytest.mark.parametrize(("command", "message"), [("", "expected a command such as"), ("a 'b", "No closing quotation")])
def test_what_is_no_command_is_refused(command: str, message: str) -> None:
    """A text that is no command is refused before anything is started."""
    with pytest.raises(UsageError, match=message):
        server_command(command, 1)


def test_one_server_is_for_one_worker(tmp_path: Path) -> None:
    """A command that starts the server goes with one worker, and with no application in this process."""
    contract = str(written(tmp_path, {"/a": {"get": {"responses": {"200": {"description": "some"}}}}}))
    for words in (("--workers", "2"), ("--app", "nowhere:app")):
        result = CliRunner().invoke(main, ["fuzz", contract, "--run", "serve {port}", *words])
        assert result.exit_code == Exit.USAGE
        assert "--run starts " in result.output


def test_a_command_that_is_not_there_is_refused() -> None:
    """A command that cannot be found is an error of the flag."""
    with pytest.raises(UsageError, match="--run: no-such-command: cannot be started"):
        ServerProcess(server_command("no-such-command {port}", 1), Clock()).__enter__()
