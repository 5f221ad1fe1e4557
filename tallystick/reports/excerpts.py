"""A response as a finding shows it: the header fields that help a reader, and its body on one line."""

from __future__ import annotations

from collections.abc import Callable

from tallystick.nouns.exchange import Response
from tallystick.nouns.printing import visible
from tallystick.reports.results import ShownResponse

_SHOWN_HEADERS = ("content-type", "content-encoding", "location", "allow", "www-authenticate", "retry-after")
_BODY_SHOWN = 400


def shown_response(response: Response, hide: Callable[[str], str]) -> ShownResponse:
    """An excerpt of a response; `hide` takes the secrets out of a text."""
    headers = [(name, hide(value)) for name, value in response.headers if name in _SHOWN_HEADERS]
    return ShownResponse(response.status, tuple(headers), hide(_one_line(response.body)))


def _one_line(raw: bytes) -> str:
    """A body on one line, cut where it is long."""
    body = raw.decode("utf-8", "replace")
    line = visible(" ".join(body.split()))
    return line if len(line) <= _BODY_SHOWN else f"{line[:_BODY_SHOWN]}… ({len(raw):,} bytes)"
