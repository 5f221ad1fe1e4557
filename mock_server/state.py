"""What the mock remembers where it is asked to keep state: which paths were deleted, and are gone until made again."""

from __future__ import annotations

from collections import OrderedDict

from tallystick.model import Request, Response

MOST = 10_000
"""How many deletions are remembered; the oldest is forgotten first."""


class Deletions:
    """The deleted paths of one contract."""

    def __init__(self) -> None:
        self._gone: OrderedDict[str, None] = OrderedDict()

    def is_gone(self, request: Request) -> bool:
        """Whether what a request is about was deleted: at its path, or above it. A deletion may be said twice."""
        if not self._gone or request.method in ("DELETE", "PUT", "POST"):
            return False
        segments = request.path.split("/")
        return any("/".join(segments[:end]) in self._gone for end in range(2, len(segments) + 1))

    def note(self, request: Request, response: Response, deletes: bool) -> None:
        """Remembers what a successful exchange changed; `deletes` where its operation deletes one resource."""
        if not 200 <= response.status < 300:
            return
        if deletes:
            self._gone[request.path] = None
            if len(self._gone) > MOST:
                self._gone.popitem(last=False)
        elif self._gone and request.method in ("PUT", "POST"):
            path = request.path.rstrip("/")
            for gone in [gone for gone in self._gone if gone == path or gone.startswith(path + "/")]:
                del self._gone[gone]
