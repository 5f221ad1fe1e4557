"""Serves one of the servers on a free port of 127.0.0.1, which it prints: `python -m tests.defects.serving strict`."""

from __future__ import annotations

import logging
import socket
import sys

from tests.defects.client import SERVERS


def main(server: str) -> None:
    """Serves until the process is ended."""
    listener = socket.create_server(("127.0.0.1", 0))
    if server == "strict":
        import uvicorn

        from tests.defects.strict.app import app

        print(listener.getsockname()[1], flush=True)
        uvicorn.Server(uvicorn.Config(app, log_level="critical", lifespan="off")).run(sockets=[listener])
    else:
        from werkzeug.serving import make_server

        from tests.defects.lenient.app import app as flask

        logging.getLogger("werkzeug").disabled = True
        print(listener.getsockname()[1], flush=True)
        make_server("127.0.0.1", 0, flask, threaded=True, fd=listener.fileno()).serve_forever()


if __name__ == "__main__":
    if sys.argv[1:] not in ([name] for name in SERVERS):
        sys.exit(f"python -m tests.defects.serving {'|'.join(SERVERS)}")
    main(sys.argv[1])
