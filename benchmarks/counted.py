"""The mock of one contract that counts its requests: the target of fuzz runs.

`python -m benchmarks.counted PORT DOCUMENT` serves it, with the count at `/-/count`. In the process of a fuzz run,
`benchmarks.counted:app` serves the document that BENCH_DOCUMENT names, and writes the count to the file BENCH_COUNT.
"""

from __future__ import annotations

import atexit
import os
import sys
from pathlib import Path
from typing import Any

from tallystick import MockSettings, create_mock, read_contract


class Counted:
    """The mock as an ASGI application that counts its requests."""

    def __init__(self, document: str) -> None:
        self.app = create_mock([read_contract(document)], MockSettings(cors=False))
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

    def write_count(self, file: str) -> None:
        """Write the count to a file."""
        Path(file).write_text(str(self.count))


if "BENCH_DOCUMENT" in os.environ:
    app = Counted(os.environ["BENCH_DOCUMENT"])
    atexit.register(app.write_count, os.environ["BENCH_COUNT"])


def main() -> None:
    """Serve until the process is stopped."""
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
