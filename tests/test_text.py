"""YAML and JSON texts become JSON values by the rules of YAML 1.2, and every part of them has its line."""

from __future__ import annotations

import json
import sys
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tallystick.documents.text import Locate, parse, read
from tallystick.nouns.errors import UnreadableError

TRAILING_COMMA = (
    "x.json:{line}: not JSON: Illegal trailing comma before end of object (column {column})"
    if sys.version_info >= (3, 13)  # the words are those of Python's own reader of JSON
    else "x.json:{next_line}: not JSON: Expecting property name enclosed in double quotes (column {next_column})"
)
"""What is said of a comma that nothing follows; where the comma is, and where the next thing is."""


def fault(text: str, file: str = "x.yaml") -> str:
    """What is said of a text that cannot be read."""
    with pytest.raises(UnreadableError) as error:
        parse(text, file)
    return str(error.value)


def locator(text: str) -> Locate:
    """Where the parts of a text are."""
    return read(text, "x.yaml")[1]


@pytest.mark.parametrize(
    ("written", "value"),
    [
        ("2024-01-01", "2024-01-01"),
        ("2024-01-01T10:00:00Z", "2024-01-01T10:00:00Z"),
        ("12:30:45", "12:30:45"),
        ("on", "on"),
        ("no", "no"),
        ("Yes", "Yes"),
        ("1_000", "1_000"),
        ("true", True),
        ("True", True),
        ("FALSE", False),
        ("tRUE", "tRUE"),
        ("null", None),
        ("~", None),
        ("", None),
        ("Null", None),
        ("nil", "nil"),
        ("0", 0),
        ("-17", -17),
        ("+17", 17),
        ("007", 7),
        ("0o17", 15),
        ("0x1F", 31),
        ("0b11", "0b11"),
        ("0o8", "0o8"),
        ("1.5", 1.5),
        ("-.5", -0.5),
        ("1.", 1.0),
        ("1e3", 1000.0),
        ("1E-3", 0.001),
        (".", "."),
        ("+", "+"),
        ("1.2.3", "1.2.3"),
        ("1e", "1e"),
        (".inf", ".inf"),
        (".nan", ".nan"),
        ("1e999", "1e999"),
        ("0x" + "f" * 3498, 16**3498 - 1),
        ("0x" + "f" * 3998, "0x" + "f" * 3998),
        ("=", "="),
        ("'5'", "5"),
        ('"null"', "null"),
        ('"\\u00e9\\x41"', "éA"),
        ("'it''s'", "it's"),
        ("!!str 5", "5"),
        ("!!int '5'", 5),
        ("!!float 5", 5.0),
        ("!!null ''", None),
        ("!!binary aGk=", "aGk="),
        ("! 5", "5"),
        ("|\n  a\n  b\n", "a\nb\n"),
        (">-\n  a\n  b\n", "a b"),
    ],
)
def test_a_scalar_means_what_yaml_1_2_says(written: str, value: Any) -> None:
    """Only what JSON has is more than a string: no dates, no `on`, no underscores in numbers."""
    (read,) = parse(f"- {written}\n", "x.yaml")
    assert (type(read), read) == (type(value), value)


def test_every_key_is_a_string() -> None:
    """A key is the text that stands there, whatever it would be as a value."""
    text = "200: a\ntrue: b\nnull: c\n1.0: d\n2024-01-01: e\n'quoted': f\n~: g\n"
    assert list(parse(text, "x.yaml")) == ["200", "true", "null", "1.0", "2024-01-01", "quoted", "~"]


def test_an_alias_is_what_its_anchor_is() -> None:
    """Scalars, lists, mappings and keys may be repeated by an alias."""
    text = "a: &a [1, &x two]\nb: *a\n*x : c\nd: *x\n"
    assert parse(text, "x.yaml") == {"a": [1, "two"], "b": [1, "two"], "two": "c", "d": "two"}


def test_a_merge_key_gives_what_is_not_there() -> None:
    """Own members go before merged ones, and the first of several merged mappings before the rest."""
    text = "a: &a {x: 1, y: 1}\nb: &b {y: 2, z: 2}\nc: {<<: [*a, *b], x: 0}\nd: {'<<': 5}\n"
    assert parse(text, "x.yaml")["c"] == {"x": 0, "y": 1, "z": 2}
    assert parse(text, "x.yaml")["d"] == {"<<": 5}
    assert parse("a: &a '<<'\nb: {*a : 5}\n", "x.yaml")["b"] == {"<<": 5}


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", "x.yaml: the file is empty; an OpenAPI document was expected"),
        ("\ufeff \n", "x.yaml: the file is empty; an OpenAPI document was expected"),
        ("# only\n--- \n...\n", None),
        ("a: 1\na: 2\n", "x.yaml:2: duplicate key 'a'; a key may stand only once in an object"),
        ("a: {b: 1,\n    b: 2}\n", "x.yaml:2: duplicate key 'b'; a key may stand only once in an object"),
        ("200: 1\n'200': 2\n", "x.yaml:2: duplicate key '200'; a key may stand only once in an object"),
        ("a: *b\n", "x.yaml:1: the alias *b has no anchor before it (or stands inside its own)"),
        ("a: &a [*a]\n", "x.yaml:1: the alias *a has no anchor before it (or stands inside its own)"),
        ("? [a]\n: b\n", "x.yaml:1: a key must be a scalar, as in JSON"),
        ("a: 1\n---\nb: 2\n", "x.yaml:2: a second YAML document starts here; a file may hold only one"),
        ("a: {<<: 5}\n", "x.yaml:1: a merge key (<<) takes a mapping or a list of mappings"),
        ("a: !!int five\n", "x.yaml:1: 'five' is not of the type !!int"),
        (f"a: !!float 1{'0' * 400}\n", f"x.yaml:1: '1{'0' * 400}' is not of the type !!float"),
        ("a: b: c\n", "x.yaml:1: not YAML: mapping values are not allowed in this context"),
        ("a: 'b\n", "x.yaml:2: not YAML: while scanning a quoted scalar, found unexpected end of stream"),
        ("a: \x00\n", "x.yaml:1: not YAML: the character U+0000 is not allowed"),
    ],
)
def test_what_is_no_document_is_said_at_its_line(text: str, said: str | None) -> None:
    """Each fault has one message with the line, from 1."""
    if said is None:
        assert parse(text, "x.yaml") is None
    else:
        assert fault(text) == said


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ('{"a": 1,\n "a": 2}', "x.json:2: duplicate key 'a'; a key may stand only once in an object"),
        (
            '{\n\t"b": {"a": 1},\n\t"a": 1,\n\t"a": 2}',
            "x.json:4: duplicate key 'a'; a key may stand only once in an object",
        ),
        (
            '{"b": {"a": 1, "a": 1},\n"c": 1,}',
            TRAILING_COMMA.format(line=2, column=7, next_line=2, next_column=8),
        ),
        ('{"a": 1,\n}', TRAILING_COMMA.format(line=1, column=8, next_line=2, next_column=1)),
        ('{"a":\n -Infinity}', "x.json:2: not JSON: -Infinity is not a JSON value"),
        ('{"a":\n 1e999}', "x.json:2: not JSON: 1e999 is too large for a number"),
        ('{"a": 1} {}', "x.json:1: not JSON: Extra data (column 10)"),
        (f'{{"a": 1{"0" * 5000}}}', "x.json: not JSON that can be read: a number has too many digits"),
        ("[" * 101 + "]" * 101, "x.json: nested more than 100 levels deep; refused"),
        ("[" * 99999 + "]" * 99999, "x.json: nested more than 100 levels deep; refused"),
    ],
)
def test_what_is_no_json_is_said_at_its_line(text: str, said: str) -> None:
    """A file that is called .json is read as JSON and as nothing else."""
    assert fault(text, "x.json") == said


def test_json_in_a_yaml_file_is_read_and_so_is_yaml_in_flow_style() -> None:
    """What begins with a brace is tried as JSON first, and what is not JSON then is YAML."""
    assert parse('{"a": [1, 2.0, "\\u00e9"]}', "x.yaml") == {"a": [1, 2.0, "é"]}
    assert parse("{a: [1, b], 'c': d}", "x.yaml") == {"a": [1, "b"], "c": "d"}
    assert parse('\ufeff{"a": 1}', "x.json") == {"a": 1}


def test_half_a_surrogate_pair_becomes_the_replacement_character() -> None:
    """JSON's escapes can write what is no text; whole pairs, and backslashes that are text, stay as they are."""
    text = r'["\ud83d\ude00", "\ud800", "\udc00\ud800", "\\ud800", "\\\ud800", "\uD800\u0041"]'
    assert parse(text, "x.json") == ["😀", "\ufffd", "\ufffd\ufffd", "\\ud800", "\\\ufffd", "\ufffdA"]


def test_as_deep_as_is_allowed_is_read() -> None:
    """A hundred levels are read in JSON and in YAML, one more is not."""
    deep = "[" * 100 + "]" * 100
    assert parse(deep, "x.json") == parse(f"# YAML\n{deep}", "x.yaml")
    assert fault(f"# YAML\n[{deep}]") == "x.yaml: nested more than 100 levels deep; refused"


def test_many_small_aliases_are_no_bomb() -> None:
    """An alias counts as what it stands for, and a document may stand for a lot."""
    text = "a: &a [1, 2, 3]\nb: [" + ", ".join(["*a"] * 5000) + "]\n"
    assert len(parse(text, "x.yaml")["b"]) == 5000


YAML = """\
# a comment
openapi: 3.1.0
info:
  title: >-
    a
    b
paths:
  /a:
    get: &get
      tags: [x,
        y]
      parameters:
        - name: id
          in: path
        -
          name: q
    put: *get
"quoted": 1
"""


@pytest.mark.parametrize(
    ("path", "line"),
    [
        ((), 2),
        (("openapi",), 2),
        (("info", "title"), 4),
        (("paths", "/a", "get"), 9),
        (("paths", "/a", "get", "tags", "0"), 10),
        (("paths", "/a", "get", "tags", "1"), 11),
        (("paths", "/a", "get", "parameters", "0"), 13),
        (("paths", "/a", "get", "parameters", "0", "in"), 14),
        (("paths", "/a", "get", "parameters", "1"), 16),
        (("paths", "/a", "get", "parameters", "1", "name"), 16),
        (("paths", "/a", "put"), 17),
        (("paths", "/a", "put", "tags"), 17),
        (("quoted",), 18),
        (("paths", "/a", "get", "nothing", "at", "all"), 9),
        (("nothing",), 2),
    ],
)
def test_a_part_has_the_line_of_its_key(path: tuple[str, ...], line: int) -> None:
    """The line is the key's, an item's where it begins; what is not there has its nearest ancestor's."""
    assert locator(YAML)(path) == line
    assert locator(YAML.replace("\n", "\r\n"))(path) == line


def test_a_part_that_an_alias_stands_for_has_the_line_of_the_alias() -> None:
    """What an alias or a merge key brings has no line of its own; what is beside it keeps its own."""
    find = locator("a: &x\n  y:\n    z: 1\nb: *x\nc:\n  k: 1\n  <<: *x\n  l: 2\nd:\n- *x\n- e\n")
    assert [find(path) for path in (("a", "y", "z"), ("b", "y", "z"), ("c", "y"), ("c", "k"))] == [3, 4, 5, 6]
    assert [find(path) for path in (("c", "l"), ("d", "0", "y"), ("d", "1"))] == [8, 10, 11]


def test_json_on_one_line_has_one_line() -> None:
    """A minified document is all on line 1."""
    assert locator('{"a":{"b":[1,{"c":2}]}}')(("a", "b", "1", "c")) == 1


def test_json_has_lines_whatever_its_strings_hold() -> None:
    """Braces, quotes and escapes in strings do not lead astray."""
    text = '\n{\n "a\\"}": "{[\\\\",\n "b": [\n  "]",\n  {}\n ],\n "c": 1\n}\n'
    find = locator(text)
    assert [find(path) for path in (('a"}',), ("b",), ("b", "0"), ("b", "1"), ("c",))] == [3, 4, 5, 6, 8]


SCALARS = st.none() | st.booleans() | st.integers(-(10**9), 10**9) | st.floats(allow_nan=False, allow_infinity=False)
PLAIN = st.text(st.characters(min_codepoint=32, max_codepoint=126))


def values(text: st.SearchStrategy[str]) -> st.SearchStrategy[Any]:
    """JSON values whose strings and keys are such texts."""

    def around(inner: st.SearchStrategy[Any]) -> st.SearchStrategy[Any]:
        return st.lists(inner, max_size=4) | st.dictionaries(text, inner, max_size=4)

    return around(st.recursive(SCALARS | text, around, max_leaves=20))


def paths(value: Any, path: tuple[str, ...] = ()) -> list[tuple[str, ...]]:
    """The path of every part of a value."""
    items = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    return [path, *(below for key, item in items for below in paths(item, (*path, str(key))))]


@settings(max_examples=150, deadline=None)
@given(values(st.text()))
def test_what_json_writes_is_read_back(value: Any) -> None:
    """Any JSON text gives its value, half surrogates apart, in a file of either kind."""
    text = json.dumps(value, ensure_ascii=False, indent=1)
    try:
        text.encode()
    except UnicodeEncodeError:
        return
    assert parse(text, "x.json") == value
    assert parse(text, "x.yaml") == value


@settings(max_examples=60, deadline=None)
@given(values(PLAIN))
def test_json_has_the_lines_that_the_same_text_has_as_yaml(value: Any) -> None:
    """The two ways to find a line agree on every part of a document that both can read."""
    text = json.dumps(value, indent=1)
    as_json, as_yaml = locator(text), locator(f"--- # YAML\n{text}")
    for path in paths(value):
        assert as_json(path) == as_yaml(path) - 1, (path, text)
