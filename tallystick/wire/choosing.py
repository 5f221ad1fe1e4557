"""Which documented response a request gets, and the status that it is sent with."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from tallystick.nouns.contract import Operation, ResponseDefinition


def success(operation: Operation) -> tuple[int, ResponseDefinition]:
    """The status and response that a valid request gets: the lowest documented success, else what is nearest to one.

    An exact status goes before a range (`201` before `2XX`).
    The operation must document a response.
    """
    order: Sequence[Callable[[ResponseDefinition], bool]] = (
        lambda response: response.status[0] == "2",
        lambda response: response.status == "default",
        lambda response: response.status[0] == "3",
        lambda response: response.status[0] != "1",
    )
    for is_wanted in order:
        wanted = [response for response in operation.responses if is_wanted(response)]
        if wanted:
            best = min(wanted, key=lambda response: (not response.status.isdecimal(), status_of(response)))
            return status_of(best), best
    lowest = min(operation.responses, key=lambda response: response.status)
    return status_of(lowest), lowest


def status_of(definition: ResponseDefinition) -> int:
    """The status that a response is sent with: the first of a range, 200 for the default."""
    key = definition.status
    return 200 if key == "default" else int(key) if key.isdecimal() else int(key[0]) * 100


def own_status(operation: Operation, definition: ResponseDefinition) -> int:
    """The status that a response is sent with where it is asked for: one that no other response documents, if there is.

    The default beside a documented 200 is what an error gets.
    """
    status = status_of(definition)
    others = range(400, 600) if definition.status == "default" else range(status, status + 100)
    candidates = (status, *((500,) if definition.status == "default" else ()), *others)
    return next((each for each in candidates if operation.response_for(each) is definition), status)
