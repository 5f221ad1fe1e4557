"""JSON values as YAML texts that people edit: few quotes, one member a line, texts of several lines as blocks.

What is written reads as the same value under YAML 1.1 and 1.2: a string that either takes for something else is quoted.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping

from tallystick.nouns.json_value import JSON

_PLAIN = re.compile(r"[A-Za-z_/$](?:[\w ./@+~,;(){}=*&?%!$'-]|:(?=[^\s]))*")
"""A string that needs no quotes: it begins as no number, no date and no mark of YAML does."""
_WORDS = frozenset(("y", "n", "yes", "no", "on", "off", "true", "false", "null"))
_ODD = re.compile(r'["\\]|[^ -~\u00a0-\u2027\u202a-\ud7ff\ue000-\ufefe\uff00-\ufffd\U00010000-\U0010ffff]')
_NO_BLOCK = re.compile(r"[^\t\n -~\u00a0-\u2027\u202a-\ud7ff\ue000-\ufefe\uff00-\ufffd\U00010000-\U0010ffff]")
_ESCAPES = {'"': '\\"', "\\": "\\\\", "\n": "\\n", "\r": "\\r", "\t": "\\t"}
_LONGEST_KEY = 500
"""A longer key stands behind a question mark, as YAML asks for one of more than 1,024 bytes."""


def yaml_text(value: JSON) -> str:
    """The text of a value, with a line break at its end."""
    return "\n".join(_lines(value, "")) + "\n"


def yaml_lines(value: JSON, indent: str) -> list[str]:
    """The lines of a value below a place that is indented so far."""
    return list(_lines(value, indent))


def _lines(value: JSON, indent: str) -> Iterator[str]:
    if isinstance(value, dict) and value:
        yield from _members(value, indent)
    elif isinstance(value, list) and value:
        for item in value:
            yield from _item(item, indent)
    else:
        first, *rest = _inline(value, indent)
        yield indent + first
        yield from rest


def _members(members: Mapping[str, JSON], indent: str) -> Iterator[str]:
    for key, member in members.items():
        name = scalar(key)
        if len(name) > _LONGEST_KEY:
            yield f"{indent}? {name}"
            name = ""
        if isinstance(member, dict | list) and member:
            yield f"{indent}{name}:"
            yield from _lines(member, indent + ("  " if isinstance(member, dict) else ""))
        else:
            first, *rest = _inline(member, indent)
            yield f"{indent}{name}: {first}"
            yield from rest


def _item(item: JSON, indent: str) -> Iterator[str]:
    if isinstance(item, dict | list) and item:
        first, *rest = _lines(item, f"{indent}  ")
        yield f"{indent}- {first[len(indent) + 2 :]}"
        yield from rest
    else:
        first, *rest = _inline(item, indent)
        yield f"{indent}- {first}"
        yield from rest


def _inline(value: JSON, indent: str) -> list[str]:
    """What stands behind a key or a dash for a value without members: one line, or the lines of a block."""
    if isinstance(value, dict | list):
        return ["{}" if isinstance(value, dict) else "[]"]
    if isinstance(value, str) and "\n" in value and value[0] not in " \n\t" and not _NO_BLOCK.search(value):
        text = value.rstrip("\n")
        ends = len(value) - len(text)
        mark = "|" if ends == 1 else "|-" if not ends else "|+"
        lines = (text + "\n" * (ends - 1 if ends > 1 else 0)).split("\n")
        return [mark, *(f"{indent}  {line}" if line else "" for line in lines)]
    return [scalar(value)]


def scalar(value: str | float | bool | None) -> str:
    """The text of a value without members, on one line."""
    if value is None:
        return "null"
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, str):
        is_plain = _PLAIN.fullmatch(value) and value[-1] not in " :" and value.lower() not in _WORDS
        return value if is_plain else '"' + _ODD.sub(_escaped, value) + '"'
    text = repr(value)
    return text if "." in text or "e" not in text else text.replace("e", ".0e")  # else a text in YAML 1.1


def _escaped(match: re.Match[str]) -> str:
    character = match[0]
    if "\ud800" <= character <= "\udfff":
        return "\\ufffd"  # half of a surrogate pair is no character
    return _ESCAPES.get(character) or f"\\u{ord(character):04x}"
