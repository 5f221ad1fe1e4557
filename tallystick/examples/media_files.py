"""Small valid files by media type, for bodies whose bytes no schema describes."""

from __future__ import annotations

import base64
import gzip
import io
import struct
from collections.abc import Callable
from functools import lru_cache
from pathlib import Path

from tallystick.examples.pictures import Picture, png, svg

_FOLDER = Path(__file__).parent / "tiny_files"
_MOST_IN_TEXT = 4_000
"""A larger file is not put into a text: a list may have many of them."""
_TEXT = b"An example.\n"


@lru_cache(maxsize=64)
def file_of(name: str) -> bytes | None:
    """A small valid file of a media type (`image/png`); None where none is known."""
    make = _MAKERS.get(name)
    return make() if make is not None else None


def text_of_file(name: str, encoding: str) -> str:
    """A small file of a media type in the encoding of a string that holds it; "" where none is known."""
    octets = file_of(name)
    if octets is None or len(octets) > _MOST_IN_TEXT:
        return ""
    if encoding in ("base64", "byte"):
        return base64.b64encode(octets).decode()
    return octets.decode() if octets.isascii() and not encoding else ""


def _stored(name: str) -> Callable[[], bytes]:
    return (_FOLDER / name).read_bytes


def _png() -> bytes:
    return png(Picture(640, 480, "PNG"))


def _svg() -> bytes:
    return svg(Picture(640, 480, "SVG"))


def _zip() -> bytes:
    import zipfile  # few replies need it

    content = io.BytesIO()
    with zipfile.ZipFile(content, "w") as archive:
        archive.writestr(zipfile.ZipInfo("example.txt"), _TEXT)
    return content.getvalue()


def _tar() -> bytes:
    import tarfile  # few replies need it

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


def _archive(parts: dict[str, str]) -> bytes:
    import zipfile  # few replies need it

    content = io.BytesIO()
    with zipfile.ZipFile(content, "w") as archive:
        for name, text in parts.items():
            archive.writestr(zipfile.ZipInfo(name), f'<?xml version="1.0" encoding="UTF-8"?>\n{text}')
    return content.getvalue()


_CALENDAR = b"""BEGIN:VCALENDAR
VERSION:2.0
PRODID:-//Example//Example//EN
BEGIN:VEVENT
UID:1@example.com
DTSTAMP:20260115T120000Z
DTSTART:20260115T120000Z
SUMMARY:An example
END:VEVENT
END:VCALENDAR
"""
_OPEN_XML = "http://schemas.openxmlformats.org"
_OFFICE = "application/vnd.openxmlformats-officedocument"


def _package(main: str, media_type: str, text: str, others: dict[str, str], types: str = "") -> bytes:
    """A package of Office Open XML (ECMA-376, part 2) whose main part is a text."""
    content_types = (
        f'<Types xmlns="{_OPEN_XML}/package/2006/content-types">'
        '<Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/>'
        f'<Override PartName="/{main}" ContentType="{media_type}"/>{types}</Types>'
    )
    relations = (
        f'<Relationships xmlns="{_OPEN_XML}/package/2006/relationships"><Relationship Id="rId1" '
        f'Type="{_OPEN_XML}/officeDocument/2006/relationships/officeDocument" Target="{main}"/></Relationships>'
    )
    return _archive({"[Content_Types].xml": content_types, "_rels/.rels": relations, main: text, **others})


def _docx() -> bytes:
    space = f'xmlns:w="{_OPEN_XML}/wordprocessingml/2006/main"'
    text = f"<w:document {space}><w:body><w:p><w:r><w:t>An example.</w:t></w:r></w:p></w:body></w:document>"
    return _package("word/document.xml", f"{_OFFICE}.wordprocessingml.document.main+xml", text, {})


def _xlsx() -> bytes:
    space, relation = f'xmlns="{_OPEN_XML}/spreadsheetml/2006/main"', f"{_OPEN_XML}/officeDocument/2006/relationships"
    book = (
        f'<workbook {space} xmlns:r="{relation}"><sheets><sheet name="Example" sheetId="1" r:id="rId1"/></sheets>'
        "</workbook>"
    )
    sheet = (
        f'<worksheet {space}><sheetData><row r="1"><c r="A1" t="inlineStr"><is><t>An example.</t></is></c></row>'
        "</sheetData></worksheet>"
    )
    relations = (
        f'<Relationships xmlns="{_OPEN_XML}/package/2006/relationships"><Relationship Id="rId1" '
        f'Type="{relation}/worksheet" Target="worksheets/sheet1.xml"/></Relationships>'
    )
    others = {"xl/_rels/workbook.xml.rels": relations, "xl/worksheets/sheet1.xml": sheet}
    types = f'<Override PartName="/xl/worksheets/sheet1.xml" ContentType="{_OFFICE}.spreadsheetml.worksheet+xml"/>'
    return _package("xl/workbook.xml", f"{_OFFICE}.spreadsheetml.sheet.main+xml", book, others, types)


def _bmp() -> bytes:
    """A bitmap of one colour (24 bits a pixel, 64 by 48)."""
    pixels = bytes.fromhex("90662f") * 64 * 48
    information = struct.pack("<IiiHHIIiiII", 40, 64, 48, 1, 24, 0, len(pixels), 2835, 2835, 0, 0)
    return struct.pack("<2sIHHI", b"BM", 54 + len(pixels), 0, 0, 54) + information + pixels


def _icon() -> bytes:
    """An icon that holds a PNG."""
    image = png(Picture(64, 64, "ICO"))
    return struct.pack("<HHHBBBBHHII", 0, 1, 1, 64, 64, 0, 0, 1, 32, len(image), 22) + image


def _tiff() -> bytes:
    """A TIFF of one colour (64 by 48, grey, not compressed)."""
    width, height = 64, 48
    entries = (
        (256, 3, width), (257, 3, height), (258, 3, 8), (259, 3, 1), (262, 3, 1),
        (273, 4, 8), (277, 3, 1), (278, 3, height), (279, 4, width * height),
    )  # fmt: skip
    table = b"".join(struct.pack("<HHII", tag, kind, 1, value) for tag, kind, value in entries)
    pixels = b"\x60" * (width * height)
    directory = struct.pack("<H", len(entries)) + table + struct.pack("<I", 0)
    return struct.pack("<2sHI", b"II", 42, 8 + len(pixels)) + pixels + directory


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
    "audio/vnd.wave": _wav,
    "image/avif": _stored("picture.avif"),
    "image/bmp": _bmp,
    "image/x-icon": _icon,
    "image/vnd.microsoft.icon": _icon,
    "image/tiff": _tiff,
    "audio/mpeg": _stored("sound.mp3"),
    "audio/mp3": _stored("sound.mp3"),
    "audio/mp4": _stored("sound.m4a"),
    "audio/m4a": _stored("sound.m4a"),
    "audio/x-m4a": _stored("sound.m4a"),
    "audio/aac": _stored("sound.aac"),
    "audio/ogg": _stored("sound.opus"),
    "audio/opus": _stored("sound.opus"),
    "video/mp4": _stored("video.mp4"),
    "video/webm": _stored("video.webm"),
    "font/woff2": _stored("font.woff2"),
    "application/font-woff2": _stored("font.woff2"),
    "font/woff": _stored("font.woff"),
    "application/font-woff": _stored("font.woff"),
    "font/ttf": _stored("font.ttf"),
    "font/sfnt": _stored("font.ttf"),
    f"{_OFFICE}.wordprocessingml.document": _docx,
    f"{_OFFICE}.spreadsheetml.sheet": _xlsx,
    "text/html": lambda: b"<!doctype html>\n<title>An example</title>\n<p>An example.</p>\n",
    "text/calendar": lambda: _CALENDAR.replace(b"\n", b"\r\n"),
    "text/vcard": lambda: b"BEGIN:VCARD\r\nVERSION:4.0\r\nFN:Ada Example\r\nEND:VCARD\r\n",
}
