"""The page that flips replies: what it offers, what it sets, and what it says is wrong."""

from __future__ import annotations

import json
from urllib.parse import urlencode

from support.asking import Ask, contract, header
from test_console import FORM, visitor

from tallystick.nouns.exchange import Response

PETS = """
paths:
  /pets/{id}:
    parameters: [{name: id, in: path, required: true, schema: {type: integer}}]
    get:
      operationId: getPet
      responses:
        '200':
          description: A pet
          content:
            application/json:
              schema:
                type: object
                required: [name]
                properties: {name: {type: string}, tags: {type: array, items: {type: string}}}
              examples: {rex: {value: {name: Rex}}, zoe: {value: {name: Zoe}}}
        '404': {description: No such pet, content: {application/json: {schema: {type: object}, example: {error: gone}}}}
"""
QUERY = urlencode({"contract": "test", "operation": "GET /pets/{id}"})


def flip(visit: Ask, part: str = "", session: str = "", **fields: str) -> Response:
    """Send the form."""
    return visit(f"POST {session}/_tallystick/page/flip{part}?{QUERY}", FORM, urlencode(fields).encode())


def answer(visit: Ask, path: str = "/pets/7") -> tuple[int, object]:
    """The status and the value that a client gets."""
    reply = visit(f"GET {path}", {"Accept": "application/json"})
    return reply.status, json.loads(reply.body)


def test_the_form_offers_what_the_contract_documents() -> None:
    """Each documented reply and example is there, and the editor holds the body of the chosen one."""
    visit = visitor(contract(PETS))
    page = visit(f"GET /_tallystick/page/flip?{QUERY}").body.decode()
    assert "404 No such pet" in page
    assert "200 with the example &#39;zoe&#39;" in page
    assert "&#34;name&#34;: &#34;Rex&#34;" in page
    part = visit(f"GET /_tallystick/page/flip?{QUERY}&reply=code%3D404", {"HX-Request": "true"}).body.decode()
    assert "&#34;error&#34;: &#34;gone&#34;" in part
    assert "<html" not in part


def test_a_documented_reply_is_flipped_for_the_next_calls() -> None:
    """The override answers as often as was asked for, and only in the session of the page."""
    visit = visitor(contract(PETS))
    assert flip(visit, reply="code=404", body='{\r\n  "error": "gone"\r\n}', times="1").status == 303
    assert answer(visit, "/~ann/pets/7") == (200, {"name": "Rex"})
    assert answer(visit) == (404, {"error": "gone"})
    assert answer(visit) == (200, {"name": "Rex"})
    assert flip(visit, session="/~ann", reply="code=200, example=zoe").status == 303
    assert answer(visit, "/~ann/pets/7") == (200, {"name": "Zoe"})
    assert answer(visit) == (200, {"name": "Rex"})


def test_a_body_of_ones_own_is_judged_before_it_is_set() -> None:
    """A body that breaks the contract is refused with the line in the editor, unless that is allowed."""
    visit = visitor(contract(PETS))
    body = '{\n  "name": "Rex",\n  "tags": [\n    "a",\n    5\n  ]\n}'
    for part in ("", "/judge"):
        refused = flip(visit, part, body=body).body.decode()
        assert 'data-line="5"' in refused
        assert "response.body/tags/1" in refused
        assert "5 is an integer" in refused
    assert answer(visit) == (200, {"name": "Rex"})
    assert flip(visit, body=body, allow="1").status == 303
    assert answer(visit) == (200, {"name": "Rex", "tags": ["a", 5]})


def test_what_cannot_be_read_is_told_with_its_line() -> None:
    """A body that is no JSON, a header field without a colon, an unknown fault: each says what would have worked."""
    visit = visitor(contract(PETS))
    broken = flip(visit, "/judge", body='{"name":\n  Rex}').body.decode()
    assert "the body is not JSON" in broken
    assert 'data-line="2"' in broken
    assert "a name, a colon and a value" in flip(visit, "/judge", headers="Retry-After 5").body.decode()
    assert "no fault is named so" in flip(visit, "/judge", fault="drip").body.decode()
    assert "a whole number" in flip(visit, "/judge", reply="code=404", times="often").body.decode()
    assert "nothing is asked for yet" in flip(visit).body.decode()
    assert b"is judged by the contract while you type" in flip(visit, "/judge").body
    assert b"It keeps the contract" in flip(visit, "/judge", body='{"name": "Zoe"}').body


def test_a_status_header_fields_and_path_values_are_those_of_the_form() -> None:
    """An undocumented status is allowed by the check box; only the path that was named is flipped."""
    visit = visitor(contract(PETS))
    sent = {"status": "429", "headers": "Retry-After: 5", "body": '{"slow": true}', "allow": "1", "path:id": "7"}
    assert flip(visit, **sent).status == 303
    reply = visit("GET /pets/7")
    assert (reply.status, header(reply, "retry-after"), reply.body) == (429, "5", b'{"slow":true}')
    assert visit("GET /pets/8").status == 200


def test_overrides_are_seen_and_taken_back() -> None:
    """The pages list what is in force, and a button takes one or all of them back."""
    visit = visitor(contract(PETS))
    flip(visit, reply="code=404", fault="<b>503</b>")
    flip(visit, fault="503", times="2")
    flip(visit, reply="code=404")
    page = visit("GET /_tallystick/page/overrides").body.decode()
    assert page.count("Take back</button>") == 2
    assert "GET /pets/{id}" in page
    assert visit("POST /_tallystick/page/overrides/drop", FORM, b"override=2").status == 303
    assert visit("GET /pets/7").status == 503
    assert visit("POST /_tallystick/page/overrides/drop-all", FORM).status == 303
    assert visit("GET /pets/7").status == 200
    assert b"Nothing is overridden" in visit("GET /_tallystick/page/overrides").body
    assert visit("POST /_tallystick/page/overrides/drop", FORM).status == 409


def test_a_page_of_a_foreign_site_flips_nothing() -> None:
    """A form that another site sends is refused, and no visit by GET changes anything."""
    visit = visitor(contract(PETS))
    foreign = {**FORM, "Origin": "https://evil.example"}
    assert visit(f"POST /_tallystick/page/flip?{QUERY}", foreign, b"reply=code%3D404").status == 403
    assert visit(f"GET /_tallystick/page/flip?{QUERY}&reply=code%3D404&times=1").status == 200
    assert visit("GET /_tallystick/page/overrides/drop-all").status == 404
    assert answer(visit)[0] == 200
