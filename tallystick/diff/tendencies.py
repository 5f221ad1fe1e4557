"""Whether a change of a keyword narrows or widens a schema, by logic alone: for changes that no value reaches."""

from __future__ import annotations

import math

from tallystick.diff.spots import Spot
from tallystick.diff.value_types import effective_types
from tallystick.diff.views import View
from tallystick.nouns.json_value import JSON
from tallystick.nouns.keywords import OF_TYPE
from tallystick.schemas.formats import WHOLE_NUMBERS

NARROWED, WIDENED = "narrowed", "widened"
_LEAST = {
    "minimum": ("minimum", "exclusiveMinimum"),
    "minLength": ("minLength",),
    "minItems": ("minItems",),
    "minProperties": ("minProperties",),
}
_MOST = {
    "maximum": ("maximum", "exclusiveMaximum"),
    "maxLength": ("maxLength",),
    "maxItems": ("maxItems",),
    "maxProperties": ("maxProperties",),
}


def tendency_of(spot: Spot) -> str:
    """What a change does to a schema: `narrowed` or `widened`; "" where logic alone does not tell."""
    old, new, keyword = spot.old_view, spot.new_view, spot.keyword
    if not applies(old, keyword) or not applies(new, keyword) or old.branches or new.branches:
        return ""
    if keyword == "required":
        return NARROWED if spot.detail in new.required else WIDENED
    if keyword == "type":
        return _by_members(effective_types(old), effective_types(new))
    if keyword == "enum":
        if _holds_all(new, old) or _holds_all(old, new):
            return ""
        return _by_members(old.keywords.get(keyword), new.keywords.get(keyword))
    if "enum" in old.keywords or "enum" in new.keywords:
        return ""
    is_beside_others = any(name in view.keywords for view in (old, new) for name in ("pattern", "format"))
    if keyword in _LEAST or keyword in _MOST:
        one, other = _bound(old, keyword), _bound(new, keyword)
        if is_beside_others and (one is None or other is None):
            return ""  # the other keyword may say the same
        return _by_bounds(one, other, keyword in _MOST)
    return ""


def _holds_all(one: View, other: View) -> bool:
    """Whether the enum of one view has each value of the types of the other, which has no enum."""
    enum = one.keywords.get("enum")
    if not isinstance(enum, list) or "enum" in other.keywords or not {*other.types} <= {"boolean", "null"}:
        return False
    values: list[JSON] = [
        *([True, False] if "boolean" in other.types else []),
        *([None] if "null" in other.types else []),
    ]
    return bool(values) and all(any(value is each for each in enum) for value in values)


def applies(view: View, keyword: str) -> bool:
    """Whether a keyword judges any value of the types that a schema names."""
    own = next((name for name, keywords in OF_TYPE.items() if keyword in keywords), "")
    names = {own, "integer"} if own == "number" else {own}
    return not own or not view.types or not names.isdisjoint(view.types)


def _bound(view: View, keyword: str) -> tuple[float, int] | None:
    """A bound, and whether its own value is outside: 1 for an exclusive lower bound, -1 for an exclusive upper one."""
    is_upper = keyword in _MOST
    found = []
    for name in (*_LEAST.get(keyword, ()), *_MOST.get(keyword, ())):
        value = view.keywords.get(name)
        if isinstance(value, (int, float)):
            is_exclusive = name.startswith("exclusive")
            if is_exclusive and view.types == ["integer"]:
                whole = math.ceil(value) - 1 if is_upper else math.floor(value) + 1
                found.append((float(whole), 0))
            else:
                found.append((float(value), (-1 if is_upper else 1) if is_exclusive else 0))
    most = WHOLE_NUMBERS.get(str(view.keywords.get("format")))
    if most is not None and keyword in ("minimum", "maximum"):
        found.append((float(most if is_upper else -most - 1), 0))
    return (min(found) if is_upper else max(found)) if found else None


def _by_bounds(old: tuple[float, int] | None, new: tuple[float, int] | None, is_upper: bool) -> str:
    if old == new:
        return ""
    if old is None or new is None:
        return NARROWED if old is None else WIDENED
    return NARROWED if (new < old) is is_upper else WIDENED


def _by_members(old: JSON, new: JSON) -> str:
    if old == new:
        return ""
    if not isinstance(old, list):
        return NARROWED
    if not isinstance(new, list):
        return WIDENED
    return WIDENED if all(item in new for item in old) else NARROWED
