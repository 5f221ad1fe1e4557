"""connexion's own mock, as its documentation puts it together: `python -m benchmarks.stock PORT DOCUMENT...`."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any

import uvicorn
from connexion import AsyncApp
from connexion.mock import MockResolver


def bearer(token: str) -> dict[str, Any]:
    """Accept every token: it only has to be there."""
    return {"sub": token}


def create(files: list[str]) -> AsyncApp:
    """connexion's application for documents of OpenAPI 3.0, with its own validators and its own resolver."""
    app = AsyncApp("benchmarks")
    for number, file in enumerate(files):
        document = json.loads(Path(file).read_text())
        for scheme in document.get("components", {}).get("securitySchemes", {}).values():
            scheme["x-bearerInfoFunc"] = "benchmarks.stock.bearer"
        base = f"/d{number}" if number else ""
        document["servers"] = [{"url": base or "/"}]
        app.add_api(document, resolver=MockResolver(mock_all=True), base_path=base or None, name=f"d{number}")
    return app


def main() -> None:
    """Serve until the process is stopped."""
    port, *files = sys.argv[1:]
    uvicorn.run(
        create(files),
        host="127.0.0.1",
        port=int(port),
        log_level="error",
        access_log=False,
        ws="none",
        server_header=False,
    )


if __name__ == "__main__":
    main()
