"""Models are importable, idiomatic, the same after every run, and keep what their contract's examples say."""

from __future__ import annotations

import ast
import csv
import importlib.util
import json
import os
import sys
from collections.abc import Iterator, Mapping
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest
from click.testing import CliRunner, Result
from pydantic import BaseModel, TypeAdapter, ValidationError

from tallystick.cli import main
from tallystick.config import Configuration
from tallystick.contracts.read import read_contract
from tallystick.models import Module, datamodel_codegen_adapter, generate, module_of, write
from tallystick.models.formatting import prose
from tallystick.models.keywords import Schema
from tallystick.models.named_schemas import REQUEST
from tallystick.models.python_names import bounded_name, class_name, module_name, singular
from tallystick.nouns.contract import Contract, MediaType
from tallystick.nouns.errors import Exit, UsageError
from tallystick.nouns.schema import Direction

ROOT = Path(__file__).resolve().parent.parent
CONTRACTS = sorted((ROOT / "openapi").glob("*.yaml"))
CORPUS = Path(os.environ.get("TALLYSTICK_CORPUS", ROOT.parent / "shared" / "corpus"))


def document(schemas: dict[str, Any], **more: Any) -> dict[str, Any]:
    """A document of OpenAPI 3.1 with these schemas as components, and whatever else is given."""
    head = {"openapi": "3.1.0", "info": {"title": "Things", "version": "1"}, "paths": {}}
    return {**head, "components": {"schemas": schemas}, **more}


def contract_of(folder: Path, value: dict[str, Any], name: str = "things.json") -> Contract:
    """The contract in a file of this value."""
    file = folder / name
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(json.dumps(value), encoding="utf-8")
    return read_contract(file)


def made(folder: Path, value: dict[str, Any]) -> Module:
    """The module of a document."""
    return module_of(contract_of(folder, value), "things.json")


def operation(body: Schema | None = None, answer: Schema | None = None, **more: Any) -> dict[str, Any]:
    """An operation with these schemas as the JSON of its request and of its response."""
    result: dict[str, Any] = {"responses": {"200": {"description": "Done."}}, **more}
    if body is not None:
        result["requestBody"] = {"content": {"application/json": {"schema": body}}}
    if answer is not None:
        result["responses"]["200"]["content"] = {"application/json": {"schema": answer}}
    return result


def ref(name: str) -> dict[str, str]:
    """A reference to a component."""
    return {"$ref": f"#/components/schemas/{name}"}


def things(**properties: Schema) -> Schema:
    """An object with these properties."""
    return {"type": "object", "properties": properties}


def run(*arguments: str | Path) -> Result:
    """The command line `tallystick models ...`, as a process would run it."""
    return CliRunner().invoke(main, ["models", *map(str, arguments)])


def loaded(file: Path) -> ModuleType:
    """The module in a file, imported as a user's would be."""
    name = f"models_of_a_test_{abs(hash(str(file)))}"
    spec = importlib.util.spec_from_file_location(name, file)
    assert spec is not None
    assert spec.loader is not None
    module = sys.modules[name] = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def bodies(contract: Contract) -> Iterator[tuple[str, str, Direction, MediaType]]:
    """Every body of a contract: its operation, its part, which way it goes, and what it is."""
    for operation in contract:
        if operation.request_body is not None:
            for media_type in operation.request_body.content:
                yield operation.label, REQUEST, Direction.REQUEST, media_type
        for response in operation.responses:
            for media_type in response.content:
                yield operation.label, response.status, Direction.RESPONSE, media_type


@pytest.mark.parametrize("file", CONTRACTS, ids=lambda file: file.stem)
def test_every_example_loads_and_dumps_back(file: Path) -> None:
    """Each example of each body loads into the committed model of that body, and dumps back to the same JSON."""
    models = loaded(ROOT / "generated" / f"{file.stem.replace('-', '_')}.py")
    count = 0
    for operation, part, _, media_type in bodies(read_contract(file)):
        body: TypeAdapter[Any] = TypeAdapter(models.BODIES[operation][part][media_type.name])
        for example in media_type.examples:
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


# What the code looks like


@pytest.mark.parametrize(
    ("schema", "lines"),
    [
        ({"type": "string", "format": "uuid"}, ["thing: UUID | None = None"]),
        ({"type": "string", "format": "date-time"}, ["thing: AwareDatetime | None = None"]),
        ({"type": "string", "format": "date"}, ["thing: date | None = None"]),
        ({"type": "string", "format": "uri"}, ["thing: str | None = None"]),
        ({"type": ["string", "null"]}, ["thing: str | None = None"]),
        ({"type": "integer", "default": 1}, ["thing: int = 1"]),
        ({"type": "string", "const": "created"}, ['thing: Literal["created"] | None = None']),
        ({"type": "integer", "minimum": 1}, ["thing: Annotated[int | None, Field(ge=1)] = None"]),
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
    text = made(tmp_path, document({"Holder": things(thing=schema), "Other": things(x={"type": "string"})})).text
    for line in lines:
        assert line in text


def test_names_are_pythons_and_aliases_the_contracts(tmp_path: Path) -> None:
    """A property is in snake_case with its own name as alias; either does to make a model, the alias is dumped."""
    schemas = {
        "Session": {**things(sessionId={"type": "string"}, **{"class": {"type": "string"}}), "description": "S."}
    }
    file = tmp_path / "things.py"
    file.write_text(made(tmp_path, document(schemas)).text, encoding="utf-8")
    session = loaded(file).Session
    assert session.__doc__ == "S."
    by_name, by_alias = session(session_id="1", class_="a"), session.model_validate({"sessionId": "1", "class": "a"})
    assert by_name == by_alias
    assert by_name.model_dump(by_alias=True) == {"sessionId": "1", "class": "a"}


def test_components_keep_their_names(tmp_path: Path) -> None:
    """What is no class has its name all the same, and is used by it."""
    schemas = {"pet-id": {"type": "string", "format": "uuid"}, "Pets": {"type": "array", "items": ref("Pet")}}
    text = made(tmp_path, document({**schemas, "Pet": things(id=ref("pet-id")), "Free": {"type": "object"}})).text
    assert 'Free = TypeAliasType("Free", dict[str, Any])' in text
    assert 'PetId = TypeAliasType("PetId", UUID)' in text
    assert 'Pets = TypeAliasType("Pets", list[Pet])' in text
    assert "id: PetId | None" in text


def test_what_is_written_twice_is_one_class(tmp_path: Path) -> None:
    """An object and an enum written in place in two components are one class each, the descriptions on the fields."""
    state = {"type": "string", "enum": ["up", "down"]}
    address = things(street={"type": "string"})
    one = things(state={**state, "description": "Of one."}, address=address)
    two = things(state={**state, "description": "Of two."}, address=address)
    text = made(tmp_path, document({"One": one, "Two": two})).text
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
    text = made(tmp_path, contract).text
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
    file.write_text(made(tmp_path, contract).text, encoding="utf-8")
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
    file.write_text(made(tmp_path, document({"Pet": pet, "Cat": cat, "Dog": cat})).text, encoding="utf-8")
    models = loaded(file)
    body: TypeAdapter[Any] = TypeAdapter(models.Pet)
    assert type(body.validate_python({"petType": "hound"})) is models.Dog
    assert type(body.validate_python({"petType": "Cat"})) is models.Cat


def test_a_discriminator_that_need_not_be_there_is_not_required(tmp_path: Path) -> None:
    """A union whose branches do not require the property takes values without it, as the contract does."""
    cat, dog = things(kind={"type": "string"}, claws={"type": "boolean"}), things(kind={"type": "string"})
    pet = {"oneOf": [ref("Cat"), ref("Dog")], "discriminator": {"propertyName": "kind"}}
    file = tmp_path / "things.py"
    file.write_text(made(tmp_path, document({"Pet": pet, "Cat": cat, "Dog": dog})).text, encoding="utf-8")
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
    text = made(tmp_path, contract).text
    assert 'GetPetsIdResponse = TypeAliasType("GetPetsIdResponse", list[GetPetsIdResponseItem])' in text
    assert '"404": {"application/json": NotFound}' in text
    assert '"request": {"application/json": SetPetRequest}' in text


# Whatever the document


def test_references_beyond_the_components_and_files_are_followed(tmp_path: Path) -> None:
    """A schema in another file, and a part of a schema, have a class each wherever they are referred to."""
    folder = tmp_path / "schemas"
    folder.mkdir()
    (folder / "pet.yaml").write_text("type: object\nproperties:\n  owner: {$ref: 'people.yaml#/Owner'}\n")
    (folder / "people.yaml").write_text(
        "Owner: {type: object, properties: {pets: {type: array, items: {$ref: pet.yaml}}}}\n"
    )
    whole = things(part=things(x={"type": "integer"}))
    contract = document(
        {"Whole": whole, "User": things(part=ref("Whole/properties/part"))},
        paths={"/pet": {"get": operation(answer={"$ref": "schemas/pet.yaml"})}},
    )
    text = made(tmp_path, contract).text
    assert "owner: Owner | None" in text
    assert "pets: list[Pet] | None" in text
    assert text.count("part: Part | None") == 2
    assert '{"application/json": Pet}' in text


def test_swagger_2_has_models_too(tmp_path: Path) -> None:
    """Definitions and bodies of Swagger 2.0 become what components and bodies of OpenAPI 3 do."""
    contract = {
        "swagger": "2.0",
        "info": {"title": "Things", "version": "1"},
        "paths": {
            "/pets": {
                "post": {
                    "parameters": [{"name": "pet", "in": "body", "schema": {"$ref": "#/definitions/Pet"}}],
                    "responses": {"201": {"description": "Done.", "schema": {"$ref": "#/definitions/Pet"}}},
                }
            }
        },
        "definitions": {"Pet": things(name={"type": "string", "x-nullable": True})},
    }
    text = made(tmp_path, contract).text
    assert "class Pet(BaseModel):\n    name: str | None = None" in text
    assert text.count('{"application/json": Pet}') == 2


def test_a_contract_without_a_schema_has_a_module(tmp_path: Path) -> None:
    """A document that has nothing to model gives a module that imports and is empty but for its docstring."""
    module = made(tmp_path, document({}))
    assert module.left_out == ()
    assert [type(node) for node in ast.parse(module.text).body] == [ast.Expr]


@pytest.mark.parametrize(
    ("schema", "fact"),
    [
        (ref("Nowhere"), "leads nowhere"),
        (ref("Faulty"), "leads back to itself"),
        ({"type": "strng"}, "type must be one of"),
        ({"type": "string", "minLength": "3"}, "minLength must be a whole number"),
        ({"type": "string", "pattern": "("}, "the pattern ( is left out"),
        ({"type": "object", "required": True}, "required must be a list of strings"),
        ("text", "a schema must be an object or a boolean"),
    ],
    ids=str,
)
def test_a_fault_costs_no_more_than_itself(tmp_path: Path, schema: Any, fact: str) -> None:
    """A schema with a fault loses what is wrong with it, named with its line, and the others are as they would be."""
    module = made(tmp_path, document({"Faulty": schema, "Sound": things(x={"type": "integer"})}))
    assert [fact in violation.message for violation in module.left_out] == [True]
    assert module.left_out[0].contract.line == 1
    assert "class Sound(BaseModel):\n    x: int | None = None" in module.text
    assert "Faulty = TypeAliasType(" in module.text


def test_patterns_that_no_one_engine_takes_are_left_out(tmp_path: Path) -> None:
    """Pydantic uses one engine for a class: where a pattern needs Python's, one that only Rust's takes is left out."""
    word, look = {"type": "string", "pattern": r"^\p{L}+$"}, {"type": "string", "pattern": "^(?!x)"}
    assert made(tmp_path, document({"A": things(word=word)})).left_out == ()
    module = made(tmp_path, document({"A": things(word=word, look=look)}))
    assert [violation.contract.pointer for violation in module.left_out] == [
        "/components/schemas/A/properties/word/pattern"
    ]
    file = tmp_path / "things.py"
    file.write_text(module.text, encoding="utf-8")
    with pytest.raises(ValidationError, match="look"):
        loaded(file).A(look="x", word="1")


def test_a_schema_that_the_generator_fails_on_is_found(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """Where the generator fails, the schemas that make it fail are named and are Any, and the others are models."""
    real = datamodel_codegen_adapter.load_generator()

    def touchy(schemas: Mapping[str, Schema]) -> str:
        for name in ("Bad", "Worse"):
            if schemas[name]:
                raise RuntimeError(f"no idea what {name} is")
        return real(schemas)

    monkeypatch.setattr(datamodel_codegen_adapter, "load_generator", lambda: touchy)
    names = [f"Good{number}" for number in range(9)]
    schemas = {name: things(x={"type": "integer"}) for name in (*names[:4], "Bad", *names[4:], "Worse")}
    module = made(tmp_path, document(schemas))
    assert [violation.message.partition("generator ")[2] for violation in module.left_out] == [
        "fails on it: no idea what Bad is",
        "fails on it: no idea what Worse is",
    ]
    assert all(f"class {name}(BaseModel)" in module.text for name in names)
    assert 'Bad = TypeAliasType("Bad", Any)' in module.text


def test_a_generator_that_makes_nothing_is_one_error(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """A generator that fails on anything is not blamed on the contract."""

    def broken(_: Mapping[str, Schema]) -> str:
        raise RuntimeError("out of order")

    monkeypatch.setattr(datamodel_codegen_adapter, "load_generator", lambda: broken)
    with pytest.raises(UsageError, match="makes no models at all: out of order"):
        made(tmp_path, document({"A": {"type": "string"}}))


def test_a_contract_cannot_have_code_run(tmp_path: Path) -> None:
    """Names, texts and extensions of a hostile contract end up as names and texts: nothing is imported but types."""
    evil = '"""\\n\\"\\"\\"\nimport os; os.system("true")\n"""'
    schema = {
        **things(a={"type": "string", "description": evil, "default": evil, "x-python-type": "os.system"}),
        "description": evil,
        "customTypePath": "os.system",
        "customBasePath": "subprocess.Popen",
        "x-python-import": {"module": "os", "name": "system"},
    }
    contract = document({"A": schema, evil: {"enum": [evil, "b"]}})
    contract["info"]["title"] = evil
    contract["paths"] = {f"/{evil}": {"get": operation(answer=ref("A"), operationId=evil)}}
    tree = ast.parse(made(tmp_path, contract).text)
    imported = {node.module for node in ast.walk(tree) if isinstance(node, ast.ImportFrom)}
    assert imported <= {"__future__", "enum", "typing", "typing_extensions", "pydantic"}
    assert not [node for node in ast.walk(tree) if isinstance(node, ast.Import)]
    calls = {node.func.id for node in ast.walk(tree) if isinstance(node, ast.Call) and isinstance(node.func, ast.Name)}
    assert calls <= {"ConfigDict", "Field", "TypeAliasType"}


# Names and prose


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("pet-list", "PetList"),
        ("getURL", "GetURL"),
        ("io.k8s.Pod", "IoK8sPod"),
        ("2fa", "Model2fa"),
        ("", "Model"),
        ("Any", "AnyModel"),
        ("größe", "Größe"),
        ("日本", "日本"),
    ],
)
def test_class_names(text: str, name: str) -> None:
    """Any text makes a class name that Python takes and that hides nothing that a module imports."""
    assert class_name(text) == name
    assert name.isidentifier()


def test_other_names() -> None:
    """Modules, items and bounded values have names too."""
    assert [module_name(name) for name in ("a-b", "3d", "class")] == ["a_b", "contract_3d", "class_"]
    assert [singular(word) for word in ("tags", "entries", "status", "boxes", "address", "is")] == [
        *("tag", "entry", "status", "box", "address", "is"),
    ]
    assert [
        bounded_name({"type": "string", "minLength": 1}),
        bounded_name({"type": "string", "minLength": 2, "maxLength": 64}),
        bounded_name({"type": "string", "minLength": 4, "maxLength": 4}),
        bounded_name({"type": "integer", "minimum": 0}),
        bounded_name({"type": "integer", "minimum": -1}),
        bounded_name({"type": "string", "maxLength": 5, "pattern": "x"}),
    ] == ["NonEmptyString", "String2To64", "String4", "IntegerFrom0", "", ""]


def test_prose_is_wrapped_and_code_is_not() -> None:
    """Long lines of a description are wrapped; what Markdown shows as code or as a table stays as it is."""
    words = " ".join(["word"] * 40)
    wrapped = prose(f"  {words}  \n\n- {words}\n\n```\n{words}\n```\n| {words} |\n")
    lines = wrapped.splitlines()
    assert max(len(line) for line in lines[: lines.index("```")]) <= 88
    assert [line for line in lines if len(line) > 88] == [words, f"| {words} |"]
    assert "\n  word" in wrapped


# The folder


def folder_of(tmp_path: Path, **contracts: Any) -> tuple[Path, Path]:
    """A folder of contracts, by name, and one for their models."""
    for name, value in contracts.items():
        contract_of(tmp_path / "openapi", value, f"{name}.json")
    return tmp_path / "openapi", tmp_path / "generated"


def test_models_are_written_and_stay(tmp_path: Path) -> None:
    """A first run writes a module for each contract and one that lists them; a second one changes nothing."""
    contracts, models = folder_of(tmp_path, one=document({"A": things(x={})}), two=document({}))
    first = run(contracts, "-o", models)
    assert first.exit_code == Exit.CLEAN
    assert [line.rpartition("/")[2] for line in first.output.splitlines()] == [
        *("__init__.py: written", "one.py: written", "two.py: written"),
    ]
    before = {file: file.read_bytes() for file in models.iterdir()}
    again = run(contracts, "-o", models)
    assert again.output == f"{models}: up to date with 2 contracts\n"
    assert {file: file.read_bytes() for file in models.iterdir()} == before
    assert "- `one` from ../openapi/one.json\n" in (models / "__init__.py").read_text()


def test_drift_is_shown_as_a_diff(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """`--check` fails where a module is not what its contract makes, shows how, and writes nothing."""
    contracts, models = folder_of(tmp_path, one=document({"A": things(x={"type": "integer"})}))
    run(contracts, "-o", models)
    contract_of(contracts, document({"A": things(x={"type": "string"})}), "one.json")
    before = (models / "one.py").read_bytes()
    result = run(contracts, "-o", models, "--check")
    assert result.exit_code == Exit.VIOLATIONS
    assert "\n-    x: int | None = None\n+    x: str | None = None\n" in result.stdout
    assert result.stderr == f"tallystick: 1 file in {models} would change; tallystick models writes them\n"
    assert (models / "one.py").read_bytes() == before
    monkeypatch.setenv("FORCE_COLOR", "1")
    assert "\x1b[32m+    x: str | None = None\x1b[0m\n" in run(contracts, "-o", models, "--check").stdout


def test_a_module_whose_contract_is_gone_is_stale(tmp_path: Path) -> None:
    """`--check` fails on it and the next run removes it; one that is only not asked for stays."""
    contracts, models = folder_of(tmp_path, one=document({}), two=document({}), three=document({}))
    run(contracts, "-o", models)
    (contracts / "two.json").unlink()
    checked = run(contracts / "one.json", "-o", models, "--check")
    assert checked.exit_code == Exit.VIOLATIONS
    assert f"--- {models}/two.py\n+++ /dev/null\n" in checked.stdout
    assert f"{models}/two.py: removed\n" in run(contracts / "one.json", "-o", models).output
    assert sorted(file.name for file in models.iterdir()) == ["__init__.py", "one.py", "three.py"]


def test_a_file_that_was_not_generated_is_not_overwritten(tmp_path: Path) -> None:
    """A module written by hand where a generated one would go is one error, and stays."""
    contracts, models = folder_of(tmp_path, one=document({}))
    models.mkdir()
    (models / "one.py").write_text("x = 1\n")
    result = run(contracts, "-o", models)
    assert result.exit_code == Exit.USAGE
    assert result.stderr.startswith(f"tallystick: {models}/one.py was not generated and is in the way; move it")
    assert (models / "one.py").read_text() == "x = 1\n"


def test_two_contracts_of_one_name_are_one_error(tmp_path: Path) -> None:
    """Two contracts that would be one module are named, and nothing is written."""
    contracts, models = folder_of(tmp_path, **{"my-api": document({}), "my_api": document({})})
    result = run(contracts, "-o", models)
    assert result.exit_code == Exit.USAGE
    assert "my-api.json and " in result.stderr
    assert "would both be the module my_api" in result.stderr
    assert not models.exists()


def test_a_contract_that_cannot_be_read_does_not_stop_the_others(tmp_path: Path) -> None:
    """The others are written, the one is named with its line, and the exit code says so."""
    contracts, models = folder_of(tmp_path, one=document({}))
    (contracts / "two.json").write_text('{"openapi": "3.1.0",\n oops}')
    result = run(contracts, contracts / "nowhere.yaml", "-o", models)
    assert result.exit_code == Exit.UNREACHABLE
    assert [line.partition(": ")[2].rpartition("/")[2][:12] for line in result.stderr.splitlines()] == [
        *("two.json:2: ", "nowhere.yaml"),
    ]
    assert (models / "one.py").exists()


def test_a_folder_that_cannot_be_written_is_one_error(tmp_path: Path) -> None:
    """A folder below a file cannot be made; the message says which file could not be written."""
    contracts, _ = folder_of(tmp_path, one=document({}))
    (tmp_path / "file").write_text("")
    result = run(contracts, "-o", tmp_path / "file" / "models")
    assert result.exit_code == Exit.UNREACHABLE
    assert result.stderr == f"tallystick: {tmp_path}/file/models/__init__.py: cannot be written: Not a directory\n"


def test_what_has_no_model_is_told_and_strict_refuses_it(tmp_path: Path) -> None:
    """A part without a model is a line on stderr; with --strict nothing is written."""
    contracts, models = folder_of(tmp_path, one=document({"A": {"type": "strng"}}))
    strict = run(contracts, "-o", models, "--strict")
    assert strict.exit_code == Exit.VIOLATIONS
    assert "one.json:1: unreadable-part: type must be one of " in strict.stderr
    assert not models.exists()
    assert run(contracts, "-o", models).exit_code == Exit.CLEAN
    assert models.exists()


@pytest.mark.parametrize(("name", "tool"), [("datamodel_code_generator", "datamodel-code-generator"), ("ruff", "ruff")])
def test_a_missing_tool_is_one_error(monkeypatch: pytest.MonkeyPatch, tmp_path: Path, name: str, tool: str) -> None:
    """A tool that is not installed is named, with how to install it."""
    monkeypatch.setitem(sys.modules, name, None)
    with pytest.raises(UsageError, match=f"pip install {tool}"):
        made(tmp_path, document({"A": {"type": "string"}}))


def test_the_api_writes_what_it_says(tmp_path: Path) -> None:
    """`generate` changes nothing until its changes are written."""
    contracts, models = folder_of(tmp_path, one=document({}))
    result = generate([str(contracts)], Configuration(tmp_path))
    assert [change.file for change in result.changes] == [models / "__init__.py", models / "one.py"]
    assert not models.exists()
    write(result.changes)
    assert generate([str(contracts)], Configuration(tmp_path)).changes == ()


# Real documents


def corpus() -> list[str]:
    """The documents of the corpus, none where it is not there."""
    index = CORPUS / "INDEX.tsv"
    if not index.exists():
        return []
    return [row["file"] for row in csv.DictReader(index.read_text().splitlines(), delimiter="\t")]


@pytest.mark.slow
@pytest.mark.skipif(not corpus(), reason=f"no corpus at {CORPUS}; TALLYSTICK_CORPUS names its folder")
@pytest.mark.parametrize("name", corpus())
def test_a_real_document_has_models_that_hold_its_examples(name: str, tmp_path: Path) -> None:
    """The module imports, each of its classes can be built, and each example that judges clean loads."""
    contract = read_contract(CORPUS / name)
    file = tmp_path / "models.py"
    file.write_text(module_of(contract, name).text, encoding="utf-8")
    models = loaded(file)
    for value in list(vars(models).values()):
        if isinstance(value, type) and issubclass(value, BaseModel) and value.__module__ == models.__name__:
            value.model_rebuild()
    table = getattr(models, "BODIES", {})
    failed = [
        f"{operation} {part} {media_type.name} {example.name}"
        for operation, part, direction, media_type in bodies(contract)
        for example in media_type.examples
        if media_type.schema is not None
        and example.serialized is None
        and media_type.schema.is_valid(example.value, direction)
        and not _beside_its_schema(media_type.schema.resolved, example.value)
        and not _loads(table.get(operation, {}).get(part, {}).get(media_type.name, Any), example.value)
    ]
    assert failed == []


def _beside_its_schema(schema: Mapping[str, Any], value: Any) -> bool:
    """Whether a schema speaks of objects without saying `type: object`, and a value is none: it fits, unspoken of."""
    return "properties" in schema and "type" not in schema and not isinstance(value, dict)


def _loads(body: Any, value: Any) -> bool:
    try:
        TypeAdapter(body).validate_json(json.dumps(value))
    except ValidationError:
        return False
    return True
