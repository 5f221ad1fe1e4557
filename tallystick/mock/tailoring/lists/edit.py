"""The edit of lists: the rows that a request asks for, and what stands around them."""

from __future__ import annotations

from typing import NamedTuple

from tallystick.examples.draws import Style
from tallystick.mock.off_loop import Slow, is_on_loop
from tallystick.mock.settings import MockSettings
from tallystick.mock.tailoring.edit import Base, Draft, Edit, origin_of
from tallystick.mock.tailoring.lists.links import PageLinks, Target
from tallystick.mock.tailoring.lists.listing import Listing, listing_of
from tallystick.mock.tailoring.lists.members import header_text
from tallystick.nouns.contract import Operation
from tallystick.nouns.exchange import Exchange, Request
from tallystick.nouns.json_value import JSON
from tallystick.nouns.schema import Schema
from tallystick.resources.lists.vocabulary import MEMBERS, spelled
from tallystick.resources.lists.wishes import BodyWish, ListWish, body_wish, wish_of
from tallystick.wire.reading import Reading


class Asked(NamedTuple):
    """What of a request decides which rows it gets; where no URL is in the reply, not where it was sent."""

    origin: str
    prefix: str
    path: str
    query: str
    in_body: BodyWish = ()

    @property
    def target(self) -> Target:
        """The URL of the request, as far as it matters."""
        return Target(self.origin, self.prefix + self.path, self.query)


def filled(
    operation: Operation, schema: Schema | None, value: JSON, settings: MockSettings, style: Style, is_authored: bool
) -> JSON:
    """A reply with as many rows in its list as a page has, and with what is said of them.

    The rows that an author wrote are the first ones.
    """
    listing = listing_of(operation, schema, value, settings, style, is_base=is_authored)
    return value if listing is None else listing.show(value, ListWish(), None)[0]


def lists_edit(base: Base) -> Edit[Asked] | None:
    """The edit that gives a request the rows that it asks for; None where the reply is no list."""
    if not base.has_value or not 200 <= base.reply.response.status < 300:
        return None
    style = base.reply.style
    listing = listing_of(base.operation, base.schema, base.value, base.settings, style, is_base=True)
    if listing is None:
        return None
    lists = ListsEdit(base, listing)

    def facts(reading: Reading) -> Asked | None:
        if not (lists.has_urls or reading.request.query or lists.parameters.in_body):
            return None
        asked = lists.asked(reading)
        return asked if lists.has_urls or asked.query or asked.in_body else None

    def apply(draft: Draft, asked: Asked) -> None:
        wish = lists.wish(asked)
        if listing.is_slow(wish) and is_on_loop():
            raise Slow
        if style is None and listing.asks_nothing(wish):
            lists.tell(draft, listing.repoint(draft.value, wish, asked.target))
        else:
            lists.show(draft, listing, wish, asked.target)

    return Edit(facts, apply, "the rows that the request asks for")


class ListsEdit:
    """Shows the lists of one documented reply as a request asks for them."""

    def __init__(self, base: Base, listing: Listing) -> None:
        self.operation = base.operation
        self.parameters = listing.parameters
        self.spoken = {
            header.name.lower(): header.required
            for header in base.definition.headers
            if spelled(header.name) in MEMBERS
        }
        """The header fields that speak of the list, each with whether it is required."""
        self.has_urls = listing.has_urls or bool(self.spoken)

    def asked(self, reading: Reading) -> Asked:
        """What of a request decides which rows it gets."""
        request = reading.request
        in_body = body_wish(reading, self.parameters) if self.parameters.in_body else ()
        if self.has_urls:
            return Asked(origin_of(reading), reading.prefix, request.path, request.query, in_body)
        return Asked("", "", self.operation.path, request.query, in_body)

    def wish(self, asked: Asked) -> ListWish:
        """Which rows a request asks for."""
        request = Request(self.operation.method, asked.path, asked.query)
        return wish_of(Reading(self.operation, Exchange(request)), self.parameters, asked.in_body)

    def show(self, draft: Draft, listing: Listing, wish: ListWish, target: Target) -> None:
        """Put the rows that a request asks for into a reply, from the worlds of a listing like that of the reply."""
        draft.value, links = listing.show(draft.value, wish, target)
        self.tell(draft, links)

    def tell(self, draft: Draft, links: PageLinks | None) -> None:
        """Let the header fields that speak of the list say what is true."""
        if links is not None and self.spoken:
            draft.headers = _told(draft.headers, self.spoken, links)


def _told(headers: list[tuple[str, str]], spoken: dict[str, bool], links: PageLinks) -> list[tuple[str, str]]:
    """Header fields of which some speak of the list, each with whether it is required: they say what is true."""
    told: list[tuple[str, str]] = []
    for name, before in headers:
        if name in spoken:
            text = header_text(name, links.page, links, before)
            if text is not None:
                told.append((name, text))
            elif spoken[name]:
                told.append((name, before))
        else:
            told.append((name, before))
    return told
