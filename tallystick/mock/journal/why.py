"""Why a request was answered as it was: facts, decided where they arise, and made into words when somebody asks."""

from __future__ import annotations

from collections.abc import Iterator

from tallystick.examples.samples import GENERATED
from tallystick.mock.journal.parts import parts_of
from tallystick.mock.problem import cut_short
from tallystick.mock.roles import KEPT, Passed, Reply
from tallystick.mock.rules import (
    CONDITION_FAILED,
    CONDITION_MISSING,
    KEY_REUSED,
    PATCH_FAILED,
    RESOURCE_DELETED,
    RESOURCE_EXISTS,
    RESOURCE_MISSING,
)
from tallystick.nouns.contract import Operation, ResponseDefinition
from tallystick.nouns.json_value import JSON
from tallystick.wire.choosing import own_status

_OF_STATE = frozenset(
    rule.id
    for rule in (
        RESOURCE_DELETED,
        RESOURCE_MISSING,
        RESOURCE_EXISTS,
        PATCH_FAILED,
        KEY_REUSED,
        CONDITION_FAILED,
        CONDITION_MISSING,
    )
)
"""The rules that only a mock with state can refuse a request by."""
_MOST_OTHERS = 50
"""How many other replies of an operation are named."""


def reasons_of(reply: Reply) -> dict[str, JSON]:
    """The reasons for a reply: a sentence, the source, the status, the example, and the parts."""
    response = reply.response
    facts: dict[str, JSON] = {"sentence": cut_short(reply.why), "source": _source(reply)}
    facts["status"] = {"code": response.status, "because": cut_short(_because(reply))}
    if reply.override:
        facts["override"] = reply.override
    if reply.recording:
        facts["file"] = reply.recording
    if reply.mishap is not None:
        facts["fault"] = reply.mishap.text
    if reply.upstream:
        facts["upstream"] = reply.upstream
    if reply.remocked:
        facts["remocked"] = reply.remocked
    if reply.passed is not None:
        facts["bodies"] = _bodies(reply.passed)
    if reply.origin is not None and reply.origin.example:
        origin = reply.origin
        facts["example"] = None if origin.example == GENERATED else origin.example
        facts["response"] = origin.definition.status
        facts["media_type"] = origin.body_format.media_type.text if origin.body_format is not None else ""
    facts["parts"] = [{"part": where, "from": source} for where, source in parts_of(reply).items()]
    return facts


def _source(reply: Reply) -> str:
    """What the reply comes from, in a word."""
    if reply.override:
        return "override"
    if reply.upstream:
        return "upstream"
    if reply.mishap is not None:
        return "fault"
    if reply.recording:
        return "recording"
    if any(change.by == KEPT for change in reply.changes) or any(each.rule in _OF_STATE for each in reply.refused_for):
        return "state"
    if reply.refused_for:
        return "refusal"
    if reply.origin is not None:
        return "contract"
    return "handler" if reply.handler else "mock"


def _bodies(passed: Passed) -> str:
    """Whether the bodies of an exchange with an upstream are there as a whole, in a sentence."""
    cut = [
        side
        for side, is_whole in (("request", passed.has_whole_request), ("response", passed.has_whole_response))
        if not is_whole
    ]
    if passed.is_broken:
        return "the response ended before its end"
    if passed.unread:
        return f"the body of the response is not judged: {passed.unread}"
    return f"the body of the {' and of the '.join(cut)} is cut, and not judged" if cut else "whole"


def _because(reply: Reply) -> str:
    """Why the status is as it is."""
    if reply.override:
        return f"override {reply.override} asks for it"
    if reply.mishap is not None and reply.mishap.problem is not None:
        return f"the fault `{reply.mishap.text}` asks for it"
    if reply.refused_for:
        return f"the request is refused: {reply.why}"
    if reply.granted:
        return f"the request prefers it ({reply.granted})"
    if reply.response.status < 400 and reply.origin is not None:
        return f"it is what the contract documents for a request like this ({reply.origin.definition.place})"
    return reply.why


def other_replies(operation: Operation) -> list[JSON]:
    """What else the operation documents, and the value of `Prefer` that asks for it."""
    others: list[JSON] = []
    for definition in operation.responses:
        for line in _asking_for(operation, definition):
            if len(others) < _MOST_OTHERS:
                others.append(line)
    return others


def _asking_for(operation: Operation, definition: ResponseDefinition) -> Iterator[dict[str, JSON]]:
    status = own_status(operation, definition)
    if status < 200:
        return
    code = definition.status if definition.status.isdecimal() else str(status)
    description = cut_short(" ".join(definition.description.split()))
    yield {"prefer": f"code={code}", "gives": f"{definition.status} {description}".strip()}
    examples = [each for body_format in definition.content for each in body_format.examples]
    named = dict.fromkeys(each.name for each in examples if each.place.path[-3:-2] == ("examples",))
    for name in named:
        value = name if name.isalnum() else f'"{name}"'
        yield {"prefer": f"code={code}, example={value}", "gives": f"{definition.status} with the example {name!r}"}
