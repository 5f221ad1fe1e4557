"""What is no file, or an odd one, is one line and an exit code, wherever it stands; nothing waits for it for long."""

from __future__ import annotations

import json
import os
import socket
import threading
from collections.abc import Callable
from pathlib import Path

import pytest
from support.commands import CONTRACT, process, run, written

from tallystick.contracts.read import read_contract
from tallystick.files import reading
from tallystick.files.kinds import reason
from tallystick.files.reading import read_whole
from tallystick.nouns import budgets
from tallystick.nouns.errors import Exit, UnreadableError


def sparse(path: Path) -> None:
    """A file of 5 GB that takes no room."""
    path.write_text(CONTRACT)
    os.truncate(path, 5 * 2**30)


def bound(path: Path) -> None:
    """A socket in the file system."""
    with socket.socket(socket.AF_UNIX) as listener:
        listener.bind(str(path))


NO_FILES: dict[str, tuple[Callable[[Path], object], str]] = {
    "fifo": (os.mkfifo, "it is a named pipe; a file was expected"),
    "socket": (bound, "it is a socket; a file was expected"),
    "device": (lambda path: path.symlink_to("/dev/zero"), "it is a device; a file was expected"),
    "terminal": (lambda path: path.symlink_to("/dev/tty"), "it is a device; a file was expected"),
    "circle": (lambda path: path.symlink_to(path.name), "Too many levels of symbolic links"),
    "large": (sparse, "it is larger than 64 MiB"),
    "memory": (lambda path: path.symlink_to("/proc/self/mem"), "Input/output error"),
}
"""What cannot be read as a file: how it is made, and what is said of it."""


@pytest.fixture(params=NO_FILES)
def odd(request: pytest.FixtureRequest, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> tuple[Path, str]:
    """What is no file, in a folder of its own that is the working folder, and what is said of it."""
    make, said = NO_FILES[request.param]
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(budgets, "PIPE_SECONDS", 0.1)
    path = Path("openapi", "odd.yaml")
    path.parent.mkdir()
    make(path)
    return path, said


def moved(path: Path, new: Path) -> None:
    """Give what is no file another name; a circle stays one."""
    is_circle = path.is_symlink() and path.readlink() == Path(path.name)
    path.rename(new)
    if is_circle:
        new.unlink()
        new.symlink_to(new.name)


def test_a_contract_that_is_no_file_is_one_line(odd: tuple[Path, str]) -> None:
    """Named by the user it is told as well as in a folder or among what a glob matches, beside the good ones."""
    path, said = odd
    written(Path(), "openapi/good.yaml", CONTRACT)
    named = said.partition(";")[0].replace("named pipe", "named pipe that nobody writes to")
    for name, fact in ((str(path), named), ("openapi", said), ("openapi/*.yaml", said)):
        for command in (["check"], ["models", "-o", "models"], ["mock", "--list"], ["fuzz", "--url", "http://[::1]:9"]):
            result = run(*command, name)
            if command[0] in ("fuzz", "mock") or name == str(path):
                assert result.exit_code == Exit.UNREACHABLE, result.output
            if command[0] != "fuzz" or name == str(path):
                assert f"odd.yaml: {'unreadable-document: ' * (command == ['check'])}cannot be read: {fact}" in (
                    result.output
                )
            assert result.exception is None or isinstance(result.exception, SystemExit)


def test_a_reference_to_what_is_no_file_is_one_line(odd: tuple[Path, str]) -> None:
    """A `$ref` and an `externalValue` are told alike; what leads out of the folder is not followed at all."""
    path, _ = odd
    schema = {"application/json": {"schema": {"$ref": path.name}}}
    example = {"text/plain": {"schema": {"type": "string"}, "examples": {"e": {"externalValue": path.name}}}}
    for content in (schema, example):
        document = CONTRACT.replace("description: A day", f"description: A day, content: {json.dumps(content)}")
        written(Path(), "openapi/main.yaml", document)
        result = run("check", "openapi/main.yaml")
        leaves = path.is_symlink() and path.readlink() != Path(path.name)
        assert result.exit_code == (Exit.CLEAN if leaves and content is example else Exit.UNREACHABLE), result.output
        assert len(result.stdout.splitlines()) <= 2


def test_a_configuration_and_a_baseline_that_are_no_files_are_one_line(odd: tuple[Path, str]) -> None:
    """They end with the codes of a configuration that is wrong, and of a file that cannot be read."""
    path, said = odd
    good = str(written(Path(), "good.yaml", CONTRACT))
    result = run("check", good, "--baseline", str(path))
    assert result.exit_code == Exit.UNREACHABLE
    assert result.stderr.count("\n") == 1
    moved(path, Path("tallystick.toml"))
    result = run("check", good)
    assert result.exit_code == Exit.USAGE
    assert result.stderr.endswith(f"cannot be read: {said}\n")


def test_a_module_that_is_no_file_is_in_the_way(odd: tuple[Path, str]) -> None:
    """Where a module of models would go, it stays, and nothing is written; elsewhere in the folder it stays too."""
    path, _ = odd
    written(Path(), "good.yaml", CONTRACT)
    Path("models").mkdir()
    moved(path, Path("models/good.py"))
    result = run("models", "-o", "models", "good.yaml")
    assert result.exit_code in (Exit.USAGE, Exit.UNREACHABLE)
    assert result.stderr.count("\n") == 1
    assert [entry.name for entry in Path("models").iterdir()] == ["good.py"]
    moved(Path("models/good.py"), Path("models/other.py"))
    assert run("models", "-o", "models", "good.yaml").exit_code == Exit.CLEAN
    assert sorted(entry.name for entry in Path("models").iterdir()) == ["__init__.py", "good.py", "other.py"]


@pytest.mark.parametrize("name", ["openapi/x.yaml/y.yaml", "y" * 300, "\udcff.yaml"])
def test_a_name_that_nothing_has_is_one_line(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str) -> None:
    """A path below a file, one that is too long, and one that is no UTF-8 end with 3."""
    monkeypatch.chdir(tmp_path)
    written(tmp_path, "openapi/x.yaml", CONTRACT)
    ended = process("check", name, folder=tmp_path, errors="replace")
    stdout, stderr = ended.communicate(timeout=60)
    assert ended.returncode == Exit.UNREACHABLE, stderr
    assert len(stdout.splitlines()) == 2  # with the summary
    assert "Traceback" not in stdout + stderr


@pytest.mark.skipif(os.geteuid() == 0, reason="everything may be read as root")
def test_a_folder_that_may_not_be_listed_is_told_and_the_others_are_judged(tmp_path: Path) -> None:
    """It is an error beside the contracts that can be read."""
    written(tmp_path, "openapi/good.yaml", CONTRACT)
    (tmp_path / "openapi" / "closed").mkdir(mode=0)
    result = run("check", str(tmp_path / "openapi"))
    assert result.exit_code == Exit.UNREACHABLE
    assert "openapi/closed: unreadable-document: cannot be listed: Permission denied" in result.stdout
    assert "in 1 contract" in result.stdout


def test_a_name_that_is_no_utf_8_is_a_file_like_any_other(tmp_path: Path) -> None:
    """It is found in a folder, references lead to it and from it, and its models can be imported."""
    octets = os.fsencode(tmp_path) + b"/openapi/caf\xe9"
    os.makedirs(octets)
    schema = '{$ref: "part%FF.yaml#/Part"}'
    text = CONTRACT.replace(
        "description: A day", f"description: A day, content: {{application/json: {{schema: {schema}}}}}"
    )
    for name, content in ((b"/day\xff.yaml", text), (b"/part\xff.yaml", "Part: {type: string}\n")):
        with open(octets + name, "wb") as stream:
            stream.write(content.encode())
    ended = process("check", "openapi", folder=tmp_path)
    stdout, stderr = ended.communicate(timeout=60)
    assert (ended.returncode, stderr) == (0, ""), stdout


def test_a_pipe_of_the_shell_is_a_contract(tmp_path: Path) -> None:
    """What `<(command)` names is read to its end, once, by each command; it is named after its title."""
    outcomes = []
    for command in (["check"], ["mock", "--list"], ["models", "-o", str(tmp_path / "models")]):
        reader, writer = os.pipe()
        ended = process(*command, f"/dev/fd/{reader}", folder=tmp_path, pass_fds=(reader,))
        os.close(reader)
        with open(writer, "w") as stream:
            stream.write(CONTRACT[:20])
            stream.flush()
            stream.write(CONTRACT[20:])
        stdout, stderr = ended.communicate(timeout=60)
        assert (ended.returncode, stderr) == (0, "")
        outcomes.append(stdout)
    assert outcomes[0] == "1 contract, 1 operation: no violations\n"
    assert outcomes[1].startswith("days  /dev/fd/")
    assert (tmp_path / "models" / "days.py").read_text().startswith("# Generated by `tallystick models` from <stdin>: ")


def test_a_named_pipe_is_read_once_somebody_writes_to_it(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """It is waited for; what comes is bounded in size, and its writer may pause for a time only."""
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)
    thread = threading.Thread(target=pipe.write_text, args=(CONTRACT,))
    thread.start()
    assert len(read_contract(str(pipe)).operations) == 1
    thread.join()
    with pytest.raises(UnreadableError, match="it is a named pipe; a file was expected"):
        read_contract(pipe)
    monkeypatch.setattr(budgets, "PIPE_IDLE_SECONDS", 0.1)
    writer = os.open(pipe, os.O_RDWR)
    os.write(writer, b"x")
    with pytest.raises(TimeoutError, match=r"nothing came through this pipe for 0\.1 seconds"):
        read_whole(pipe, is_named=True)
    monkeypatch.setattr(budgets, "DOCUMENT_BYTES", 1000)
    os.write(writer, b"x" * 2000)
    with pytest.raises(OSError, match="it is larger than 0 MiB"):
        read_whole(pipe, is_named=True)
    os.close(writer)


def test_a_pipe_that_ends_without_a_word_is_empty() -> None:
    """Its writer has come and gone."""
    reader, writer = os.pipe()
    os.close(writer)
    assert read_whole(Path(f"/dev/fd/{reader}"), is_named=True) == b""
    os.close(reader)


def test_a_file_that_changes_while_it_is_read_is_read_again(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """What is judged stood in the file at one time; one that never rests is told."""
    file = tmp_path / "file"
    file.write_bytes(b"old")
    read, versions = reading._from_file, iter([b"newer", b"newest"])

    def changed_meanwhile(descriptor: int, status: os.stat_result, most: int) -> bytes:
        octets = read(descriptor, status, most)
        for version in versions:
            file.write_bytes(version)
            break
        return octets

    monkeypatch.setattr(reading, "_from_file", changed_meanwhile)
    assert read_whole(file) == b"newest"
    versions = iter([b"x" * number for number in range(100)])
    with pytest.raises(OSError, match="it changes while it is read"):
        read_whole(file)


def test_a_file_may_say_that_it_is_empty_and_have_content() -> None:
    """So do those of /proc."""
    path = Path("/proc/self/status")
    if not path.exists():
        pytest.skip("there is no /proc here")
    assert b"Name:" in read_whole(path)


def test_the_null_device_is_an_empty_file() -> None:
    """It is a baseline without entries, and no contract."""
    assert read_whole(Path(os.devnull)) == b""
    result = run("check", os.devnull)
    assert result.exit_code == Exit.UNREACHABLE
    assert "the file is empty" in result.output


def test_a_zero_byte_is_in_no_name() -> None:
    """A configuration can have one."""
    with pytest.raises(ValueError, match="null") as raised:
        read_whole(Path("a\0b"))
    assert reason(raised.value).startswith("the name is none that a file can have: there is a zero byte")


@pytest.mark.parametrize("setting", ['contracts = ["a\\u0000b"]', 'models = "a\\u0000b"', 'baseline = "a\\u0000b"'])
def test_a_zero_byte_in_a_configuration_is_one_line(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, setting: str
) -> None:
    """No command breaks down over it."""
    monkeypatch.chdir(tmp_path)
    written(tmp_path, "openapi/good.yaml", CONTRACT)
    written(tmp_path, "tallystick.toml", f"{setting}\n")
    for command in (["check"], ["check", "--update-baseline"], ["models"], ["models", "--check"], ["mock", "--list"]):
        assert run(*command).exit_code != Exit.FAULT, command


def test_a_mark_at_the_beginning_of_toml_is_no_part_of_it(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Some editors write one."""
    monkeypatch.chdir(tmp_path)
    written(tmp_path, "openapi/good.yaml", CONTRACT)
    written(tmp_path, "tallystick.toml", '\ufeffbaseline = "known.toml"\n')
    written(tmp_path, "known.toml", "\ufeff# none\n")
    assert run("check").exit_code == Exit.CLEAN
    written(tmp_path, "known.toml", f"known = {'[' * 5000}")
    assert "not TOML: nested too deeply" in run("check").stderr
