"""Writes exchanges into the folder of a recording: each into a file of its own, and none in the place of another."""

from __future__ import annotations

import mmap
import re
from contextlib import suppress
from dataclasses import dataclass
from hashlib import blake2b
from pathlib import Path
from struct import Struct

from tallystick.documents.text import parse
from tallystick.documents.yaml_writing import yaml_text
from tallystick.exchanges.members import field_of
from tallystick.exchanges.recorded import Recorded
from tallystick.exchanges.recording.folder import exchange_files, number_of, read_recording
from tallystick.exchanges.recording.layout import body_of, written
from tallystick.files.writing import remove_left_behind, write_new, write_whole
from tallystick.nouns import budgets
from tallystick.nouns.errors import UnreadableError
from tallystick.nouns.exchange import Headers

_UNSAFE = re.compile(r"[^A-Za-z0-9_~.]+")
_COUNT = re.compile(r"^count:[ \t]*\d+(?=[ \t]*(?:#[^\r\n]*)?\r?$)", re.MULTILINE)
_VARYING = frozenset(("age", "date", "traceparent", "tracestate", "user-agent", "x-correlation-id", "x-request-id"))
"""Header fields that differ between exchanges which are the same else."""
_PATH_CHARACTERS = 80
_NUMBER = Struct("Q")


@dataclass(slots=True)
class _Last:
    """The last exchange of a request: what was answered, in which file it stands, and how often it came."""

    answer: bytes
    file: Path
    count: int
    is_counted: bool = True
    """Whether the file has the count."""


class RecordingWriter:
    """The folder of a recording, which is made where it is not there; what it has stays.

    An exchange that is the same as the last one with its request is counted there, and not written again. Raises
    `OSError` or `ValueError` where the folder cannot be made or read.
    """

    def __init__(self, folder: Path) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        remove_left_behind(folder)
        self.folder = folder
        names = exchange_files(folder)
        self._numbers = mmap.mmap(-1, _NUMBER.size)
        """The last number that was given to a file, by this process or one that was forked from it."""
        _NUMBER.pack_into(self._numbers, 0, max(map(number_of, names), default=0))
        self.exchanges = len(names)
        self._last: dict[bytes, _Last] = {}
        if names:
            self._remember()

    def _remember(self) -> None:
        """Know what the folder has already, as far as it can be read."""
        try:
            recording = read_recording(str(self.folder))
        except UnreadableError:
            return
        for recorded in recording.exchanges:
            asked, answered = _keys(recorded)
            self._last[asked] = _Last(answered, Path(recorded.place), recorded.count)

    @property
    def is_full(self) -> bool:
        """Whether no more exchanges are written."""
        return self.exchanges >= budgets.RECORDED_EXCHANGES

    def write(self, recorded: Recorded) -> None:
        """Write an exchange, or count it; raises `OSError` where it cannot be written."""
        asked, answered = _keys(recorded)
        last = self._last.get(asked)
        if last is not None and not last.file.exists():
            last = None  # somebody has removed it
        if last is not None and last.answer == answered:
            last.count, last.is_counted = last.count + recorded.count, False
        elif not self.is_full:
            if last is not None:
                self._count(last)
            self._last[asked] = _Last(answered, self._write(recorded), recorded.count)

    def flush(self) -> None:
        """Write the counts that have changed."""
        for last in self._last.values():
            self._count(last)

    def _write(self, recorded: Recorded) -> Path:
        value, beside = written(recorded)
        ends = {side: holder["file"] for side, holder in value.items() if isinstance(holder, dict) and "file" in holder}
        while True:
            (number,) = _NUMBER.unpack_from(self._numbers)
            _NUMBER.pack_into(self._numbers, 0, number + 1)
            name = f"{number + 1:04}-{name_of(recorded)}"
            file = self.folder / f"{name}.yaml"
            with suppress(FileExistsError):  # another process was as fast: the next number is free
                for side, end in ends.items():
                    value[side]["file"] = f"{name}{end}"  # type: ignore[index,call-overload] # see above
                    write_new(self.folder / f"{name}{end}", beside[str(end)])
                write_new(file, yaml_text(value).encode())
                self.exchanges += 1
                return file

    @staticmethod
    def _count(last: _Last) -> None:
        """Write the count of an exchange into its file, and change nothing else there."""
        if last.is_counted:
            return
        last.is_counted = True
        try:
            text = last.file.read_bytes().decode("utf-8", "surrogateescape")
        except FileNotFoundError:
            return  # somebody has removed it
        counted, times = _COUNT.subn(f"count: {last.count}", text, count=1)
        if not times:
            counted = f"{text.rstrip()}\ncount: {last.count}\n"
        if not _has_count(counted, last.count):
            return  # somebody has written it in another form, which stays
        write_whole(last.file, counted.encode("utf-8", "surrogateescape"))


def _has_count(text: str, count: int) -> bool:
    try:
        value = parse(text, "")
    except UnreadableError:
        return False
    return isinstance(value, dict) and value.get("count") == count


def name_of(recorded: Recorded) -> str:
    """The method and path of an exchange as a name of a file has them: `GET-pets-1`."""
    request = recorded.exchange.request
    words = [_UNSAFE.sub("-", text).strip("-.") for text in (request.method[:20], request.path)]
    return "-".join(word for word in words if word)[:_PATH_CHARACTERS].rstrip("-.")


def _keys(recorded: Recorded) -> tuple[bytes, bytes]:
    """Digests of a request and of its response, without what differs each time."""
    request, response = recorded.exchange
    sent = _lasting(request.headers), _as_kept(request.body, request.headers)
    asked = (recorded.origin, request.method, request.path, request.query, *sent)
    answered: tuple[object, ...] = ()
    if response is not None:
        answered = (response.status, _lasting(response.headers), _as_kept(response.body, response.headers))
    return _digest(asked), _digest(answered)


def _as_kept(body: bytes, headers: Headers) -> object:
    """A body as a recording keeps it: of JSON the value, without its white space."""
    return body_of(body, field_of(headers, "content-type"))[1] or body


def _digest(facts: tuple[object, ...]) -> bytes:
    return blake2b(repr(facts).encode("utf-8", "surrogatepass"), digest_size=16).digest()


def _lasting(headers: Headers) -> list[tuple[str, str]]:
    return sorted(field for field in headers if field[0] not in _VARYING)
