"""The lines of requests: when they are written, and what becomes of those that cannot be."""

from __future__ import annotations

import asyncio
import threading
from pathlib import Path

import pytest
from support.asking import asker, contract, header
from support.running import PETS, running

from tallystick.mock.request_lines import Lines, request_lines


def test_nothing_is_written_before_the_first_flush() -> None:
    """What comes before is kept, in its order; what comes after is written by itself, soon and at once."""
    written: list[str] = []
    lines = Lines(written.append)

    async def answered() -> None:
        lines.add("early\n")
        lines.add("earlier than what follows\n")
        await asyncio.sleep(0.1)
        assert written == []
        lines.flush()
        assert written == ["early\nearlier than what follows\n"]
        for _ in range(3):
            lines.add("late\n")
        assert len(written) == 1
        await asyncio.sleep(0.1)
        assert written[1:] == ["late\n" * 3]
        lines.add("last\n")

    asyncio.run(answered())
    lines.flush()
    lines.flush()
    assert written[2:] == ["last\n"]


def test_no_line_is_lost_between_two_who_flush() -> None:
    """While another thread flushes over and over, each line is written once and in its order."""
    written: list[str] = []
    lines = Lines(written.append)
    is_over = threading.Event()

    def flush() -> None:
        while not is_over.is_set():
            lines.flush()

    async def answered() -> None:
        for number in range(20_000):
            lines.add(f"{number}\n")
            if not number % 1000:
                await asyncio.sleep(0)

    thread = threading.Thread(target=flush)
    thread.start()
    asyncio.run(answered())
    is_over.set()
    thread.join()
    lines.flush()
    assert "".join(written) == "".join(f"{number}\n" for number in range(20_000))


def test_statuses_have_colours_where_they_are_asked_for(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A pipe gets plain text, unless the environment says otherwise."""
    (tmp_path / "pets.yaml").write_text(PETS)
    monkeypatch.delenv("NO_COLOR", raising=False)
    monkeypatch.setenv("FORCE_COLOR", "1")
    with running("pets.yaml", "-p", "0", cwd=tmp_path) as mock:
        assert (mock.get("/pets"), mock.get("/toys")) == (200, 404)
        printed = mock.read_until("GET /toys")
        assert "\x1b[32m200\x1b[0m GET /pets\n" in printed
        assert printed[-1] == "\x1b[33m404\x1b[0m GET /toys\n"


def test_what_is_mended_is_told_once() -> None:
    """A mended example is the same with each request: the line of the first one tells it, and no other."""
    document = """
        paths:
          /pets:
            get:
              responses:
                '200': {description: Pets, content: {application/json: {schema: {type: integer}, example: '7'}}}
    """
    lines: list[str] = []
    ask = asker(contract(document), listeners=(request_lines(lines.append),))
    for _ in range(2):
        assert header(ask("GET /pets"), "tallystick-violations")
    assert [line.count("is mended here") for line in lines] == [1, 0]
