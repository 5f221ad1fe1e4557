"""The types of ASGI (version 3.0), as far as a fuzz run needs them."""

from __future__ import annotations

from collections.abc import Callable, Coroutine, MutableMapping
from typing import Any

Message = MutableMapping[str, Any]
"""A message or a scope: the value of each key depends on its `type`."""
Receive = Callable[[], Coroutine[object, object, Message]]
Send = Callable[[Message], Coroutine[object, object, None]]
AsgiApplication = Callable[[Message, Receive, Send], Coroutine[object, object, None]]
