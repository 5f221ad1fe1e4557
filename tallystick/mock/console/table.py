"""The pages by method and path, and what the navigation leads to; a path that ends with a slash has all below it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple

from tallystick.mock.console import (
    coverage,
    exchange,
    exports,
    flip,
    journal,
    operation,
    operations,
    reference,
    resources,
    sessions,
)
from tallystick.mock.console.visit import Page


class Entry(NamedTuple):
    """An entry of the navigation; `beginnings` are the paths at which it is the current one."""

    title: str
    path: str
    beginnings: tuple[str, ...]


NAVIGATION: tuple[Entry, ...] = (
    Entry("Operations", "/", ("/", "/page/operation")),
    Entry("Journal", "/page/journal", ("/page/journal", "/page/exchange", "/page/compare")),
    Entry("Overrides", "/page/overrides", ("/page/overrides", "/page/flip")),
    Entry("Resources", "/page/resources", ("/page/resources", "/page/item")),
    Entry("Coverage", "/page/coverage", ("/page/coverage",)),
    Entry("Sessions", "/page/sessions", ("/page/sessions",)),
    Entry("Reference", "/docs/", ("/docs/",)),
)
PAGES: Mapping[str, Page] = {
    **operations.PAGES,
    **operation.PAGES,
    **journal.PAGES,
    **exchange.PAGES,
    **exports.PAGES,
    **sessions.PAGES,
    **flip.PAGES,
    **resources.PAGES,
    **coverage.PAGES,
    **reference.PAGES,
}


def page_of(method: str, path: str) -> Page | None:
    """The page for a method and a path; None where there is none."""
    method = "GET" if method == "HEAD" else method
    page = PAGES.get(f"{method} {path}")
    while page is None and path:
        path = path.rstrip("/").rpartition("/")[0]
        page = PAGES.get(f"{method} {path}/") if path else None
    return page


def current_of(path: str) -> Entry | None:
    """The entry of the navigation that a path belongs to."""
    fitting = [
        entry
        for entry in NAVIGATION
        if any(path == each or (each != "/" and path.startswith(each)) for each in entry.beginnings)
    ]
    return fitting[0] if fitting else None
