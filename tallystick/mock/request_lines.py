"""One line for each request that was answered, for whoever watches the terminal."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Callable, Sequence

from tallystick.mock.problem import cut_short
from tallystick.mock.roles import Answered, Listener, Reply
from tallystick.mock.rules import EXAMPLE_MENDED
from tallystick.nouns.printing import printable
from tallystick.nouns.violation import Violation

MOST_VIOLATIONS = 40
"""How many violations of one request are written; a line says how many more there are."""
_PAUSE_SECONDS = 0.02
"""How long lines are gathered before they are written together; too short to be seen, and it saves a busy mock time."""


def request_lines(add: Callable[[str], None], styled: Callable[[int], str] = str) -> Listener:
    """A listener that makes lines of each request: method, path and status, and what was wrong with it.

    Where a request is refused and nothing was wrong by the contract, a line says why.

    `add` takes the lines; `styled` writes a status, with a colour if there are any.
    """

    mendings: set[Violation] = set()
    """What was told of mended examples: it is the same with each request, so it is told once."""

    hints = {""}
    """What was told of operations that an upstream lacks, for the same reason."""

    def listener(answered: Answered) -> None:
        route, (request, response), violations, _, why, _, reply, _ = answered
        is_spoiled = reply is not None and reply.mishap is not None
        is_passed_on = route is not None and reply is not None and reply.upstream != ""
        status = styled(response.status) if response is not None else ""
        query = f"?{request.query}" if request.query else ""
        prefix = route.prefix if route is not None else ""
        line = f"{status} {printable(f'{request.method} {prefix}{request.path}{query}')}\n"
        untold = [each for each in violations if each.rule != EXAMPLE_MENDED.id or each not in mendings]
        if untold:
            line += _sentences(untold)
            mendings.update(each for each in untold if each.rule == EXAMPLE_MENDED.id)
        elif why and response is not None and ((response.status >= 400 and not is_passed_on) or is_spoiled):
            line += f"    {printable(cut_short(why))}\n"
            why = ""
        if why and (_is_odd(reply) or _hint(reply) not in hints):
            hints.add(_hint(reply))
            line += f"    {printable(cut_short(why))}\n"
        add(line)

    return listener


def _is_odd(reply: Reply | None) -> bool:
    """Whether the mock answers in place of an upstream, or the reply of that has ended too early."""
    return reply is not None and bool(reply.remocked or (reply.passed is not None and reply.passed.is_broken))


def _hint(reply: Reply | None) -> str:
    """What would have the mock answer, where the upstream seems to lack the operation; "" elsewhere."""
    return reply.passed.hint if reply is not None and reply.passed is not None else ""


def _sentences(violations: Sequence[Violation]) -> str:
    sentences = [
        printable(f"{cut_short(violation.where)}: {cut_short(violation.message)}")
        for violation in violations[:MOST_VIOLATIONS]
    ]
    if len(violations) > MOST_VIOLATIONS:
        sentences.append(f"and {len(violations) - MOST_VIOLATIONS} more")
    return "".join([f"    {sentence}\n" for sentence in sentences])


class Lines:
    """A buffer of lines: those that are added within `_PAUSE_SECONDS` are written together.

    Nothing is written before the first `flush`, which may be called from any thread. Call `flush` once more after the
    event loop has ended.
    """

    def __init__(self, write: Callable[[str], None]) -> None:
        self._write = write
        self._waiting: list[str] = []
        self._is_due = True  # nothing is written before the first flush()
        self._lock = threading.Lock()

    def add(self, lines: str) -> None:
        """Add lines, each with its line end; call it in the event loop."""
        self._waiting.append(lines)
        if not self._is_due:
            self._is_due = True
            asyncio.get_running_loop().call_later(_PAUSE_SECONDS, self.flush)

    def flush(self) -> None:
        """Write the lines that wait. A line that is added meanwhile is written by this call or by a later one."""
        self._is_due = False
        with self._lock:
            count = len(self._waiting)  # what is added from here on stays
            text = "".join(self._waiting[:count])
            del self._waiting[:count]
            if text:
                self._write(text)
