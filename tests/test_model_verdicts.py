"""A model loads what the judge allows, refuses what the judge refuses, and dumps what it loaded."""

from __future__ import annotations

import json
import subprocess
import sys
from datetime import date, datetime
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest
from pydantic import TypeAdapter, ValidationError
from support.modelling import contract_of, document, loaded, module_from, operation, ref, things

from tallystick.models import module_of
from tallystick.models.keywords import Schema
from tallystick.nouns.json_value import JSON
from tallystick.nouns.schema import Direction

UUID_TEXT = "3c90c3cc-0d44-4b50-8888-8dd25736052a"
ANY_TYPE: list[JSON] = [None, True, False, 0, 1, 1.0, 1.5, -2, "", "1", "true", "text", [], ["x"], {}, {"a": 1}]

SCHEMAS: dict[str, tuple[Schema, list[JSON]]] = {
    "integer": ({"type": "integer"}, ANY_TYPE),
    "number": ({"type": "number", "minimum": 0}, ANY_TYPE),
    "boolean": ({"type": "boolean"}, ANY_TYPE),
    "string": ({"type": "string"}, ANY_TYPE),
    "null": ({"type": "null"}, ANY_TYPE),
    "nullable integer": ({"type": ["integer", "null"], "maximum": 1}, ANY_TYPE),
    "integer of a format": ({"type": "integer", "format": "int32"}, [1, 2**31 - 1, 2**31, "1", None]),
    "nullable integer of a format": ({"type": ["integer", "null"], "format": "int32"}, [1, 2**31, None]),
    "list of integers": ({"type": "array", "items": {"type": "integer"}}, [[1, 2.0], ["1"], [True], [None], {}]),
    "map of booleans": ({"type": "object", "additionalProperties": {"type": "boolean"}}, [{"a": True}, {"a": 1}, []]),
    "map without a type": ({"additionalProperties": {"type": "boolean"}}, [{"a": True}, {"a": 1}]),
    "date": ({"type": "string", "format": "date"}, [1700000000, "1700000000", "2024-01-01", "2024-01-01T00:00:00Z"]),
    "date-time": (
        {"type": "string", "format": "date-time"},
        [0, 1.5, "1700000000", "2024-01-01", "2024-01-01T00:00:00", "2024-01-01 00:00:00Z", "2024-01-01T00:00:00Z"],
    ),
    "uuid": ({"type": "string", "format": "uuid"}, [UUID_TEXT, f"{{{UUID_TEXT}}}", UUID_TEXT.replace("-", ""), 1]),
    "ipv4": ({"type": "string", "format": "ipv4"}, ["127.0.0.1", "127.0.0", 1]),
    "const true": ({"const": True}, ANY_TYPE),
    "const 1": ({"const": 1}, ANY_TYPE),
    "const 1.5": ({"const": 1.5}, ANY_TYPE),
    "const null": ({"const": None}, ANY_TYPE),
    "const list": ({"const": ["x"]}, ANY_TYPE),
    "const object": ({"const": {"a": 1}}, [*ANY_TYPE, {"a": True}, {"a": 1.0}]),
    "const text": ({"const": "text"}, ANY_TYPE),
    "enum of integers": ({"enum": [1, 2]}, ANY_TYPE),
    "enum of booleans": ({"enum": [True]}, ANY_TYPE),
    "enum of numbers": ({"type": "number", "enum": [1, 1.5]}, ANY_TYPE),
    "enum of 1 and true": ({"enum": [1, True]}, ANY_TYPE),
    "enum of anything": ({"enum": [1, "1", True, None, 1.5, ["x"], {"a": 1}]}, ANY_TYPE),
    "enum of texts with null": ({"enum": ["text", "1", None]}, ANY_TYPE),
    "enum whose values do not fit its type": ({"type": "string", "enum": [1, 2]}, ANY_TYPE),
    "enum with a value twice": ({"enum": ["text", "text", "1"]}, ANY_TYPE),
    "list of enums": ({"type": "array", "items": {"enum": [1, 1.5, True]}}, [[1], [True], [False], [1.0, 1.5], ["1"]]),
    "allOf of enums": ({"allOf": [{"enum": ["text", "1"]}, {"enum": ["text", ""]}]}, ["text", "1", ""]),
    "object with keywords of lists": ({"type": "object", "items": {"type": "string"}, "minItems": 1}, ANY_TYPE),
    "list with keywords of objects": ({"type": "array", "properties": {"a": {"type": "integer"}}}, ANY_TYPE),
    "text with keywords of lists": ({"type": "string", "items": {"type": "integer"}, "minItems": 3}, ANY_TYPE),
    "integer with keywords of objects": ({"type": "integer", "properties": {"a": {}}, "minLength": 3}, ANY_TYPE),
    "number or null with keywords of texts": ({"type": ["number", "null"], "maximum": 1, "pattern": "^x"}, ANY_TYPE),
    "an object without members, or a list": (
        {"anyOf": [{"type": "object", "properties": {}, "additionalProperties": False}, {"type": "array"}]},
        ANY_TYPE,
    ),
    "an object of few members, or an integer": (
        {"anyOf": [{"type": "object", "maxProperties": 1}, {"type": "integer"}]},
        [*ANY_TYPE, {"a": 1, "b": 2}],
    ),
    "no value at all": ({"not": {}}, ANY_TYPE),
    "false among branches": ({"oneOf": [{"type": "string"}, False]}, ANY_TYPE),
    "pattern with an end": ({"type": "string", "pattern": "^abc$"}, ["abc", "abc\n", "abcd"]),
    "pattern with digits": ({"type": "string", "pattern": r"^\d\w$"}, ["1a", "٣a", "1é"]),
    "pattern with a lookahead": ({"type": "string", "pattern": "^(?!x)[a-z]+$"}, ["abc", "xbc", "abc\n"]),
    "pattern with brackets in a class": ({"type": "string", "pattern": "^(?=.)[[a&&b]+$"}, ["[a&b", "c"]),
    "list of patterns": ({"type": "array", "items": {"type": "string", "pattern": r"^(?=\d)..$"}}, [["1a"], ["a1"]]),
    "property that is forbidden": ({**things(a={"not": {}}), "required": []}, [{}, {"a": 1}, {"a": None}, {"b": 1}]),
    "required members that are not declared": (
        {**things(b={"type": "integer"}), "required": ["a"]},
        [{"a": [1]}, {"a": None}, {"b": 1}, {"a": 1, "b": "x"}],
    ),
    "required members that another part declares": (
        {"allOf": [{**things(b={}), "required": ["a"]}, things(a={"type": "array", "items": {"type": "string"}})]},
        [{"a": ["x"]}, {"a": [1]}, {"b": 1}],
    ),
    "optional members with a default": (
        things(a={"type": ["number", "null"], "default": 1}, b={"type": "number", "default": 1}),
        [{"a": None}, {"b": None}, {"a": 2, "b": 2}, {}],
    ),
    "required members of a map": ({"type": "object", "required": ["a"]}, [{"a": 1, "b": [2]}, {}, []]),
    "enum of 0 and false": ({"enum": [False, 0]}, ANY_TYPE),
    "boolean branch": ({"anyOf": [{"type": "string"}, True]}, ANY_TYPE),
    "false in an allOf": ({"allOf": [{"type": "string"}, False]}, ANY_TYPE),
    "patterns of lists beside texts": (
        {
            "type": "object",
            "patternProperties": {"^l": {"type": "array", "items": {"type": "integer"}}},
            "additionalProperties": {"type": "string"},
        },
        [{"l": [1]}, {"l": ["x"]}, {"l": 1}, {"m": "s"}, {"m": 1}],
    ),
    "undeclared members": (things(a={"type": "integer"}), [{"a": 1, "b": {"c": [1]}}, {"b": None}, {"a": None}]),
    "undeclared members, closed": ({**things(a={}), "additionalProperties": False}, [{"a": 1}, {"b": 1}, {"a": None}]),
    "undeclared integers": (
        {**things(a={"type": "string"}), "additionalProperties": {"type": "integer"}},
        [{"a": "x", "b": 1}, {"b": "1"}, {"b": True}, {"b": None}],
    ),
    "optional members": (
        {**things(a={"type": "string"}, b={"type": ["string", "null"]}, c={}), "required": ["b"]},
        [{"b": None}, {"a": None, "b": ""}, {"b": "", "c": None}, {}],
    ),
    "unevaluated members": (
        {"allOf": [things(a={"type": "integer"})], **things(b={"type": "integer"}), "unevaluatedProperties": False},
        [{"a": 1, "b": 2}, {"a": 1, "c": 2}],
    ),
    "patterns, closed": (
        {
            "type": "object",
            "patternProperties": {"^S": {"type": "string"}, "^I": {"type": "integer"}},
            "additionalProperties": False,
        },
        [{"S": "x", "I": 1}, {"S": 1}, {"I": "x"}, {"x": 1}, {}, []],
    ),
    "patterns, open": (
        {"type": "object", "patternProperties": {"^S": {"type": "string"}}},
        [{"S": "x", "y": 1}, {"S": 1}, {"y": "x"}],
    ),
    "patterns beside a type for others": (
        {"patternProperties": {"^S": {"type": "string"}}, "additionalProperties": {"type": "integer"}},
        [{"S": "x", "y": 1}, {"S": 1}, {"y": "x"}],
    ),
    "patterns beside properties": (
        {**things(id={"type": "integer"}), "patternProperties": {"^x-": {"type": "string", "maxLength": 2}}},
        [{"id": 1, "x-a": "s"}, {"id": 1, "x-a": 5}, {"x-a": "sss"}, {"id": 1, "y": 5}, {"id": "1"}],
    ),
    "patterns beside properties, closed": (
        {**things(id={}), "patternProperties": {"^x": {"type": "string"}}, "additionalProperties": False},
        [{"id": 1, "x": "s"}, {"x": 5}, {"y": "s"}],
    ),
    "patterns that overlap": (
        {"patternProperties": {"a": {"type": "integer"}, "b": {"minimum": 3, "type": "integer"}}},
        [{"ab": 3}, {"ab": 2}, {"a": 2}],
    ),
    "patterns that only one engine takes": (
        {
            "patternProperties": {r"^\p{Lu}": {"type": "string"}, "^(?!x)[a-z]": {"type": "integer"}},
            "additionalProperties": False,
        },
        [{"É": "x", "a": 1}, {"É": 1}, {"a": "x"}, {"x": 1}],
    ),
    "a pattern that no engine takes": (
        {"patternProperties": {r"^(?=\p{Lu})": {"type": "string"}}, "additionalProperties": False},
        [{"É": "x"}],
    ),
    "pattern of a class": (
        {"patternProperties": {"^x": things(n={"type": "integer"})}},
        [{"x": {"n": 1, "m": 2}}, {"x": {"n": "1"}}, {"y": 1}],
    ),
    "tuple": ({"type": "array", "prefixItems": [{"type": "number"}, {"type": "string"}], "items": False, "minItems": 2},
        [[1, "x"], ["x", 1], [1], [1, "x", 2]]),
    "union that tries in turn": (
        {"oneOf": [{**things(a={}), "required": ["a"]}, {**things(b={"type": "integer"}), "required": ["b"]}]},
        [{"a": 1, "c": 2}, {"b": 1, "c": 2}, {"b": "x"}, {}],
    ),
    "union of a date and a text": ({"anyOf": [{"type": "string", "format": "date"}, {"type": "integer"}]},
        ["2024-01-01", 1700000000, "x"]),
}  # fmt: skip


class Verdicts:
    """A module with a class for each of the schemas, whose members are the schema by reference and in place."""

    def __init__(self, folder: Path) -> None:
        schemas: dict[str, Any] = {}
        for number, (schema, _) in enumerate(SCHEMAS.values()):
            schemas[f"Thing{number}"] = schema
            schemas[f"Body{number}"] = things(value=ref(f"Thing{number}"), own=schema)
        paths = {f"/{number}": {"post": operation(ref(f"Body{number}"))} for number in range(len(SCHEMAS))}
        contract = contract_of(folder, document(schemas, paths=paths))
        self.operations = contract.operations
        self.file = folder / "models.py"
        self.file.write_text(module_of(contract, "things.json").text, encoding="utf-8")
        self.bodies = loaded(self.file).BODIES

    def of(self, number: int, value: JSON) -> tuple[bool, JSON | None]:
        """Whether the judge allows a body, and what the model dumps of it; None where it refuses the body."""
        documented = self.operations[number].request_body
        assert documented is not None
        schema = documented.content[0].schema
        assert schema is not None
        fits = schema.is_valid(value, Direction.REQUEST)
        adapter: TypeAdapter[Any] = TypeAdapter(self.bodies[f"POST /{number}"]["request"]["application/json"])
        try:
            model = adapter.validate_json(json.dumps(value))
        except ValidationError:
            return fits, None
        return fits, adapter.dump_python(model, mode="json", by_alias=True, exclude_unset=True)


@pytest.fixture(scope="module")
def verdicts(tmp_path_factory: pytest.TempPathFactory) -> Verdicts:
    return Verdicts(tmp_path_factory.mktemp("verdicts"))


@pytest.mark.parametrize(("number", "name"), [*enumerate(SCHEMAS)], ids=lambda key: key if isinstance(key, str) else "")
def test_a_model_agrees_with_the_judge(number: int, name: str, verdicts: Verdicts) -> None:
    """As a component and as a property, a schema's model loads the values that fit, dumps them back, and no others."""
    for value in SCHEMAS[name][1]:
        for member in ("value", "own"):
            whole: JSON = {member: value}
            fits, dumped = verdicts.of(number, whole)
            assert dumped == (whole if fits else None)
            assert not fits or json.dumps(dumped).count("true") == json.dumps(whole).count("true")


@pytest.mark.parametrize(
    ("properties", "closed", "members", "loads"),
    [
        (("user-id", "user_id"), False, {"user_id": "x"}, True),
        (("ID", "id"), False, {"id": "x"}, True),
        (("userName", "user_name"), False, {"user_name": "x"}, True),
        (("@type", "field_type"), False, {"field_type": "x"}, True),
        (("userName",), False, {"user_name": 5}, True),
        (("userName",), True, {"user_name": "x"}, False),
        (("model_dump", "model_", "schema", "class", "_x", "1st", ""), False, {"model_dump": "a", "": "b"}, True),
    ],
    ids=str,
)
def test_json_has_the_names_of_the_contract(
    tmp_path: Path, properties: tuple[str, ...], closed: bool, members: dict[str, JSON], loads: bool
) -> None:
    """A member fills the field whose name in the contract it has, and no other; none that is undeclared is lost."""
    schema: Schema = things(**{name: {"type": "string"} for name in properties})
    if closed:
        schema["additionalProperties"] = False
    file = tmp_path / "things.py"
    file.write_text(module_from(tmp_path, document({"A": schema})).text, encoding="utf-8")
    model = loaded(file).A
    if loads:
        value = model.model_validate_json(json.dumps(members))
        assert value.model_dump(mode="json", by_alias=True, exclude_unset=True) == members
    else:
        with pytest.raises(ValidationError):
            model.model_validate_json(json.dumps(members))


def test_defaults_have_the_type_of_their_field(tmp_path: Path) -> None:
    """A default that JSON writes as a text or an object is a date, a UUID or a model, anew for each instance."""
    day = {"type": "string", "format": "date"}
    schema = things(
        when={"type": "string", "format": "date-time", "default": "2024-01-01T00:00:00Z"},
        day={"allOf": [ref("Day")], "default": "2024-01-02"},
        days={"type": "array", "items": day, "default": ["2024-01-03"]},
        uid={"type": "string", "format": "uuid", "default": UUID_TEXT},
        part={"allOf": [ref("Part")], "default": {"x": 1}},
        parts={"type": "array", "items": ref("Part"), "default": [{"x": 2}]},
        tags={"type": "array", "items": {"type": "string"}, "default": ["a"]},
    )
    file = tmp_path / "things.py"
    contract = document({"A": schema, "Day": day, "Part": things(x={"type": "integer"})})
    file.write_text(module_from(tmp_path, contract).text, encoding="utf-8")
    models = loaded(file)
    first, second = models.A(), models.A()
    assert isinstance(first.when, datetime)
    assert [first.day, *first.days] == [date(2024, 1, 2), date(2024, 1, 3)]
    assert first.uid == UUID(UUID_TEXT)
    assert [first.part, *first.parts] == [models.Part(x=1), models.Part(x=2)]
    assert first.parts is not second.parts
    assert first.model_dump(mode="json")["when"] == "2024-01-01T00:00:00Z"


def test_a_large_repetition_is_checked(tmp_path: Path) -> None:
    """A pattern that is too large for Rust's engine is matched by Python's, from the first use on."""
    file = tmp_path / "things.py"
    schema = things(text={"type": "string", "pattern": r"^[\s\S]{0,20000}$"})
    file.write_text(module_from(tmp_path, document({"A": schema})).text, encoding="utf-8")
    model = loaded(file).A
    assert model(text="x" * 20000).text
    with pytest.raises(ValidationError):
        model(text="x" * 20001)


def test_a_module_passes_a_strict_type_checker_and_warns_of_nothing(verdicts: Verdicts) -> None:
    """The module of a document with a schema of each kind is typed throughout, and imports without a warning."""
    for command in ("-W", "error"), ("-m", "mypy", "--strict", "--no-incremental"):
        done = subprocess.run(
            [sys.executable, *command, verdicts.file], capture_output=True, text=True, cwd=verdicts.file.parent
        )
        assert done.returncode == 0, done.stdout + done.stderr


def test_a_deprecated_member_is_loaded_without_a_warning(tmp_path: Path) -> None:
    """A warning is for the code that reads a deprecated member, not for the loading of a value that has it."""
    file = tmp_path / "things.py"
    schema = things(old={"type": "string", "deprecated": True})
    file.write_text(module_from(tmp_path, document({"A": schema})).text, encoding="utf-8")
    value = loaded(file).A.model_validate_json('{"old": "x"}')
    with pytest.warns(DeprecationWarning, match="deprecated"):
        assert value.old == "x"
