"""Why requests to an operation were refused: of all refusals, the one that was nearest to being accepted."""

from __future__ import annotations

import json
from typing import NamedTuple

from tallystick.fuzz.verdicts import Verdict
from tallystick.nouns.exchange import Response
from tallystick.nouns.printing import visible

_SHOWN = 120
_SAID_IN = ("detail", "message", "error_description", "error", "title", "msg", "description", "errors")
"""The members of an error's body that say what is wrong, the likeliest first."""
_DEEPEST = 4


class Refusal(NamedTuple):
    """A refusal: how many things were wrong with its request by the contract, and what the server said."""

    violations: int
    reason: str


class Refusals:
    """The nearest refusal of each operation, by its label. Several threads may note refusals."""

    def __init__(self) -> None:
        self.nearest: dict[str, Refusal] = {}

    def note(self, verdict: Verdict) -> None:
        """Takes in the response to one request."""
        operation, response = verdict.operation, verdict.exchange.response
        if operation is None or response is None or response.status < 400:
            return
        known = self.nearest.get(operation.label)
        if known is None or len(verdict.request) < known.violations:
            self.nearest[operation.label] = Refusal(len(verdict.request), _reason(verdict, response))

    def reason(self, label: str) -> str:
        """Why the request that was nearest to being accepted was not; "" where none was refused."""
        refusal = self.nearest.get(label)
        return refusal.reason if refusal is not None else ""


def _reason(verdict: Verdict, response: Response) -> str:
    if verdict.request:
        first = verdict.request[0]
        request = f"even the best request broke the contract ({first.where}: {first.message})"
    else:
        request = "a valid request"
    said = what_it_said(response)
    return f"{request} got {response.status}" + (f": {said}" if said else "")


def what_it_said(response: Response) -> str:
    """What the body of an error says is wrong, in a few words; "" where it says nothing."""
    text = response.body[:65_536].decode("utf-8", "replace")
    try:
        text = _said(json.loads(text), _DEEPEST) or text
    except (ValueError, RecursionError):
        if "<html" in text[:500].lower() or "<!doctype" in text[:500].lower():
            return "a page of HTML"
    line = visible(" ".join(text.split()))
    return line if len(line) <= _SHOWN else f"{line[:_SHOWN]}…"


def _said(value: object, depth: int) -> str:
    if isinstance(value, str):
        return value
    if isinstance(value, list) and value and depth:
        return _said(value[0], depth - 1)
    if isinstance(value, dict) and depth:
        where = value.get("loc") or value.get("field") or value.get("path")
        parts = where if isinstance(where, list) else [where] if isinstance(where, str) else []
        for name in _SAID_IN:
            said = _said(value.get(name), depth - 1)
            if said:
                return f"{'.'.join(map(str, parts))}: {said}" if parts else said
    return ""
