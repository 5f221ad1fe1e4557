"""Lists show what is kept: what was created, newest first, then the documented rows that are still there."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import pytest
from support.asking import asker, contract, header, request
from support.listing import FLAG, TEXT, WHOLE, ids, of, query

from tallystick.mock.responders.examples import Replies
from tallystick.mock.roles import Reply
from tallystick.mock.state.lists import KeptList
from tallystick.mock.stores.memory import MemoryStore
from tallystick.mock.stores.store import Place
from tallystick.nouns import budgets
from tallystick.nouns.exchange import Exchange
from tallystick.resources.resources import Resource, Role, part_at, resources_of
from tallystick.wire.reading import Reading
from tallystick.wire.write import write_json

PET = {"type": "object", "required": ["id", "name"], "properties": {"id": WHOLE, "name": TEXT, "status": TEXT}}
PETS = {"type": "array", "items": PET}
SENT = {"Content-Type": "application/json"}
NUMBERS = {"limit": WHOLE, "offset": WHOLE}
ROWS = [{"id": 1, "name": "Rex", "status": "sold"}, {"id": 2, "name": "Ada", "status": "free"}]


def shop(
    body: Mapping[str, Any],
    *parameters: Mapping[str, Any] | str,
    example: Any = None,
    item: Mapping[str, Any] = PET,
    headers: Mapping[str, Any] | None = None,
) -> dict[str, Any]:
    """A contract of pets: a list with a body of a schema, a creation, and an item."""
    listed = {"schema": body} if example is None else {"schema": body, "example": example}
    whole = {"application/json": {"schema": item}}
    names = [query(each, NUMBERS.get(each)) if isinstance(each, str) else each for each in parameters]
    ok = {"description": "ok", "headers": headers or {}, "content": {"application/json": listed}}
    one = {"name": "petId", "in": "path", "required": True, "schema": {"type": "string"}}
    return {
        "paths": {
            "/pets": {
                "get": {"parameters": names, "responses": {"200": ok}},
                "post": {
                    "requestBody": {"content": whole},
                    "responses": {"201": {"description": "made", "content": whole}},
                },
            },
            "/pets/{petId}": {
                "parameters": [one],
                "get": {"responses": {"200": {"description": "ok", "content": whole}}},
                "delete": {"responses": {"204": {"description": "gone"}}},
            },
        }
    }


@dataclass
class Shop:
    """The list of a contract's only resource with a memory store behind it."""

    source: Mapping[str, Any]
    is_closed: bool = False
    store: MemoryStore = field(default_factory=MemoryStore)

    def __post_init__(self) -> None:
        read = contract(self.source)
        self.resource: Resource = next(iter(resources_of(read).resources))
        self.operation = self.resource.operations[Role.LIST]
        self.kept = KeptList(self.resource, Replies(self.operation, contract=read), self.is_closed)
        self.place = Place("", "test", self.resource.collection)

    def put(self, value: Any, is_listed: bool = True) -> None:
        """Keep a resource."""
        text = write_json(value)
        asyncio.run(self.store.put(self.place, str(value["id"]), text, expected=None, is_listed=is_listed, now=0.0))

    def delete(self, id: str) -> None:
        """Leave a tombstone."""
        asyncio.run(self.store.put(self.place, id, b"", expected=None, is_listed=False, now=0.0))

    def reply(self, text: str = "") -> Reply | None:
        """The reply to a request for the list, with a query."""
        sent = request(f"GET /pets{'?' if text else ''}{text}", {"Host": "mock"})
        reading = Reading(self.operation, Exchange(sent), (), dict(sent.headers))
        return asyncio.run(self.kept.answer(reading, self.store, self.place))

    def __call__(self, text: str = "") -> Any:
        reply = self.reply(text)
        assert reply is not None
        assert reply.violations == ()
        return json.loads(reply.response.body)


def filled(shop: Shop, count: int) -> Shop:
    """A shop that keeps some pets."""
    for number in range(count):
        shop.put({"id": 100 + number, "name": f"pet {number:03}", "status": "new"})
    return shop


# Which rows there are


def test_nothing_kept_is_left_to_the_stateless_list() -> None:
    """As long as nothing is kept, an open mock answers as one without state."""
    assert Shop(shop(PETS)).reply() is None


def test_what_is_created_comes_first() -> None:
    """What was created is listed before the documented rows, the newest first."""
    pets = filled(Shop(shop(PETS, example=ROWS)), 2)
    assert ids(pets()) == [101, 100, 1, 2]


NAMELESS = {"type": "object", "properties": {"mood": TEXT, "ownerId": WHOLE}}


@pytest.mark.parametrize("owner", [None, 7])
def test_rows_without_an_id_of_their_own_stay(owner: int | None) -> None:
    """Rows that nothing tells apart, or only what many of them have, stay beside what is created, and are cleared."""
    rows = [{"mood": mood} if owner is None else {"mood": mood, "ownerId": owner} for mood in ("glad", "calm", "shy")]
    source = shop({"type": "array", "items": NAMELESS}, example=rows, item=NAMELESS)
    source["paths"]["/pets"]["delete"] = {"responses": {"204": {"description": "gone"}}}
    ask = asker(contract(source))
    sent = {"mood": "new"} if owner is None else {"mood": "new", "ownerId": 8}
    assert ask("POST /pets", SENT, json.dumps(sent).encode()).status == 201
    assert json.loads(ask("GET /pets").body) == [sent, *rows]
    assert ask("DELETE /pets").status == 204
    assert json.loads(ask("GET /pets").body) == []


def test_what_is_deleted_or_changed_shows() -> None:
    """A deleted documented row is gone, and a changed one stays in its place with its change."""
    pets = Shop(shop(PETS, example=[*ROWS, {"id": 3, "name": "Tom"}]))
    pets.delete("1")
    pets.put({"id": 3, "name": "Thomas"}, is_listed=False)
    assert pets() == [ROWS[1], {"id": 3, "name": "Thomas"}]
    pets.put({"id": 1, "name": "Rex again"})
    assert ids(pets()) == [1, 2, 3]


def test_generated_rows_are_there_too() -> None:
    """Where nobody wrote an example, the generated rows come after what was created."""
    pets = filled(Shop(shop(PETS)), 1)
    rows = pets()
    assert rows[0] == {"id": 100, "name": "pet 000", "status": "new"}
    assert len(rows) == 11
    pets.delete(str(rows[1]["id"]))
    assert ids(pets()) == [100, *ids(rows[2:])]


def test_a_closed_world_has_only_what_is_kept() -> None:
    """With nothing kept a closed world has an empty list, though its author wrote rows."""
    pets = Shop(shop(PETS, example=ROWS), is_closed=True)
    assert pets() == []
    assert ids(filled(pets, 1)()) == [100]


def test_a_list_that_must_have_rows_has_documented_ones() -> None:
    """Where the schema asks for rows, documented ones fill a list that has too few, and no fewer are shown."""
    pets = Shop(shop({**PETS, "minItems": 2}, example=ROWS), is_closed=True)
    assert ids(pets()) == [1, 2]
    assert ids(filled(pets, 1)()) == [100, 1]
    reply = pets.reply()
    assert reply is not None
    assert "1 row of the contract's own, as its schema asks for 2 at least" in reply.why


def test_the_schema_bounds_the_rows() -> None:
    """There are no more rows than the schema allows."""
    assert ids(filled(Shop(shop({**PETS, "maxItems": 2}, example=ROWS)), 3)()) == [102, 101]


def test_a_list_without_pages_has_all() -> None:
    """Where a request cannot ask for another page, all that is kept is in the list, as far as there is room."""
    assert len(filled(Shop(shop(PETS, example=ROWS)), 30)()) == 32
    many = filled(Shop(shop(PETS), is_closed=True), budgets.LIST_ROWS + 1)
    assert len(many()) == budgets.LIST_ROWS


def test_rows_that_are_large_have_room() -> None:
    """The rows of a page are not larger together than there is a budget for."""
    pets = Shop(shop(PETS), is_closed=True)
    for number in range(8):
        pets.put({"id": number, "name": "x" * (budgets.LIST_BYTES // 4)})
    assert len(pets()) == 3


# Pages, filters and sorts


def test_pages_go_from_the_kept_rows_to_the_documented_ones() -> None:
    """The pages of a list are one after the other, and the total counts all rows."""
    envelope = of(data=PETS, total=WHOLE, has_more=FLAG)
    example = {"data": ROWS, "total": 2, "has_more": False}
    pets = filled(Shop(shop(envelope, "limit", "offset", example=example)), 3)
    pages = [pets(f"limit=2&offset={start}") for start in (0, 2, 4)]
    assert [ids(page["data"]) for page in pages] == [[102, 101], [100, 1], [2]]
    assert [(page["total"], page["has_more"]) for page in pages] == [(5, True), (5, True), (5, False)]


def test_links_lead_to_other_pages() -> None:
    """A `Link` header and a cursor lead through all rows, without one twice."""
    envelope = of(data=PETS, next={"type": ["string", "null"]})
    example = {"data": ROWS, "next": None}
    link = {"Link": {"schema": {"type": "string"}, "required": True}}
    pets = filled(Shop(shop(envelope, "limit", "cursor", example=example, headers=link)), 5)
    seen: list[Any] = []
    cursor = ""
    while len(seen) < 20:
        page = pets(f"limit=3{'&cursor=' if cursor else ''}{cursor}")
        seen += ids(page["data"])
        cursor = page["next"]
        if not cursor:
            break
    assert seen == [104, 103, 102, 101, 100, 1, 2]
    reply = pets.reply("limit=3")
    assert reply is not None
    assert 'rel="next"' in (header(reply.response, "link") or "")


def test_a_cursor_may_be_an_id() -> None:
    """Rows after the id of a kept one are those behind it."""
    pets = filled(Shop(shop(PETS, "limit", "starting_after", example=ROWS)), 4)
    assert ids(pets("limit=2&starting_after=102")) == [101, 100]
    assert ids(pets("limit=2&starting_after=100")) == [1, 2]
    assert ids(pets("limit=2&starting_after=1")) == [2]
    pets.delete("102")
    assert ids(pets("limit=2&starting_after=103")) == [101, 100]
    narrowed = filled(Shop(shop(PETS, "limit", "starting_after", "status", example=ROWS)), 3)
    narrowed.put({"id": 7, "name": "Tom", "status": "old"})
    assert ids(narrowed("status=new&starting_after=101")) == [100]


def test_filters_are_true() -> None:
    """A filter shows the rows that have the value: no row is made to match once something is kept."""
    pets = filled(Shop(shop(PETS, "status", example=ROWS)), 2)
    assert ids(pets("status=new")) == [101, 100]
    assert ids(pets("status=sold")) == [1]
    assert pets("status=lost") == []
    generated = filled(Shop(shop(PETS, "status")), 1)
    assert ids(generated("status=new")) == [100]
    assert generated("status=lost") == []


def test_sorts_are_over_all_rows() -> None:
    """A sort puts kept and documented rows in one order."""
    pets = filled(Shop(shop(PETS, "sort", example=ROWS)), 2)
    assert ids(pets("sort=name")) == [2, 100, 101, 1]
    assert ids(pets("sort=-id")) == [101, 100, 2, 1]


# How a row looks


def test_a_row_is_a_summary_where_the_contract_says_so() -> None:
    """A row has the members that the list declares, and not those of the whole resource alone."""
    summary = {"type": "object", "required": ["id"], "properties": {"id": WHOLE, "name": TEXT}}
    pets = Shop(shop({"type": "array", "items": summary}, example=[{"id": 1, "name": "Rex"}]))
    pets.put({"id": 7, "name": "Tom", "status": "new"})
    assert pets() == [{"id": 7, "name": "Tom"}, {"id": 1, "name": "Rex"}]


def test_a_row_that_needs_more_takes_it_from_a_documented_one() -> None:
    """A required member that only a row has comes from a documented row, and nothing else of that does."""
    row = {**PET, "required": ["id", "rank"], "properties": {**PET["properties"], "rank": WHOLE}}  # type: ignore[dict-item]
    pets = Shop(shop({"type": "array", "items": row}, example=[{"id": 1, "status": "sold", "rank": 3}]))
    pets.put({"id": 7, "name": "Tom"})
    assert pets()[0] == {"id": 7, "name": "Tom", "rank": 3}


def test_what_is_only_written_is_not_shown() -> None:
    """A member that the schema only takes in requests is in no row."""
    item = {**PET, "properties": {**PET["properties"], "secret": {**TEXT, "writeOnly": True}}}  # type: ignore[dict-item]
    pets = Shop(shop({"type": "array", "items": item}, item=item))
    pets.put({"id": 7, "name": "Tom", "secret": "x"})
    assert pets()[0] == {"id": 7, "name": "Tom"}


def test_a_row_may_call_the_id_otherwise() -> None:
    """Where a row has another member for the id than the whole resource, the id is in that."""
    item = {"type": "object", "required": ["pet_id"], "properties": {"pet_id": TEXT, "size": WHOLE}}
    row = {"type": "object", "required": ["id"], "properties": {"id": TEXT, "size": WHOLE}}
    pets = Shop(shop({"type": "array", "items": row}, item=item, example=[{"id": "a", "size": 1}]))
    pets.put({"id": "7", "pet_id": "7", "size": 3})
    assert pets()[0] == {"id": "7", "size": 3}


def test_a_list_of_ids_has_ids() -> None:
    """Where the rows are ids alone, those of the kept resources are among them."""
    pets = Shop(shop(of(pets={"type": "array", "items": WHOLE}), example={"pets": [1, 2]}))
    pets.put({"id": 7, "name": "Tom"})
    pets.delete("1")
    assert pets()["pets"] == [7, 2]


def test_the_list_of_the_resource_is_the_one_that_changes() -> None:
    """Of several lists in one body only that of the resource shows what is kept."""
    owners = {"type": "array", "items": of(login=TEXT)}
    pets = Shop(shop(of(pets=PETS, owners=owners), example={"pets": ROWS, "owners": [{"login": "eve"}]}))
    pets.put({"id": 7, "name": "Tom"})
    reply = pets()
    assert ids(reply["pets"]) == [7, 1, 2]
    assert reply["owners"] == [{"login": "eve"}]


def test_rows_that_the_schema_does_not_allow_are_told() -> None:
    """Where the list with what is kept would break the contract, it is as documented, and the reason says so."""
    only = {**PETS, "contains": {"properties": {"name": {"const": "Rex"}}, "required": ["name"]}, "maxItems": 2}
    reply = filled(Shop(shop(only, example=ROWS)), 3).reply()
    assert reply is not None
    assert json.loads(reply.response.body) == ROWS
    assert "which its schema does not let it show" in reply.why


# What it costs


def test_a_page_reads_only_its_span() -> None:
    """A page that is neither filtered nor sorted asks the store for its own rows, and once for each revision."""
    pets = filled(Shop(shop(PETS, "limit", example=ROWS)), 50)
    spans: list[tuple[int, int]] = []
    newest = pets.store.newest

    async def noting(place: Place, start: int, count: int) -> Any:
        spans.append((start, count))
        return await newest(place, start, count)

    pets.store.newest = noting  # type: ignore[method-assign]
    pets("limit=3")
    pets("limit=3")
    assert spans == [(0, 3)]


def test_documented_rows_are_known_by_id() -> None:
    """Whoever changes a resource can ask whether the documented list has it already."""
    pets = Shop(shop(PETS, example=ROWS))
    assert [asyncio.run(pets.kept.documents(id)) for id in ("1", "2", "3")] == [True, True, False]


@pytest.mark.parametrize("sent", ["limit=1", "limit=1&sort=name"])
def test_the_reply_says_why(sent: str) -> None:
    """The reason for a reply tells how many rows are kept."""
    reply = filled(Shop(shop(PETS, "limit", "sort", example=ROWS)), 2).reply(sent)
    assert reply is not None
    assert "2 kept rows and 2 documented ones" in reply.why


# Over HTTP


def test_the_list_of_a_mock_follows_its_requests() -> None:
    """What a POST creates is listed first until a DELETE removes it, and a change shows in the list."""
    ask = asker(contract(shop(PETS, example=ROWS)))
    made = json.loads(ask("POST /pets", SENT, b'{"id":0,"name":"Tom"}').body)
    rows = json.loads(ask("GET /pets").body)
    assert rows == [made, *ROWS]
    for id in (made["id"], 1):
        assert ask(f"DELETE /pets/{id}").status == 204
    assert json.loads(ask("GET /pets").body) == ROWS[1:]


def test_a_session_has_lists_of_its_own() -> None:
    """What one session creates and deletes is in the list of no other."""
    ask = asker(contract(shop(PETS, example=ROWS)))
    ask("POST /pets", {**SENT, "Tallystick-Session": "a"}, b'{"id":0,"name":"Tom"}')
    ask("DELETE /pets/1", {"Tallystick-Session": "b"})
    counts = [len(json.loads(ask("GET /pets", {"Tallystick-Session": name}).body)) for name in ("a", "b", "c")]
    assert counts == [3, 1, 2]


def test_lists_below_other_resources_are_apart() -> None:
    """A nested list has what was created at its own path."""
    source = shop(PETS, example=ROWS)
    paths = source["paths"]
    owner = {"name": "ownerId", "in": "path", "required": True, "schema": TEXT}
    nested = {f"/owners/{{ownerId}}{path}": {**each} for path, each in paths.items()}
    for each in nested.values():
        each["parameters"] = [owner, *each.get("parameters", [])]
    ask = asker(contract({"paths": nested}), state=("closed",))
    ask("POST /owners/3/pets", SENT, b'{"id":0,"name":"Tom"}')
    assert [len(json.loads(ask(f"GET /owners/{id}/pets").body)) for id in (3, 4)] == [1, 0]


def test_a_list_without_state_is_as_it_was() -> None:
    """With `--stateless` a list shows the documented rows, whatever was sent."""
    ask = asker(contract(shop(PETS, example=ROWS)), stateless=True)
    ask("POST /pets", SENT, b'{"id":0,"name":"Tom"}')
    ask("DELETE /pets/1")
    assert json.loads(ask("GET /pets").body) == ROWS


def test_a_list_that_is_documented_as_one_item_shows_the_newest() -> None:
    """Where an author has written the item for the list, what was created last is in its place."""
    source = """
    paths:
      /notes:
        get: {responses: {'200': &note {description: It, content: {application/json: {schema: {type: object,
          required: [id, text, files], properties: {id: {type: integer}, text: {type: string},
          files: {type: array, items: {type: object, properties: {id: {type: integer}}}}}}}}}}}
        post:
          requestBody: {content: {application/json: {schema: {type: object, properties: {text: {type: string}}}}}}
          responses: {'201': *note}
      /notes/{noteId}:
        parameters: [{name: noteId, in: path, required: true, schema: {type: integer}}]
        get: {responses: {'200': *note}}
        delete: {responses: {'204': {description: Gone}}}
    """
    ask = asker(contract(source))
    before = ask("GET /notes").body
    made = json.loads(ask("POST /notes", {"Content-Type": "application/json"}, b'{"text": "mine"}').body)
    assert json.loads(ask("GET /notes").body) == made
    assert json.loads(ask(f"GET /notes/{made['id']}").body) == made
    ask(f"DELETE /notes/{made['id']}")
    assert ask("GET /notes").body == before


BY_ID = "{type: object, additionalProperties: {$ref: '#/components/schemas/Note'}}"


@pytest.mark.parametrize(
    ("shape", "path"), [(BY_ID, ()), (f"{{type: object, properties: {{notes: {BY_ID}}}}}", ("notes",))]
)
def test_a_list_may_be_an_object_of_items_by_their_ids(shape: str, path: tuple[str, ...]) -> None:
    """An object with a member for each item, called as its id, has those that are there."""
    source = f"""
    paths:
      /notes:
        get:
          responses: {{'200': {{description: All, content: {{application/json: {{schema: {shape}}}}}}}}}
        post:
          requestBody:
            content: {{application/json: {{schema: {{type: object, properties: {{text: {{type: string}}}}}}}}}}
          responses: {{'201': {{$ref: '#/components/responses/Note'}}}}
      /notes/{{noteId}}:
        parameters: [{{name: noteId, in: path, required: true, schema: {{type: integer}}}}]
        get: {{responses: {{'200': {{$ref: '#/components/responses/Note'}}}}}}
        delete: {{responses: {{'204': {{description: Gone}}}}}}
    components:
      responses:
        Note: {{description: It, content: {{application/json: {{schema: {{$ref: '#/components/schemas/Note'}}}}}}}}
      schemas:
        Note: {{type: object, required: [id], properties: {{id: {{type: integer}}, text: {{type: string}}}}}}
    """
    for settings in ({}, {"state": ("closed",)}):
        ask = asker(contract(source), **settings)

        first, second = (
            json.loads(ask("POST /notes", {"Content-Type": "application/json"}, b'{"text": "mine"}').body)
            for _ in range(2)
        )
        notes = part_at(json.loads(ask("GET /notes").body), path)
        assert isinstance(notes, dict)
        assert notes[str(first["id"])] == first
        assert notes[str(second["id"])] == second
        for id in notes:
            ask(f"DELETE /notes/{id}")
        assert part_at(json.loads(ask("GET /notes").body), path) == {}
