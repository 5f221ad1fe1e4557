"""Requests of strangers: valid ones without credentials, and with credentials that nobody issued."""

from __future__ import annotations

import random
from collections.abc import Callable, Sequence

from tallystick.fuzz.credentials import USABLE, Credentials, authorized, kind_of
from tallystick.fuzz.probes.drafts import Drafts
from tallystick.fuzz.probes.prober import Prober
from tallystick.nouns import budgets
from tallystick.nouns.contract import Contract, Operation
from tallystick.nouns.exchange import Request


class Strangers:
    """What strangers ask for; `values_for` gives the path values of an operation that lead to what is there."""

    def __init__(
        self, contract: Contract, drafts: Drafts, prober: Prober, values_for: Callable[[Operation], Sequence[str]]
    ) -> None:
        self.drafts, self.prober, self.values_for = drafts, prober, values_for
        self.operations = [each for each in contract if each.label in drafts.settings.selected]

    def ask(self) -> None:
        """Sends the requests; raises `OutOfProbesError`."""
        for operation in self.operations[: budgets.FUZZ_STRANGERS]:
            self.ask_of(operation)

    def ask_of(self, operation: Operation) -> None:
        """Sends a request without credentials, and one with forged ones, where the run knows real ones."""
        settings = self.drafts.settings
        known = settings.credentials
        if not operation.security or not all(operation.security) or not known.known_for(operation):
            return
        if not all(kind_of(scheme) in USABLE for scheme in operation.security[0]):
            return
        request = self.valid(operation)
        if request is not None:
            forged = forged_credentials(operation, known, random.Random(settings.seed))
            self.prober.send_as_is(authorized(request, None, forged))
            self.prober.send_as_is(authorized(request, operation, forged), is_forged=True)

    def valid(self, operation: Operation) -> Request | None:
        """A valid request about what is there."""
        body = self.drafts.body(operation, 1)
        if body is None and operation.request_body is not None and operation.request_body.required:
            return None
        return self.drafts.request(operation, self.values_for(operation), body=body)


def forged_credentials(operation: Operation, known: Credentials, draw: random.Random) -> Credentials:
    """Credentials for an operation in place of the known ones; other header fields of the user's stay."""
    word = f"tallystick{draw.getrandbits(96):024x}"
    schemes = {scheme.id: scheme for requirement in operation.security for scheme in requirement}
    names = {"authorization", "cookie", *(scheme.name.lower() for scheme in schemes.values())}
    headers = {name: value for name, value in known.headers.items() if name.lower() not in names}
    values = {name: f"{word}:{word}" if kind_of(scheme) == "basic" else word for name, scheme in schemes.items()}
    return Credentials(values, headers)
