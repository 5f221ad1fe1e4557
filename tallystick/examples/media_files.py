"""Small valid files by media type, for bodies whose bytes no schema describes."""

from __future__ import annotations

import gzip
import io
import struct
import tarfile
import zipfile
from collections.abc import Callable
from functools import lru_cache
from pathlib import Path

from tallystick.examples.pictures import Picture, png, svg

_FOLDER = Path(__file__).parent / "tiny_files"
_TEXT = b"An example.\n"


@lru_cache(maxsize=64)
def file_of(name: str) -> bytes | None:
    """A small valid file of a media type (`image/png`); None where none is known."""
    make = _MAKERS.get(name)
    return make() if make is not None else None


def _stored(name: str) -> Callable[[], bytes]:
    return (_FOLDER / name).read_bytes


def _png() -> bytes:
    return png(Picture(640, 480, "PNG"))


def _svg() -> bytes:
    return svg(Picture(640, 480, "SVG"))


def _zip() -> bytes:
    content = io.BytesIO()
    with zipfile.ZipFile(content, "w") as archive:
        archive.writestr(zipfile.ZipInfo("example.txt"), _TEXT)
    return content.getvalue()


def _tar() -> bytes:
    content = io.BytesIO()
    with tarfile.open(fileobj=content, mode="w") as archive:
        member = tarfile.TarInfo("example.txt")
        member.size = len(_TEXT)
        archive.addfile(member, io.BytesIO(_TEXT))
    return content.getvalue()


def _gzip() -> bytes:
    return gzip.compress(_TEXT, mtime=0)


def _wav() -> bytes:
    """A tenth of a second of silence (RIFF, 8,000 samples of 16 bits a second)."""
    samples = bytes(1600)
    form = struct.pack("<4sIHHIIHH", b"fmt ", 16, 1, 1, 8000, 16000, 2, 16)
    data = struct.pack("<4sI", b"data", len(samples)) + samples
    return struct.pack("<4sI4s", b"RIFF", 4 + len(form) + len(data), b"WAVE") + form + data


def _pdf() -> bytes:
    """A PDF of one page with a line of text."""
    text = b"BT /F1 24 Tf 40 90 Td (An example) Tj ET"
    objects = (
        b"<< /Type /Catalog /Pages 2 0 R >>",
        b"<< /Type /Pages /Kids [3 0 R] /Count 1 >>",
        b"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 240 160] /Contents 4 0 R "
        b"/Resources << /Font << /F1 << /Type /Font /Subtype /Type1 /BaseFont /Helvetica >> >> >> >>",
        b"<< /Length %d >>\nstream\n%s\nendstream" % (len(text), text),
    )
    content, places = b"%PDF-1.4\n", list[int]()
    for number, each in enumerate(objects, 1):
        places.append(len(content))
        content += b"%d 0 obj\n%s\nendobj\n" % (number, each)
    table = b"".join(b"%010d 00000 n \n" % place for place in places)
    size = len(objects) + 1
    end = b"trailer\n<< /Size %d /Root 1 0 R >>\nstartxref\n%d\n%%%%EOF\n" % (size, len(content))
    return content + b"xref\n0 %d\n0000000000 65535 f \n%s" % (size, table) + end


_MAKERS: dict[str, Callable[[], bytes]] = {
    "image/png": _png,
    "image/svg+xml": _svg,
    "image/jpeg": _stored("picture.jpg"),
    "image/jpg": _stored("picture.jpg"),
    "image/gif": _stored("picture.gif"),
    "image/webp": _stored("picture.webp"),
    "application/pdf": _pdf,
    "application/zip": _zip,
    "application/x-zip-compressed": _zip,
    "application/x-tar": _tar,
    "application/gzip": _gzip,
    "application/x-gzip": _gzip,
    "audio/wav": _wav,
    "audio/x-wav": _wav,
    "audio/wave": _wav,
}
