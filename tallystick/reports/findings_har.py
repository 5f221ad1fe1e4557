"""The requests of the findings of a fuzz run as a HAR file, which browsers and HTTP clients open."""

from __future__ import annotations

from collections.abc import Sequence
from urllib.parse import unquote_plus, urlsplit

from tallystick.nouns.exchange import Exchange
from tallystick.reports.json import written
from tallystick.reports.results import FuzzResult, ReportedFinding


def fuzz(result: FuzzResult) -> str:
    """An entry for each request, whose comment names the finding."""
    parts = urlsplit(result.url)
    origin = f"{parts.scheme}://{parts.netloc}"
    entries = [
        _entry(step.exchange, origin, _comment(finding, index))
        for finding in result.errors
        for index, step in enumerate(finding.steps)
        if step.exchange is not None
    ]
    creator = {"name": "tallystick", "version": result.version}
    return written({"log": {"version": "1.2", "creator": creator, "entries": entries}})


def _comment(finding: ReportedFinding, index: int) -> str:
    number = f" (request {index + 1} of {len(finding.steps)})" if len(finding.steps) > 1 else ""
    return f"{finding.rule}: {finding.subject}: {finding.message}{number}"


def _entry(exchange: Exchange, origin: str, comment: str) -> dict[str, object]:
    request, response = exchange
    url = origin + request.path + (f"?{request.query}" if request.query else "")
    fields = [field.partition("=") for field in request.query.split("&") if field]
    sent: dict[str, object] = {
        "method": request.method,
        "url": url,
        "httpVersion": "HTTP/1.1",
        "cookies": [],
        "headers": _named(request.headers),
        "queryString": [{"name": unquote_plus(name), "value": unquote_plus(value)} for name, _, value in fields],
        "headersSize": -1,
        "bodySize": len(request.body),
    }
    if request.body:
        media_type = next((value for name, value in request.headers if name == "content-type"), "")
        sent["postData"] = {"mimeType": media_type, "text": request.body.decode("utf-8", "replace")}
    headers = response.headers if response is not None else ()
    body = response.body if response is not None else b""
    return {
        "startedDateTime": "1970-01-01T00:00:00Z",
        "time": 0,
        "request": sent,
        "response": {
            "status": response.status if response is not None else 0,
            "statusText": "",
            "httpVersion": "HTTP/1.1",
            "cookies": [],
            "headers": _named(headers),
            "content": {
                "size": len(body),
                "mimeType": next((value for name, value in headers if name == "content-type"), ""),
                "text": body.decode("utf-8", "replace"),
            },
            "redirectURL": "",
            "headersSize": -1,
            "bodySize": len(body),
        },
        "cache": {},
        "timings": {"send": 0, "wait": 0, "receive": 0},
        "comment": comment,
    }


def _named(fields: Sequence[tuple[str, str]]) -> list[dict[str, str]]:
    return [{"name": name, "value": value} for name, value in fields]
