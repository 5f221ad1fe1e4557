"""The one verb: pure, complete, and the same for a request alone and for a whole exchange."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from support.asking import contract, operation, request
from support.folders import OPENAPI

from tallystick.contracts.read import read_contract
from tallystick.nouns.contract import Operation
from tallystick.nouns.exchange import Exchange, Request, Response
from tallystick.nouns.violation import Severity, Violation, count_by_rule
from tallystick.rules.judge import CHECKS, RULES, judge, judge_reading
from tallystick.wire.reading import Reading
from tallystick.wire.write import write_body

PETS = """
    components:
      securitySchemes: {token: {type: http, scheme: bearer}}
    paths:
      /pets/{id}:
        post:
          security: [{token: []}]
          parameters:
            - {name: id, in: path, required: true, schema: {type: integer}}
            - name: filter
              in: query
              style: deepObject
              explode: true
              schema: {type: object, additionalProperties: {type: array, items: {type: integer}}}
            - {name: X-Ids, in: header, schema: {type: array, items: {type: integer}}}
          requestBody:
            content:
              application/json: {schema: {type: object, required: [name], properties: {name: {type: string}}}}
              application/x-www-form-urlencoded: {schema: {type: object, required: [name]}}
              multipart/form-data: {schema: {type: object, required: [name]}}
              text/plain: {schema: {type: integer}}
              application/xml: {schema: {type: object}}
          responses:
            '200':
              description: Done
              headers: {X-Total: {required: true, schema: {type: integer}}}
              content: {application/json: {schema: {type: array, items: {type: integer}}}}
"""


def test_a_violation_names_the_place_that_is_broken() -> None:
    """The place is the line of the keyword that the value does not keep, with its pointer."""
    known = operation(PETS)
    body = b'{"name": 5}'
    headers = {"Authorization": "Bearer x", "Content-Type": "application/json"}
    (violation,) = judge(known, Exchange(request("POST /pets/1", headers, body)))
    assert violation == Violation(
        "body-schema", Severity.ERROR, "body/name", violation.contract, "5 is an integer; expected a string"
    )
    assert violation.contract.file == "test.yaml"
    assert violation.contract.pointer.endswith("/content/application~1json/schema/properties/name/type")
    assert str(violation) == f"body/name: 5 is an integer; expected a string (test.yaml:{violation.contract.line})"
    text = "\n" * 2 + PETS
    assert "properties: {name: {type: string}}" in text.splitlines()[violation.contract.line - 1]


def test_the_request_is_judged_alone_where_there_is_no_response() -> None:
    """The violations of the request come first, and are the same with and without a response."""
    known = operation(PETS)
    sent = request("POST /pets/one", {"Content-Type": "text/plain"}, b"x")
    alone = judge(known, Exchange(sent))
    whole = judge(known, Exchange(sent, Response(200, (("content-type", "application/json"),), b'["a"]')))
    assert whole[: len(alone)] == alone
    assert [violation.rule for violation in alone] == ["credentials-missing", "parameter-schema", "body-schema"]
    assert [violation.where for violation in whole[len(alone) :]] == ["response.body/0", "response.header.X-Total"]


def test_a_rejection_is_judged_by_what_was_wrong_with_its_request() -> None:
    """An undocumented 4xx is a warning for a request that had to be refused, and an error for any other."""
    known = operation(
        "paths: {/: {get: {parameters: [{name: a, in: query, schema: {const: '1'}}], responses: {'200': {}}}}}"
    )
    (_, warning) = judge(known, Exchange(request("GET /?a=2"), Response(400)))
    (error,) = judge(known, Exchange(request("GET /?a=1"), Response(400)))
    assert (warning.rule, warning.severity) == ("rejection-undocumented", Severity.WARNING)
    assert (error.rule, error.severity) == ("response-status-undocumented", Severity.ERROR)


def test_a_reading_is_judged_as_its_exchange_is() -> None:
    """What has been read already is judged without reading it again."""
    known = operation(PETS)
    exchange = Exchange(request("POST /pets/x"))
    assert judge_reading(Reading(known, exchange)) == judge(known, exchange)


def test_violations_are_sorted_and_counted() -> None:
    """Violations are ordered by their place in the contract, and counted by rule, the most frequent first."""
    known = operation(PETS)
    sent = request("POST /pets/x?filter[a]=1&filter[a]=b&filter[c]=d", {"Content-Type": "application/json"}, b"{}")
    found = judge(known, Exchange(sent))
    assert [violation.contract.line for violation in sorted(found)] == sorted(one.contract.line for one in found)
    assert list(count_by_rule(found).items()) == [
        ("parameter-schema", 3),
        ("body-schema", 1),
        ("credentials-missing", 1),
    ]


def test_each_check_runs_once() -> None:
    """A check that finds violations of several rules yields each of them once."""
    found = judge(operation(PETS), Exchange(request("POST /pets/1")))
    assert [violation.rule for violation in found] == ["credentials-missing"]
    functions = [check.find for check in CHECKS]
    assert len(RULES) > len(functions) == len(set(functions))


@pytest.mark.parametrize(
    "body",
    [b"[" * 300 + b"]" * 300, b'{"name": ' + b"[" * 900 + b"]" * 900 + b"}", b'{"name": "' + b"x" * 10**6 + b'"}'],
    ids=["deep", "deeper", "long"],
)
def test_a_body_of_any_depth_and_length_is_judged(body: bytes) -> None:
    """What the engine cannot tell the faults of is a violation all the same, and no exception."""
    headers = {"Authorization": "Bearer x", "Content-Type": "application/json"}
    found = judge(operation(PETS), Exchange(request("POST /pets/1", headers, body)))
    assert [violation.rule for violation in found] == ([] if b"x" in body else ["body-schema"])


def test_a_message_shows_no_control_character() -> None:
    """A value in a message is cut where it is long, and written so that no terminal obeys it."""
    headers = {"Authorization": "Bearer x", "Content-Type": "application/json"}
    body = '{"name": ["\u009b31m\u202e\\u001b"]}'.encode()
    (violation,) = judge(operation(PETS), Exchange(request("POST /pets/1", headers, body)))
    assert violation.message == r'["\x9b31m\u202e\u001b"] is an array; expected a string'
    (violation,) = judge(
        operation(PETS), Exchange(request("POST /pets/1", headers, b'{"name": [' + b"1," * 99 + b"1]}"))
    )
    assert violation.message == f"[{'1, ' * 26}… is an array; expected a string"


PIECES = st.sampled_from(["filter", "[a]", "[", "=", "&", "%", "%C3", ",", "1", "x", ";", ".", "é"])
HEADERS = ["authorization", "content-type", "x-ids", "cookie", "accept"]
TEXTS = st.sampled_from(
    ["Bearer", "Bearer x", "Basic", "application/json", "multipart/form-data; boundary=x", "1,x", ""]
)
KNOWN = operation(PETS)


@given(
    st.lists(PIECES).map("".join),
    st.dictionaries(st.sampled_from(HEADERS), TEXTS | st.text(st.characters(max_codepoint=255))),
    st.binary() | st.sampled_from([b"--x\r\n", b"[1]", b"{}", b"name=1"]),
)
def test_no_request_stops_the_judge(query: str, headers: dict[str, str], body: bytes) -> None:
    """Whatever is sent, the judge returns a list, and the same list again."""
    sent = Request("POST", f"/pets/{query.replace('/', '')}", query, tuple(headers.items()), body)
    exchange = Exchange(sent, Response(200, tuple(headers.items()), body))
    first, second = judge(KNOWN, exchange), judge(KNOWN, exchange)
    assert first == second
    assert all(violation.contract.line > 0 and violation.message for violation in first)


def examples(known: Operation) -> Iterator[Response]:
    """Each documented example of an operation's responses, as the response that it stands for."""
    for definition in known.responses:
        status = int(definition.status.replace("XX", "00"))
        for body_format in definition.content:
            for example in body_format.examples:
                body, content_type = write_body(example.value, body_format, body_format.media_type)
                yield Response(status, (("content-type", content_type),), body)


@pytest.mark.parametrize("file", sorted(OPENAPI.glob("*.yaml")), ids=lambda file: file.stem)
def test_the_examples_of_our_own_contracts_are_judged_clean(file: Path) -> None:
    """Each example response of our own contracts, sent as it stands, keeps its contract."""
    judged = 0
    for known in read_contract(file):
        for response in examples(known):
            found = judge(known, Exchange(Request(known.method, known.path), response))
            assert [one for one in found if one.where.startswith("response.")] == []
            judged += 1
    assert judged


def test_an_operation_without_anything_has_nothing_to_judge() -> None:
    """What documents nothing is broken by nothing."""
    (known,) = contract("paths: {/: {get: {}}}")
    assert judge(known, Exchange(request("GET /?a=1", {"X": "y"}, b"body"), Response(599, (), b"body"))) == []
