"""Content codings (RFC 9110, section 8.4.1): gzip, deflate and, where a library is there, br; within a bound."""

from __future__ import annotations

import gzip
import importlib
import zlib
from collections.abc import Callable
from functools import cache

MOST_CODINGS = 4
"""How many codings of one body are undone."""
_MOST_MEMBERS = 10_000
"""How many gzip members one body may have; block-compressed files have one for each 64 KiB."""
_CHUNK_BYTES = 65_536
_GZIP, _ZLIB, _RAW = 31, 15, -15
"""What zlib calls the three formats (`wbits`): gzip (RFC 1952), zlib (RFC 1950), raw deflate (RFC 1951)."""


class CodingError(Exception):
    """A body cannot be decoded."""


class DecodedTooLargeError(CodingError):
    """A body is larger than the bound once it is decoded."""


Decoder = Callable[[bytes, int], bytes]
"""A function from a coded body and a bound to the body; raises `CodingError`."""


def decode_body(body: bytes, content_encoding: str, most: int) -> bytes:
    """The body without the codings that a `Content-Encoding` field lists; the last one is undone first.

    Raises `CodingError` for a coding that is not known, one that the body does not have, and more than `MOST_CODINGS`;
    `DecodedTooLargeError` where the body has more than `most` bytes on the way.
    """
    names = [name.strip().lower() for name in content_encoding.split(",")]
    codings = [name for name in names if name not in ("", "identity")]
    if len(codings) > MOST_CODINGS:
        raise CodingError(f"the body has {len(codings)} codings; at most {MOST_CODINGS} are undone")
    for coding in reversed(codings):
        decoder = decoders().get(coding)
        if decoder is None:
            raise CodingError(f"the coding {coding[:40]!r} is not known; expected {accepted_codings()}")
        body = decoder(body, most)
    return body


ENCODERS: dict[str, Callable[[bytes], bytes]] = {
    "gzip": lambda body: gzip.compress(body, mtime=0),  # the same bytes each time
    "deflate": zlib.compress,
}
"""The codings in which a body can be sent."""


def encode_body(body: bytes, coding: str) -> bytes:
    """The body in one of the `ENCODERS`."""
    return ENCODERS[coding](body)


def accepted_codings() -> str:
    """The codings that can be decoded, as an `Accept-Encoding` field of a response lists them."""
    return ", ".join(name for name in decoders() if not name.startswith("x-"))


@cache
def decoders() -> dict[str, Decoder]:
    """The decoders by the names of their codings; `br` is among them where a library for it is installed."""
    known: dict[str, Decoder] = {"gzip": _decode_gzip, "x-gzip": _decode_gzip, "deflate": _decode_deflate}
    try:
        importlib.import_module("brotli").Decompressor().process(b"", output_buffer_limit=1)
    except (ImportError, AttributeError, TypeError):  # there is none, or one that cannot be bounded
        return known
    return {**known, "br": _decode_br}


def _decode_gzip(body: bytes, most: int) -> bytes:
    """One or more gzip members, one after the other (RFC 1952, section 2.2)."""
    decoded = bytearray()
    end = 0
    for _ in range(_MOST_MEMBERS):
        end = _inflate(body, end, _GZIP, "gzip", decoded, most)
        if end == len(body):
            return bytes(decoded)
    raise CodingError(f"the body has more than {_MOST_MEMBERS:,} gzip members")


def _decode_deflate(body: bytes, most: int) -> bytes:
    """A zlib stream, as RFC 9110 has it; or raw deflate, which some clients send instead (section 8.4.1.2)."""
    has_zlib_head = len(body) >= 2 and body[0] & 15 == 8 and int.from_bytes(body[:2], "big") % 31 == 0
    decoded = bytearray()
    end = _inflate(body, 0, _ZLIB if has_zlib_head else _RAW, "deflate", decoded, most)
    if end < len(body):
        raise CodingError(f"the body is not deflate: {len(body) - end} bytes stand after its end")
    return bytes(decoded)


def _inflate(body: bytes, start: int, window_bits: int, name: str, decoded: bytearray, most: int) -> int:
    """Add to `decoded` what the stream at `start` holds; returns where the stream ends."""
    stream = zlib.decompressobj(window_bits)
    while not stream.eof:
        chunk = body[start : start + _CHUNK_BYTES]
        if not chunk:
            raise CodingError(f"the body is not {name}: its end is missing")
        try:
            decoded += stream.decompress(chunk, most - len(decoded) + 1)
        except zlib.error as error:
            raise CodingError(f"the body is not {name}: {str(error).rpartition(': ')[2]}") from None
        if len(decoded) > most:
            raise DecodedTooLargeError(f"the decoded body is larger than {most:,} bytes")
        start += len(chunk) - len(stream.unused_data)
    return start


def _decode_br(body: bytes, most: int) -> bytes:
    brotli = importlib.import_module("brotli")
    stream = brotli.Decompressor()
    decoded = bytearray()
    try:
        decoded += stream.process(body, output_buffer_limit=_CHUNK_BYTES)
        while not stream.is_finished():
            if len(decoded) > most:
                raise DecodedTooLargeError(f"the decoded body is larger than {most:,} bytes")
            piece = stream.process(b"", output_buffer_limit=_CHUNK_BYTES)
            if not piece and stream.can_accept_more_data():
                raise CodingError("the body is not br: its end is missing")
            decoded += piece
    except brotli.error:
        raise CodingError("the body is not br") from None
    if len(decoded) > most:
        raise DecodedTooLargeError(f"the decoded body is larger than {most:,} bytes")
    return bytes(decoded)
