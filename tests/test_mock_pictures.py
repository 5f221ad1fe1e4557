"""The pictures that the mock draws under a path of its own."""

from __future__ import annotations

import struct
import xml.etree.ElementTree as ElementTree
import zlib

import pytest
from support.asking import asker, contract, header
from support.mocking import PETS

from tallystick.examples.pictures import Picture, png

ASK = asker(contract(PETS))


def dots(content: bytes) -> list[str]:
    """The rows of a PNG in two colours, a `#` for each pixel of a letter."""
    width, _ = struct.unpack(">II", content[16:24])
    start = content.index(b"IDAT")
    (length,) = struct.unpack(">I", content[start - 4 : start])
    rows = zlib.decompress(content[start + 4 : start + 4 + length])
    wide = 1 + (width + 7) // 8
    lines = (rows[index + 1 : index + wide] for index in range(0, len(rows), wide))
    return ["".join(f"{byte:08b}" for byte in line)[:width].replace("1", "#").replace("0", ".") for line in lines]


def test_a_picture_shows_its_text_and_its_size() -> None:
    """An SVG of any size is drawn; what stands in its text is no markup."""
    reply = ASK("GET /_tallystick/image/640x480.svg?text=A+%3Cb%3E+cat")
    assert (reply.status, header(reply, "content-type")) == (200, "image/svg+xml")
    root = ElementTree.fromstring(reply.body)
    assert (root.get("width"), root.get("height")) == ("640", "480")
    assert [each.text for each in root.iter("{http://www.w3.org/2000/svg}text")] == ["A <b> cat", "640 x 480"]


def test_a_png_is_drawn_in_dots() -> None:
    """The letters of a PNG come from a font of dots, and each of its rows is as wide as the picture."""
    rows = dots(png(Picture(30, 20, "T")))
    assert len(rows) == 20
    assert {len(row) for row in rows} == {30}
    assert rows[0][12:17] == "#####"
    assert rows[1][12:17] == "..#.."


@pytest.mark.parametrize("size", ["1x1", "3x40", "40x3", "4000x4000"])
def test_pictures_of_odd_sizes_are_drawn(size: str) -> None:
    """A picture too small for its text is drawn all the same."""
    reply = ASK(f"GET /_tallystick/image/{size}.png?text=Some%20text%20%E2%82%AC")
    width, height = map(int, size.split("x"))
    assert struct.unpack(">II", reply.body[16:24]) == (width, height)
    assert len(dots(reply.body)) == height


@pytest.mark.parametrize("name", ["0x10.svg", "4001x10.png", "10x10.jpg", "10.svg", "", "99999x9.svg"])
def test_no_other_picture_is_served(name: str) -> None:
    """A size beyond the bound or a name of another form is not found, and the answer says what would be."""
    reply = ASK(f"GET /_tallystick/image/{name}")
    assert reply.status == 404
    assert b"640x480.svg" in reply.body


def test_pictures_are_only_read() -> None:
    """HEAD is answered without a body, another method is not allowed, and pages of other origins may read."""
    head = ASK("HEAD /_tallystick/image/9x9.png", {"Origin": "http://localhost:3000"})
    assert (head.status, head.body) == (200, b"")
    assert header(head, "access-control-allow-origin") == "http://localhost:3000"
    assert ASK("POST /_tallystick/image/9x9.png").status == 405
