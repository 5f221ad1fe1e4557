"""What stands around a list and says something of it: totals, flags, cursors and URLs, which agree with the rows."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from urllib.parse import urlsplit

from tallystick.examples.choices import ValuePath
from tallystick.examples.rows import part_at
from tallystick.mock.tailoring.lists.links import PageLinks
from tallystick.mock.tailoring.lists.pages import Page, cursors
from tallystick.mock.tailoring.lists.world import identity
from tallystick.nouns.json_value import JSON
from tallystick.nouns.schema import Schema
from tallystick.resources.lists.vocabulary import MEMBERS, WRAPPERS, Member, Wanted, spelled
from tallystick.schemas.shapes import properties_of

_DEEPEST = 4
_BY_IDENTITY = frozenset(("startingafter", "afterid", "sinceid", "startafter", "lastid"))
_INNER = frozenset("href url uri link cursor token value".split())
_FLAGS = {
    Member.NEXT: Member.HAS_NEXT,
    Member.PREVIOUS: Member.HAS_PREVIOUS,
    Member.FIRST: Member.IS_FIRST,
    Member.LAST: Member.IS_LAST,
    Member.PAGES: Member.IS_LAST,
}
"""What a member of a name says where it is true or false."""
_NAMES_URL = re.compile(r"\b(url|uri|hyperlink)s?\b", re.I)
_ADDED = frozenset((Member.NEXT, Member.PREVIOUS, Member.FIRST, Member.LAST))
"""What may be said in a member that is not there as long as there is nothing to say."""
_MOVING = frozenset((Member.NEXT, Member.PREVIOUS, Member.FIRST, Member.LAST, Member.SELF))


@dataclass(frozen=True, slots=True)
class Said:
    """A member that says something of a list: where it is, what it says, and whether as a URL."""

    path: tuple[str, ...]
    role: Member
    is_url: bool = False
    is_from_one: bool = False
    """Whether an index counts from 1."""
    is_absent: bool = False
    """Whether the reply does without it as long as there is nothing to say."""


def said_of(value: JSON, schema: Schema | None, list_path: ValuePath) -> list[Said]:
    """The members of a reply that say something of the list at a path; of those that may be there, also some others."""
    if not isinstance(value, dict):
        return []
    said = list(_said_in(value, schema, (), tuple(map(str, list_path)), None))
    if not any(each.role is Member.TOTAL for each in said):
        said = [replace(each, role=Member.TOTAL) if each.role is Member.COUNT else each for each in said]
    return said


def _said_in(
    holder: dict[str, JSON],
    schema: Schema | None,
    path: tuple[str, ...],
    list_path: tuple[str, ...],
    around: Member | None,
) -> Iterator[Said]:
    """What the members of an object say; `around` is the role of the object itself (`next` of `next.href`)."""
    declared = properties_of(schema) if schema is not None else {}
    names = {spelled(name) for name in holder}
    speaks_in_urls = any(_is_link(name, holder.get(name), declared.get(name)) for name in (*holder, *declared))
    for name in dict.fromkeys((*holder, *declared)):
        below, key, member = (*path, name), spelled(name), holder.get(name)
        is_absent, inner = name not in holder, declared.get(name)
        if isinstance(member, dict) or (is_absent and key in WRAPPERS and properties_of(inner)):
            is_way = list_path[: len(below)] == below
            if (is_way or key in WRAPPERS) and len(below) < _DEEPEST:
                role = MEMBERS.get(key)
                own = member if isinstance(member, dict) else {}
                yield from _said_in(own, inner, below, list_path, role if role in _MOVING else around)
            continue
        role = around if around is not None and key in _INNER else MEMBERS.get(key)
        if role is None and key in ("uri", "url") and isinstance(member, str) and "://" in member:
            role = Member.SELF
        if role is None or isinstance(member, list) or (is_absent and role not in _ADDED):
            continue
        role = _by_type(role, member, names)
        if role is not None:
            is_url = role in _MOVING and (
                _is_url(member, inner) or (member is None and (speaks_in_urls or around is not None))
            )
            yield Said(below, role, is_url, key in ("from", "to"), is_absent)


def _is_link(name: str, member: JSON, schema: Schema | None) -> bool:
    """Whether a member leads to another page by a URL."""
    return MEMBERS.get(spelled(name)) in _MOVING and _is_url(member, schema)


def _by_type(role: Member, member: JSON, names: set[str]) -> Member | None:
    """The role of a member whose name says several things, by the type of its value."""
    if isinstance(member, bool):
        flags = (Member.HAS_NEXT, Member.HAS_PREVIOUS, Member.IS_FIRST, Member.IS_LAST, Member.IS_EMPTY)
        return role if role in flags else _FLAGS.get(role)
    if isinstance(member, str):
        if role is Member.LAST_INDEX:
            return Member.NEXT
        return role if role in _MOVING or role in (Member.FIRST_ID, Member.LAST_ID) or member.isdecimal() else None
    if role is Member.SIZE and "totalpages" not in names and member is None:
        return None
    return role


def _is_url(member: JSON, schema: Schema | None) -> bool:
    """Whether a member holds a URL: by its value, else by what its schema says."""
    if isinstance(member, str) and (urlsplit(member[:2000]).scheme in ("http", "https") or member.startswith("/")):
        return True
    if isinstance(member, (int, bool)) or schema is None:
        return False
    said = schema.resolved
    example, text = said.get("example"), said.get("description")
    return (
        said.get("format") in ("uri", "url", "uri-reference")
        or (isinstance(example, str) and example.startswith(("http://", "https://", "/")))
        or (isinstance(text, str) and _NAMES_URL.search(text) is not None)
    )


# What the members say of a page


def sayings(said: Said, page: Page, links: PageLinks, before: JSON) -> list[JSON]:
    """The values that a member may have for a page, the best first; None where nothing is to be said."""
    role, rows = said.role, page.rows
    if role in _MOVING:
        return _moves(said, page, links, before)
    index = 1 if said.is_from_one else 0
    plain: Mapping[Member, Callable[[], JSON]] = {
        Member.TOTAL: lambda: page.total,
        Member.PAGES: lambda: page.pages,
        Member.COUNT: lambda: len(rows),
        Member.SIZE: lambda: page.size,
        Member.PAGE: lambda: page.number,
        Member.OFFSET: lambda: page.start,
        Member.FIRST_INDEX: lambda: page.start + index if rows else None,
        Member.LAST_INDEX: lambda: page.start + len(rows) - 1 + index if rows else None,
        Member.REMAINING: lambda: max(page.total - page.end, 0),
        Member.HAS_NEXT: lambda: page.has_next,
        Member.HAS_PREVIOUS: lambda: page.has_previous,
        Member.IS_FIRST: lambda: not page.has_previous,
        Member.IS_LAST: lambda: not page.has_next,
        Member.IS_EMPTY: lambda: not rows,
        Member.FIRST_ID: lambda: identity(rows[0]) if rows else None,
        Member.LAST_ID: lambda: identity(rows[-1]) if rows else None,
    }
    value = plain[role]() if role in plain else before
    return [value, *([str(value)] if isinstance(value, int) and not isinstance(value, bool) else [])]


def header_text(name: str, page: Page, links: PageLinks, before: str) -> str | None:
    """The value of a header field that says something of a page; None where nothing is to be said."""
    role = MEMBERS.get(spelled(name))
    if role is None or role is Member.LINKS:
        return links.field() or None
    said = Said((name,), role, _is_url(before, None))
    value = next(iter(sayings(said, page, links, before)), None)
    return None if value is None else str(value).lower() if isinstance(value, bool) else str(value)


def _moves(said: Said, page: Page, links: PageLinks, before: JSON) -> list[JSON]:
    """What a member that leads to another page may hold: its URL, its number, or the cursor of its first row."""
    starts = {
        Member.NEXT: page.end if page.has_next else None,
        Member.PREVIOUS: page.previous_start if page.has_previous else None,
        Member.FIRST: 0,
        Member.LAST: page.last_start,
        Member.SELF: page.start,
    }
    start = starts[said.role]
    is_idle = said.is_absent and not (page.has_next if said.role is Member.LAST else page.has_previous or page.has_next)
    if start is None or is_idle:
        return [None]
    if said.role is Member.SELF:
        return [_in_form(links.target.with_query(links.target.query), links, before)] if said.is_url else [before]
    url = links.to(start)
    if said.is_url:
        return [_in_form(url, links, before)]
    number = start // max(page.size, 1) + page.first_page
    is_page = isinstance(before, int) and ("page" in spelled(said.path[-1]) or Wanted.PAGE in links.names)
    numbers: list[JSON] = [number, str(number)] if is_page or Wanted.PAGE in links.names else []
    tokens = cursors(start)
    if spelled(links.names.get(Wanted.AFTER, "")) in _BY_IDENTITY and said.role is Member.NEXT and page.rows:
        tokens.insert(0, identity(page.rows[-1]))
    if is_page:
        return [*numbers, *tokens]
    if Wanted.AFTER in links.names or Wanted.PAGE not in links.names:
        return tokens
    return [*([url] if before is None else []), *numbers]


def _in_form(url: str | None, links: PageLinks, before: JSON) -> JSON:
    """A URL as the member had one before: without the origin where that began with a slash."""
    if url is not None and isinstance(before, str) and before.startswith("/"):
        return url.removeprefix(links.target.origin)
    return url


def put(value: JSON, path: Sequence[str], member: JSON) -> None:
    """Set the member at a path, in the value itself; objects on the way are made where there are none."""
    for key in path[:-1]:
        if isinstance(value, dict):
            value = value.setdefault(key, {})
    if isinstance(value, dict):
        value[path[-1]] = member


def take_away(value: JSON, path: Sequence[str]) -> None:
    """Leave out the member at a path, in the value itself."""
    holder = part_at(value, tuple(path[:-1]))
    if isinstance(holder, dict):
        holder.pop(path[-1], None)
