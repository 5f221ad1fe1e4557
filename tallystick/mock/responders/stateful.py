"""What the mock remembers where it is asked to keep state: which paths were deleted, and are gone until made again."""

from __future__ import annotations

from collections import OrderedDict
from urllib.parse import unquote

from tallystick.nouns.exchange import Request, Response

MOST = 10_000
"""How many deletions are remembered; the oldest is forgotten first."""


class Deletions:
    """The deleted resources of one contract, each by the segments of its path."""

    def __init__(self) -> None:
        self._gone: OrderedDict[tuple[str, ...], None] = OrderedDict()

    def is_gone(self, request: Request) -> bool:
        """Whether what a request is about was deleted, at its path or above it.

        A request that deletes again, or makes again, what is gone is about what is to be, and not gone itself.
        """
        if not self._gone:
            return False
        path = _segments(request.path)
        above = any(path[:end] in self._gone for end in range(1, len(path)))
        return above or (path in self._gone and request.method not in ("DELETE", "PUT", "POST"))

    def note(self, request: Request, response: Response, deletes: bool) -> None:
        """Remembers what a successful exchange changed; `deletes` where its operation deletes one resource.

        A resource comes back when it is put or posted at its path, or posted above it with a reply that names it or
        none.
        """
        if not 200 <= response.status < 300:
            return
        path = _segments(request.path)
        if deletes:
            self._gone[path] = None
            if len(self._gone) > MOST:
                self._gone.popitem(last=False)
        elif self._gone and request.method in ("PUT", "POST"):
            self._gone.pop(path, None)
            told = response.body.decode("utf-8", "replace") + dict(response.headers).get("location", "")
            for gone in [gone for gone in self._gone if gone[:-1] == path and (gone[-1] in told or not told)]:
                del self._gone[gone]


def _segments(path: str) -> tuple[str, ...]:
    return tuple(unquote(segment) for segment in path.rstrip("/").split("/"))
