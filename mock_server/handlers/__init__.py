"""The operations that are implemented; all others are mocked.

`tallystick mock --handlers mock_server.handlers` takes the functions of the module that is named after a contract
(`detection_sessions` for `openapi/detection-sessions.yaml`): each handles the operation whose id it has as its name.
"""
