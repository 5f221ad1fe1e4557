"""Models are importable, idiomatic, the same after every run, and keep what their contract's examples say."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from pydantic import TypeAdapter, ValidationError
from support.folders import ROOT
from support.modelling import CONTRACTS, bodies, document, loaded, module_from, operation, ref, run, things

from tallystick.contracts.read import read_contract
from tallystick.models.keywords import Schema
from tallystick.nouns.errors import Exit


@pytest.mark.parametrize("file", CONTRACTS, ids=lambda file: file.stem)
def test_every_example_loads_and_dumps_back(file: Path) -> None:
    """Each example of each body loads into the committed model of that body, and dumps back to the same JSON."""
    models = loaded(ROOT / "generated" / f"{file.stem.replace('-', '_')}.py")
    count = 0
    for label, part, _, body_format in bodies(read_contract(file)):
        body: TypeAdapter[Any] = TypeAdapter(models.BODIES[label][part][body_format.media_type.text])
        for example in body_format.examples:
            model = body.validate_json(json.dumps(example.value))
            assert body.dump_python(model, mode="json", by_alias=True, exclude_unset=True) == example.value
            count += 1
    assert count >= len(models.BODIES)


def test_the_committed_models_are_up_to_date(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """`--check` finds no drift in generated/, from whatever folder it is run."""
    monkeypatch.chdir(tmp_path)
    result = run(*CONTRACTS, "--check", "-o", ROOT / "generated")
    assert result.exit_code == Exit.CLEAN, result.output
    assert "up to date with 4 contracts" in result.output


@pytest.mark.parametrize(
    ("schema", "lines"),
    [
        ({"type": "string", "format": "uuid"}, ["thing: StrictUUID | None = None"]),
        ({"type": "string", "format": "date-time"}, ["thing: StrictDatetime | None = None"]),
        ({"type": "string", "format": "date"}, ["thing: StrictDate | None = None"]),
        ({"type": "string", "format": "uri"}, ["thing: str | None = None"]),
        ({"type": ["string", "null"]}, ["thing: str | None = None"]),
        ({"type": "integer", "default": 1}, ["thing: StrictInteger = 1"]),
        ({"type": "string", "const": "created"}, ['thing: Literal["created"] | None = None']),
        ({"type": "integer", "minimum": 1}, ["thing: Annotated[StrictInteger | None, Field(ge=1)] = None"]),
        ({"anyOf": [{"type": "string", "maxLength": 5}, {"type": "null"}]}, ["thing: Annotated[str | None, Field(max"]),
        (
            {"enum": ["on", "off-line"], "description": "Whether it works.", "default": "on"},
            [
                'class HolderThing(StrEnum):\n    """Whether it works."""\n\n    ON = "on"\n    OFF_LINE = "off-line"',
                "thing: HolderThing = HolderThing.ON",
            ],
        ),
        ({"enum": ["on", "off", None]}, ["class HolderThing(StrEnum)", "HolderThing | None"]),
        ({"enum": ["on", None]}, ['thing: Literal["on"] | None = None']),
        ({"type": "array", "items": things(a={"type": "boolean"})}, ["class HolderThing(", "list[HolderThing] | None"]),
        ({"allOf": [ref("Other")], "description": "Mine."}, ['thing: Other | None = None\n    """Mine."""']),
        ({"allOf": [ref("Other"), {"description": "Mine."}]}, ['thing: Other | None = None\n    """Mine."""']),
        ({"anyOf": [ref("Other"), {"type": "null"}]}, ["thing: Other | None = None"]),
        ({"type": "object"}, ["thing: dict[str, Any] | None = None"]),
        ({**things(a={}), "additionalProperties": False}, ["class HolderThing(", 'extra="forbid"']),
        ({"type": "array", "items": {"type": "string", "maxLength": 9}}, ["thing: list[StringUpTo9] | None = None"]),
    ],
    ids=lambda value: json.dumps(value)[:50] if isinstance(value, dict) else "",
)
def test_a_property_has_the_type_that_a_person_would_write(tmp_path: Path, schema: Schema, lines: list[str]) -> None:
    """Formats, nullability, enums, lists and references are the Python types that say the same."""
    text = module_from(tmp_path, document({"Holder": things(thing=schema), "Other": things(x={"type": "string"})})).text
    for line in lines:
        assert line in text


def test_names_are_pythons_and_aliases_the_contracts(tmp_path: Path) -> None:
    """A property is in snake_case with its own name as alias; either does to make a model, the alias is dumped."""
    schemas = {
        "Session": {**things(sessionId={"type": "string"}, **{"class": {"type": "string"}}), "description": "S."}
    }
    file = tmp_path / "things.py"
    file.write_text(module_from(tmp_path, document(schemas)).text, encoding="utf-8")
    session = loaded(file).Session
    assert session.__doc__ == "S."
    by_name, by_alias = session(session_id="1", class_="a"), session.model_validate({"sessionId": "1", "class": "a"})
    assert by_name == by_alias
    assert by_name.model_dump(by_alias=True) == {"sessionId": "1", "class": "a"}


def test_components_keep_their_names(tmp_path: Path) -> None:
    """What is no class has its name all the same, and is used by it."""
    schemas = {"pet-id": {"type": "string", "format": "uuid"}, "Pets": {"type": "array", "items": ref("Pet")}}
    text = module_from(
        tmp_path, document({**schemas, "Pet": things(id=ref("pet-id")), "Free": {"type": "object"}})
    ).text
    assert 'Free = TypeAliasType("Free", dict[str, Any])' in text
    assert 'PetId = TypeAliasType("PetId", StrictUUID)' in text
    assert 'Pets = TypeAliasType("Pets", list[Pet])' in text
    assert "id: PetId | None" in text


def test_what_is_written_twice_is_one_class(tmp_path: Path) -> None:
    """An object and an enum written in place in two components are one class each, the descriptions on the fields."""
    state = {"type": "string", "enum": ["up", "down"]}
    address = things(street={"type": "string"})
    one = things(state={**state, "description": "Of one."}, address=address)
    two = things(state={**state, "description": "Of two."}, address=address)
    text = module_from(tmp_path, document({"One": one, "Two": two})).text
    assert text.count("(StrEnum):") == 1
    assert text.count("address: Address | None") == 2
    assert 'state: State | None = None\n    """Of one."""' in text
    assert 'state: State | None = None\n    """Of two."""' in text


def test_a_component_that_may_be_null_is_its_class(tmp_path: Path) -> None:
    """A component that takes an object or null is the class of the object; null is where it is used."""
    contract = {
        "openapi": "3.0.3",
        "info": {"title": "Things", "version": "1"},
        "paths": {"/window": {"get": operation(answer=ref("Window"))}},
        "components": {
            "schemas": {
                "Window": {**things(start={"type": "string"}), "nullable": True},
                "Droplet": {**things(window=ref("Window")), "required": ["window"]},
            }
        },
    }
    text = module_from(tmp_path, contract).text
    assert "class Window(BaseModel):" in text
    assert "window: Window | None\n" in text
    assert '{"application/json": Window | None}' in text


def test_requests_have_their_own_class_where_they_differ(tmp_path: Path) -> None:
    """A required readOnly property is not required of a request; what both carry alike is one class."""
    pet = {**things(id={"type": "integer", "readOnly": True}, owner=ref("Owner")), "required": ["id", "owner"]}
    contract = document(
        {"Pet": pet, "Owner": things(name={"type": "string"})},
        paths={"/pets": {"post": operation(ref("Pet"), ref("Pet"), operationId="addPet")}},
    )
    file = tmp_path / "things.py"
    file.write_text(module_from(tmp_path, contract).text, encoding="utf-8")
    models = loaded(file)
    bodies = models.BODIES["POST /pets"]
    assert bodies == {
        "request": {"application/json": models.PetRequest},
        "200": {"application/json": models.Pet},
    }
    assert models.PetRequest.model_validate({"owner": {}}).owner == models.Owner()
    with pytest.raises(ValidationError, match="id"):
        models.Pet.model_validate({"owner": {}})
    assert not hasattr(models, "OwnerRequest")


def test_a_discriminator_finds_the_branch(tmp_path: Path) -> None:
    """Branches that their properties do not tell apart are told apart by the discriminator."""
    cat = {**things(petType={"type": "string"}, name={"type": "string"}), "required": ["petType"]}
    pet = {
        "oneOf": [ref("Cat"), ref("Dog")],
        "discriminator": {"propertyName": "petType", "mapping": {"hound": "#/components/schemas/Dog"}},
    }
    file = tmp_path / "things.py"
    file.write_text(module_from(tmp_path, document({"Pet": pet, "Cat": cat, "Dog": cat})).text, encoding="utf-8")
    models = loaded(file)
    body: TypeAdapter[Any] = TypeAdapter(models.Pet)
    assert type(body.validate_python({"petType": "hound"})) is models.Dog
    assert type(body.validate_python({"petType": "Cat"})) is models.Cat


def test_a_discriminator_that_need_not_be_there_is_not_required(tmp_path: Path) -> None:
    """A union whose branches do not require the property takes values without it, as the contract does."""
    cat, dog = things(kind={"type": "string"}, claws={"type": "boolean"}), things(kind={"type": "string"})
    pet = {"oneOf": [ref("Cat"), ref("Dog")], "discriminator": {"propertyName": "kind"}}
    file = tmp_path / "things.py"
    file.write_text(module_from(tmp_path, document({"Pet": pet, "Cat": cat, "Dog": dog})).text, encoding="utf-8")
    models = loaded(file)
    assert type(TypeAdapter(models.Pet).validate_python({"claws": True})) is models.Cat


def test_bodies_without_a_name_are_named_after_their_operation(tmp_path: Path) -> None:
    """A body that is written in place is called after its operation, one of a shared response after that."""
    shared = {"description": "Wrong.", "content": {"application/json": {"schema": things(detail={"type": "string"})}}}
    listing = operation(answer={"type": "array", "items": things(id={"type": "integer"})})
    listing["responses"]["404"] = {"$ref": "#/components/responses/NotFound"}
    contract = document(
        {}, paths={"/pets/{id}": {"get": listing, "put": operation(things(a={}), operationId="setPet")}}
    )
    contract["components"]["responses"] = {"NotFound": shared}
    text = module_from(tmp_path, contract).text
    assert 'GetPetsIdResponse = TypeAliasType("GetPetsIdResponse", list[GetPetsIdResponseItem])' in text
    assert '"404": {"application/json": NotFound}' in text
    assert '"request": {"application/json": SetPetRequest}' in text
