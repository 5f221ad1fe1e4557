"""Which header fields of a request say nothing of what it asks for."""

from __future__ import annotations

from collections.abc import Container

from tallystick.nouns.exchange import Headers

_OF_CLIENTS = frozenset(
    (
        *("accept-encoding", "connection", "content-length", "host", "keep-alive", "te", "transfer-encoding"),
        *("accept-language", "cache-control", "dnt", "origin", "pragma", "priority", "referer", "save-data"),
        *("upgrade-insecure-requests", "user-agent"),
    )
)
_OF_HOPS = frozenset(("forwarded", "via", "x-real-ip", "x-request-id", "x-correlation-id", "request-id"))
_OF_TRACES = frozenset(("traceparent", "tracestate", "baggage", "sentry-trace", "b3", "x-cloud-trace-context"))
_BEGINNINGS = ("sec-", "x-forwarded-", "x-b3-", "x-amzn-trace", "x-datadog-")


def is_sent_with_all(name: str) -> bool:
    """Whether a browser, a client, a proxy or a tracer sends a field (in lower case) whatever is asked for."""
    return name in _OF_CLIENTS or name in _OF_HOPS or name in _OF_TRACES or name.startswith(_BEGINNINGS)


def fields_that_matter(headers: Headers, documented: Container[str] = ()) -> Headers:
    """The header fields that a person would copy: those that are documented, and those that are sent for a reason."""
    return tuple(
        (name, value)
        for name, value in headers
        if name in documented or not (is_sent_with_all(name) or (name, value) == ("accept", "*/*"))
    )
