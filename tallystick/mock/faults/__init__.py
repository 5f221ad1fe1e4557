"""Failure on purpose: what goes wrong, how often, and how it reaches the client.

Its modules are imported when the first fault is asked for.
"""

HEADER = "tallystick-fault"
"""The request header that asks for faults, and the response header that says which ones there were."""
FAULT_WORD = "fault: "
"""What the reason of a reply begins with that has met a fault."""
BREAK_OFF = "tallystick.break_off"
"""The key in the state of an ASGI scope under which our server leaves a function that ends the connection.

It is called with whether what was sent is to arrive.
"""
