"""Media types: what `Content-Type`, `Accept` and the keys of a contract's `content` name, parsed once and carried.

A `MediaType` is only the name. What a contract says of a body under that name is a `BodyFormat`
(`tallystick.nouns.contract`), which OpenAPI calls a Media Type Object.
"""

from __future__ import annotations

import enum
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import cache, cached_property, lru_cache


class MediaKind(enum.Enum):
    """How a body of a media type is read and written."""

    JSON = enum.auto()
    """One JSON text: `application/json`, `text/json`, or any with the suffix `+json` (RFC 6839)."""
    JSON_LINES = enum.auto()
    """A JSON text a line."""
    JSON_SEQUENCE = enum.auto()
    """JSON texts, each behind a record separator (RFC 7464)."""
    EVENT_STREAM = enum.auto()
    """Server-sent events (HTML, section 9.2)."""
    XML = enum.auto()
    """`application/xml`, `text/xml`, or any with the suffix `+xml` (RFC 7303)."""
    FORM = enum.auto()
    """The fields of an HTML form in the URL's encoding."""
    MULTIPART = enum.auto()
    """Parts between boundaries (RFC 2046, section 5.1)."""
    TEXT = enum.auto()
    """Any other `text/*`."""
    OTHER = enum.auto()
    """Bytes."""


_KIND_OF_NAME = {
    "application/x-www-form-urlencoded": MediaKind.FORM,
    "text/event-stream": MediaKind.EVENT_STREAM,
    "application/jsonl": MediaKind.JSON_LINES,
    "application/x-jsonl": MediaKind.JSON_LINES,
    "application/ndjson": MediaKind.JSON_LINES,
    "application/x-ndjson": MediaKind.JSON_LINES,
    "application/jsonlines": MediaKind.JSON_LINES,
}
_KIND_OF_FORMAT = {"json": MediaKind.JSON, "json-seq": MediaKind.JSON_SEQUENCE, "xml": MediaKind.XML}
"""By the subtype or its suffix."""
_SEQUENCES = (MediaKind.JSON_LINES, MediaKind.JSON_SEQUENCE, MediaKind.EVENT_STREAM)
_KIND_OF_TYPE = {"multipart": MediaKind.MULTIPART, "text": MediaKind.TEXT}


@dataclass(frozen=True)
class MediaType:
    """A media type (`application/json; charset=utf-8`) or a range of them (`image/*`), made by `parse_media_type`.

    `text` is what was written. All else is in lower case: `name` is type and subtype without parameters
    (`application/problem+json`), `suffix` what stands behind the last plus sign of the subtype (`json`). A body is a
    sequence if it holds one item after another.
    """

    text: str
    name: str = field(compare=False)
    type: str = field(compare=False)
    subtype: str = field(compare=False)
    suffix: str = field(compare=False)
    kind: MediaKind = field(compare=False)
    is_sequence: bool = field(compare=False)
    is_range: bool = field(compare=False)

    @cached_property
    def parameters(self) -> Mapping[str, str]:
        """The parameters by name in lower case, their values as they were written but for the quotes."""
        return parse_parameters(self.text)

    @property
    def is_structured(self) -> bool:
        """Whether a body is read to a structured value whatever its schema says."""
        return self.kind in (MediaKind.JSON, MediaKind.FORM, MediaKind.MULTIPART)

    def covers(self, other: MediaType) -> bool:
        """Whether this type or range (`image/*`, `application/*+json`, `*/*`) includes another; parameters aside."""
        if self.name in (other.name, "*/*"):
            return True
        before, _, after = self.name.partition("*")
        name = other.name
        return (
            self.is_range and name.startswith(before) and name.endswith(after) and len(name) >= len(self.name)
        )  # a star stands for something

    def __str__(self) -> str:
        return self.text


@lru_cache(maxsize=1024)
def parse_media_type(text: str) -> MediaType:
    """The media type that a text names; one that names none ("") covers nothing and is of the kind OTHER."""
    name = text.partition(";")[0].strip().lower()
    type_, _, subtype = name.partition("/")
    suffix = subtype.rpartition("+")[2] if "+" in subtype else ""
    kind = (
        _KIND_OF_NAME.get(name)
        or _KIND_OF_FORMAT.get(suffix or subtype)
        or _KIND_OF_TYPE.get(type_ if subtype else "")
        or MediaKind.OTHER
    )
    return MediaType(text, name, type_, subtype, suffix, kind, kind in _SEQUENCES, "*" in name)


def parse_parameters(field_value: str) -> dict[str, str]:
    """The parameters behind the first semicolon of a header field (RFC 9110, section 5.6.6), names in lower case.

    Quotes are taken off. A value that lacks the quotes it needs (`boundary=--=1`) goes up to the next semicolon, as
    those who send it mean it; a name without a value has "".
    """
    if ";" not in field_value:
        return {}
    _, parameters = _octets_parser()(field_value.encode("utf-8", "surrogatepass"))
    return {
        name.decode("utf-8", "replace"): value.decode("utf-8", "replace") for name, value in parameters.items() if name
    }


@cache
def _octets_parser() -> Callable[[bytes], tuple[bytes, dict[bytes, bytes]]]:
    """The parser of header fields with parameters, of bytes as they are on the wire."""
    from python_multipart.multipart import parse_options_header  # slow to import, and few media types have parameters

    return parse_options_header
