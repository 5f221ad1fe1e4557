"""What a run has deleted: that it is not there any more is what the run has asked for."""

from __future__ import annotations

from tallystick.nouns import budgets
from tallystick.nouns.contract import Operation
from tallystick.nouns.exchange import Request, Response
from tallystick.nouns.path_templates import template_names
from tallystick.resources.names import words_of
from tallystick.resources.path_sets import plain, plain_template, stands_for


class Deletions:
    """The paths whose resources a run has deleted, and not put there again; its workers share it."""

    def __init__(self) -> None:
        self._places: dict[str, None] = {}

    def note(self, operation: Operation, request: Request, response: Response) -> None:
        """Take in what a request has done to what its path leads to."""
        if not 200 <= response.status < 300:
            return
        place = _place(operation, request.path)
        method = stands_for(operation)[0] if request.method == operation.method else request.method
        if method in ("PUT", "PATCH", "POST"):
            self._places.pop(place, None)
        elif method == "DELETE" and len(self._places) < budgets.FUZZ_DELETIONS:
            self._places[place] = None

    def has(self, operation: Operation, path: str) -> bool:
        """Whether what a path leads to was deleted."""
        return bool(self._places) and _place(operation, path) in self._places


def _place(operation: Operation, path: str) -> str:
    """What tells one resource from another: the path that the operation stands for, plain as templates are.

    It is the template where the resource may be called by two names there.
    """
    template, own = stands_for(operation)[1], plain(path)
    names = template_names(template)
    if names and "or" in words_of(names[-1])[1:-1]:
        return template
    if template == plain_template(operation):
        return own
    above, _, last = own.rpartition("/")
    return f"{above.rpartition('/')[0]}/{last}" if plain_template(operation).endswith("}") else above
