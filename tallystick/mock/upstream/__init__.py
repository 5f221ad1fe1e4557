"""The upstream: the real server behind the mock, which answers what it can, byte for byte."""

INFORM = "tallystick.inform"
"""The key in the state of an ASGI scope of what sends an informational response; only our own server has it."""
HAS_EOF = "tallystick.has_eof"
"""The key there of what says whether the client sends no more: it has gone, or has closed its side only."""
TAKE_OVER = "tallystick.take_over"
"""The key there of what sends the head of a switch of protocols, and gives the connection away for what follows."""
