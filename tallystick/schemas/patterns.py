"""Translation of the patterns of JSON Schema (ECMA-262) into the syntax of the engine that matches them.

The engine reads nearly all of ECMA-262. The rest is rewritten here: surrogate escapes, empty classes, `\\0`, a
backspace in a class, literal braces, references to a group by its name, and `\\d` and `\\w` in a pattern with a
lookaround.
"""

from __future__ import annotations

import re
from functools import lru_cache

import jsonschema_rs

PATTERN_OPTIONS = jsonschema_rs.FancyRegexOptions(size_limit=24 * 2**20)
"""How the engine reads patterns: one may take 24 MiB, more than twice as much as the engine allows by default.

One with a million states takes more: 50 to 90 MB each time that it is compiled, and hours with a text as long as that.
"""
_HIGH, _LOW, _HALF = (
    r"\\u[dD][89abAB][0-9a-fA-F]{2}",
    r"\\u[dD][c-fC-F][0-9a-fA-F]{2}",
    r"\\u[dD][89a-fA-F][0-9a-fA-F]{2}",
)
_LONE_HALF = rf"(?!{_HIGH}{_LOW}){_HALF}"
_TOKEN = re.compile(
    rf"(?P<pair>{_HIGH}{_LOW})|(?P<halves>{_HALF}-{_LONE_HALF})|(?P<from>{_HALF})-|-(?P<to>{_LONE_HALF})|(?P<half>{_HALF})"
    r"|(?P<zero>\\0(?![0-9]))|(?P<back>\\b)|\\k<(?P<name>[^>]*)>|(?P<escape>\\[pPu]\{[^}]*\}|\\.)|(?P<open>\[\^?\]?)|(?P<close>\])"
    r"|(?P<count>\{[0-9]+(?:,[0-9]*)?\})|(?P<brace>\{)|(?P<char>.)",
    re.DOTALL,
)
_ANY_PAIR = re.compile(r"\[\\u[dD]800-\\u[dD][bB][fF]{2}\]\[\\u[dD][cC]00-\\u[dD][fF]{3}\]")
_GROUP = re.compile(r"\\.|\[(?:\\.|[^\]\\])*+\]|(?P<opening>\((?:\?<(?P<name>[A-Za-z_$][\w$]*)>|(?!\?)))", re.DOTALL)
_LOOKAROUND = re.compile(r"\(\?<?[=!]")
_ASCII = {
    r"\d": "0-9",
    r"\w": "A-Za-z0-9_",
}  # in a pattern with a lookaround, the engine takes these for Unicode classes
_NEVER = r"\u{FFFF}"  # stands for half of a surrogate pair: a character that no text has


@lru_cache(maxsize=4096)
def to_engine_syntax(ecma: str) -> str:
    """The pattern of the engine that matches the same texts as an ECMA-262 pattern; an invalid one stays invalid."""
    if "\\" not in ecma and "[]" not in ecma and "[^]" not in ecma and "{" not in ecma:
        return ecma
    tokens: list[str] = []
    in_class = False
    looks_around = _LOOKAROUND.search(ecma) is not None
    for token in _TOKEN.finditer(_ANY_PAIR.sub(r"[\\u{10000}-\\u{10FFFF}]", ecma)):
        text = token[0]
        match token.lastgroup:
            case "pair":
                high, low = int(text[2:6], 16), int(text[8:12], 16)
                text = f"\\u{{{0x10000 + ((high - 0xD800) << 10) + (low - 0xDC00):X}}}"
            case "from" if in_class:
                text = r"\u{E000}-"
            case "to" if in_class:
                text = r"-\u{D7FF}"
            case "halves" if in_class:
                text = _NEVER
            case "half" | "from" | "to" | "halves":
                text = re.sub(_HALF, lambda _: _NEVER, text)
            case "zero":
                text = r"\x00"
            case "back" if in_class:
                text = r"\x08"
            case "name" if not in_class and (number := _group_numbers(ecma).get(token["name"])):
                text = rf"(?:\{number})"
            case "escape" if looks_around and text in _ASCII:
                text = _ASCII[text] if in_class else f"[{_ASCII[text]}]"
            case "brace" if not in_class:
                text = r"\{"
            case "open" if not in_class and text.endswith("]"):
                text = r"[\s\S]" if "^" in text else r"[^\s\S]"
            case "open" if not in_class:
                in_class = True
            case "close":
                in_class = False
        tokens.append(text)
    return "".join(tokens)


@lru_cache(maxsize=64)
def _group_numbers(ecma: str) -> dict[str, int]:
    """The number of each capturing group that has a name, by its name."""
    names = [group["name"] for group in _GROUP.finditer(ecma) if group["opening"]]
    return {name: number for number, name in enumerate(names, 1) if name}


@lru_cache(maxsize=4096)
def is_readable(ecma: str) -> bool:
    """Whether the engine can read an ECMA-262 pattern and judge texts by it."""
    try:
        jsonschema_rs.Draft202012Validator(
            {"pattern": to_engine_syntax(ecma)}, offline=True, pattern_options=PATTERN_OPTIONS
        )
    except jsonschema_rs.ValidationError:
        return False
    return True


def is_lawful(ecma: str) -> bool:
    """Whether a string is a pattern of ECMA-262 with Unicode, be it too large for the engine or not."""
    return is_readable(ecma) or is_readable(_LONG_COUNT.sub(_once, ecma))


_LONG_COUNT = re.compile(r"\\.|\{(\d+)(?:,(\d*))?\}", re.DOTALL)


def _once(count: re.Match[str]) -> str:
    """A short repetition in place of a longer one; an escape, or a count that is not in order, stays."""
    least, most = count[1], count[2]
    if least is None or (most and most.zfill(len(least)) < least.zfill(len(most))):
        return count[0]
    return "{1}" if most is None else "{1,}" if not most else "{1,2}"
