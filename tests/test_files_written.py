"""A file is written whole or not at all, and a folder of files too, whatever stops the writing."""

from __future__ import annotations

import errno
import fcntl
import os
import socket
import stat
import subprocess
import sys
import threading
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import pytest
from support.crashing import CHANGES, KILLED
from support.folders import ROOT, TESTS

from tallystick.files import folders, writing
from tallystick.files.folders import folder_writer
from tallystick.files.kinds import reason
from tallystick.files.writing import unfinished_name, why_not_writable, write_whole
from tallystick.nouns import budgets

FULL = [errno.ENOSPC, errno.EDQUOT, errno.EIO]
"""What a disk says that has no room left, for anybody or for this user, or is broken."""


def is_own(file: Path) -> bool:
    """What a run generates, in these tests."""
    return file.suffix == ".py" and file.name != "own.py"


def contents(folder: Path) -> dict[str, bytes]:
    """Each file in a folder and in those below it, but for unfinished ones."""
    return {
        str(file.relative_to(folder)): file.read_bytes()
        for file in folder.rglob("*")
        if file.is_file() and not file.name.startswith(".tallystick-")
    }


def old_folder(tmp_path: Path) -> Path:
    """A folder with modules, one that is stale, and files of a user."""
    folder = tmp_path / "models"
    (folder / "data").mkdir(parents=True)
    for name in ("a.py", "b.py", "stale.py", "own.py", "data/own.json"):
        (folder / name).write_text(f"old {name}")
    return folder


NEW = {
    "a.py": b"new a",
    "b.py": b"new b",
    "c.py": b"new c",
    "own.py": b"old own.py",
    "data/own.json": b"old data/own.json",
}


def change(folder: Path) -> None:
    """Let a folder have the new modules."""
    with folder_writer(folder, is_own) as change_files:
        change_files(CHANGES)


def written_by_killed_runs(paths: Sequence[Path]) -> Sequence[Path]:
    """The paths that were written, each by a run that was killed one call of the system later; the last was not."""
    program = [sys.executable, str(TESTS / "support" / "crashing.py"), *map(str, paths)]
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    ended = subprocess.run(program, env=environment, check=True, stdout=subprocess.PIPE, text=True)
    codes = [int(line) for line in ended.stdout.splitlines()]
    assert codes == [KILLED] * (len(codes) - 1) + [0]
    return paths[: len(codes)]


def test_a_file_is_old_or_new_wherever_its_writer_is_killed(tmp_path: Path) -> None:
    """At each call of the system the file has the old content or the new one; the next run leaves nothing beside."""
    paths = [tmp_path / str(number) / "report.xml" for number in range(100)]
    for path in paths:
        path.parent.mkdir()
        path.write_bytes(b"old")
    written = written_by_killed_runs(paths)
    assert len(written) > 5
    assert {path.read_bytes() for path in written} == {b"old", b"new"}
    for path in written:
        write_whole(path, b"next")
        assert list(path.parent.iterdir()) == [path]


@pytest.mark.parametrize("is_there", [True, False])
def test_a_folder_is_old_or_new_wherever_its_writer_is_killed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, is_there: bool
) -> None:
    """At each call of the system the folder has all old files or all new ones; the next run leaves nothing beside."""
    monkeypatch.setattr(os, "fsync", lambda _: None)  # slow, and of no effect where only a process ends
    homes = [tmp_path / str(number) for number in range(200)]
    for home in homes:
        home.mkdir()
        if is_there:
            old_folder(home)
    old = contents(homes[0] / "models")
    new = NEW if is_there else {name: octets for name, octets in NEW.items() if "own" not in name}
    written = written_by_killed_runs([home / "models" for home in homes])
    assert len(written) > 10
    outcomes = [contents(folder) for folder in written]
    assert [outcome for outcome in outcomes if outcome not in (old, new)] == []
    assert old in outcomes
    assert outcomes.count(new) > 1
    for folder in written:
        change(folder)
        assert contents(folder) == new
        assert list(folder.parent.iterdir()) == [folder]


def test_a_folder_that_changes_stays_the_same_folder(tmp_path: Path) -> None:
    """Whoever has the folder open, or mounted, sees the new files, and a user's files are not even touched."""
    folder = old_folder(tmp_path)
    identity, own = folder.stat().st_ino, (folder / "own.py").stat()
    (folder / "a.py").chmod(0o640)
    change(folder)
    assert contents(folder) == NEW
    assert folder.stat().st_ino == identity
    assert os.path.samestat((folder / "own.py").stat(), own)
    assert stat.S_IMODE((folder / "a.py").stat().st_mode) == 0o640


def test_what_a_user_saves_while_a_folder_changes_is_kept(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A file that is made or saved while the copy is in the folder's place is there afterwards."""
    folder = old_folder(tmp_path)
    follow = folders._follow

    def saved_meanwhile(*arguments: Any) -> None:
        follow(*arguments)
        (folder / "made.txt").write_text("made")
        (folder / "saved").write_text("saved")
        (folder / "saved").replace(folder / "own.py")

    monkeypatch.setattr(folders, "_follow", saved_meanwhile)
    change(folder)
    assert contents(folder) == {**NEW, "made.txt": b"made", "own.py": b"saved"}
    assert [entry.name for entry in tmp_path.iterdir()] == ["models"]


def test_links_lead_the_mending_nowhere(tmp_path: Path) -> None:
    """What looks like the rest of a killed run and is a link, or has one beside it, takes and brings nothing."""
    elsewhere, folder = tmp_path / "elsewhere", old_folder(tmp_path / "project")
    elsewhere.mkdir()
    (elsewhere / "theirs.txt").write_text("theirs")
    old = folder.with_name(".models.tallystick-old")
    old.symlink_to(elsewhere)
    change(folder)
    assert contents(folder) == NEW
    assert contents(elsewhere) == {"theirs.txt": b"theirs"}
    old.unlink()
    (old / "linked").mkdir(parents=True)
    (old / "linked" / "theirs.txt").write_text("ours")
    (folder / "linked").symlink_to(elsewhere)
    change(folder)
    assert contents(elsewhere) == {"theirs.txt": b"theirs"}


def test_without_an_exchange_each_file_is_whole_and_a_failure_takes_all_back(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """On a system that cannot exchange two names the files change one by one; where one fails, all are as before."""
    monkeypatch.setattr(folders, "_exchange", failing(errno.EINVAL))
    folder = old_folder(tmp_path)
    old = contents(folder)
    put, calls = folders.put, iter([None, None, OSError(errno.EIO, "broken")])

    def third_fails(file: Path, target: Path) -> None:
        if error := next(calls):
            raise error
        put(file, target)

    monkeypatch.setattr(folders, "put", third_fails)
    with pytest.raises(OSError, match="broken"):
        change(folder)
    assert contents(folder) == old
    monkeypatch.setattr(folders, "put", put)
    change(folder)
    assert contents(folder) == NEW
    assert [entry.name for entry in tmp_path.iterdir()] == ["models"]


def failing(number: int) -> Callable[..., Any]:
    """A call of the system that fails."""

    def call(*_: Any, **__: Any) -> Any:
        raise OSError(number, os.strerror(number))

    return call


@pytest.mark.parametrize("number", FULL)
@pytest.mark.parametrize("call", ["write", "fsync"])
def test_a_full_disk_leaves_the_old_content(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, number: int, call: str
) -> None:
    """Where there is no room, file and folder are as they were, nothing is left beside, and the reason is told."""
    file, folder = tmp_path / "known.toml", old_folder(tmp_path)
    file.write_bytes(b"old")
    old = contents(tmp_path)
    with monkeypatch.context() as patched:
        patched.setattr(os, call, failing(number))
        for write in (lambda: write_whole(file, b"new"), lambda: change(folder)):
            with pytest.raises(OSError, match=os.strerror(number)) as raised:
                write()
            assert reason(raised.value) == os.strerror(number)
    assert contents(tmp_path) == old
    assert sorted(entry.name for entry in tmp_path.iterdir()) == ["known.toml", "models"]


def test_a_short_write_goes_on(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A system that takes a few bytes at a time gets them all."""
    write = os.write
    monkeypatch.setattr(os, "write", lambda descriptor, octets: write(descriptor, octets[:3]))
    write_whole(tmp_path / "file", b"0123456789")
    assert (tmp_path / "file").read_bytes() == b"0123456789"


def test_mode_links_and_umask_are_as_a_person_expects(tmp_path: Path) -> None:
    """A link stays and its target is written, a mode stays, and a new file has the mode that the umask gives."""
    target, link = tmp_path / "folder" / "target", tmp_path / "link"
    target.parent.mkdir()
    link.symlink_to("folder/target")
    before = os.umask(0o027)
    try:
        write_whole(link, b"first")
    finally:
        os.umask(before)
    assert stat.S_IMODE(target.stat().st_mode) == 0o640
    target.chmod(0o604)
    write_whole(link, b"second")
    assert link.is_symlink()
    assert target.read_bytes() == b"second"
    assert stat.S_IMODE(target.stat().st_mode) == 0o604
    assert [entry.name for entry in target.parent.iterdir()] == ["target"]


@pytest.mark.skipif(os.geteuid() != 0, reason="only root may give files away")
def test_the_owner_stays_where_that_is_allowed(tmp_path: Path) -> None:
    """What root writes for somebody else stays theirs."""
    file, folder = tmp_path / "file", old_folder(tmp_path)
    for path in (write_whole(file, b"old") or file, folder, folder / "a.py"):
        os.chown(path, 1234, 1235)
    write_whole(file, b"new")
    change(folder)
    for path in (file, folder, folder / "a.py"):
        assert (path.stat().st_uid, path.stat().st_gid) == (1234, 1235)


def test_what_killed_runs_left_is_removed_and_what_goes_on_is_not(tmp_path: Path) -> None:
    """An unfinished file is removed by the next run unless a process still holds it."""
    left, held = (tmp_path / unfinished_name() for _ in range(2))
    left.write_bytes(b"half")
    with held.open("wb") as stream:
        fcntl.flock(stream, fcntl.LOCK_EX)
        write_whole(tmp_path / "file", b"new")
        assert sorted(tmp_path.iterdir()) == sorted([held, tmp_path / "file"])
    write_whole(tmp_path / "file", b"newer")
    assert list(tmp_path.iterdir()) == [tmp_path / "file"]


def test_two_runs_at_once_do_not_hurt_each_other(tmp_path: Path) -> None:
    """Of many who write one file and one folder at the same time each succeeds, and the last one is whole."""
    file, folder = tmp_path / "file", old_folder(tmp_path)
    errors: list[BaseException] = []

    def write(letter: bytes) -> None:
        try:
            for _ in range(10):
                write_whole(file, letter * 100_000)
                with folder_writer(folder, is_own) as change_files:
                    change_files({"a.py": letter, "b.py": letter})
        except BaseException as error:
            errors.append(error)

    threads = [threading.Thread(target=write, args=(letter,)) for letter in (b"x", b"y", b"z")]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert errors == []
    assert len(set(file.read_bytes())) == 1
    assert (folder / "a.py").read_bytes() == (folder / "b.py").read_bytes()
    assert sorted(entry.name for entry in tmp_path.iterdir()) == ["file", "models"]


def test_a_pipe_and_the_open_files_of_the_process_are_written_directly(tmp_path: Path) -> None:
    """What cannot be replaced is written: `>(command)` and `/dev/stdout` among them."""
    reader, writer = os.pipe()
    octets = b"x" * 300_000
    received: list[bytes] = []

    def read() -> None:
        with open(reader, "rb") as stream:
            received.append(stream.read())

    thread = threading.Thread(target=read)
    thread.start()
    write_whole(Path(f"/dev/fd/{writer}"), octets)
    os.close(writer)
    thread.join()
    assert received == [octets]
    with (tmp_path / "redirected").open("wb") as stream:
        stream.write(b"before ")
        stream.flush()
        (tmp_path / "link").symlink_to(f"/dev/fd/{stream.fileno()}")
        write_whole(tmp_path / "link", b"after")
    assert (tmp_path / "redirected").read_bytes() == b"before after"
    write_whole(Path(os.devnull), b"nothing")
    assert stat.S_ISCHR(os.stat(os.devnull).st_mode)


def test_a_named_pipe_is_written_once_somebody_reads_it(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """It is waited for, within a bound."""
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)
    monkeypatch.setattr(budgets, "PIPE_SECONDS", 0.1)
    with pytest.raises(OSError, match=r"it is a named pipe that nobody reads; waited 0\.1 seconds"):
        write_whole(pipe, b"new")
    monkeypatch.setattr(budgets, "PIPE_SECONDS", 10.0)
    received: list[bytes] = []
    thread = threading.Thread(target=lambda: received.append(pipe.read_bytes()))
    thread.start()
    write_whole(pipe, b"new")
    thread.join()
    assert received == [b"new"]
    assert stat.S_ISFIFO(pipe.stat().st_mode)


def test_a_reader_that_takes_nothing_is_left(monkeypatch: pytest.MonkeyPatch) -> None:
    """A full pipe ends the writing after a time."""
    monkeypatch.setattr(budgets, "PIPE_IDLE_SECONDS", 0.1)
    reader, writer = os.pipe()
    with pytest.raises(TimeoutError, match=r"its reader took nothing for 0\.1 seconds"):
        write_whole(Path(f"/dev/fd/{writer}"), b"x" * 1_000_000)
    os.close(reader)
    os.close(writer)


def test_what_is_no_file_is_refused_and_stays(tmp_path: Path) -> None:
    """A folder, a socket, a circle of links and a missing folder are told, before a long run as well as at its end."""
    (tmp_path / "file").write_text("")
    (tmp_path / "circle").symlink_to("circle")
    with socket.socket(socket.AF_UNIX) as bound:
        bound.bind(str(tmp_path / "socket"))
        for name, fact in {
            ".": "it is a folder; a file was expected",
            "socket": "it is a socket; a file was expected",
            "circle": os.strerror(errno.ELOOP),
            "nowhere/file": "there is no such folder",
            "file/file": os.strerror(errno.ENOTDIR),
            "a\0b": "the name is none that a file can have: there is a zero byte in it",
            "x" * 256: os.strerror(errno.ENAMETOOLONG),
        }.items():
            path = tmp_path / name
            with pytest.raises((OSError, ValueError)) as raised:
                write_whole(path, b"new")
            assert reason(raised.value) == fact
            assert why_not_writable(path) == fact
    assert sorted(entry.name for entry in tmp_path.iterdir()) == ["circle", "file", "socket"]


def test_a_name_may_be_as_long_as_the_file_system_allows(tmp_path: Path) -> None:
    """The file beside needs no longer name than the file itself."""
    file = tmp_path / ("x" * 255)
    write_whole(file, b"new")
    assert file.read_bytes() == b"new"


def test_what_is_mounted_by_itself_is_written_in_place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A file whose name cannot be given away is overwritten, and put back where there is no room."""
    file = tmp_path / "known.toml"
    file.write_bytes(b"old and longer")
    monkeypatch.setattr(os, "replace", failing(errno.EBUSY))
    write_whole(file, b"new")
    assert file.read_bytes() == b"new"
    pour, calls = writing._pour, iter([None, OSError(errno.ENOSPC, "full"), None])

    def second_fails(descriptor: int, octets: bytes) -> None:
        if error := next(calls):
            os.write(descriptor, octets[:1])
            raise error
        pour(descriptor, octets)

    monkeypatch.setattr(writing, "_pour", second_fails)
    with pytest.raises(OSError, match="full"):
        write_whole(file, b"newer")
    assert file.read_bytes() == b"new"
