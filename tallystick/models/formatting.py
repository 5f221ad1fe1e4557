"""How generated Python is set: prose wrapped, imports sorted, code formatted by ruff."""

from __future__ import annotations

import re
import subprocess
import textwrap

from tallystick.models.keywords import Schema, with_parts
from tallystick.nouns.errors import UsageError

_LINE = 100
_PROSE = 88
_SHORT_DOCSTRING = re.compile(r'^(class .*:\n    """)\n    (\S.*[^\s"\\])\n    ("""\n)', re.MULTILINE)
_FENCE = re.compile(r"\s*(```|~~~)")


def described(schema: Schema) -> Schema:
    """A schema whose descriptions are wrapped as docstrings are."""
    wrapped = with_parts(schema, described)
    if "description" in schema:
        wrapped["description"] = prose(schema["description"])
        if not wrapped["description"]:
            del wrapped["description"]
    return wrapped


def prose(text: str) -> str:
    """A text with its long lines wrapped; what looks like code or a table in Markdown stays as it is."""
    lines: list[str] = []
    fenced = False
    for line in text.strip().splitlines():
        line = line.rstrip()
        fenced ^= bool(_FENCE.match(line))
        if fenced or len(line) <= _PROSE or line.startswith(("    ", "\t", "|")):
            lines.append(line)
            continue
        indent = line[: len(line) - len(line.lstrip())]
        hang = "  " if line.lstrip().startswith(("- ", "* ")) else ""
        lines += textwrap.wrap(
            line.strip(),
            _PROSE,
            initial_indent=indent,
            subsequent_indent=indent + hang,
            break_long_words=False,
            break_on_hyphens=False,
        )
    return "\n".join(lines)


def formatted(text: str) -> str:
    """Python as ruff sets it: imports sorted, none unused, lines of 100 columns."""
    text = _SHORT_DOCSTRING.sub(r"\1\2\3", text)
    text = _ruff(["check", "--select", "I,F401", "--fix-only"], text)
    return _ruff(["format"], text)


def _ruff(arguments: list[str], text: str) -> str:
    try:
        from ruff import find_ruff_bin  # type: ignore[import-untyped] # it ships no types

        ruff = find_ruff_bin()
    except (ImportError, FileNotFoundError) as error:
        raise UsageError(f"models are formatted by ruff, which is not there ({error}); pip install ruff") from None
    settings = ["--isolated", "--quiet", f"--config=line-length={_LINE}", "--target-version=py311"]
    done = subprocess.run(
        [ruff, *arguments, *settings, "--no-cache", "-"], input=text, capture_output=True, text=True, encoding="utf-8"
    )
    if done.returncode:
        raise UsageError(f"ruff cannot format the models: {done.stderr.strip()}")
    return done.stdout
