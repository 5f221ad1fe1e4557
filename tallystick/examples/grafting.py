"""Puts one value into another one that fits its schema, as far as that goes on to fit."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from jsonschema_rs.canonical.schema import clone

from tallystick.nouns import budgets
from tallystick.nouns.json_value import JSON


def grafted(value: JSON, scion: JSON, fits: Callable[[JSON], bool], only_scion: bool = True) -> JSON:
    """A value that fits, with each part of another one (`scion`) that leaves it fitting.

    With `only_scion`, what only the value has is removed as far as it goes on to fit. The order of members is that of
    the scion.
    """
    graft = _Graft([clone(value)], fits, only_scion)
    graft.put(graft.whole, 0, clone(scion))
    return graft.whole[0]


class _Graft:
    """The value while parts are put into it, as the only item of a list (`whole`)."""

    def __init__(self, whole: list[JSON], fits: Callable[[JSON], bool], only_scion: bool) -> None:
        self.whole = whole
        self.fits = fits
        self.only_scion = only_scion
        self.tries = 0

    def is_fitting(self) -> bool:
        """Whether the value fits now; false once so much was tried that no more is."""
        self.tries += 1
        return self.tries <= budgets.GRAFT_TRIES and self.fits(self.whole[0])

    def put(self, container: Any, key: str | int, scion: JSON) -> None:
        """Put the scion, or what is possible of it, in the place of a member or an item."""
        stock, container[key] = container[key], scion
        if self.is_fitting():
            return
        container[key] = stock
        if isinstance(stock, dict) and isinstance(scion, dict):
            self.members(stock, scion)
        elif isinstance(stock, list) and isinstance(scion, list):
            self.items(stock, scion)

    def members(self, stock: dict[str, JSON], scion: dict[str, JSON]) -> None:
        for name, member in scion.items():
            if name in stock:
                self.put(stock, name, member)
                continue
            stock[name] = member
            if not self.is_fitting():
                del stock[name]
        for name in [name for name in stock if scion.get(name) is None] if self.only_scion else ():
            member = stock.pop(name)
            if not self.is_fitting():
                stock[name] = member
        ordered = {name: stock[name] for name in (*scion, *stock) if name in stock}
        stock.clear()
        stock.update(ordered)

    def items(self, stock: list[JSON], scion: list[JSON]) -> None:
        for index, item in enumerate(scion):
            if index < len(stock):
                self.put(stock, index, item)
                continue
            stock.append(item)
            if not self.is_fitting():
                stock.pop()
                break
        while self.only_scion and len(stock) > len(scion):
            item = stock.pop()
            if not self.is_fitting():
                stock.append(item)
                break
