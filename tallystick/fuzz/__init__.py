"""A fuzz run: it holds whoever serves a contract to it, with Schemathesis's cases and our judge.

`engine` runs Schemathesis through `schemathesis_adapter`, judges its cases (`verdicts`, `defects`), collects `findings`
and makes them small (`minimize`). Importing `engine` takes a while, since Schemathesis does; the rest does not.
"""
