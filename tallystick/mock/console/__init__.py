"""The page in the browser (`/_tallystick/`): HTML that is made here, over what the mock remembers.

Nothing of it is imported before its first request.
"""
