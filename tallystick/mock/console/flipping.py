"""The form that flips the reply of an operation: what it offers, the override that it asks for, and what is wrong."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import NamedTuple, cast

from tallystick.mock.console.bodies import indented
from tallystick.mock.console.visit import Visit
from tallystick.mock.journal.why import other_replies
from tallystick.mock.problem import Problem
from tallystick.mock.roles import Reply
from tallystick.mock.wishes import NO_WISH, Wish, wish_of
from tallystick.nouns import budgets
from tallystick.nouns.contract import Contract, Operation
from tallystick.nouns.json_value import JSON
from tallystick.nouns.media_type import MediaKind, parse_media_type
from tallystick.nouns.path_templates import template_names
from tallystick.wire.values import MISSING, read_json

FAULTS = ("503", "429 retry-after=5", "10% 503", "drop", "truncate", "slow=5s", "body=empty", "expired")
"""The faults that the form suggests."""


class Chosen(NamedTuple):
    """What the form holds: the values of its fields as texts."""

    reply: str
    status: str
    body: str
    headers: str
    latency: str
    fault: str
    times: str
    path: Mapping[str, str]
    is_allowed: bool


def chosen(visit: Visit, operation: Operation) -> Chosen:
    """What a form says that was sent, or at first, what is asked for by the URL."""
    sent = visit.sent if visit.method == "POST" else visit.asked
    names = ("reply", "status", "body", "headers", "latency", "fault", "times")
    texts = {name: sent(name).replace("\r\n", "\n").strip() for name in names}
    path = {name: sent(f"path:{name}").strip() for name in template_names(operation.path)}
    return Chosen(**texts, path=path, is_allowed=bool(sent("allow")))


def offered(operation: Operation) -> Sequence[Mapping[str, str]]:
    """The documented replies, each with the value of `Prefer` that asks for it."""
    replies = [each for each in other_replies(operation) if isinstance(each, dict)]
    return [{name: str(value) for name, value in each.items()} for each in replies]


class Documented(NamedTuple):
    """The documented body of a chosen reply: its text, and its media type; why there is no text, if there is none."""

    text: str
    media_type: str
    note: str = ""


def documented(visit: Visit, operation: Operation, form: Chosen) -> Documented:
    """The body that the contract documents for what is chosen."""
    wish = _wish(form)
    answer = visit.memory.replies_of(operation).answer(wish, "")
    if isinstance(answer, Problem):
        return Documented("", "", answer.detail)
    return _shown(answer)


def _shown(reply: Reply) -> Documented:
    media_type = next((value for name, value in reply.response.headers if name == "content-type"), "")
    body = reply.response.body
    if not body:
        return Documented("", media_type, "This reply has no body.")
    try:
        text = body.decode()
    except UnicodeDecodeError:
        return Documented("", media_type, f"The documented body is {len(body):,} bytes that are no text.")
    if len(text) > budgets.OVERRIDE_BYTES:
        return Documented("", media_type, f"The documented body has {len(text):,} characters, more than are kept.")
    return Documented(indented(text), media_type)


def _wish(form: Chosen) -> Wish:
    wish = wish_of(form.reply) if form.reply else NO_WISH
    return Wish(form.status) if form.status else wish


def override_in(
    form: Chosen, contract: Contract | None, operation: Operation, body: Documented
) -> dict[str, JSON] | None:
    """The override that a form asks for, as the control API takes it; None where nothing is asked for yet.

    A contract is said where there are several.
    Raises `ValueError` with what is wrong.
    """
    match: dict[str, JSON] = {"operation": operation.label}
    if contract is not None:
        match["contract"] = contract.name
    if path := {name: value for name, value in form.path.items() if value}:
        match["path"] = cast("JSON", path)
    wish, reply = _wish(form), dict[str, JSON]()
    if wish.code:
        reply["code"] = wish.code
    headers = _headers(form.headers)
    if headers:
        reply["headers"] = cast("JSON", headers)
    if form.body and form.body != body.text.strip():
        reply |= _own_body(form.body, headers.get("content-type", [body.media_type])[-1])
    elif wish.example:
        reply["example"] = wish.example
    fault = "; ".join(filter(None, (f"latency={form.latency}" if form.latency else "", form.fault)))
    if fault:
        reply["fault"] = fault
    if not reply:
        return None
    spec: dict[str, JSON] = {"match": match, "reply": reply}
    if form.times:
        if not form.times.isdecimal():
            raise ValueError(f"the number of calls is a whole number, not {form.times[:20]!r}")
        spec["times"] = int(form.times[:12])
    return {**spec, "allow_invalid": True} if form.is_allowed else spec


def _headers(text: str) -> dict[str, list[str]]:
    """Header fields, one on each line."""
    headers: dict[str, list[str]] = {}
    for line in text.splitlines():
        name, colon, value = line.partition(":")
        if line.strip() and not colon:
            raise ValueError(f"a header field is a name, a colon and a value, not {line[:40]!r}")
        if line.strip():
            headers.setdefault(name.strip().lower(), []).append(value.strip())
    return headers


def _own_body(text: str, media_type: str) -> dict[str, JSON]:
    kind = parse_media_type(media_type).kind if media_type else None
    value, fault = read_json(text.encode("utf-8", "replace"))
    if value is not MISSING and kind in (MediaKind.JSON, None):
        return {"body": cast("JSON", value)}
    if kind is MediaKind.JSON:
        raise ValueError(f"the body is {fault}")
    return {"body_text": text}
