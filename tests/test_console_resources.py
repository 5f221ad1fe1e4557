"""The pages of what is kept: looked at, changed under the eyes of the judge, deleted, and reset."""

from __future__ import annotations

import json
from urllib.parse import urlencode

from support.asking import Ask, contract, header
from test_console import FORM, visitor

SHOP = """
paths:
  /pets:
    get:
      responses:
        '200':
          description: Pets
          content: {application/json: {schema: {type: array, items: {$ref: '#/components/schemas/Pet'}}, example: []}}
    post:
      requestBody: {content: {application/json: {schema: {$ref: '#/components/schemas/Pet'}}}}
      responses: {'201': {description: Made, content: {application/json: {schema: {$ref: '#/components/schemas/Pet'}}}}}
  /pets/{id}:
    parameters: [{name: id, in: path, required: true, schema: {type: integer}}]
    get:
      responses:
        '200':
          description: Pet
          content: {application/json: {schema: {$ref: '#/components/schemas/Pet'}, example: {id: 1, name: Rex}}}
    delete: {responses: {'204': {description: Gone}}}
  /pets/{id}/toys:
    parameters: [{name: id, in: path, required: true, schema: {type: integer}}]
    get:
      responses:
        '200':
          description: Toys
          content: {application/json: {schema: {type: array, items: {$ref: '#/components/schemas/Toy'}}, example: []}}
    post:
      requestBody: {content: {application/json: {schema: {$ref: '#/components/schemas/Toy'}}}}
      responses: {'201': {description: Made, content: {application/json: {schema: {$ref: '#/components/schemas/Toy'}}}}}
  /pets/{id}/toys/{toy}:
    parameters:
      - {name: id, in: path, required: true, schema: {type: integer}}
      - {name: toy, in: path, required: true, schema: {type: string}}
    get:
      responses:
        '200': {description: Toy, content: {application/json: {schema: {$ref: '#/components/schemas/Toy'}}}}
components:
  schemas:
    Pet: {type: object, required: [name], properties: {id: {type: integer, readOnly: true}, name: {type: string}}}
    Toy: {type: object, properties: {toy: {type: string}}}
"""
PETS = {"contract": "test", "collection": "/pets"}


def url(page: str, **query: str) -> str:
    """The path of a page about the pets."""
    return f"/_tallystick/page/{page}?{urlencode({**PETS, **query})}"


def kept(visit: Ask, id: str, value: object, **fields: str) -> int:
    """The status of keeping a pet."""
    body = urlencode({"value": json.dumps(value), **fields}).encode()
    return visit(f"POST {url('item', id=id)}", FORM, body).status


def test_what_is_kept_is_seen() -> None:
    """The resources, the items of one and the value of an item are what clients have made."""
    visit = visitor(contract(SHOP))
    assert visit("POST /pets", {"Content-Type": "application/json"}, b'{"name": "<Zoe>"}').status == 201
    assert b"/pets/{id}/toys" in visit("GET /_tallystick/page/resources").body
    items = visit(f"GET {url('items')}").body.decode()
    assert "&lt;Zoe&gt;" in items
    assert "1 kept" in items
    assert b"Nothing is kept here yet" in visit(f"GET /~ann{url('items')}").body


def test_an_item_is_changed_and_deleted() -> None:
    """A client gets what the page keeps, and nothing once the page has deleted it."""
    visit = visitor(contract(SHOP))
    begun = visit(f"GET {url('item', id='7')}").body.decode()
    assert "&#34;id&#34;: 7" in begun
    assert "&#34;name&#34;: &#34;Rex&#34;" in begun
    assert kept(visit, "7", {"name": "Kim"}) == 303
    assert json.loads(visit("GET /pets/7").body) == {"name": "Kim", "id": 7}
    deleted = visit(f"POST {url('item/delete', id='7')}", FORM)
    assert (deleted.status, visit("GET /pets/7").status) == (303, 404)
    assert b"deleted" in visit(f"GET {header(deleted, 'location')}").body


def test_an_item_is_judged() -> None:
    """What breaks the contract is refused with its line, unless that is allowed; so is what is no JSON."""
    visit = visitor(contract(SHOP))
    text = urlencode({"value": '{\n  "name": 5\n}'}).encode()
    for page in ("item", "item/judge"):
        refused = visit(f"POST {url(page, id='7')}", FORM, text)
        assert b'data-line="2"' in refused.body
        assert b"5 is an integer" in refused.body
    part = visit(f"POST {url('item/judge', id='7')}", {**FORM, "HX-Request": "true"}, text).body
    assert (b"<html" in part, b"5 is an integer" in part) == (False, True)
    assert visit(f"GET {url('items')}").body.count(b"Delete") == 0
    assert b"this is not JSON" in visit(f"POST {url('item', id='7')}", FORM, b"value=%7B").body
    assert kept(visit, "7", {"name": 5}, allow="1") == 303
    assert b"&#34;name&#34;:5" in visit(f"GET {url('items')}").body


def test_a_collection_below_another_is_chosen() -> None:
    """A resource below another is shown for one of its collections, and those that hold something are offered."""
    visit = visitor(contract(SHOP))
    toys = {"contract": "test", "collection": "/pets/{id}/toys"}
    assert b"Nothing is kept" not in visit(f"GET /_tallystick/page/items?{urlencode(toys)}").body
    query = urlencode({**toys, "place": "/pets/3/toys", "id": "ball"})
    assert visit(f"POST /_tallystick/page/item?{query}", FORM, b"value=%7B%7D").status == 303
    assert b'<option value="/pets/3/toys">' in visit(f"GET /_tallystick/page/items?{urlencode(toys)}").body
    assert visit(f"GET /_tallystick/page/items?{urlencode({**toys, 'place': '/other'})}").status == 404


def test_a_session_is_reset_by_a_form_alone() -> None:
    """Neither a visit by GET nor a form of a foreign site changes what is kept."""
    visit = visitor(contract(SHOP))
    kept(visit, "7", {"name": "Kim"})
    foreign = {**FORM, "Origin": "https://evil.example"}
    assert visit("GET /_tallystick/page/resources/reset").status == 404
    assert visit("POST /_tallystick/page/resources/reset", foreign).status == 403
    assert visit(f"POST {url('item/delete', id='7')}", foreign).status == 403
    assert json.loads(visit("GET /pets/7").body)["name"] == "Kim"
    assert visit("POST /_tallystick/page/resources/reset", FORM).status == 303
    assert b"Kim" not in visit("GET /pets/7").body
