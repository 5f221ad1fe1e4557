"""What all reports of a diff show of a change: its witness, who is hit, its places in words."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime

from tallystick.nouns.change import Change, Consumer, Grade, Witness
from tallystick.nouns.words import counted
from tallystick.reports.curl import curl
from tallystick.reports.results import Compared, DiffResult

MOST_BODY = 400


def sentence(change: Change) -> str:
    """What has changed, and of what is no mere information also why the witness is refused."""
    is_told = change.witness is not None and change.grade is not Grade.INFO
    return f"{change.message}; {change.witness.reason}" if is_told and change.witness else change.message


def is_about_response(change: Change) -> bool:
    """Whether it is the response of the witness that the old contract does not allow."""
    return change.rule.startswith("response-") and change.rule != "response-media-type-removed"


def refusal(change: Change) -> str:
    """Which contract refuses the witness, in a few words."""
    if change.rule.startswith("webhook-"):
        return "the old contract does not allow this request to a client"
    return "the old contract does not allow this response" if is_about_response(change) else "refused now"


def witness_lines(witness: Witness, origin: str) -> list[str]:
    """The curl line of a witness, and the response if there is one."""
    request, response = witness.exchange
    lines = [curl(request, origin)]
    if response is not None:
        body = response.body.decode("utf-8", "replace")
        lines.append(f"{response.status} {body if len(body) <= MOST_BODY else body[:MOST_BODY] + '...'}".rstrip())
    return lines


def places(change: Change) -> str:
    """The places in both contracts: `old old.yaml:8, new new.yaml:8`."""
    return ", ".join(
        f"{side} {place}" for side, place in (("old", change.old), ("new", change.new)) if place is not None
    )


def consumers(change: Change) -> str:
    """Who was seen to use what has changed, "" where nobody was asked for."""
    if change.consumers is None:
        return ""
    return f"used by {'; '.join(map(_consumer, change.consumers))}" if change.consumers else "nobody seen uses it"


def _consumer(consumer: Consumer) -> str:
    text = f"{consumer.name} ({counted(consumer.used, 'time')}"
    if consumer.refused:
        text += f", {consumer.refused} of them refused now"
    return f"{text}{f', last on {day(consumer.last)}' if consumer.last else ''})"


def day(seconds: float) -> str:
    """A day in UTC."""
    return datetime.fromtimestamp(seconds, UTC).date().isoformat()


def by_operation(compared: Compared) -> Mapping[str, list[Change]]:
    """The changes of a contract by operation, those of no operation under ""."""
    groups: dict[str, list[Change]] = {}
    for change in compared.changes:
        groups.setdefault(change.operation, []).append(change)
    return groups


def summary(result: DiffResult) -> str:
    """How many changes there are of each severity."""
    changes = result.changes
    if not changes:
        return "no change"
    counts = {grade: sum(change.grade is grade for change in changes) for grade in Grade}
    texts = [f"{count} {grade}" for grade, count in counts.items() if count]
    proven = sum(change.witness is not None for change in changes if change.grade is Grade.BREAKING)
    witnessed = f" ({proven} of the breaking ones with a witness)" if counts[Grade.BREAKING] else ""
    return f"{counted(len(changes), 'change')}: {', '.join(texts)}{witnessed}"


def advice(result: DiffResult) -> list[str]:
    """What is to be said of the versions of the contracts."""
    many = len(result.compared) > 1
    return [f"{f'{each.name}: ' if many else ''}{each.advice}" for each in result.compared if each.advice]
