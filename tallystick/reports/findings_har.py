"""The requests of the findings of a fuzz run as a HAR file, which browsers and HTTP clients open."""

from __future__ import annotations

from urllib.parse import urlsplit

from tallystick.nouns.exchange import Request
from tallystick.reports.har import archive, entry
from tallystick.reports.json import written
from tallystick.reports.results import FuzzResult, ReportedFinding


def fuzz(result: FuzzResult) -> str:
    """An entry for each request, whose comment names the finding."""
    parts = urlsplit(result.url)
    origin = f"{parts.scheme}://{parts.netloc}"
    entries = [
        entry(step.exchange, _url(origin, step.exchange.request), _comment(finding, index))
        for finding in result.errors
        for index, step in enumerate(finding.steps)
        if step.exchange is not None
    ]
    return written(archive(entries, result.version))


def _url(origin: str, request: Request) -> str:
    return origin + request.path + (f"?{request.query}" if request.query else "")


def _comment(finding: ReportedFinding, index: int) -> str:
    number = f" (request {index + 1} of {len(finding.steps)})" if len(finding.steps) > 1 else ""
    return f"{finding.rule}: {finding.subject}: {finding.message}{number}"
