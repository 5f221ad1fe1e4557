"""The mock of the contracts in `openapi/`, as a team would run it: an ASGI application for any server."""
