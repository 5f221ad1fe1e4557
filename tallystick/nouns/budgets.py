"""Every budget of time, memory and size that a stranger's document, request or server could otherwise exceed.

Use them as `budgets.NAME`. What stops at a budget says so, and says which.
"""

from __future__ import annotations

BODY_BYTES = 64 * 2**20
"""The largest body of a request or a response that is read, in bytes, also once it is decoded."""
DOCUMENT_BYTES = 64 * 2**20
"""The largest document that is read, be it from a file, standard input, a pipe or a URL, in bytes."""
LOCK_SECONDS = 30.0
"""How long a run waits for another one that writes into the same folder of models."""
PIPE_IDLE_SECONDS = 30.0
"""How long the other end of a named pipe may send, or take, nothing."""
PIPE_SECONDS = 5.0
"""How long a named pipe is waited for that nobody has opened at its other end."""
STREAM_SECONDS = 30.0
"""How long the streamed reply of a user's handler is read."""
