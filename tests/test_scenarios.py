"""Every scenario in `tests/scenarios`, through the judge and the mock; and every rule has its scenarios."""

from __future__ import annotations

import base64
import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from typing import Any

import pytest
from support.asking import Ask, asker, contract, header, request
from support.folders import TESTS

from tallystick.contracts.read import read_contract
from tallystick.documents import text
from tallystick.mock.problem import Problem
from tallystick.mock.routes import Routes
from tallystick.nouns.exchange import Exchange, Headers, Request, Response
from tallystick.nouns.rule import Rule
from tallystick.nouns.violation import Violation
from tallystick.rules.judge import RULES, judge

FOLDER = TESTS / "scenarios"
NAMES = sorted(str(file.relative_to(FOLDER).with_suffix("")) for file in FOLDER.rglob("*.yaml"))
SCENARIO_KEYS = {"sentence", "contract", "contracts", "exchanges"}
BODY_KEYS = {"json", "form", "text", "base64", "parts"}
SEND_KEYS = {
    "send",
    "headers",
    *BODY_KEYS,
    "violations",
    "reply",
    "refused for",
    "mended",
    "response",
    "reply violations",
}
REPLY_KEYS = {"status", "headers", "json", "json has", "text", "text has", "base64"}


@dataclass(frozen=True)
class Scenario:
    """One file: where its contracts lead a request, their mock, and its exchanges as they are written."""

    routes: Routes
    ask: Ask
    exchanges: list[dict[str, Any]]

    def judged(self, sent: Request, response: Response | None = None) -> list[Violation]:
        """The violations of an exchange by the operation that its request is for; none where there is no such one."""
        host = next((value for name, value in sent.headers if name == "host"), "")
        route = self.routes.find(sent.method, host, sent.path)
        if isinstance(route, Problem):
            return []
        below = Request(sent.method, route.path, sent.query, sent.headers, sent.body)
        return judge(route.operation, Exchange(below, response))


@cache
def scenario(name: str) -> Scenario:
    """The scenario of a file; a key that is not known is a mistake in it."""
    file = FOLDER / f"{name}.yaml"
    value = text.parse(file.read_text(encoding="utf-8"), str(file))
    assert set(value) <= SCENARIO_KEYS, f"{file}: unknown keys {set(value) - SCENARIO_KEYS}"
    assert value["sentence"].endswith("."), f"{file}: the behaviour is a sentence"
    written = value["contracts"] if "contracts" in value else {"test": value["contract"]}
    contracts = tuple(
        read_contract(file.parent / one) if isinstance(one, str) else contract(one, known)
        for known, one in written.items()
    )
    for exchange in value["exchanges"]:
        unknown = set(exchange) - SEND_KEYS
        assert not unknown, f"{file}: unknown keys {unknown}"
    return Scenario(Routes(contracts), asker(*contracts), value["exchanges"])


def body_of(written: dict[str, Any]) -> tuple[bytes, str]:
    """The body that an exchange, a reply or a response describes, and the media type that goes with it."""
    (key,) = (written.keys() & BODY_KEYS) or {""}
    content = written.get(key)
    match key:
        case "json":
            return json.dumps(content, ensure_ascii=False).encode(), "application/json"
        case "form":
            return content.encode(), "application/x-www-form-urlencoded"
        case "text":
            return content.encode(), "text/plain"
        case "base64":
            return base64.b64decode(content), "application/octet-stream"
        case "parts":
            return b"".join(_parts(content)) + b"--edge--\r\n", "multipart/form-data; boundary=edge"
    return b"", ""


def _parts(content: dict[str, Any]) -> Iterator[bytes]:
    for name, parts in content.items():
        for part in parts if isinstance(parts, list) else [parts]:
            described = part if isinstance(part, dict) else {"text": part}
            kind = f"Content-Type: {described['type']}\r\n" if "type" in described else ""
            body, _ = body_of({key: described[key] for key in described.keys() & {"text", "base64"}})
            head = f'--edge\r\nContent-Disposition: form-data; name="{name}"\r\n{kind}\r\n'
            yield head.encode() + body + b"\r\n"


def fields_of(written: dict[str, Any], content_type: str) -> Headers:
    """The header fields that are described, with the media type of the body where they do not say."""
    described = {name.lower(): value for name, value in written.get("headers", {}).items()}
    if content_type:
        described.setdefault("content-type", content_type)
    return tuple(
        (name, value.encode().decode("latin-1"))
        for name, values in described.items()
        for value in (values if isinstance(values, list) else [values])
        if value is not None
    )


def request_of(written: dict[str, Any]) -> Request:
    """The request that an exchange sends."""
    body, content_type = body_of(written)
    plain = request(written["send"])
    return Request(plain.method, plain.path, plain.query, fields_of(written, content_type), body)


def response_of(written: dict[str, Any]) -> Response:
    """The response that an exchange gives to be judged."""
    assert set(written) <= {"status", "headers", *BODY_KEYS}, f"unknown keys in {written}"
    body, content_type = body_of(written)
    return Response(written["status"], fields_of(written, content_type), body)


def row(violation: Violation) -> str:
    """A violation as a scenario has it."""
    return f"{violation.where} | {violation.rule} | {violation.message}"


def has(value: Any, expected: Any) -> bool:
    """Whether a value has the members, at any depth, of what is expected."""
    if isinstance(expected, dict):
        return isinstance(value, dict) and all(key in value and has(value[key], expected[key]) for key in expected)
    if isinstance(expected, list):
        return isinstance(value, list) and len(value) == len(expected) and all(map(has, value, expected))
    return bool(value == expected)


def differences(response: Response, written: Any) -> Iterator[str]:
    """In what a reply is not the expected one."""
    expected = written if isinstance(written, dict) else {"status": written}
    assert set(expected) <= REPLY_KEYS, f"unknown keys in {expected}"
    if response.status != expected["status"]:
        yield f"the status is {response.status}, not {expected['status']}: {response.body.decode(errors='replace')}"
    for name, value in expected.get("headers", {}).items():
        lines = [text.encode("latin-1").decode() for known, text in response.headers if known == name.lower()]
        expected_lines = value if isinstance(value, list) else [value] if value is not None else []
        if lines != expected_lines:
            yield f"the header {name} is {lines!r}, not {expected_lines!r}"
    for key in expected.keys() - {"status", "headers"}:
        wanted = expected[key]
        shown = base64.b64encode(response.body).decode() if key == "base64" else response.body.decode()
        value = json.loads(shown) if key.startswith("json") else shown
        if not (has(value, wanted) if key == "json has" else wanted in value if key == "text has" else value == wanted):
            yield f"the body is {value!r}, not {key} {wanted!r}"


def faults(known: Scenario, written: dict[str, Any]) -> Iterator[str]:
    """In what one exchange of a scenario does not come out as it says."""
    sent = request_of(written)
    given = response_of(written["response"]) if "response" in written else None
    rows = [row(violation) for violation in known.judged(sent, given)]
    if rows != written.get("violations", []):
        yield "\n".join(["the violations are", *(f"      - {line}" for line in rows)])
    if "reply" not in written:
        return
    reply = known.ask(sent)
    yield from differences(reply, written["reply"])
    own = [row(one) for one in known.judged(sent, reply) if one.where.startswith("response.")]
    expected = written.get("reply violations", [])
    if reply.status < 300 and own != expected:
        yield "\n".join(["the violations of the reply itself are", *(f"      - {line}" for line in own)])
    told = json.loads(header(reply, "tallystick-violations") or "[]")
    heard = [f"{one['where']} | {one['rule']} | {one['message']}" for one in told if "where" in one]
    rows += written.get("refused for", []) + expected + written.get("mended", [])
    left = len(rows) - len(heard)
    if heard != rows[: len(heard)] or (left and told[-1] != {"more": left}):
        yield f"the header tells {heard}"


@pytest.mark.parametrize("name", NAMES)
def test_each_scenario_comes_out_as_it_says(name: str) -> None:
    """The judge finds the violations that a scenario lists, and the mock answers as it says."""
    known = scenario(name)
    wrong = [f"  {written['send']}: {fault}" for written in known.exchanges for fault in faults(known, written)]
    assert not wrong, "\n".join(["", *wrong])


@cache
def verdicts(name: str) -> list[list[Violation]]:
    """The violations of each exchange of a scenario, those of the mock's own reply among them."""
    known, found = scenario(name), []
    for written in known.exchanges:
        sent = request_of(written)
        given = response_of(written["response"]) if "response" in written else None
        found.append(known.judged(sent, given or (known.ask(sent) if "reply" in written else None)))
    return found


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.id)
def test_each_rule_has_a_scenario_that_fires_it_and_one_that_does_not(rule: Rule) -> None:
    """Some scenario has an exchange that breaks the rule beside one that keeps it, and the severity is the table's."""
    pairs = 0
    for name in NAMES:
        fired = [[violation for violation in one if violation.rule == rule.id] for one in verdicts(name)]
        assert {violation.severity for one in fired for violation in one} <= {rule.severity}, name
        pairs += any(fired) and not all(fired)
    assert pairs, f"no scenario has an exchange that breaks {rule.id} beside one that keeps it"


def test_the_rules_are_a_table() -> None:
    """Rule ids are unique and in kebab-case, and each row is one sentence."""
    ids = [rule.id for rule in RULES]
    assert len(set(ids)) == len(ids)
    for rule in RULES:
        assert re.fullmatch(r"[a-z]+(-[a-z]+)*", rule.id), rule.id
        assert re.fullmatch(r"[A-Z][^.]*\.", rule.sentence), rule.sentence
        assert rule.scope in ("request", "response")
