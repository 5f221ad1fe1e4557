"""Seeds: the resources of a file that every session of the mock begins with."""

from __future__ import annotations

import asyncio
import json
from pathlib import Path
from textwrap import dedent
from types import SimpleNamespace
from typing import Any
from unittest.mock import AsyncMock

import pytest
from support.asking import Ask, asker, asker_of, contract
from support.commands import run

from tallystick.mock.app import create_app
from tallystick.mock.settings import MockSettings
from tallystick.mock.stores.memory import MemoryStore
from tallystick.mock.stores.seeded import SeededStore, Sowing
from tallystick.mock.stores.store import Item, Place
from tallystick.nouns.errors import Exit, UnreadableError

SHOP = """
    paths:
      /pets:
        get: {responses: {'200': {description: Pets, content: {application/json: {schema: {type: array, items: &pet
          {type: object, required: [id, name], properties: {id: {type: integer}, name: {type: string}}}}}}}}}
      /pets/{petId}:
        parameters: &id [{name: petId, in: path, required: true, schema: {type: integer}}]
        get: {responses: {'200': {description: Pet, content: {application/json: {schema: *pet}}}, '404': &gone
          {description: Gone}}}
        delete: {responses: {'204': {description: Gone}, '404': *gone}}
      /pets/{petId}/toys/{name}:
        parameters: [{name: petId, in: path, required: true, schema: {type: integer}},
          {name: name, in: path, required: true, schema: {type: string}}]
        get: {responses: {'200': {description: Toy, content: {application/json: {schema: {type: object,
          properties: {size: {type: integer}}}}}}, '404': *gone}}
        put: {responses: {'201': {description: Done}, '404': *gone}}
      /settings:
        get: {responses: {'200': &settings {description: It, content: {application/json: {schema: {type: object,
          properties: {theme: {type: string}}}}}}}}
        put: {requestBody: {content: {application/json: {schema: {type: object, properties: {theme: {type: string}}}}}},
          responses: {'200': *settings}}
"""
SEEDS = """
/pets:
  - {id: 7, name: Rex}
  - {id: 3, name: Ada}
/pets/7/toys:
  ball: {size: 3}
/settings: {theme: dark}
"""


def seeded(tmp_path: Path, text: str = SEEDS, **settings: Any) -> Ask:
    """A closed mock of the shop with seeds."""
    (tmp_path / "seeds.yaml").write_text(text)
    return asker(contract(SHOP), state=("closed",), seed_data=str(tmp_path / "seeds.yaml"), **settings)


def test_only_seeds_exist_in_a_closed_mock(tmp_path: Path) -> None:
    """A list shows the seeds in their order, a seed is read by its id, and there are no others."""
    ask = seeded(tmp_path)
    assert json.loads(ask("GET /pets").body) == [{"id": 7, "name": "Rex"}, {"id": 3, "name": "Ada"}]
    assert json.loads(ask("GET /pets/3").body) == {"id": 3, "name": "Ada"}
    assert ask("GET /pets/4").status == 404
    assert json.loads(ask("GET /pets/7/toys/ball").body) == {"size": 3}
    assert ask("GET /pets/3/toys/ball").status == 404
    assert json.loads(ask("GET /settings").body) == {"theme": "dark"}


def test_what_nothing_creates_is_there_until_some_are_seeded(tmp_path: Path) -> None:
    """In a closed mock, a toy may be put for a pet that nothing can create; once pets are seeded, only for those."""
    assert seeded(tmp_path, "/settings: {theme: dark}")("PUT /pets/5/toys/ball").status == 201
    ask = seeded(tmp_path)
    assert (ask("PUT /pets/5/toys/ball").status, ask("PUT /pets/7/toys/ball").status) == (404, 201)


def test_each_session_has_its_own_seeds(tmp_path: Path) -> None:
    """What one session deletes is there in another, which begins with the seeds when it is used first."""
    ask = seeded(tmp_path)
    mine = {"Tallystick-Session": "mine"}
    assert ask("DELETE /pets/7", mine).status == 204
    assert (ask("GET /pets/7", mine).status, ask("GET /pets/7").status) == (404, 200)
    assert [row["id"] for row in json.loads(ask("GET /pets", mine).body)] == [3]


def test_a_change_of_the_file_puts_its_resources_again(tmp_path: Path) -> None:
    """The mock that is made after an edit of the seeds goes on with what was kept, and with the seeds as they are."""
    file = tmp_path / "seeds.yaml"
    file.write_text(SEEDS)
    settings = MockSettings(state=("closed",), seed_data=str(file))
    source = contract(SHOP)
    app = create_app([source], settings)
    assert asker_of(app)("DELETE /pets/3").status == 204
    same = create_app([source], settings, before=app.memory)
    assert asker_of(same)("GET /pets/3").status == 404
    file.write_text(SEEDS.replace("Ada", "Bob"))
    changed = create_app([source], settings, before=same.memory)
    assert json.loads(asker_of(changed)("GET /pets/3").body)["name"] == "Bob"


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("/pets:\n  - {id: 7}\n", "seeds.yaml:2: /pets[0]: the property 'name' is missing; it is required (test.yaml:"),
        ("/pets:\n  - {id: 7, name: 5}\n", "seeds.yaml:2: /pets[0] name: "),
        ("/pets:\n  - {name: Rex}\n", "seeds.yaml:2: /pets[0]: it has no id; say it, or list the resources by their"),
        (
            "/pet:\n  - {id: 7}\n",
            "seeds.yaml:1: /pet: the contract has no collection at this path; did you mean '/pets'?",
        ),
        (
            "/qqq: []\n",
            "seeds.yaml:1: /qqq: the contract has no collection at this path; `tallystick mock --resources`",
        ),
        ("/pets: 5\n", "seeds.yaml:1: /pets: a list of resources was expected, or a mapping from ids to resources"),
        ("- 5\n", "seeds.yaml:1: a mapping from the paths of collections to lists of resources was expected"),
        ("/pets: {8: {id: 7, name: Rex}}\n", "seeds.yaml:1: /pets 8: it is listed as '8', but has the id '7'"),
        ("/pets: [\n", "seeds.yaml:"),
        ("", "seeds.yaml:1: a mapping from the paths of collections to lists of resources was expected"),
    ],
)
def test_a_seed_that_does_not_fit_is_told(text: str, message: str, tmp_path: Path) -> None:
    """A seed that breaks the contract, or has no place in it, stops the start with its line and what is wrong."""
    with pytest.raises(UnreadableError) as told:
        seeded(tmp_path, text)
    assert message in str(told.value)


def test_the_path_of_a_seed_may_name_its_contract(tmp_path: Path) -> None:
    """Where several contracts have a path, the seed says which is meant."""
    shop, other = contract(SHOP, "shop"), contract(SHOP, "other")
    (tmp_path / "seeds.json").write_text(json.dumps({"/shop/pets": [{"id": 7, "name": "Rex"}]}))
    ask = asker(shop, other, state=("closed",), seed_data=str(tmp_path / "seeds.json"))
    assert (ask("GET /shop/pets/7").status, ask("GET /other/pets/7").status) == (200, 404)
    (tmp_path / "seeds.json").write_text('{"/pets": []}')
    with pytest.raises(UnreadableError, match="several contracts have such a path; say /shop/pets or /other/pets"):
        asker(shop, other, seed_data=str(tmp_path / "seeds.json"))


def test_the_command_ends_with_the_code_of_a_file_that_cannot_be_read(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A file of seeds that is not there, or does not fit, ends the command as a contract does that cannot be read."""
    monkeypatch.chdir(tmp_path)
    Path("shop.yaml").write_text(f"openapi: 3.1.0\ninfo: {{title: Shop, version: '1'}}\n{dedent(SHOP)}")
    result = run("mock", "-p", "0", "--seed-data", "gone.yaml", "shop.yaml")
    assert (result.exit_code, "gone.yaml: " in result.stderr) == (Exit.UNREACHABLE, True)


class _SlowFirst(MemoryStore):
    """A store whose first change takes long once it is `slow`, as that of a process that gets no time."""

    slow = False

    async def put(
        self, place: Place, id: str, text: bytes, *, expected: int | None, is_listed: bool, now: float
    ) -> Item | None:
        if self.slow:
            self.slow = False
            await asyncio.sleep(0.1)
        return await super().put(place, id, text, expected=expected, is_listed=is_listed, now=now)


def test_of_two_processes_one_puts_changed_seeds() -> None:
    """Where a file of seeds has changed, one of the processes puts them, and none what a client has changed since."""
    store, place = _SlowFirst(), Place("", "test", "/pets")

    def seeded_with(name: bytes) -> SeededStore:
        seed = SimpleNamespace(contract="test", place="/pets", id="7", text=name)
        return SeededStore(store, Sowing([seed], name, AsyncMock(return_value=0.0)))

    async def change(second: SeededStore) -> None:
        await asyncio.sleep(0.01)
        await second.put(place, "7", b'"mine"', expected=None, is_listed=True, now=0.0)

    async def text() -> bytes:
        await seeded_with(b'"Rex"').revision(place)
        store.slow = True
        await asyncio.gather(seeded_with(b'"Max"').revision(place), change(seeded_with(b'"Max"')))
        (item,) = await store.items(place, ["7"])
        assert item is not None
        return item.text

    assert asyncio.run(text()) == b'"mine"'
