"""The mock of the contracts that the configuration names, for any ASGI server: `uvicorn mock_server.asgi:app`."""

from __future__ import annotations

from tallystick.config import load_configuration
from tallystick.contracts.files import read_contracts
from tallystick.mock.app import create_app

_configuration = load_configuration()

app = create_app(read_contracts((), _configuration))
