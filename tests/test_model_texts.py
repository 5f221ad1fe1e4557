"""Whatever characters a contract has, wherever: its models hold them as data, and none of them runs."""

from __future__ import annotations

import ast
import inspect
import io
import json
import re
import shutil
import tokenize
import unicodedata
from collections.abc import Iterator
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any
from urllib.parse import quote

import pytest
from corpus_models import tally
from hypothesis import example, given, settings
from hypothesis import strategies as st
from support.audited import HEARD, unexpected
from support.modelling import CONTRACTS, contract_of, document, loaded, module_from, operation, ref, run, things

from tallystick.models import modules
from tallystick.models.source_text import comment, docstring, literal, text_of_comment

JSONValue = Any
RUNS = f'__import__("sys").audit({HEARD!r})'
"""A text that is heard of where it runs."""
HOSTILE = {
    "three quotes": f'"""\n{RUNS}\n"""',
    "three apostrophes": f"'''\n{RUNS}\n'''",
    "a quote": f'"+{RUNS}+"',
    "an apostrophe": f"'+{RUNS.replace(chr(39), chr(34))}+'",
    "a backslash at the end": f'{RUNS}"\\',
    "backslashes before quotes": f'\\"\\\\"""\\\n{RUNS}#\\',
    "a line break": f"a\n{RUNS}\n    {RUNS}\nclass Thing(object): {RUNS}",
    "other line breaks": f"a\r{RUNS}\r\n{RUNS}\x0b{RUNS}\x0c{RUNS}\x85{RUNS}\u2028{RUNS}\u2029{RUNS}\x1c{RUNS}",
    "NUL": f"a\0b\n\0{RUNS}",
    "control characters": "".join(map(chr, (*range(1, 32), *range(127, 160)))) + RUNS,
    "directions": f"a\u202e{RUNS}\u2066b\u2069\u200f\u061c",
    "a lone surrogate": f"a\ud800b\udfff{RUNS}",
    "no characters": f"\ufffe\uffff\U0010ffff\U000f0000\U000f0001\ue000{RUNS}",
    "joiners and spaces": "a\u200db\u200cc\u00a0d\u3000e\u00ad\ufeff",
    "templates": f"{{{{ 7 * 7 }}}}{{% raw %}}{{# x #}}{{0}}{{x!r}}%s${{y}}{{{RUNS}}}",
    "comments": f"x # -*- coding: utf-7 -*- # type: ignore # noqa\n# fmt: off\n{RUNS}",
    "escapes of Python": f"\\N{{BULLET}}\\x22\\u0022\\42\\{RUNS}",
    "escapes of patterns": f"\\x22\\\\x27[\\x22']\\d{{3}}{RUNS}",
    "a long text": "x" * 5000,
    "long words": "word " * 400 + RUNS,
    "a keyword": "class",
    "a name of Python": "__class__",
    "a name of Pydantic": "model_config",
    "a name of ours": "_nullable",
    "nothing": "",
    "spaces": "   ",
    "letters of the world": "größe 日本 עברית 👩‍👩‍👧 e\u0301 ﬁ Ⅷ ª",
}


def things_with_texts() -> dict[str, Any]:
    """A document that has a text at every place that reaches a model."""
    schemas = {
        "Thing": {
            **things(
                name={"type": "string", "description": "Its name.", "default": "none", "examples": ["it"]},
                kind={"type": "string", "enum": ["big", "small", "other"], "default": "big"},
                only={"const": "only"},
                mixed={"type": "array", "items": {"enum": ["one", 2, None, {"three": "four"}]}},
                free={"type": "object", "default": {"some": ["thing"]}},
                code={"type": "string", "pattern": "code"},
                inner={"title": "Inner part", "type": "object", "properties": {"x": {"const": "x"}}},
                sizes={"type": "array", "items": ref("Size"), "default": ["S"]},
                hidden={"type": "string", "readOnly": True},
            ),
            "title": "A thing",
            "description": "What a thing is.\n\nIt has more than one line.",
            "required": ["name", "kind", "hidden"],
            "x-note": {"note": ["note"]},
            "x-python-type": "os.system",
            "customTypePath": "os.system",
            "externalDocs": {"url": "https://example.com/", "description": "More."},
        },
        "Size": {"type": "string", "enum": ["S", "L"], "x-enum-varnames": ["small", "large"], "description": "A size."},
        "Code": {"type": "string", "pattern": "code", "description": "A code.", "default": "code"},
        "Both": {"allOf": [ref("Thing"), things(more={"type": "string"})], "description": "Both."},
        "Either": {
            "oneOf": [ref("Cat"), ref("Dog")],
            "discriminator": {"propertyName": "pet", "mapping": {"cat": ref("Cat")["$ref"], "dog": ref("Dog")["$ref"]}},
        },
        "Cat": {**things(pet={"type": "string"}, lives={"type": "integer"}), "required": ["pet"]},
        "Dog": {**things(pet={"type": "string"}, barks={"type": ["boolean", "null"]}), "required": ["pet"]},
        "Map": {"type": "object", "patternProperties": {"key": {"type": "string"}}, "additionalProperties": False},
        "Open": {**things(known={"type": "string"}), "patternProperties": {"key": ref("Size"), "other": {}}},
    }
    post = operation(ref("Thing"), ref("Either"), operationId="makeThing", summary="Makes.", description="It makes.")
    post["responses"]["201"] = {
        "description": "Made.",
        "content": {
            "text/plain": {"schema": {"enum": ["yes", "no"]}},
            "application/vnd.a+json": {"schema": ref("Map")},
        },
    }
    paths = {
        "/things": {"post": {**post, "tags": ["things"]}},
        "/open": {"get": operation(answer=ref("Open"))},
        "/both": {"get": operation(answer=ref("Both"))},
    }
    return document(schemas, paths=paths, info={"title": "Things", "version": "1", "description": "All of them."})


Place = tuple[str | int, ...]
KEY = "the name itself"
"""Ends the place of a member's name; other places are those of values."""


def places(value: JSONValue, above: Place = ()) -> Iterator[Place]:
    """Every place of a text in a JSON value: each member's name, and each text."""
    match value:
        case dict():
            for name, member in value.items():
                yield (*above, name, KEY)
                yield from places(member, (*above, name))
        case list():
            for index, item in enumerate(value):
                yield from places(item, (*above, index))
        case str():
            yield above


def with_text(value: JSONValue, place: Place, text: str) -> JSONValue:
    """A JSON value with a text at a place."""
    if not place:
        return text
    first, *rest = place
    if rest == [KEY]:
        return {(text if name == first else name): member for name, member in value.items()}
    if isinstance(value, dict):
        return {name: with_text(item, tuple(rest), text) if name == first else item for name, item in value.items()}
    return [with_text(item, tuple(rest), text) if index == first else item for index, item in enumerate(value)]


_NAMED = frozenset("schemas properties patternProperties mapping paths content x-note default".split())
"""The members whose members have names of the contract's own."""
_BOUND = frozenset("type openapi".split())
"""The members whose texts say what a contract is."""


def with_text_everywhere(value: JSONValue, text: str, is_after: bool) -> JSONValue:
    """A document in which each text that is free to be any has a text before or after it, so that names still agree."""

    def joined(original: str, must_begin: bool = False) -> str:
        return original + text if is_after or must_begin else text + original

    def referring(reference: str) -> str:
        name = joined(reference.rpartition("/")[2])
        readable = re.sub("[\ud800-\udfff]", "\ufffd", name)  # how a document with a lone surrogate is read
        return "#/components/schemas/" + quote(readable.replace("~", "~0").replace("/", "~1"))

    def changed(value: JSONValue, above: str) -> JSONValue:
        match value:
            case dict():
                new_name = joined if above in _NAMED else str
                return {
                    joined(name, must_begin=True) if above in ("paths", "content") else new_name(name): changed(
                        item, name
                    )
                    for name, item in value.items()
                }
            case list():
                return [changed(item, above) for item in value]
            case str() if value.startswith("#/"):
                return referring(value)
            case str() if above not in _BOUND:
                return joined(value)
        return value

    return changed(value, "")


def reach(text: str) -> set[str]:
    """What a module calls and imports, by the last name of each; a text that became code would be among them."""
    names: set[str] = set()
    for node in ast.walk(ast.parse(text)):
        match node:
            case ast.Import(names=aliases):
                names.update(alias.name for alias in aliases)
            case ast.ImportFrom(module=module, names=aliases):
                names.update(f"{module}.{alias.name}" for alias in aliases)
            case ast.Call(func=ast.Subscript(value=ast.Name(id=name)) | ast.Name(id=name) | ast.Attribute(attr=name)):
                names.add(name)
            case ast.Call():
                names.add(ast.unparse(node))
    return names


def written(folder: Path, name: str, value: JSONValue) -> Path:
    """The file of the module of a document."""
    file = folder / f"{name}.py"
    file.write_text(module_from(folder, value).text, encoding="utf-8")
    return file


@pytest.mark.parametrize("step", [5, pytest.param(1, marks=pytest.mark.slow)])
def test_texts_at_all_places_are_data(step: int, tmp_path: Path) -> None:
    """Hostile texts at all places at once: nothing runs, and what fits the contract loads and dumps as it came."""
    plain = things_with_texts()
    usual = written(tmp_path, "usual", plain)
    texts = dict([*HOSTILE.items()][::step])
    files: dict[Path, Any] = {}
    for number, text in enumerate(texts.values()):
        value = with_text_everywhere(plain, text, is_after=number % 2 == 0)
        files[written(tmp_path, f"models_{number}", value)] = value
    assert {file.name: events for file, events in unexpected(usual, files).items() if events} == {}
    for (name, text), (file, value) in zip(texts.items(), files.items(), strict=True):
        result = tally(contract_of(tmp_path, value), loaded(file))
        assert result.losses == [], name
        assert result.fitting >= 10, name
        assert not [each for each in file.read_text("utf-8") if not is_shown(each)], name
        if text.isprintable() and not set(text) & set("\\'\""):
            assert text.strip() in " ".join(file.read_text("utf-8").split()), name


def is_shown(character: str) -> bool:
    """Whether an editor shows a character, or it is a space or joins letters."""
    is_space = character in "\n\t" or unicodedata.category(character) == "Zs"
    return character.isprintable() or is_space or character in "\u200c\u200d"


@pytest.mark.parametrize("step", [9, pytest.param(1, marks=pytest.mark.slow)])
def test_a_text_at_any_single_place_is_data(step: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """One text with every kind of character, at each place in turn, keywords and references too: nothing runs."""
    monkeypatch.setattr(modules, "format_code", str)  # ruff does not decide what runs, and takes most of the time
    plain = things_with_texts()
    usual = written(tmp_path, "usual", plain)
    everything = "".join(text for text in HOSTILE.values() if len(text) < 1000)
    files = {}
    all_places = [*places(plain)]
    for number, place in enumerate(all_places[::step]):
        if place[0] != "openapi":
            files[written(tmp_path, f"models_{number}", with_text(plain, place, everything))] = place
    assert len(all_places) > 200
    assert {files.get(file): events for file, events in unexpected(usual, files).items() if events} == {}


@settings(max_examples=25, deadline=None)
@given(st.text(st.characters(codec=None, categories=None), max_size=12), st.booleans())
@example("\U000f0001\U000f0000", False)
def test_any_text_is_data(text: str, is_after: bool) -> None:
    """Whatever the characters, a module has no text as code: it calls and imports what it does for plain texts."""
    plain = things_with_texts()
    with TemporaryDirectory() as folder, pytest.MonkeyPatch.context() as patch:
        patch.setattr(modules, "format_code", str)
        usual, odd = (
            module_from(Path(folder), value).text for value in (plain, with_text_everywhere(plain, text, is_after))
        )
    assert reach(odd) <= reach(usual) | {"_compile"}


@pytest.mark.parametrize("text", HOSTILE.values(), ids=HOSTILE)
def test_each_writer_gives_back_its_text(text: str) -> None:
    """A literal, a docstring and a comment hold the text that they were given, in source that UTF-8 can hold."""
    assert ast.literal_eval(literal({text: [text, 1.5, None, True]})) == {text: [text, 1.5, None, True]}
    shown = docstring(text, "    ")
    shown.encode()
    assert inspect.cleandoc(ast.literal_eval(shown)).split() == text.split()
    remark = f"# a comment: {comment(text)}\n"
    assert [token.type for token in tokenize.tokenize(io.BytesIO(remark.encode()).readline)][1] == tokenize.COMMENT
    assert remark.count("\n") == 1
    assert text_of_comment(comment(text)) == text


FILE_NAMES = [
    *(text for text in HOSTILE.values() if 0 < len(text.encode(errors="surrogatepass")) < 200 and "\0" not in text),
    f"""x\'\'\'\n{RUNS}\n\'\'\'""",
    "coding: utf-7",
    "-*- coding=rot13 -*-",
    "a: change that, not this.",
    "x" * 240,
    "class",
    "__init__",
    "\udcff\udcfe no UTF-8",
]


@pytest.mark.parametrize("name", FILE_NAMES, ids=ascii)
def test_a_file_may_have_any_name(name: str, tmp_path: Path) -> None:
    """A contract's file name is data in the module and in its package; the next run knows whose module it is."""
    folder, output = tmp_path / "contracts", tmp_path / "generated"
    folder.mkdir()
    shutil.copy(CONTRACTS[0], folder / "usual.yaml")
    file = Path(f"{folder}/{name.replace('/', '_')}.json")
    try:
        file.write_text(json.dumps(things_with_texts()), encoding="utf-8")
    except (OSError, UnicodeEncodeError) as error:
        pytest.skip(f"no file of this system has this name: {error}")
    assert run(folder, "-o", output).exit_code == 0
    written_files = set(output.glob("*.py"))
    assert len(written_files) == 3
    assert {file: events for file, events in unexpected(output / "usual.py", written_files).items() if events} == {}
    assert run(folder, "-o", output, "--check").exit_code == 0
    assert run(folder / "usual.yaml", "-o", output, "--check").exit_code == 0
    file.unlink()
    assert run(folder, "-o", output).exit_code == 0
    assert {file.name for file in output.glob("*.py")} == {"__init__.py", "usual.py"}


@pytest.mark.parametrize("edited", [r"a\xyz.yaml", r"a\U99999999.yaml", "\\", r"\x", r"\u12"])
def test_a_first_line_that_somebody_edited_names_a_file_as_it_stands(edited: str) -> None:
    """What looks like an escape in a module's first line, and is none, is a part of the file's name."""
    assert text_of_comment(edited) == edited
