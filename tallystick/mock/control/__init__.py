"""The control API of the mock (`/_tallystick/...`): described by `control.yaml`, and served by the gate as any."""

PATH = "/_tallystick"
"""Where it is, unless it is asked for elsewhere."""
