"""Keeps a contract's texts from the generator of classes: it sees a word in the place of each that is not plain.

The word gives the same Python name as the text does, has its length, and is harmless wherever it is written.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from unicodedata import is_normalized

from tallystick.models.keywords import Schema, branches, members
from tallystick.nouns.json_value import JSON
from tallystick.nouns.keywords import SUBSCHEMA, SUBSCHEMA_MAP, SUBSCHEMAS

_FIRST, _COUNT = 0xF0000, 0xFFFE
"""Characters for private use, which no name has: they tell words from texts, and one word from another."""
_QUOTES = re.compile(r"[\"'\\]")
_QUOTED_IN_PATTERN = re.compile(r"\\?(['\"])|\\.", re.DOTALL)
_ESCAPED_IN_PATTERN = re.compile(r"\\(?:(x22)|(x27)|.)", re.DOTALL)


class HiddenTexts:
    """The texts that are hidden, by the words that stand for them."""

    def __init__(self) -> None:
        self.words: dict[str, str] = {}
        self.texts: dict[str, str] = {}
        self.alike: dict[str, int] = {}
        """How many texts look the same with their odd characters left out."""

    def hide(self, schema: Schema) -> Schema:
        """A schema in which words stand for texts; a pattern stays a pattern, without quotes."""
        result: Schema = {}
        for keyword, value in schema.items():
            if keyword == "pattern" and isinstance(value, str):
                result[keyword] = pattern_without_quotes(value)
            elif keyword in SUBSCHEMA and isinstance(value, dict):
                result[keyword] = self.hide(value)
            elif keyword in SUBSCHEMAS:
                result[keyword] = [self.hide(branch) for branch in branches(schema, keyword)]
            elif keyword in SUBSCHEMA_MAP:
                name_of = pattern_without_quotes if keyword == "patternProperties" else self.word
                result[keyword] = {name_of(name): self.hide(child) for name, child in members(schema, keyword).items()}
            else:
                result[keyword] = self.hide_values(value)
        return result

    def hide_values(self, value: JSON) -> JSON:
        """A JSON value in which words stand for texts, also for the names of members."""
        if isinstance(value, str):
            return self.word(value)
        if isinstance(value, list):
            return [self.hide_values(item) for item in value]
        if isinstance(value, dict):
            return {self.word(name): self.hide_values(item) for name, item in value.items()}
        return value

    def word(self, text: str) -> str:
        """The text itself where it is plain: printable, without quotes and backslashes, and normal as a name."""
        if text.isascii() and text.isprintable() and not _QUOTES.search(text):
            return text
        is_odd = _is_odd if is_normalized("NFKC", text) else _is_odd_or_foreign
        if not any(map(is_odd, text)):
            return text
        word = self.words.get(text)
        if word is None:
            word = self.words[text] = self.new_word(text, is_odd)
            self.texts[word] = text
        return word

    def new_word(self, text: str, is_odd: Callable[[str], bool]) -> str:
        """A text with other characters in the place of the odd ones, the first of which tells it from all others."""
        alike = "".join(chr(_FIRST) if is_odd(character) else character for character in text)
        number = self.alike[alike] = self.alike.get(alike, 0) + 1
        more, last = divmod(number, _COUNT)
        return alike.replace(chr(_FIRST), chr(_FIRST + last) + (chr(_FIRST + more) if more else ""), 1)

    def shown(self, written: str) -> str:
        """The text that a word stands for; a text that was not hidden stays as it is."""
        return self.texts.get(written, written)


def _is_odd(character: str) -> bool:
    return not character.isprintable() or bool(_QUOTES.match(character))


def _is_odd_or_foreign(character: str) -> bool:
    """Whether a character is odd in a text that is another text as a Python name (its normal form)."""
    return not character.isascii() or _is_odd(character)


def pattern_without_quotes(pattern: str) -> str:
    """A pattern with its quotes as escapes."""

    def escaped(token: re.Match[str]) -> str:
        return f"\\x{ord(token[1]):02x}" if token[1] else token[0]

    return _QUOTED_IN_PATTERN.sub(escaped, pattern)


def pattern_with_quotes(pattern: str) -> str:
    """A pattern with quotes in the place of their escapes."""
    return _ESCAPED_IN_PATTERN.sub(lambda token: '"' if token[1] else "'" if token[2] else token[0], pattern)
