"""Makes the documented headers of a response true and well formed, by what their names mean."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from datetime import UTC, datetime
from email.utils import format_datetime, parsedate_to_datetime
from typing import NamedTuple

from tallystick.examples.draws import Style
from tallystick.examples.samples import GENERATED, Unsatisfiable, parameter_sample
from tallystick.nouns.contract import Operation, Parameter
from tallystick.nouns.json_value import JSON
from tallystick.nouns.schema import Direction
from tallystick.wire.parameters import SET_COOKIE, cookies_reader, text_reader
from tallystick.wire.write import write_header

_MOMENT = datetime(2026, 1, 15, 12, 0, tzinfo=UTC)
"""What a header says whose value is no moment."""
_LIMIT, _RESET_SECONDS = 60, 60
_TCHAR = r"[!#$%&'*+.^_`|~0-9A-Za-z-]"
TOKEN = re.compile(rf"{_TCHAR}+")
"""What a header may be named (RFC 9110, section 5.6.2); a contract may say something else."""
_ETAG = re.compile(r'(W/)?"[\x21\x23-\x7e\x80-\xff]*"')
_LINK_VALUE = r'<[^<>\s]*>(?:\s*;\s*[^,;"\s][^,;"]*+(?:"[^"]*")?)+'
_LINK = re.compile(rf"{_LINK_VALUE}(?:\s*,\s*{_LINK_VALUE})*")
_COOKIE = re.compile(rf'{_TCHAR}+=(?:"[^"\s;,]*"|[^"\s;,\\]*)(?:\s*;[^;\x00-\x1f]*+)*')
_CHALLENGE = re.compile(
    rf"(?:basic|bearer|digest|dpop|negotiate|hoba|mutual|vapid|ntlm|{_TCHAR}+\s+{_TCHAR}+=.*)"
    rf"(?:\s+.*)?",
    re.IGNORECASE,
)
_ADDRESS = re.compile(r"/|[a-z][a-z0-9+.-]*:", re.IGNORECASE)
_RATE_WORDS = re.compile(r"(?:x-)?(?:.*-)?rate-?limit-(limit|remaining|used|reset)(?![a-z]|-after)")
_RATE_NAME = re.compile(r"rate-?limit(?:-(?:limit|remaining|used|reset))?")
_RATE_ALONE = re.compile(r"x-rate-?limit")


class Unformed(NamedTuple):
    """The text of a header as its example or schema has it; `is_generated` where no author meant it."""

    text: str
    operation: Operation
    is_generated: bool


_MEANT = frozenset(("example", "examples", "default", "const", "enum"))

Fixer = Callable[[Unformed], str]
"""Gives a header's text in its proper form."""


def field_lines(operation: Operation, headers: Iterable[Parameter], style: Style) -> list[tuple[str, str]]:
    """The header fields of a response, by their documented examples and schemas.

    A header for which no value fits is left out. A value in its proper form is left as it was where the form breaks
    the header's schema.
    """
    fields: list[tuple[str, str]] = []
    rates: list[tuple[Parameter, str]] = []
    for header in headers:
        try:
            sample = parameter_sample(header, style, Direction.RESPONSE)
        except Unsatisfiable:
            continue  # where it is required, the judge tells that it is missing
        value: JSON = sample.value if sample is not None else "value"
        is_generated = (sample is None or sample.origin == GENERATED) and not is_meant(header)
        name = header.name.lower()
        lines = write_header(header, value)
        if (rate := _rate_of(name)) and len(lines) == 1:
            rates.append((header, rate))
        fields += ((name, line) for line in _formed(header, lines, operation, is_generated))
    return _agreeing(fields, rates)


def _formed(header: Parameter, lines: list[str], operation: Operation, is_generated: bool) -> list[str]:
    """The lines of a header in its proper form, or as they were where its schema does not allow that."""
    name = header.name.lower()
    fix = _FIXERS.get(name) or (_http_date if name.endswith(_MOMENT_ENDS) and _is_free(header, is_generated) else None)
    if fix is None:
        return lines
    formed = [fix(Unformed(line, operation, is_generated)) for line in lines]
    return formed if formed == lines or _fits(header, formed) or not _fits(header, lines) else lines


def _fits(header: Parameter, lines: Sequence[str]) -> bool:
    """Whether the lines of a header fit its schema, as the judge reads them."""
    if header.name.lower() == SET_COOKIE:
        values = cookies_reader(header)(lines)
    else:
        values = [text_reader(header)(line) for line in lines]
    schema = header.described
    return all(not fault and (schema is None or schema.is_valid(value, Direction.RESPONSE)) for value, fault in values)


def is_meant(header: Parameter) -> bool:
    """Whether an author says what a header holds, with an example or in its schema."""
    schema = header.described.resolved if header.described is not None else {}
    return bool(header.examples) or not _MEANT.isdisjoint(schema)


def _is_free(header: Parameter, is_generated: bool) -> bool:
    """Whether nothing but its name says what a header holds: it is a string without a format."""
    described = header.described
    schema = described.resolved if described is not None else {}
    return is_generated and schema.get("type") == "string" and "format" not in schema


def _etag(header: Unformed) -> str:
    """An entity tag in its quotes (RFC 9110, section 8.8.3)."""
    text = header.text
    if _ETAG.fullmatch(text):
        return text
    weak = "W/" if text.startswith("W/") else ""
    return f'{weak}"{re.sub(r"[^!#-~]", "", text.removeprefix("W/")) or "1"}"'


def _moment(text: str) -> datetime | None:
    """The moment in a text: an HTTP date, one of ISO 8601, or the seconds since 1970."""
    if re.fullmatch(r"\d{9,10}(?:\.\d+)?", text):
        return datetime.fromtimestamp(float(text), UTC)
    for read in (parsedate_to_datetime, datetime.fromisoformat):
        try:
            moment = read(text)
        except (ValueError, TypeError, IndexError, OverflowError):
            continue
        return moment.astimezone(UTC) if moment.tzinfo is not None else moment.replace(tzinfo=UTC)
    return None


def _http_date(header: Unformed) -> str:
    """A date as HTTP writes it (RFC 9110, section 5.6.7); `0` and `-1` of Expires are no dates, and usual."""
    text = header.text
    if not header.is_generated and re.fullmatch(r"-?\d{1,3}", text):
        return text
    return format_datetime(_moment(text) or _MOMENT, usegmt=True)


def _retry_after(header: Unformed) -> str:
    """Seconds, or an HTTP date (RFC 9110, section 10.2.3)."""
    text = header.text
    if re.fullmatch(r"\d{1,8}", text):
        return text
    if re.fullmatch(r"\d{1,8}\.\d+", text):
        return text.partition(".")[0]
    moment = _moment(text)
    return format_datetime(moment, usegmt=True) if moment is not None else "1"


def _link(header: Unformed) -> str:
    """Links with their relations (RFC 8288, section 3)."""
    text = header.text
    if _LINK.fullmatch(text):
        return text
    address = text.strip("<> ")
    if not header.is_generated and re.fullmatch(r"(?:https?:/)?/[^\s<>]*", address):
        return f'<{address}>; rel="next"'
    return f'<{re.sub(r"[{}]", "", header.operation.path)}>; rel="self"'


def _cookie(header: Unformed) -> str:
    """A cookie: its name, its value and its attributes (RFC 6265, section 4.1)."""
    text = header.text
    if _COOKIE.fullmatch(text):
        return text
    pair, semicolon, attributes = text.partition(";")
    name, is_pair, value = pair.strip().partition("=")
    if not is_pair or not TOKEN.fullmatch(name):
        name, value = "session", pair
    value = re.sub(r"[^!#-+\--:<-\[\]-~]+", "-", value.strip()).strip("-")
    return f"{name}={value}{semicolon}{attributes}"


def _challenge(header: Unformed) -> str:
    """A challenge: a scheme of authentication, and its parameters (RFC 9110, section 11.6.1)."""
    text = header.text
    if _CHALLENGE.fullmatch(text):
        return text
    realm = "" if header.is_generated else re.sub(r"[^ !#-\[\]-~]", "", text)
    return f'Bearer realm="{realm or "api"}"'


def _allow(header: Unformed) -> str:
    return header.operation.method if header.is_generated else header.text


def _location(header: Unformed) -> str:
    """An address, which a place in a city is none; where it leads to the API, it leads to the mock."""
    return header.text if _ADDRESS.match(header.text) or not header.is_generated else "https://example.com/"


def _generated(usual: str) -> Fixer:
    """A fixer that leaves what an author wrote; what is generated becomes the usual value."""
    return lambda header: usual if header.is_generated else header.text


_MOMENT_ENDS = ("-modified", "-expires", "-date", "-sunset")
_FIXERS: dict[str, Fixer] = {
    "etag": _etag,
    "last-modified": _http_date,
    "expires": _http_date,
    "sunset": _http_date,
    "memento-datetime": _http_date,
    "retry-after": _retry_after,
    "link": _link,
    "location": _location,
    "content-location": _location,
    SET_COOKIE: _cookie,
    "www-authenticate": _challenge,
    "proxy-authenticate": _challenge,
    "allow": _allow,
    "age": _generated("0"),
    "vary": _generated("Accept"),
    "pragma": _generated("no-cache"),
    "cache-control": _generated("no-cache"),
    "content-language": _generated("en"),
    "content-disposition": _generated('attachment; filename="example"'),
    "strict-transport-security": _generated("max-age=0"),
}
"""What each header's text becomes, by its name."""


def _rate_of(name: str) -> str:
    """What a header says of a rate limit: `limit`, `remaining`, `used` or `reset`; "" for another header."""
    if _RATE_ALONE.fullmatch(name):
        return "limit"
    match = _RATE_WORDS.match(name)
    return match[1] if match else ""


def _agreeing(fields: list[tuple[str, str]], rates: Sequence[tuple[Parameter, str]]) -> list[tuple[str, str]]:
    """Header fields whose rate limits make sense together: what remains and what is used is no more than the limit."""
    if not rates:
        return fields
    values = dict(fields)
    for group in {_group(header.name) for header, _ in rates}:
        members = {rate: header for header, rate in rates if _group(header.name) == group}
        values.update(_agreed(members, values))
    return [(name, values[name] if _rate_of(name) else text) for name, text in fields]


def _group(name: str) -> str:
    """What the headers of one rate limit have in common: their name without what they say of it."""
    return _RATE_NAME.sub("ratelimit", name.lower(), count=1)


def _agreed(members: dict[str, Parameter], values: dict[str, str]) -> Iterator[tuple[str, str]]:
    """The fields of one rate limit, so that they agree."""
    numbers: dict[str, int] = {}
    for rate in ("limit", "remaining", "used"):
        if rate not in members:
            continue
        header = members[rate]
        text, limit = values[header.name.lower()], numbers.get("limit", _LIMIT)
        is_number = text.isdecimal() and len(text) < 16
        is_author = is_number and is_meant(header)
        if not is_author or (rate != "limit" and "limit" in numbers and int(text) > limit):
            usual = str({"limit": _LIMIT, "remaining": max(limit - 1, 0), "used": min(1, limit)}[rate])
            text = usual if _fits(header, [usual]) else text
        if text.isdecimal():
            numbers[rate] = int(text)
        yield header.name.lower(), text
    reset = members.get("reset")
    if reset is not None and not is_meant(reset):
        seconds = [str(_RESET_SECONDS), f"{_RESET_SECONDS}s"]
        since_1970 = [str(int(_MOMENT.timestamp()))] if reset.name.lower().startswith("x-") else []
        fitting = (text for text in (*since_1970, *seconds) if _fits(reset, [text]))
        yield reset.name.lower(), next(fitting, values[reset.name.lower()])
