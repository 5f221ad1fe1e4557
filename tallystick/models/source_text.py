"""Writes texts into generated Python: as a literal, a docstring or a comment, and never as code.

No other module of this room quotes a text. A text may have any character: quotes, line breaks, NUL, lone surrogates of
a file's name, marks that change the direction of writing.
"""

from __future__ import annotations

import re
import unicodedata

_READABLE_SPACES = frozenset("\n\t\u200c\u200d")
"""What a docstring holds as it is, though Python does not call it printable; the last two join or part letters."""
_ESCAPE = re.compile(r"\\(?:x([0-9a-f]{2})|u([0-9a-f]{4})|U(00(?:0[0-9a-f]|10)[0-9a-f]{4})|(\\))")
_ENCODING = re.compile(r"(?<=coding)[:=]")
"""What in a comment at the top of a file names its encoding for Python, whatever stands before it (PEP 263)."""


def literal(value: object) -> str:
    """A JSON value, or a tuple of texts, as an expression; what is not printable is written as escapes."""
    return repr(value)


def docstring(text: str, indent: str = "") -> str:
    """A text as a docstring, its first line without the indent; it stays as readable as the text is."""
    if "\n" in text:
        lines = docstring_text(text).split("\n")
        return "\n".join(('"""', *(f"{indent}{line}".rstrip() for line in lines), f'{indent}"""'))
    if text.endswith('"'):
        return f'"""{docstring_text(text[:-1])}\\""""'
    return f'"""{docstring_text(text)}"""'


def docstring_text(text: str) -> str:
    """A text as it stands within a docstring."""
    return "".join(map(_in_docstring, text.replace("\\", "\\\\"))).replace('"""', '\\"\\"\\"')


def _in_docstring(character: str) -> str:
    is_readable = character.isprintable() or character in _READABLE_SPACES or unicodedata.category(character) == "Zs"
    return character if is_readable else _escaped(character)


def comment(text: str) -> str:
    """A text as it stands in a comment: on one line, and naming no encoding of the file."""
    shown = "".join(each if each.isprintable() and each != "\\" else _escaped(each) for each in text)
    return _ENCODING.sub(lambda sign: _escaped(sign[0]), shown)


def text_of_comment(written: str) -> str:
    """The text that `comment` wrote; what is no escape of it, in a line that somebody edited, stays as it is."""
    return _ESCAPE.sub(lambda escape: escape[4] or chr(int(escape[1] or escape[2] or escape[3], 16)), written)


def _escaped(character: str) -> str:
    """A character as an escape of Python: of two digits, four or eight."""
    if character == "\\":
        return r"\\"
    number = ord(character)
    return f"\\x{number:02x}" if number < 0x100 else f"\\u{number:04x}" if number < 0x10000 else f"\\U{number:08x}"
