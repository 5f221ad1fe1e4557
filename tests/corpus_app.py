"""The mock of the document that `tests/corpus.py` is measuring, named in the environment, as an ASGI application."""

from __future__ import annotations

import os

from tallystick.contracts.read import read_contract
from tallystick.mock.app import create_app
from tallystick.mock.settings import MockSettings

_allow = tuple(filter(None, os.environ.get("TALLYSTICK_CORPUS_ALLOW", "").split(os.pathsep)))

app = create_app([read_contract(os.environ["TALLYSTICK_CORPUS_DOCUMENT"], _allow)], MockSettings(cors=False))
