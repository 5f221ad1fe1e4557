"""A fuzz run: it tests whether a server keeps its contract, with Schemathesis's cases and our judge.

`engine` runs Schemathesis through `schemathesis_adapter`, judges its cases (`verdicts`, `defects`), collects `findings`
and sends them again from nothing (`reproduction`). Only `engine` is slow to import, since it imports Schemathesis.
"""
