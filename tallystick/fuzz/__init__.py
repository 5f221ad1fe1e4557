"""A fuzz run: whoever serves a contract is held to it, by Schemathesis's cases and by the judge.

`tallystick.fuzz.engine` imports Schemathesis, which takes a while; the rest of the package does not.
"""
