"""Makers of strings by `format`; those of a format that says little, such as `uri`, look at the name too."""

from __future__ import annotations

from tallystick.examples import identifiers, moments, people, places, texts, web
from tallystick.examples.name_tables import Maker
from tallystick.examples.texts import one_of
from tallystick.examples.web import template

FORMATS: dict[str, Maker[str]] = {
    "date-time": moments.date_time,
    "datetime": moments.date_time,
    "date": moments.day,
    "time": moments.time_of_day,
    "duration": one_of(("PT30M", "PT1H", "PT45M", "P1D")),
    "email": people.email,
    "idn-email": people.email,
    "hostname": web.host,
    "idn-hostname": web.host,
    "ipv4": web.ipv4,
    "ip": web.ipv4,
    "ip-address": web.ipv4,
    "ipv6": web.ipv6,
    "uri": web.url,
    "url": web.url,
    "iri": web.url,
    "uri-reference": web.url,
    "iri-reference": web.url,
    "uri-template": template("https://example.com/{w}/{id}"),
    "uuid": identifiers.uuid_text,
    "uuid4": identifiers.uuid_text,
    "guid": identifiers.uuid_text,
    "json-pointer": template("/{w}/{n}"),
    "relative-json-pointer": template("{n}/{w}"),
    "regex": template("^{w}$"),
    "byte": web.base64_text,
    "base64": web.base64_text,
    "base64url": web.base64_text,
    "binary": template("{w}"),
    "password": one_of(("correct-horse-battery-1", "four-quiet-boats-2", "blue-paper-kites-3")),
    "phone": people.phone,
    "char": lambda draw: "abcdefghijklmnopqrstuvwxyz"[draw.which % 26],
    "decimal": lambda draw: f"{draw.number(draw.name) % 190 + 5}.{draw.number('cents') % 100:02}",
    "http-date": moments.http_date,
    "date-time-rfc-2822": moments.rfc_2822,
    "timestamp": moments.date_time,
    "media-range": one_of(web.MEDIA_TYPES),
    "color": texts.colour,
    "colour": texts.colour,
    "semver": template("1.{n}.0"),
    "cidr": one_of(("192.0.2.0/24", "198.51.100.0/24")),
    "mac": web.mac,
    "country-code": places.country_code,
    "currency": places.currency,
    "iso-4217": places.currency,
    "html": lambda draw: f"<p>{texts.sentence(draw)}</p>",
    "markdown": texts.paragraph,
    "slug": texts.slug,
}
"""The maker for each value of `format` in a schema of strings."""

_LABEL = "[a-z][a-z0-9]{0,61}"
_HOST = rf"({_LABEL}\.)*{_LABEL}"
_DATE = r"\d{4}-(0[1-9]|1[0-2])-(0[1-9]|1\d|2[0-8])"
_TIME = r"([01]\d|2[0-3]):[0-5]\d:[0-5]\d(\.\d+)?(Z|[+-](0\d|1[0-3]):[0-5]\d)"
_URI_PATTERN = rf"^[a-z]+:(//{_HOST})?[a-z0-9/]*$"

PATTERNS: dict[str, str] = {
    "date": f"^{_DATE}$",
    "time": f"^{_TIME}$",
    "date-time": f"^{_DATE}T{_TIME}$",
    "duration": r"^P(\d+D(T\d+H)?|T\d+[HMS])$",
    "email": rf"^[a-z][a-z0-9]{{0,62}}@{_HOST}\.[a-z]{{2,20}}$",
    "idn-email": rf"^[a-z][a-z0-9]{{0,62}}@{_HOST}\.[a-z]{{2,20}}$",
    "hostname": f"^{_HOST}$",
    "idn-hostname": f"^{_HOST}$",
    "ipv4": r"^((\d|[1-9]\d|1\d\d)\.){3}(\d|[1-9]\d|1\d\d)$",
    "ipv6": r"^([1-9a-f][0-9a-f]{0,3}:){7}[1-9a-f][0-9a-f]{0,3}$",
    "uri": _URI_PATTERN,
    "url": _URI_PATTERN,
    "iri": _URI_PATTERN,
    "uri-reference": r"^[a-z0-9/]*$",
    "iri-reference": r"^[a-z0-9/]*$",
    "uri-template": r"^[a-z0-9/]*(\{[a-z]+\})?$",
    "uuid": r"^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$",
    "json-pointer": r"^(/[a-z0-9]*)*$",
    "relative-json-pointer": r"^[1-9]\d*(/[a-z0-9]*)*$",
    "regex": r"^[a-z0-9]*$",
    "byte": r"^([A-Za-z0-9+/]{4})*([A-Za-z0-9+/]{2}==)?$",
}
"""A pattern for some strings of each format: a string that must also fit a pattern or length is made from both."""
