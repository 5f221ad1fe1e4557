"""Formats generated Python: prose is wrapped, and ruff sorts the imports and formats the code."""

from __future__ import annotations

import re
import subprocess
import textwrap

from tallystick.models.keywords import Schema, map_subschemas, text
from tallystick.nouns.errors import UnreachableError, UsageError
from tallystick.nouns.extras import EXTRAS, install_line

_CODE_WIDTH = 100
_PROSE_WIDTH = 88
_FENCE = re.compile(r"\s*(```|~~~)")


def with_wrapped_descriptions(schema: Schema) -> Schema:
    """A schema whose descriptions are wrapped as docstrings are."""
    wrapped = map_subschemas(schema, with_wrapped_descriptions)
    if "description" in schema:
        description = wrap_prose(text(schema, "description"))
        wrapped["description"] = description
        if not description:
            del wrapped["description"]
    return wrapped


def wrap_prose(prose: str) -> str:
    """A text with its long lines wrapped; what looks like code or a table in Markdown stays as it is."""
    lines: list[str] = []
    is_fenced = False
    for line in prose.strip().splitlines():
        line = line.rstrip()
        is_fenced ^= bool(_FENCE.match(line))
        if is_fenced or len(line) <= _PROSE_WIDTH or line.startswith(("    ", "\t", "|")):
            lines.append(line)
            continue
        indent = line[: len(line) - len(line.lstrip())]
        hanging = "  " if line.lstrip().startswith(("- ", "* ")) else ""
        lines += textwrap.wrap(
            line.strip(),
            _PROSE_WIDTH,
            initial_indent=indent,
            subsequent_indent=indent + hanging,
            break_long_words=False,
            break_on_hyphens=False,
        )
    return "\n".join(lines)


def format_code(code: str) -> str:
    """Python as ruff formats it: imports sorted and none unused, lines of 100 columns."""
    code = _run_ruff(["check", "--select", "I,F401", "--fix-only"], code)
    return _run_ruff(["format"], code)


def _run_ruff(arguments: list[str], code: str) -> str:
    """The output of ruff. Raises `UnreachableError` where ruff is not installed, `UsageError` where it fails."""
    try:
        from ruff import find_ruff_bin  # type: ignore[import-untyped] # it ships no types

        ruff = find_ruff_bin()
    except (ImportError, FileNotFoundError) as error:
        fact = f"{EXTRAS['models']} needs ruff, which cannot be found ({error})"
        raise UnreachableError(f"{fact}; type: {install_line('models')}") from None
    settings = ["--isolated", "--quiet", f"--config=line-length={_CODE_WIDTH}", "--target-version=py311"]
    done = subprocess.run(
        [ruff, *arguments, *settings, "--no-cache", "-"], input=code, capture_output=True, text=True, encoding="utf-8"
    )
    if done.returncode:
        raise UsageError(f"ruff cannot format the models: {done.stderr.strip()}")
    return done.stdout
