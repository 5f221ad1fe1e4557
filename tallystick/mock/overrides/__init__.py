"""Overrides: what a test asks the mock to answer to some requests, for the next calls or until it is dropped."""

HEADER = "tallystick-override"
"""The response header that says which override a reply comes from."""
DOCUMENT = "overrides"
"""The name of the document that holds the overrides of a session."""
CALLS = "override-calls/"
"""What the name of a document begins with that holds how many requests an override has answered."""
