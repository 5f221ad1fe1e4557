"""Templates made into HTML: everything that is shown is a stranger's text, and is escaped."""

from __future__ import annotations

from datetime import datetime
from importlib.metadata import version
from pathlib import Path

from jinja2 import Environment, FileSystemLoader, StrictUndefined

from tallystick.mock.console.prose import prose
from tallystick.mock.console.visit import Html, Visit, unmarked
from tallystick.mock.control.call import instant
from tallystick.nouns.printing import visible

TEMPLATES = Path(__file__).with_name("templates")


def _shown(value: object) -> object:
    """A value as it is shown: characters that hide, or turn the direction of a line, are escapes; None is nothing."""
    if value is None:
        return ""
    if isinstance(value, str) and not hasattr(value, "__html__") and not (value.isascii() and value.isprintable()):
        return "\n".join(map(visible, value.split("\n")))
    return value


def _sentence(text: str) -> str:
    """A fact as a sentence; an address at its beginning stays as it is."""
    is_address = "://" in text.partition(" ")[0]
    beginning = text[:1] if is_address else text[:1].upper()
    return f"{beginning}{text[1:].rstrip('.')}." if text else ""


ENVIRONMENT = Environment(
    loader=FileSystemLoader(TEMPLATES),
    autoescape=True,
    undefined=StrictUndefined,
    finalize=_shown,
    trim_blocks=True,
    lstrip_blocks=True,
)
ENVIRONMENT.filters["prose"] = prose
_MARKS = ENVIRONMENT.get_template("marks.html").module
ENVIRONMENT.globals.update({name: mark for name, mark in vars(_MARKS).items() if not name.startswith("_")})
ENVIRONMENT.filters.update(
    instant=instant,
    unmarked=unmarked,
    clock=lambda seconds: f"{datetime.fromtimestamp(seconds):%H:%M:%S}.{int(seconds % 1 * 1000):03}",
    moment=lambda seconds: f"{datetime.fromtimestamp(seconds):%Y-%m-%d %H:%M:%S}",
    sentence=_sentence,
)
VERSION = version("tallystick")


def render(html: Html, visit: Visit, **beside: object) -> bytes:
    """The HTML of a page, or of the part of it that htmx asks for; `beside` are values that every page has."""
    template = ENVIRONMENT.get_template(html.template)
    values = {"visit": visit, "version": VERSION, "part": html.part, **beside, **html.values}
    if not visit.is_part:
        return template.render(values).encode("utf-8", "replace")
    context = template.new_context(values)
    return "".join(template.blocks[html.part](context)).encode("utf-8", "replace")
