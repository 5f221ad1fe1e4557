"""Which classes a document has: subtypes of a discriminator's base, variants for requests, and names."""

from __future__ import annotations

import json
from pathlib import Path
from types import ModuleType
from typing import Any

from pydantic import TypeAdapter
from support.modelling import document, loaded, module_from, operation, ref, things


def models_of(folder: Path, contract: dict[str, Any]) -> ModuleType:
    """The module of a document, imported."""
    file = folder / "things.py"
    file.write_text(module_from(folder, contract).text, encoding="utf-8")
    return loaded(file)


def animals() -> dict[str, Any]:
    """A base with a discriminator, and two schemas that extend it, one of them mapped by name."""
    base = {**things(kind={"type": "string"}, name={"type": "string"}), "required": ["kind"]}
    return {
        "Animal": {**base, "discriminator": {"propertyName": "kind", "mapping": {"katze": "Cat"}}},
        "Cat": {"allOf": [ref("Animal"), {**things(lives={"type": "integer"}), "required": ["lives"]}]},
        "Dog": {"allOf": [ref("Animal"), things(trick={"type": "string"})]},
    }


def test_a_base_stands_for_what_extends_it(tmp_path: Path) -> None:
    """Where a schema with a discriminator is meant, its subtypes are found, and the base where none of them fits."""
    holder = things(animals={"type": "array", "items": ref("Animal")})
    contract = document(
        {**animals(), "Holder": holder}, paths={"/animal": {"get": operation(answer=ref("Animal"))}}
    )  # fmt: skip
    models = models_of(tmp_path, contract)
    values = [{"kind": "katze", "lives": 9}, {"kind": "Dog"}, {"kind": "Dog", "trick": "roll"}, {"kind": "fish"}]
    holding = models.Holder.model_validate_json(json.dumps({"animals": values}))
    assert [type(animal) for animal in holding.animals] == [models.Cat, models.Dog, models.Dog, models.Animal]
    assert holding.model_dump(mode="json", exclude_unset=True) == {"animals": values}
    assert models.BODIES["GET /animal"]["200"]["application/json"] is models.AnyAnimal


def test_a_schema_may_be_a_branch_of_two_discriminators(tmp_path: Path) -> None:
    """Two unions of the same schemas find the branch by implicit names and by a mapping."""
    pet = {**things(petType={"type": "string"}, name={"type": "string"}), "required": ["petType"]}
    union = {"oneOf": [ref("Cat"), ref("Dog")]}
    mapping = {"katze": "#/components/schemas/Cat", "hund": "Dog"}
    schemas = {
        "Cat": pet,
        "Dog": pet,
        "Implicit": {**union, "discriminator": {"propertyName": "petType"}},
        "Mapped": {**union, "discriminator": {"propertyName": "petType", "mapping": mapping}},
    }
    models = models_of(tmp_path, document(schemas))
    for name, value in ("Implicit", "Cat"), ("Mapped", "katze"):
        assert type(TypeAdapter(getattr(models, name)).validate_python({"petType": value})) is models.Cat
    assert type(TypeAdapter(models.Mapped).validate_python({"petType": "hund"})) is models.Dog


def test_a_read_only_member_is_not_required_by_another_part(tmp_path: Path) -> None:
    """A request need not have a readOnly member that another part of the same allOf requires."""
    tag = things(id={"type": "string", "readOnly": True})
    reference = {"allOf": [ref("Tag"), {"type": "object", "required": ["id"]}]}
    contract = document(
        {"Tag": tag, "Reference": reference},
        paths={"/a": {"post": operation(ref("Reference"), ref("Reference"))}},
    )
    bodies = models_of(tmp_path, contract).BODIES["POST /a"]
    request, response = (bodies[part]["application/json"] for part in ("request", "200"))
    assert request.__name__ == "ReferenceRequest"
    assert not request.model_fields["id"].is_required()
    assert response.model_fields["id"].is_required()


def test_what_several_media_types_carry_alike_is_one_class(tmp_path: Path) -> None:
    """A schema that is written in place for two media types has one class."""
    body = things(name={"type": "string"})
    contract = document({}, paths={"/a": {"post": operation(body, operationId="addThing")}})
    content = contract["paths"]["/a"]["post"]["requestBody"]["content"]
    content["application/x-www-form-urlencoded"] = {"schema": things(name={"type": "string"})}
    models = models_of(tmp_path, contract)
    assert set(models.BODIES["POST /a"]["request"].values()) == {models.AddThingRequest}


def test_branches_are_named_by_what_is_their_own(tmp_path: Path) -> None:
    """A branch that is written in place is called after a property that only it requires, and not by a number."""
    branches = [{**things(**{name: {"type": "string"}}), "required": [name]} for name in ("subjectIds", "digests")]
    models = models_of(tmp_path, document({"Deletion": {"oneOf": branches}}))
    assert models.DeletionSubjectIds(subject_ids="x")
    assert models.DeletionDigests(digests="x")


def test_names_are_bounded(tmp_path: Path) -> None:
    """A class that the contract does not name has a name of sixty letters at most, however deep it stands."""
    schema: dict[str, Any] = things(leaf=things(x={"type": "integer"}))
    for number in range(8):
        schema = things(**{f"levelWithALongName{number}": schema, "own": {"type": "integer"}})
    models = models_of(tmp_path, document({"Root": schema}))
    names = [name for name, value in vars(models).items() if isinstance(value, type)]
    assert len(names) > 8
    assert max(map(len, names)) <= 60
