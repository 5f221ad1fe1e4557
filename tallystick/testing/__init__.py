"""A mock for tests in Python: `with mock("api.yaml") as api: api.url`; see docs/testing.md.

The fixtures `tallystick_mock` and `tallystick_contract` of `tallystick.pytest_plugin` stand on this.
"""

from __future__ import annotations

from tallystick.testing.calls import ControlError
from tallystick.testing.contract import TestedContract
from tallystick.testing.mocks import RunningMock, mock
from tallystick.testing.session import Fault, MockSession, Override

__all__ = ["ControlError", "Fault", "MockSession", "Override", "RunningMock", "TestedContract", "mock"]
