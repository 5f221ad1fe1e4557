"""Requests of strangers in a fuzz run: what a server shows that takes them, or refuses them as nobody documented."""

from __future__ import annotations

import json
import random
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import pytest
from support.asking import contract

from tallystick.fuzz.body_faults import BodyFault
from tallystick.fuzz.clock import Clock
from tallystick.fuzz.credentials import GivenCredentials, authorized, credentials_for
from tallystick.fuzz.defects import Defect
from tallystick.fuzz.probes.drafts import Drafts
from tallystick.fuzz.probes.prober import Prober
from tallystick.fuzz.probes.strangers import Strangers, forged_credentials
from tallystick.fuzz.probing import Probing
from tallystick.fuzz.sending import Sent
from tallystick.fuzz.settings import IN_PROCESS, Settings
from tallystick.fuzz.verdicts import Verdict, verdict_of
from tallystick.nouns.contract import Contract, Operation
from tallystick.nouns.exchange import Exchange, Request, Response
from tallystick.wire.reading import operation_for

API = contract(
    """
    components:
      securitySchemes:
        token: {type: http, scheme: bearer}
        key: {type: apiKey, in: query, name: key}
    paths:
      /pets:
        get:
          security: [{key: []}]
          responses: {'200': {description: Pets.}, '401': {description: Who?}}
        post:
          security: [{token: []}]
          requestBody:
            required: true
            content:
              application/json:
                schema:
                  type: object
                  required: [name, age, tame]
                  properties: {name: {type: string}, age: {type: integer}, tame: {type: boolean}}
          responses: {'201': {description: A pet.}, '401': {description: Who?}, '422': {description: What?}}
      /toys:
        get:
          security: [{token: []}, {}]
          responses: {'200': {description: Toys.}}
    """
)
Flaw = Callable[[Request], int]


def is_authorized(request: Request) -> bool:
    return (
        ("authorization", "Bearer secret") in request.headers or "key=secret" in request.query or "toys" in request.path
    )


def sound(request: Request) -> int:
    """What a sound server answers."""
    if not is_authorized(request):
        return 401
    if request.method == "GET":
        return 200
    is_json = dict(request.headers).get("content-type") == "application/json"
    pet = json.loads(request.body) if is_json else {}
    return 201 if type(pet.get("age")) is int and type(pet.get("tame")) is bool else 422


@dataclass
class FakeSender:
    """Sends nothing, and answers at once."""

    answer: Flaw
    settings: Settings
    headers: tuple[tuple[str, str], ...] = ()
    clock: Clock = field(default_factory=lambda: Clock(None))
    contract: Contract = API

    def send(self, request: Request) -> Sent:
        match = operation_for(API, request.method, request.path)
        return self.send_as_is(authorized(request, match[0] if match else None, self.settings.credentials))

    def operation_of(self, request: Request) -> Operation | None:
        match = operation_for(API, request.method, request.path)
        return match[0] if match else None

    def send_as_is(self, request: Request) -> Sent:
        return Sent(Exchange(request, Response(self.answer(request), self.headers)))


def told(answer: Flaw, given: GivenCredentials | None = None, **headers: str) -> set[tuple[str, str, str]]:
    """The rule, the subject and the message of each error that strangers show of a server."""
    credentials = credentials_for(API, given or GivenCredentials(bearer="secret", api_keys=("secret",)))
    labels = tuple(operation.label for operation in API)
    settings = Settings(IN_PROCESS, "", 1, labels, credentials=credentials)
    sender: Any = FakeSender(answer, settings, tuple(headers.items()))
    defects: list[Defect] = []

    def judged(exchange: Exchange, fault: BodyFault | None) -> Verdict:
        return verdict_of(API, exchange, "", body_fault=fault)

    probing = Probing(API, settings, sender, lambda defect, _: defects.append(defect), {}, judged)
    Strangers(API, Drafts(API, settings), Prober(sender, sender.clock, "", probing, 100), lambda _: ()).ask()
    return {(each.rule, each.subject, each.message) for each in defects if each.severity == "error"}


def test_a_sound_server_shows_nothing() -> None:
    """A server that refuses what the contract does not allow has no findings, with credentials or without."""
    assert told(sound) == set()
    assert told(sound, GivenCredentials()) == set()


@pytest.mark.parametrize(
    ("flaw", "rule", "subject", "fact"),
    [
        (
            lambda request: sound(request) if is_authorized(request) else 403,
            "response-status-undocumented",
            "GET /pets",
            "refused with 401",
        ),
        (
            lambda request: 200 if request.method == "GET" else sound(request),
            "ignored-auth",
            "GET /pets",
            "without credentials",
        ),
        (
            lambda request: 200 if "key=" in request.query else sound(request),
            "ignored-auth",
            "GET /pets",
            "with credentials that nobody issued",
        ),
    ],
)
def test_a_stranger_that_is_let_in_or_refused_otherwise_is_told(flaw: Flaw, rule: str, subject: str, fact: str) -> None:
    """What is accepted from a stranger is a finding, as is a refusal that the contract does not document."""
    facts = [message for found, of, message in told(flaw) if (found, of) == (rule, subject)]
    assert any(fact in message for message in facts), told(flaw)


def test_forged_credentials_leave_no_known_ones() -> None:
    """What is sent in place of the user's credentials has nothing of them, and what is no secret stays."""
    given = GivenCredentials(bearer="secret", headers=(("Authorization", "Bearer secret"), ("X-Tenant", "a")))
    operation = API.operations[1]
    forged = forged_credentials(operation, credentials_for(API, given), random.Random(1))
    assert dict(forged.headers) == {"X-Tenant": "a"}
    assert set(forged.schemes) == {"token"}
    assert "secret" not in str(forged.schemes)


def test_a_mock_lets_anybody_in() -> None:
    """A server that says that it is a mock issues no credentials, so it takes any."""
    mock = {"tallystick-mock": "stateful"}
    assert told(lambda request: 201 if request.method == "POST" else 200, **mock) == {
        ("ignored-auth", subject, "a request without credentials was accepted with " + status + "; expected 401 or 403")
        for subject, status in (("GET /pets", "200"), ("POST /pets", "201"))
    }
