"""Builders for recorded traffic: entries of HTTP archives as browsers write them, and flows of mitmproxy."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any


def entry(line: str, status: int = 200, answer: Any = None, sent: Any = None, **more: Any) -> dict[str, Any]:
    """An entry of an archive: `GET https://api.example.com/pets`, its status, and JSON bodies."""
    method, _, url = line.partition(" ")
    request: dict[str, Any] = {"method": method, "url": url, "headers": fields(more.pop("headers", {})), "bodySize": 0}
    if sent is not None:
        text = json.dumps(sent)
        request |= {"postData": {"mimeType": "application/json", "text": text}, "bodySize": len(text)}
    content: dict[str, Any] = {"size": 0, "mimeType": "x-unknown"}
    if answer is not None:
        text = json.dumps(answer)
        content = {"size": len(text), "mimeType": "application/json", "text": text}
    response = {"status": status, "headers": fields(more.pop("answered", {})), "content": content}
    return {"startedDateTime": "2026-01-01T10:00:00.000Z", "time": 5, "request": request, "response": response, **more}


def fields(values: Mapping[str, str]) -> list[dict[str, str]]:
    """Header fields as an archive has them."""
    return [{"name": name, "value": value} for name, value in values.items()]


def archive(*entries: Any) -> dict[str, Any]:
    """An archive."""
    return {"log": {"version": "1.2", "creator": {"name": "test", "version": "1"}, "entries": list(entries)}}


def saved(folder: Path, *entries: Any, name: str = "traffic.har") -> Path:
    """The file of an archive."""
    file = folder / name
    file.write_text(json.dumps(archive(*entries)))
    return file


def netstring(value: Any) -> bytes:
    """A value as a tagged netstring, as mitmproxy writes it."""
    match value:
        case bytes():
            payload, kind = value, b","
        case str():
            payload, kind = value.encode(), b";"
        case bool():
            payload, kind = str(value).lower().encode(), b"!"
        case int():
            payload, kind = str(value).encode(), b"#"
        case float():
            payload, kind = repr(value).encode(), b"^"
        case None:
            payload, kind = b"", b"~"
        case dict():
            payload, kind = b"".join(netstring(part) for item in value.items() for part in item), b"}"
        case _:
            payload, kind = b"".join(map(netstring, value)), b"]"
    return b"%d:%s%s" % (len(payload), payload, kind)


def flow(line: str, status: int, body: bytes, headers: Iterable[tuple[bytes, bytes]] = (), **more: Any) -> bytes:
    """A flow of mitmproxy: `GET api.example.com /pets`."""
    method, host, path = line.split()
    request = {
        "method": method.encode(),
        "scheme": b"https",
        "host": host,
        "port": 443,
        "path": path.encode(),
        "headers": [],
        "content": b"",
        "timestamp_start": 1.5,
    }
    response = {"status_code": status, "headers": [list(pair) for pair in headers], "content": body}
    return netstring({"type": "http", "version": 21, "request": request, "response": response, **more})
