"""Whether a change of a keyword narrows or widens a schema, by logic alone: for changes that no value reaches."""

from __future__ import annotations

from tallystick.diff.spots import Spot
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
    if not _applies(old, keyword) or not _applies(new, keyword):
        return ""
    if keyword in _LEAST:
        return _by_bounds(_bound(old, _LEAST[keyword]), _bound(new, _LEAST[keyword]))
    if keyword in _MOST:
        return _by_bounds(_bound(new, _MOST[keyword]), _bound(old, _MOST[keyword]), is_upper=True)
    if keyword == "required":
        return NARROWED if spot.detail in new.required else WIDENED
    if keyword in ("enum", "type"):
        return _by_members(old.keywords.get(keyword), new.keywords.get(keyword))
    return ""


def _applies(view: View, keyword: str) -> bool:
    """Whether a keyword judges any value of the types that a schema names."""
    own = next((name for name, keywords in OF_TYPE.items() if keyword in keywords), "")
    names = {own, "integer"} if own == "number" else {own}
    return not own or not view.types or not names.isdisjoint(view.types)


def _bound(view: View, keywords: tuple[str, ...]) -> float | None:
    for keyword in keywords:
        value = view.keywords.get(keyword)
        if isinstance(value, (int, float)):
            return value
    most = WHOLE_NUMBERS.get(str(view.keywords.get("format")))
    return {"minimum": -most - 1, "maximum": most}.get(keywords[0]) if most is not None else None


def _by_bounds(lower: float | None, upper: float | None, is_upper: bool = False) -> str:
    """Narrowed where the bound went up from `lower` to `upper`; no bound is the least, or with `is_upper` the most."""
    if lower == upper:
        return ""
    if lower is None or upper is None:
        is_narrowed = (upper is None) if is_upper else (lower is None)
        return NARROWED if is_narrowed else WIDENED
    return NARROWED if lower < upper else WIDENED


def _by_members(old: JSON, new: JSON) -> str:
    if not isinstance(old, list):
        return NARROWED
    if not isinstance(new, list):
        return WIDENED
    return WIDENED if all(item in new for item in old) else NARROWED
