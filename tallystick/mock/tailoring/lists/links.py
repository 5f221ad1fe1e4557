"""URLs of other pages: the request's own, on the mock, with another page in its query."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from urllib.parse import quote, urlsplit

from tallystick.mock.tailoring.lists.pages import Page, cursors
from tallystick.nouns.json_value import JSON
from tallystick.resources.lists.vocabulary import Wanted
from tallystick.resources.lists.wishes import ListWish, PageParameters
from tallystick.wire.values import pairs


@dataclass(frozen=True, slots=True)
class Target:
    """The URL of a request, in its parts."""

    origin: str
    path: str
    query: str

    def with_query(self, query: str) -> str:
        """The URL with another query."""
        return f"{self.origin}{self.path}{'?' if query else ''}{query}"

    def repointed(self, url: str) -> str:
        """A URL in an author's example, pointing at the mock: the request's own path, with the query of the example."""
        return self.with_query(urlsplit(url).query)


NOWHERE = Target("", "", "")


class PageLinks:
    """The URLs of pages beside one that a request gets."""

    def __init__(self, target: Target, parameters: PageParameters, wish: ListWish, page: Page) -> None:
        self.target = target
        self.names = parameters.names
        self.wish = wish
        self.page = page

    def to(self, start: int) -> str | None:
        """The URL of the page that begins at a row; None where the operation cannot be asked for it."""
        names, page = self.names, self.page
        by_page = page.start % max(page.size, 1) == 0 and start % max(page.size, 1) == 0
        if Wanted.OFFSET in names and (self.wish.offset is not None or Wanted.PAGE not in names):
            changes: dict[str, JSON] = {names[Wanted.OFFSET]: start}
        elif Wanted.PAGE in names and by_page and self.wish.after is None:
            changes = {names[Wanted.PAGE]: start // max(page.size, 1) + page.first_page}
        elif Wanted.AFTER in names:
            changes = {names[Wanted.AFTER]: cursors(start)[0]}
        else:
            return None
        if Wanted.BEFORE in names:
            changes[names[Wanted.BEFORE]] = None
        return self.target.with_query(_changed(self.target.query, changes))

    def field(self) -> str:
        """The value of a `Link` header (RFC 8288) with the pages around this one; "" where there are none."""
        page = self.page
        starts: dict[str, int] = {}
        if page.has_previous:
            starts |= {"prev": page.previous_start}
        if page.has_next:
            starts |= {"next": page.end, "last": page.last_start}
        if page.has_previous:
            starts |= {"first": 0}
        urls = {relation: self.to(start) for relation, start in starts.items()}
        return ", ".join(f'<{url}>; rel="{relation}"' for relation, url in urls.items() if url is not None)


def _changed(query: str, changes: Mapping[str, JSON]) -> str:
    """A query with other values of some fields, the rest as it is; None takes a field away."""
    fields: list[str] = []
    added = set[str]()
    for piece, (name, _) in zip(filter(None, query.split("&")), pairs(query), strict=False):
        if name not in changes:
            fields.append(piece)
        elif name not in added and changes[name] is not None:
            fields.append(f"{piece.partition('=')[0]}={quote(str(changes[name]), safe='')}")
        added.add(name)
    fields += [
        f"{quote(name, safe='[]$.-_~')}={quote(str(value), safe='')}"
        for name, value in changes.items()
        if name not in added and value is not None
    ]
    return "&".join(fields)
