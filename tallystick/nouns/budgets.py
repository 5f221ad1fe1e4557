"""Every budget of time, memory and size that a stranger's document, request or server could otherwise exceed.

Use them as `budgets.NAME`. What stops at a budget says so, and says which.
"""

from __future__ import annotations

BODY_BYTES = 64 * 2**20
"""The largest body of a request or a response that is read, in bytes, also once it is decoded."""
DOCUMENT_BYTES = 64 * 2**20
"""The largest document that is read from standard input or fetched from a URL, in bytes."""
STREAM_SECONDS = 30.0
"""How long the streamed reply of a user's handler is read."""
