"""Exchanges as clients in Python have them: a response object, and the request that it answers."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping
from contextlib import suppress
from typing import Any
from urllib.parse import quote, urlsplit

from tallystick.exchanges.recorded import Recorded
from tallystick.nouns.exchange import Exchange, Headers, Request, Response

_DECODED = ("content-encoding", "content-length", "transfer-encoding")
"""Header fields of what was sent; clients have undone the coding."""
_MARK = "_tallystick_seen"
"""On a response of which was told: a redirected one is met twice."""


def seen(response: Any) -> Recorded:
    """The exchange of a response of httpx or requests, or of whatever has the same members."""
    sent = response.request
    url = urlsplit(str(sent.url))
    body = _body_sent(sent)
    is_read = getattr(response, "is_stream_consumed", getattr(response, "_content_consumed", True))
    request = Request(sent.method, url.path or "/", url.query, _fields(sent.headers), body or b"")
    answer = Response(
        response.status_code, _without_coding(response.headers), _bytes(response.content) if is_read else b""
    )
    return _recorded(Exchange(request, answer), f"{url.scheme}://{url.netloc}", body is not None, bool(is_read))


def seen_by_httpx(_: Mapping[str, Any], response: Any) -> Iterator[Recorded]:
    """The exchanges behind a response of httpx or requests."""
    for each in (*response.history, response):
        if not hasattr(each, _MARK):
            setattr(each, _MARK, True)
            yield seen(each)


def seen_by_werkzeug(_: Mapping[str, Any], response: Any) -> Iterator[Recorded]:
    """The exchanges behind a response of Werkzeug's test client, which Flask has."""
    for each in (*response.history, response):
        environ = each.request.environ
        body = _read_again(environ.get("wsgi.input"))
        request = _request_of(environ, environ.get("SCRIPT_NAME", "") + environ.get("PATH_INFO", ""), body or b"")
        is_endless = each.mimetype == "text/event-stream"
        answer = Response(each.status_code, _fields(each.headers), b"" if is_endless else each.get_data())
        origin = f"{environ['wsgi.url_scheme']}://{environ.get('HTTP_HOST', '')}"
        yield _recorded(Exchange(request, answer), origin, body is not None, not is_endless)


def _read_again(stream: Any) -> bytes | None:
    """The bytes of a stream that was read before; None where it cannot be read again."""
    try:
        stream.seek(0)
        return bytes(stream.read())
    except (AttributeError, OSError, ValueError):
        return None


def seen_by_django(_: Mapping[str, Any], response: Any) -> Iterator[Recorded]:
    """The exchange behind a response of Django's test client."""
    sent = response.wsgi_request if hasattr(response, "wsgi_request") else response.asgi_request
    body: bytes | None = None
    with suppress(Exception):  # django.http.RawPostDataException: the view has read it piece by piece
        body = sent.body
    request = _request_of(sent.META, sent.path.encode("utf-8").decode("latin-1"), body or b"")
    yield _recorded(
        Exchange(
            request, Response(response.status_code, _fields(response), b"" if response.streaming else response.content)
        ),
        f"{sent.scheme}://{sent.META.get('HTTP_HOST') or sent.META.get('SERVER_NAME', '')}",
        has_whole_request=body is not None,
        has_whole_response=not response.streaming,
    )


def seen_by_aiohttp(options: Mapping[str, Any], response: Any) -> Iterator[Recorded]:
    """The exchange behind a response of aiohttp's client, which does not keep the body that was sent."""
    info = response.request_info
    url = urlsplit(str(info.url))
    body: bytes | None = b""
    if options.get("json") is not None:
        body = json.dumps(options["json"]).encode()
    elif options.get("data") is not None:
        body = _bytes(options["data"]) or None
    request = Request(info.method, url.path or "/", url.query, _fields(info.headers), body or b"")
    content = response._body
    answer = Response(response.status, _without_coding(response.headers), content or b"")
    yield _recorded(Exchange(request, answer), f"{url.scheme}://{url.netloc}", body is not None, content is not None)


def _recorded(
    exchange: Exchange, origin: str, has_whole_request: bool = True, has_whole_response: bool = True
) -> Recorded:
    """An exchange of this process: a body that was streamed is not to be judged."""
    return Recorded(exchange, origin, "", has_whole_request=has_whole_request, has_whole_response=has_whole_response)


def _request_of(environ: Mapping[str, Any], path: str, body: bytes) -> Request:
    """A request from its WSGI environment (PEP 3333); the path is decoded there, as latin-1."""
    fields = [(name[5:], value) for name, value in environ.items() if name.startswith("HTTP_")]
    fields += [(name, environ[name]) for name in ("CONTENT_TYPE", "CONTENT_LENGTH") if environ.get(name)]
    headers = tuple((name.lower().replace("_", "-"), str(value)) for name, value in fields)
    query = environ.get("QUERY_STRING", "")
    target = quote(path.encode("latin-1", "replace"), safe="/:@!$&'()*+,;=-._~")
    return Request(
        environ["REQUEST_METHOD"], target, query.decode() if isinstance(query, bytes) else query, headers, body
    )


def _body_sent(sent: Any) -> bytes | None:
    """The body of a request of httpx or requests; None for one that was streamed and is gone."""
    if not hasattr(type(sent), "content"):
        body = getattr(sent, "body", None)
        return _bytes(body) if body is None or isinstance(body, str | bytes | bytearray) else None
    try:
        return _bytes(sent.content)
    except Exception as error:
        if type(error).__name__ != "RequestNotRead":  # that of httpx, which may not be imported here
            raise
    with suppress(Exception):  # a form with files can be read once more, another stream cannot
        return _bytes(sent.read())
    return None


def _without_coding(headers: Any) -> Headers:
    return tuple(field for field in _fields(headers) if field[0] not in _DECODED)


def _fields(headers: Any) -> Headers:
    items: Iterable[tuple[Any, Any]] = headers.multi_items() if hasattr(headers, "multi_items") else headers.items()
    return tuple(
        (str(name).lower(), value.decode("latin-1") if isinstance(value, bytes) else str(value))
        for name, value in items
    )


def _bytes(body: object) -> bytes:
    if isinstance(body, str):
        return body.encode()
    return bytes(body) if isinstance(body, bytes | bytearray) else b""
