"""Coded bodies are decoded, and what cannot be is told."""

from __future__ import annotations

import gzip
import sys
import types
import zlib

import pytest

from tallystick.wire.codings import CodingError, DecodedTooLargeError, accepted_codings, decode_body, decoders

TEXT = b'{"name": "Rex"}' * 20_000
MOST = 2**20


def gzipped(body: bytes) -> bytes:
    """A body as gzip, the same bytes each time."""
    return gzip.compress(body, mtime=0)


def raw_deflate(body: bytes) -> bytes:
    """A body as raw deflate, without the head and the checksum of zlib."""
    stream = zlib.compressobj(wbits=-15)
    return stream.compress(body) + stream.flush()


@pytest.mark.parametrize(
    ("field", "body"),
    [
        ("gzip", gzipped(TEXT)),
        ("X-GZIP", gzipped(TEXT)),
        ("gzip", gzipped(TEXT[:10]) + gzipped(b"") + gzipped(TEXT[10:])),
        ("deflate", zlib.compress(TEXT)),
        ("deflate", raw_deflate(TEXT)),
        ("identity", TEXT),
        ("", TEXT),
        ("gzip, deflate", zlib.compress(gzipped(TEXT))),
        ("identity , ,deflate,gzip", gzipped(raw_deflate(TEXT))),
    ],
)
def test_a_coded_body_is_decoded(field: str, body: bytes) -> None:
    """The codings are undone from the last to the first, in any case of their names."""
    assert decode_body(body, field, MOST) == TEXT


@pytest.mark.parametrize(
    ("field", "body", "fact"),
    [
        ("zip", TEXT, "the coding 'zip' is not known; expected gzip, deflate"),
        ("gzip", TEXT, "the body is not gzip: incorrect header check"),
        ("gzip", gzipped(TEXT)[:-1], "the body is not gzip: its end is missing"),
        ("gzip", gzipped(TEXT) + b"more", "the body is not gzip: incorrect header check"),
        ("gzip", gzipped(TEXT)[:-8] + bytes(8), "the body is not gzip: incorrect data check"),
        ("deflate", b"\x07\x07", "the body is not deflate: invalid block type"),
        ("deflate", zlib.compress(TEXT) + b"more", "the body is not deflate: 4 bytes stand after its end"),
        ("gzip,gzip,gzip,gzip,gzip", TEXT, "the body has 5 codings; at most 4 are undone"),
        ("gzip", gzipped(b"") * 10_001, "the body has more than 10,000 gzip members"),
    ],
)
def test_a_broken_or_unknown_coding_is_told(
    monkeypatch: pytest.MonkeyPatch, field: str, body: bytes, fact: str
) -> None:
    """The error says what is wrong with the coding, and which codings are known."""
    without_brotli(monkeypatch)
    with pytest.raises(CodingError) as caught:
        decode_body(body, field, MOST)
    assert str(caught.value) == fact


@pytest.mark.parametrize("coding", ["gzip", "deflate"])
def test_a_bomb_is_not_decoded_to_its_end(coding: str) -> None:
    """A body that becomes larger than the bound is an error of its own; one of just that size is none."""
    body = gzipped(bytes(MOST)) if coding == "gzip" else zlib.compress(bytes(MOST))
    assert decode_body(body, coding, MOST) == bytes(MOST)
    with pytest.raises(DecodedTooLargeError, match="the decoded body is larger than 1,048,575 bytes"):
        decode_body(body, coding, MOST - 1)


def without_brotli(monkeypatch: pytest.MonkeyPatch, module: types.ModuleType | None = None) -> None:
    """Let there be no library for `br`, or the one that is given."""
    monkeypatch.setitem(sys.modules, "brotli", module)
    decoders.cache_clear()


class Reversing:
    """A decompressor whose coding is the reverse order, in pieces as long as they may be; it fails for a `!`."""

    def __init__(self) -> None:
        self.waiting = b""
        self.is_begun = False

    def process(self, octets: bytes, output_buffer_limit: int) -> bytes:
        self.waiting += octets[::-1]
        if b"!" in octets:
            raise ValueError
        piece, self.waiting = self.waiting[:output_buffer_limit], self.waiting[output_buffer_limit:]
        return piece

    def is_finished(self) -> bool:
        return not self.waiting

    def can_accept_more_data(self) -> bool:
        return not self.waiting


class Endless(Reversing):
    """A decompressor that waits for more."""

    def is_finished(self) -> bool:
        return False


def test_br_is_decoded_where_a_library_is_there(monkeypatch: pytest.MonkeyPatch) -> None:
    """Its decompressor is asked for pieces of a bounded size; a library that takes no bound is not used."""
    library = types.ModuleType("brotli")
    library.Decompressor, library.error = Reversing, ValueError  # type: ignore[attr-defined]
    without_brotli(monkeypatch, library)
    assert accepted_codings() == "gzip, deflate, br"
    assert decode_body(TEXT[::-1], "br", MOST) == TEXT
    with pytest.raises(DecodedTooLargeError):
        decode_body(TEXT, "br", 100_000)
    with pytest.raises(DecodedTooLargeError):
        decode_body(b"abc", "br", 2)
    with pytest.raises(CodingError, match="the body is not br"):
        decode_body(b"!", "br", MOST)
    library.Decompressor = Endless  # type: ignore[attr-defined]
    with pytest.raises(CodingError, match="its end is missing"):
        decode_body(b"abc", "br", MOST)
    library.Decompressor = object  # type: ignore[attr-defined]
    without_brotli(monkeypatch, library)
    assert accepted_codings() == "gzip, deflate"
    decoders.cache_clear()
