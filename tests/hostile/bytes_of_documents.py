"""The bytes of a document: as JSON or YAML, with anchors, in other encodings, cut short, or broken."""

from __future__ import annotations

import json
import zlib
from random import Random
from typing import Any

import yaml


def as_json(draw: Random, value: Any) -> bytes:
    """JSON of a value, its characters as they are or escaped; halves of characters are always escaped."""
    is_ascii = draw.random() < 0.5
    text = json.dumps(value, ensure_ascii=is_ascii, indent=draw.choice((None, 1)))
    return text.encode() if is_ascii else _encoded(text)


def _encoded(text: str) -> bytes:
    return "".join(f"\\u{ord(char):04x}" if 0xD800 <= ord(char) < 0xE000 else char for char in text).encode()


def as_yaml(draw: Random, value: Any) -> bytes:
    """YAML of a value, with anchors where one part stands at two places; JSON where YAML cannot say it."""
    try:
        style = draw.choice((False, None, True))
        return yaml.dump(
            value, None, yaml.CSafeDumper, default_flow_style=style, sort_keys=False, allow_unicode=style is None
        ).encode()
    except (yaml.YAMLError, RecursionError, UnicodeEncodeError, ValueError):
        return written(draw, value)


def written(draw: Random, value: Any) -> bytes:
    """JSON, without recursion where a value is too deep for that."""
    try:
        return as_json(draw, value)
    except (RecursionError, ValueError):
        return _deep_json(value).encode()


def _deep_json(value: Any) -> str:
    """JSON of a value of any depth and with numbers of any length."""
    pieces: list[str] = []
    waiting: list[Any] = [(value,)]
    while waiting:
        item = waiting.pop()
        if isinstance(item, str):
            pieces.append(item)
            continue
        (part,) = item
        if isinstance(part, dict):
            waiting.append("}")
            for number, (key, member) in reversed(list(enumerate(part.items()))):
                waiting += [(member,), f"{',' if number else ''}{json.dumps(key)}:"]
            waiting.append("{")
        elif isinstance(part, list):
            waiting.append("]")
            for number, member in reversed(list(enumerate(part))):
                waiting += [(member,), "," if number else ""]
            waiting.append("[")
        elif isinstance(part, int) and abs(part) > 10**4000:
            pieces.append("1" + "0" * 5000)
        else:
            pieces.append(json.dumps(part))
    return "".join(pieces)


YAML_LINES = (
    "? [a, b]\n: c", "? {a: b}\n: c", "&a [*a]", "*nowhere", "&a &b c", "!!python/object/apply:os.system ['touch x']",
    "!x y", "!!binary aGk=", "!!set {a, b}", "!!omap [a: b]", "!!timestamp 2020-01-01", "!!float x", "!!int 0x",
    "<<: *a", "<<: [1]", "%YAML 9.9", "%TAG ! x:", "---", "...", "--- a\n--- b", "\tx: y", "a: b: c", "- - - -",
    "a: |9\n x", "a: >-+\n  x", "'unclosed", '"unclosed', "{a: b", "[a, b", "a: [}", "@x", "`x", "a: \x00",
    '"\\x00\\ud800\\U0010ffff"', '"\\q"', "null: 1\n~: 2\ntrue: 3\n1: 4\n1.0: 5\n.nan: 6\n.inf: 7", "a: 1\na: 2",
    "2001-01-01: x", "0o777: 0b1", "1_000: 1__0", "=: =", "#", "a:b", ": x", "? ", "- ", "|", ">", "&", "*", "!",
    "\ufeff", "\u2028",
)  # fmt: skip


def broken_yaml(draw: Random, data: bytes) -> bytes:
    """YAML with some lines lost, doubled, shifted, or odd ones among them."""
    lines = data.decode("utf-8", "replace").split("\n")
    for _ in range(draw.choice((1, 1, 2, 5, 20))):
        place = draw.randrange(len(lines))
        match draw.randrange(6):
            case 0:
                lines[place] = draw.choice((" ", "\t", "   ", "- ", "? ", "# ")) + lines[place]
            case 1:
                lines.insert(place, lines[place])
            case 2:
                del lines[place : place + draw.choice((1, 3))]
                lines = lines or [""]
            case 3:
                indent = " " * (len(lines[place]) - len(lines[place].lstrip()))
                lines.insert(place, indent + draw.choice(YAML_LINES).replace("\n", "\n" + indent))
            case 4:
                lines[place] = lines[place].partition(":")[0] + ": " + draw.choice(YAML_LINES).partition("\n")[0]
            case _:
                cut = draw.randrange(len(lines[place]) + 1)
                lines[place] = (
                    lines[place][:cut]
                    + draw.choice(("'", '"', ":", "{", "}", "[", "&a ", "*a", "!", "\r", "\t", "\x00"))
                    + lines[place][cut:]
                )
    return "\n".join(lines).encode("utf-8", "replace")


def bomb(draw: Random) -> bytes:
    """A few lines of YAML whose aliases stand for very much."""
    levels, width = draw.choice(((9, 9), (20, 2), (30, 2), (6, 50), (100, 2), (4, 200)))
    is_object = draw.random() < 0.5
    rows = ["x-0: &a0 " + draw.choice(("{type: string}", "[1]", "{a: 1}", "lol"))]
    for level in range(1, levels + 1):
        below = [f"*a{level - 1}"] * width
        members = ", ".join(f"k{n}: {alias}" for n, alias in enumerate(below))
        kind = draw.choice(("plain", "allOf", "properties")) if is_object else "list"
        value = {
            "list": f"[{', '.join(below)}]",
            "plain": f"{{{members}}}",
            "allOf": f"{{allOf: [{', '.join(below)}]}}",
            "properties": f"{{type: object, properties: {{{members}}}}}",
        }[kind]
        rows.append(f"x-{level}: &a{level} {value}")
    where = draw.choice(("schema", "example", "extension", "parameters", "merge"))
    top = f"*a{levels}"
    use = {
        "schema": f"{{description: d, content: {{application/json: {{schema: {top}}}}}}}",
        "example": f"{{description: d, content: {{application/json: {{example: {top}}}}}}}",
        "extension": f"{{description: d, x-a: {top}}}",
        "parameters": f"{{description: d, headers: {top}}}",
        "merge": f"{{description: d, <<: {top}}}",
    }[where]
    head = ["openapi: 3.1.0", "info: {title: t, version: '1'}"]
    return "\n".join([*head, *rows, "paths:", "  /a:", f"    get: {{responses: {{'200': {use}}}}}", ""]).encode()


def broken_json(draw: Random, data: bytes) -> bytes:
    """JSON with a fault somewhere."""
    inserts = (
        b",",
        b"}",
        b"{",
        b"[",
        b"]",
        b'"',
        b"'",
        b":",
        b"//x\n",
        b"/*",
        b"NaN",
        b"-",
        b"01",
        b"1e",
        b"\\",
        b"\\u",
        b"\\ud800",
        b"\x00",
        b"\xff",
        b"\t",
        b"tru",
        b"[" * 100_000,
        b'{"a":' * 50_000,
        b"1" * 5000,
    )
    for _ in range(draw.choice((1, 1, 3))):
        cut = draw.randrange(len(data) + 1)
        data = data[:cut] + draw.choice(inserts) + data[cut + draw.choice((0, 0, 1, 10)) :]
    return data + draw.choice((b"", b"", data[:200], b"\x00", b"}"))


def other_encoding(draw: Random, data: bytes) -> bytes:
    """The same text in another encoding, or bytes that are in none."""
    text = data.decode("utf-8", "replace").replace("Pet", "Pét")
    match draw.randrange(10):
        case 0 | 1:
            return text.encode(draw.choice(("utf-16", "utf-16-le", "utf-16-be", "utf-32", "utf-32-le", "utf-32-be")))
        case 2:
            return text.encode("latin-1", "replace")
        case 3:
            return b"\xef\xbb\xbf" * draw.choice((1, 2)) + data
        case 4:
            cut = draw.randrange(len(data))
            return (
                data[:cut]
                + draw.choice(
                    (b"\xff", b"\xc3", b"\xc0\xaf", b"\xed\xa0\x80", b"\xf5\x80\x80\x80", b"\x00", b"\xe2\x28\xa1")
                )
                + data[cut:]
            )
        case 5:
            return draw.choice(
                (
                    b"",
                    b" ",
                    b"\n" * 1000,
                    b"\x00" * 100,
                    b"\xff\xfe",
                    b"\xef\xbb\xbf",
                    b"\xfe\xff\x00",
                    b"null",
                    b"0",
                    b'"x"',
                    b"[]",
                    b"{}",
                    b"---\n",
                    b"#",
                    b"\t",
                    b"\r",
                )
            )
        case 6:
            return zlib.compress(data)
        case 7:
            return data.replace(b"\n", draw.choice((b"\r", b"\r\n", b"\x85", b"\xe2\x80\xa8", b"\n\r")))
        case 8:
            return draw.randbytes(draw.choice((1, 10, 1000, 100_000)))
        case _:
            return text.encode("utf-16-le")[1:]
