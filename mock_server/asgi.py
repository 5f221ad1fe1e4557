"""The contracts that the configuration names, implemented where there is a handler and mocked where there is none.

An application for any ASGI server: `uvicorn mock_server.asgi:app`.
"""

from __future__ import annotations

from tallystick.config import load_configuration
from tallystick.contracts.files import read_contracts
from tallystick.mock.app import create_app
from tallystick.mock.settings import MockSettings

app = create_app(read_contracts((), load_configuration()), MockSettings(handlers="mock_server.handlers"))
