r"""The one place that prints: no text of a document, a file's name, a request or a server commands what shows it.

Terminals obey control characters. CI services obey lines: GitHub `::` where a line begins, and anywhere in it
`##[`, Azure `##vso[`, TeamCity `##teamcity[`. What is obeyed is printed as an escape: `\x1b`, `\n`, `\x3a:error`.
"""

from __future__ import annotations

import contextlib
import os
import re
import sys
from collections.abc import Iterable, Iterator
from typing import Protocol, TextIO, cast

_FLAG = "\U0001f3f4[\U000e0030-\U000e0039\U000e0061-\U000e007a]{3,6}\U000e007f"
"""The flag of a part of a country, such as Wales: the only use of tags that is shown."""
_LETTER = "\u0600-\u1fff\u2070-\U000dffff"
"""Letters and emoji of those scripts whose shape a joiner between two of them changes."""
_UNSHOWN = (
    f"(?P<flag>{_FLAG})|(?P<joiner>(?<=[{_LETTER}])[\u200c\u200d](?=[{_LETTER}]))"
    "|[\x00-\x08\x0a-\x1f\x7f-\x9f\xad\u061c\u115f\u1160\u180e\u200b-\u200f\u2028-\u202e\u2060-\u206f\u3164"
    "\ud800-\udfff\ufdd0-\ufdef\ufeff\uffa0\ufff9-\ufffb\ufffe\uffff"
    "\U0001bca0-\U0001bca3\U0001d173-\U0001d17a\U000e0000-\U000e007f]"
)
"""Control characters but the tab, what breaks a line, turns its direction or hides in it, and what is no character.

`re` compiles it at its first use, which takes longer than a small check; most of what is printed is ASCII.
"""
_ANYWHERE = re.compile(r"#(?=[^\x00-\x7f]{0,9}#[^\s\[\]]{0,20}\[)")
"""Commands of CI services; .NET, which reads two of them, passes over some letters that have no width."""
_KEPT = re.compile(r"(\n|\x1b\[[\d;]*m)")
"""Line ends and colours."""
_OURS = f"\x1b{os.urandom(8).hex()}["
"""Begins our own colours until they are printed: no text from elsewhere can know it."""
_OURS_ESCAPED = _OURS.replace("\x1b", "\\x1b")
_AT_BEGINNING = re.compile(rf"\A((?:{re.escape(_OURS_ESCAPED)}[\d;]+m|\W)*?):(?=[^\x00-\x7f]{{0,9}}:)")

_serving = ["mock"]
"""The name of the command that serves, the innermost one last."""


class Writer(Protocol):
    """A stream that text is written to."""

    @property
    def encoding(self) -> str: ...

    def write(self, text: str, /) -> int: ...


def coloured(text: str, codes: str) -> str:
    """A text in a colour, by the codes of ECMA-48 ("1", "31"); `printable` makes it what a terminal understands."""
    return f"{_OURS}{codes}m{text}{_OURS}0m"


def visible(text: str) -> str:
    """A text in which each character that is not shown, or commands a terminal, is an escape."""
    return text if text.isascii() and text.isprintable() else re.sub(_UNSHOWN, _escaped, text)


def inline(text: str) -> str:
    """A text as a part of a line that begins otherwise, with nothing in it that commands."""
    text = visible(text)
    return _ANYWHERE.sub(r"\\x23", text) if "##" in text or not text.isascii() else text


def printable(text: str) -> str:
    """A text as one line that shows all of it, and commands neither a terminal nor a CI service.

    What `coloured` painted keeps its colours.
    """
    if text.isascii() and text.isprintable() and "::" not in text and "##" not in text:
        return text
    text = _AT_BEGINNING.sub(r"\1\\x3a", inline(text))
    return text.replace(_OURS_ESCAPED, "\x1b[")


def _escaped(match: re.Match[str]) -> str:
    return match[0] if match.lastgroup else ascii(match[0])[1:-1]


def printable_lines(text: str) -> str:
    """A text of several lines in which each is printable; line ends and colours stay, whoever wrote them."""
    pieces = _KEPT.split(text.replace("\r\n", "\n"))
    return "".join([piece if number % 2 else printable(piece) for number, piece in enumerate(pieces)])


def print_lines(*lines: str, to: Writer | None = None) -> None:
    """Print lines to a stream, standard output if none is given; what stands in a line cannot end it."""
    print_text("".join([f"{printable(line)}\n" for line in lines]), to)


def print_error(line: str) -> None:
    """Print a line to standard error, at once."""
    print_lines(line, to=sys.stderr)
    sys.stderr.flush()


def of_server(fact: str) -> str:
    """A line about a fact, which begins with the name of the command that serves, as in `tallystick mock: ended`."""
    return f"tallystick {_serving[-1]}: {fact}"


@contextlib.contextmanager
def serving_as(command: str) -> Iterator[None]:
    """Have `of_server` name a command as long as the context lasts, in all threads of the process."""
    _serving.append(command)
    try:
        yield
    finally:
        _serving.pop()


def print_text(text: str, to: Writer | None = None) -> None:
    """Print a text whose lines are printable already, such as a report; what the encoding cannot hold is an escape."""
    stream: Writer = sys.stdout if to is None else to
    if isinstance(stream, PrintableStream):
        stream = stream.stream
    stream.write(encodable(text, stream.encoding))


def encodable(text: str, encoding: str | None) -> str:
    """A text in which each character that an encoding cannot hold is an escape."""
    if text.isascii():
        return text
    encoding = encoding or "ascii"
    return text.encode(encoding, "backslashreplace").decode(encoding)


class PrintableStream:
    """A text stream in which each line is printable, whoever writes it: a library, a warning, a user's own code."""

    def __init__(self, stream: Writer) -> None:
        self.stream = stream

    def __getattr__(self, name: str) -> object:
        return getattr(self.stream, name)

    def write(self, text: str, /) -> int:
        self.stream.write(encodable(printable_lines(text), self.stream.encoding))
        return len(text)

    def writelines(self, lines: Iterable[str], /) -> None:
        self.write("".join(lines))


@contextlib.contextmanager
def printable_output(output: Writer, errors: Writer) -> Iterator[None]:
    """Make streams `sys.stdout` and `sys.stderr` as long as the context lasts, and each line in them printable."""
    before = sys.stdout, sys.stderr
    sys.stdout, sys.stderr = cast(TextIO, PrintableStream(output)), cast(TextIO, PrintableStream(errors))
    try:
        yield
    finally:
        sys.stdout, sys.stderr = before
