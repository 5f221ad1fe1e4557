"""A rule on what leads from page to page: what a list names as its next page is there, and shows other rows."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import NamedTuple
from urllib.parse import parse_qsl, urlencode, urljoin, urlsplit

from tallystick.nouns.rule import Rule, Scope
from tallystick.nouns.violation import Place, Severity
from tallystick.resources.lists.vocabulary import MEMBERS, WRAPPERS, Member, Wanted, spelled
from tallystick.rules.sequence.history import History
from tallystick.rules.sequence.list_promise import ListPromise
from tallystick.rules.sequence.relation import Relation, SequenceCheck
from tallystick.rules.sequence.seen import Seen

_LINK = re.compile(r"<([^<>]*)>([^<]*)")
_NEXT = re.compile(r""";\s*rel\s*=\s*(?:next\b|"(?:[^"]*\s)?next(?:\s[^"]*)?")""", re.IGNORECASE)
_DEEPEST = 3
_CURSORS = frozenset("nextcursor nextpagetoken nexttoken nextmarker continuationtoken endcursor nextbatch".split())
"""Members that hold the cursor of the next page, and never that of the page itself."""
_MISSING = frozenset((400, 404, 405, 410, 422))

NEXT_PAGE_WRONG = Rule(
    "next-page-wrong",
    Severity.ERROR,
    Scope.SEQUENCE,
    "The link or cursor of a page to the next one leads there, and not to nothing or to the same rows.",
)


class NextPage(NamedTuple):
    """Where a page says that the next one is: the path and the query, and the part of the response that says so."""

    path: str
    query: str
    where: str


def next_page(seen: Seen, promise: ListPromise) -> NextPage | None:
    """Where a list says that its next page is; None where it does not, or names another host."""
    if not seen.rows:
        return None
    for where, target, is_cursor in (*_in_header(seen), *_in_body(seen.response_value, "response.body", 0)):
        request = seen.exchange.request
        if is_cursor:
            cursor = promise.parameter_for(Wanted.AFTER)
            if cursor is None:
                continue
            others = [each for each in _fields(request.query) if each[0] != cursor.name]
            return NextPage(request.path, urlencode([*others, (cursor.name, target)]), where)
        try:
            parts = urlsplit(urljoin(f"//host{request.path}", target))
        except ValueError:
            continue
        hosts = {"host", *(value for name, value in request.headers if name.lower() == "host")}
        if parts.netloc in hosts and parts.path:
            return NextPage(parts.path, parts.query, where)
    return None


def _fields(query: str) -> list[tuple[str, str]]:
    """The fields of a query, in order."""
    return parse_qsl(query, keep_blank_values=True)


def _in_header(seen: Seen) -> Iterator[tuple[str, str, bool]]:
    text = seen.reading.response_headers.get("link", "")
    for target, rest in _LINK.findall(text):
        if _NEXT.search(rest):
            yield "response.header.Link", target, False


def _in_body(value: object, where: str, depth: int) -> Iterator[tuple[str, str, bool]]:
    """The members of an envelope that hold the address of the next page or its cursor, and whether it is a cursor."""
    for name, member in value.items() if isinstance(value, dict) and depth < _DEEPEST else ():
        role, way = MEMBERS.get(spelled(name)), f"{where}/{name}"
        text = member.get("href") if isinstance(member, dict) else member
        if role is Member.NEXT and isinstance(text, str):
            if spelled(name) in _CURSORS and text and "?" not in text and "://" not in text:  # Base64 may have a slash
                yield way, text, True
            elif "/" in text or text.startswith("?"):
                yield way, text, False
        elif isinstance(member, dict) and (spelled(name) in WRAPPERS or role is Member.LINKS):
            yield from _in_body(member, way, depth + 1)


def next_pages(history: History) -> Iterator[Relation]:
    """Links to the next page that lead to nothing, or to the page that has them."""
    for seen in history.seen:
        link = next_page(seen, history.list_of(seen)) if seen.is_valid and not seen.is_broken else None
        followed = following(history, seen, link) if link is not None else None
        if link is None or followed is None:
            continue
        if followed.status in _MISSING:
            fact = f"it leads to {link.path}{'?' if link.query else ''}{link.query}, which was answered with"
            fact += f" {followed.status}"
        elif followed.rows and followed.row_ids == seen.row_ids:
            fact = "it leads to the same rows"
        else:
            continue
        violation = NEXT_PAGE_WRONG.violation(link.where, _place(seen, link), fact)
        yield Relation(violation, seen.operation.label, (seen.index, followed.index))


def following(history: History, seen: Seen, link: NextPage) -> Seen | None:
    """The request that follows a link, where nothing was changed before."""
    for other in history.seen[seen.index + 1 :]:
        request = other.exchange.request
        if not other.is_safe and not other.is_refused:
            return None
        is_there = (request.method, request.path) == ("GET", link.path)
        if is_there and sorted(_fields(request.query)) == sorted(_fields(link.query)):
            return other if other.has_caller_of(seen) else None
    return None


def _place(seen: Seen, link: NextPage) -> Place:
    """The place in the contract of the header field, else of the response."""
    definition = seen.reading.definition
    if definition is None:
        return seen.operation.place
    headers = (each.place for each in definition.headers if link.where == f"response.header.{each.name}")
    return next(headers, definition.place)


CHECKS = (SequenceCheck(next_pages, (NEXT_PAGE_WRONG,)),)
