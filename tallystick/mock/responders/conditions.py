"""Answers requests on a condition and for a part: 304 to what a client has already, 206 and 416 to `Range`."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from dataclasses import replace
from email.utils import parsedate_to_datetime

from tallystick.mock.problem import Problem
from tallystick.mock.roles import Reply
from tallystick.nouns.contract import Operation, ResponseDefinition
from tallystick.nouns.exchange import Headers, Response
from tallystick.nouns.media_type import MediaKind, parse_media_type
from tallystick.wire.reading import Reading

_RANGE = re.compile(r"bytes=\s*(\d{0,18})-(\d{0,18})\s*", re.IGNORECASE)
_ETAG = re.compile(r'(?:W/)?"[^"]*"')
_BODILESS = frozenset(("content-type", "content-encoding", "content-disposition"))

Made = Callable[[ResponseDefinition, int], Reply | None]
"""Gives the documented reply with a status; None where there is none."""


class Conditions:
    """The conditions that one operation documents answers for; a request is answered as a whole where none is met."""

    def __init__(self, operation: Operation, made: Made, refuse: Callable[[Problem], Reply]) -> None:
        self.made = made
        self.refuse = refuse
        self.not_modified = _exactly(operation, "304")
        self.partial = _exactly(operation, "206")
        self.not_satisfiable = _exactly(operation, "416")
        self.makes_tags = self.not_modified is not None and not is_tag_meant(operation)
        """Whether replies have an ETag that is made of their bodies, since nobody has said which."""

    def answer(self, reading: Reading, reply: Reply) -> Reply:
        """The reply to a request whose condition is judged; `reply` is what it gets without one."""
        is_whole = reply.response.status in (200, 206)
        return self.judged(reading, reply.tagged if is_whole and self.makes_tags else reply)

    def judged(self, reading: Reading, reply: Reply) -> Reply:
        """The same, where the reply has its validators already."""
        if reply.response.status not in (200, 206):
            return reply
        if self.not_modified is not None and is_known(reading, reply.response.headers):
            return self._unmodified(self.not_modified, reply) or reply
        if self.partial is None or not _has_ranges(reply.response):
            return reply
        return self._part(reading, reply, header_of(reply.response.headers, "etag"))

    def _unmodified(self, definition: ResponseDefinition, reply: Reply) -> Reply | None:
        """The documented 304, with the headers that the 200 would have had (RFC 9110, section 15.4.5)."""
        bare = self.made(definition, 304)
        if bare is None:
            return None
        headers = (field for field in reply.response.headers if field[0] not in _BODILESS)
        return replace(bare, response=Response(304, _merged(headers, bare.response.headers)))

    def _part(self, reading: Reading, reply: Reply, tag: str) -> Reply:
        """The part of a reply that `Range` asks for; of several ranges, and of one for another ETag, the whole."""
        response, size = reply.response, len(reply.response.body)
        text, needed = reading.headers.get("range", ""), reading.headers.get("if-range", "")
        span = _span(text, size) if not needed or needed == tag else None
        if span == (0, 0) and self.not_satisfiable is not None:
            detail = f"the range {text!r} begins after the {size:,} bytes of the body"
            return self.refuse(Problem(416, detail, headers=(("content-range", f"bytes */{size}"),)))
        if span in (None, (0, 0)) and response.status == 206 and size:
            span = (0, size)  # the only success that is documented is a part
        if span in (None, (0, 0)):
            return replace(
                reply, response=response._replace(headers=_merged((("accept-ranges", "bytes"),), response.headers))
            )
        start, end = span or (0, size)
        own = (("accept-ranges", "bytes"), ("content-range", f"bytes {start}-{end - 1}/{size}"))
        documented = self.made(self.partial, 206) if self.partial is not None else None
        headers = _merged((*own, *response.headers), documented.response.headers if documented is not None else ())
        part = Response(206, headers, response.body[start:end])
        return replace(reply, response=part, why=f"{reply.why}, bytes {start} to {end - 1}", tailored=None)


def conditions_of(operation: Operation, made: Made, refuse: Callable[[Problem], Reply]) -> Conditions | None:
    """The conditions that an operation documents answers for; None for most operations."""
    if operation.method not in ("GET", "HEAD"):
        return None
    conditions = Conditions(operation, made, refuse)
    return conditions if conditions.not_modified or conditions.partial else None


def _exactly(operation: Operation, status: str) -> ResponseDefinition | None:
    return next((response for response in operation.responses if response.status == status), None)


def is_tag_meant(operation: Operation) -> bool:
    """Whether the contract says which ETag a success has, with an example or in the schema of the header."""
    from tallystick.examples.header_values import is_meant  # a start has no use for it

    headers = [header for each in operation.responses if each.status[0] == "2" for header in each.headers]
    return any(header.name.lower() == "etag" and is_meant(header) for header in headers)


def header_of(headers: Headers, name: str) -> str:
    """The value of a header field; "" where there is none."""
    return next((value for header, value in headers if header == name), "")


def is_known(reading: Reading, headers: Headers) -> bool:
    """Whether a client has already what a reply with some header fields would bring (RFC 9110, section 13.2.2)."""
    wanted = reading.headers.get("if-none-match", "")
    if wanted:
        tag = header_of(headers, "etag")
        return bool(tag) and names_tag(wanted, tag)
    since = moment_of(reading.headers.get("if-modified-since", ""))
    changed = moment_of(header_of(headers, "last-modified"))
    return since is not None and changed is not None and changed <= since


def names_tag(wanted: str, tag: str) -> bool:
    """Whether a list of ETags names one; weak ones are compared as strong ones are (RFC 9110, section 13.1.2)."""
    tags = [wanted.strip(), *_ETAG.findall(wanted)]
    return wanted.strip() == "*" or tag.removeprefix("W/") in [each.removeprefix("W/") for each in tags]


def moment_of(date: str) -> float | None:
    """The Unix time of an HTTP date; None for what is none."""
    if not date:
        return None
    try:
        return parsedate_to_datetime(date).timestamp()
    except (ValueError, OverflowError):
        return None


def _has_ranges(response: Response) -> bool:
    """Whether the body of a response is a file of which a part is of use; that of a JSON text or a stream is none."""
    media_type = parse_media_type(header_of(response.headers, "content-type"))
    is_text = media_type.is_structured or media_type.is_sequence or media_type.kind is MediaKind.XML
    return not is_text and not header_of(response.headers, "content-encoding")


def _span(text: str, size: int) -> tuple[int, int] | None:
    """The first byte of a range and the one after its last; (0, 0) where there are none such, None for no range."""
    match = _RANGE.fullmatch(text)
    if match is None or not (match[1] or match[2]):
        return None
    if not match[1]:
        start, end = max(size - int(match[2]), 0), size
    else:
        start, end = int(match[1]), min(int(match[2]) + 1, size) if match[2] else size
        if match[2] and int(match[2]) < start:
            return None  # no range at all (RFC 9110, section 14.1.1)
    return (start, end) if start < end else (0, 0)


def _merged(fields: Iterable[tuple[str, str]], others: Iterable[tuple[str, str]]) -> Headers:
    """Header fields, and those of others that have other names."""
    own = tuple(fields)
    names = {name for name, _ in own}
    return (*own, *(field for field in others if field[0] not in names))
