"""Media types, as `Content-Type`, `Accept` and the keys of a contract's `content` name them; each is parsed once.

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
    """One JSON text on each line."""
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
"""The kind by the subtype, or by its suffix."""
_SEQUENCES = (MediaKind.JSON_LINES, MediaKind.JSON_SEQUENCE, MediaKind.EVENT_STREAM)
_KIND_OF_TYPE = {"multipart": MediaKind.MULTIPART, "text": MediaKind.TEXT}


@dataclass(frozen=True)
class MediaType:
    """A media type (`application/json; charset=utf-8`) or a range of them (`image/*`), made by `parse_media_type`.

    `text` is what was written. All else is in lower case: `name` is type and subtype without parameters
    (`application/problem+json`), `suffix` the end of the subtype, after its last plus sign (`json`).
    `is_sequence` is true for a body that holds one item after another.
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
        """The parameters: names in lower case, values as written but without their quotes."""
        return parse_parameters(self.text)

    @property
    def is_structured(self) -> bool:
        """Whether a body is read as a structured value without a look at its schema."""
        return self.kind in (MediaKind.JSON, MediaKind.FORM, MediaKind.MULTIPART)

    def covers(self, other: MediaType) -> bool:
        """Whether this type or range (`image/*`, `application/*+json`, `*/*`) includes another, parameters ignored."""
        if self.name in (other.name, "*/*"):
            return True
        before, _, after = self.name.partition("*")
        name = other.name
        # The star stands for one character at least, so the lengths are compared too.
        return self.is_range and name.startswith(before) and name.endswith(after) and len(name) >= len(self.name)

    def __str__(self) -> str:
        return self.text


@lru_cache(maxsize=1024)
def parse_media_type(text: str) -> MediaType:
    """The media type that a text names; the one of an empty text covers no other and is of the kind OTHER."""
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

    Quotes are removed. A value that lacks the quotes it needs (`boundary=--=1`) ends at the next semicolon, as its
    sender means it. A name without a value gets the value "".
    """
    if ";" not in field_value:
        return {}
    _, parameters = _header_field_parser()(field_value.encode("utf-8", "surrogatepass"))
    return {
        name.decode("utf-8", "replace"): value.decode("utf-8", "replace") for name, value in parameters.items() if name
    }


@cache
def _header_field_parser() -> Callable[[bytes], tuple[bytes, dict[bytes, bytes]]]:
    """python-multipart's parser of a header field with parameters; it takes and gives bytes."""
    from python_multipart.multipart import parse_options_header  # slow to import, and few media types have parameters

    return parse_options_header
