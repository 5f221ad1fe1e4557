"""The mock of one contract that counts its requests: what a fuzz run is pointed at.

`python -m benchmarks.counted PORT DOCUMENT` serves it, and tells the count at `/-/count`. In the process of a fuzz run,
`benchmarks.counted:app` serves the document that BENCH_DOCUMENT names, and leaves the count in the file BENCH_COUNT.
"""

from __future__ import annotations

import atexit
import os
import sys
from pathlib import Path
from typing import Any

from tallystick.contracts.read import read_contract
from tallystick.mock.app import create_app
from tallystick.mock.settings import MockSettings


class Counted:
    """An ASGI application that counts what comes in."""

    def __init__(self, document: str) -> None:
        self.app = create_app([read_contract(document)], MockSettings(cors=False))
        self.count = 0

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        if scope["type"] == "http" and scope["path"] == "/-/count":
            headers = [(b"content-type", b"text/plain")]
            await send({"type": "http.response.start", "status": 200, "headers": headers})
            await send({"type": "http.response.body", "body": str(self.count).encode()})
            return
        if scope["type"] == "http":
            self.count += 1
        await self.app(scope, receive, send)

    def leave(self, file: str) -> None:
        """Writes the count to a file."""
        Path(file).write_text(str(self.count))


if "BENCH_DOCUMENT" in os.environ:
    app = Counted(os.environ["BENCH_DOCUMENT"])
    atexit.register(app.leave, os.environ["BENCH_COUNT"])


def main() -> None:
    """Serves until it is told to end."""
    import uvicorn

    port, document = sys.argv[1:]
    uvicorn.run(
        Counted(document),
        host="127.0.0.1",
        port=int(port),
        log_level="error",
        access_log=False,
        lifespan="off",
        ws="none",
    )


if __name__ == "__main__":
    main()
