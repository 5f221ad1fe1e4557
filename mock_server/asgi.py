"""The mock of the contracts that the configuration names, for any ASGI server: `uvicorn mock_server.asgi:app`."""

from __future__ import annotations

from tallystick.config import contract_files, load_configuration
from tallystick.contracts.read import read_contract
from tallystick.mock.app import create_app

_configuration = load_configuration()

app = create_app([read_contract(file, _configuration.allow_refs) for file in contract_files((), _configuration)])
