"""Draws pictures that show their size and a text, as SVG and PNG; letters of PNG come from a small font of dots."""

from __future__ import annotations

import struct
import zlib
from dataclasses import dataclass
from html import escape

PICTURES = "/_tallystick/image/"
"""Where the mock serves pictures of any size: `640x480.svg` below this path."""

_COLOURS = ("#2f6690", "#3a7d44", "#8f5d9e", "#b5543c", "#5a6a7a", "#9a6b1f", "#1f7a80", "#a0446b")
_COLUMNS = bytes.fromhex(
    "0000000000 00005f0000 0007000700 147f147f14 242a7f2a12 2313086462 3649562050 0008070300 001c224100 0041221c00 "
    "2a1c7f1c2a 08083e0808 0050300000 0808080808 0000606000 2010080402 3e5149453e 00427f4000 4261514946 2141454b31 "
    "1814127f10 2745454539 3c4a494930 0171090503 3649494936 064949291e 0036360000 0056360000 0008142241 1414141414 "
    "0041221408 0201590906 3e415d594e 7c1211127c 7f49494936 3e41414122 7f4141413e 7f49494941 7f09090901 3e4149497a "
    "7f0808087f 00417f4100 2040413f01 7f08142241 7f40404040 7f021c027f 7f0408107f 3e4141413e 7f09090906 3e4151215e "
    "7f09192946 2649494932 01017f0101 3f4040403f 1f2040201f 3f4038403f 6314081463 0304780403 6159494d43 007f414141 "
    "0204081020 004141417f 0402010204 4040404040"
)
"""The dots of the characters from the space to the underscore: five columns for each, the lowest bit on top."""
_WIDE, _HIGH, _LINE = 6, 7, 10
"""The dots from one character to the next, those of a character's height, and those from one line to the next."""


@dataclass(frozen=True, slots=True)
class Picture:
    """A picture of a size in pixels, and the text that it shows above its size."""

    width: int
    height: int
    text: str = ""

    @property
    def lines(self) -> tuple[str, ...]:
        """What the picture shows: its text, and its size."""
        size = f"{self.width} x {self.height}"
        return (self.text, size) if self.text else (size,)

    @property
    def colour(self) -> str:
        """The colour of the ground, another one for most other texts."""
        return _COLOURS[zlib.crc32(self.text.encode("utf-8", "replace")) % len(_COLOURS)]


def svg(picture: Picture) -> bytes:
    """The picture as SVG."""
    longest = max(map(len, picture.lines))
    height = max(1.0, min(picture.height / (len(picture.lines) + 2), 1.5 * picture.width / (longest + 2)))
    top = picture.height / 2 - height * (len(picture.lines) - 1) * 0.6
    texts = "".join(
        f'<text x="50%" y="{top + 1.2 * height * index:.1f}">{_xml_text(line)}</text>'
        for index, line in enumerate(picture.lines)
    )
    size = f'width="{picture.width}" height="{picture.height}"'
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" {size} viewBox="0 0 {picture.width} {picture.height}" role="img">'
        f"<title>{_xml_text(' '.join(picture.lines))}</title>"
        f'<rect width="100%" height="100%" fill="{picture.colour}"/>'
        f'<g fill="#fff" font-family="sans-serif" font-size="{height:.1f}" text-anchor="middle" '
        f'dominant-baseline="central">{texts}</g></svg>\n'
    ).encode()


def _xml_text(text: str) -> str:
    return escape("".join(letter if letter.isprintable() else " " for letter in text), quote=False)


def png(picture: Picture) -> bytes:
    """The picture as PNG (RFC 2083), in two colours."""
    width = picture.width
    longest = max(map(len, picture.lines))
    scale = max(1, min(width // (_WIDE * (longest + 1)), picture.height // (_LINE * (len(picture.lines) + 1))))
    empty = bytes(1 + (width + 7) // 8)
    rows: list[bytes] = []
    for line in picture.lines:
        shown = line[: max(1, width // (_WIDE * scale))].upper()
        rows += [_row(shown, dot, scale, width) for dot in range(_HIGH) for _ in range(scale)]
        rows += [empty] * ((_LINE - _HIGH) * scale)
    rows = rows[: picture.height]
    above = (picture.height - len(rows)) // 2
    dots = empty * above + b"".join(rows) + empty * (picture.height - len(rows) - above)
    header = struct.pack(">IIBBBBB", width, picture.height, 1, 3, 0, 0, 0)
    palette = bytes.fromhex(picture.colour[1:]) + b"\xff\xff\xff"
    chunks = ((b"IHDR", header), (b"PLTE", palette), (b"IDAT", zlib.compress(dots)), (b"IEND", b""))
    return b"\x89PNG\r\n\x1a\n" + b"".join(_chunk(name, data) for name, data in chunks)


def _row(line: str, dot: int, scale: int, width: int) -> bytes:
    """One row of pixels of a line of text: a filter byte, and a bit for each pixel."""
    bits = "".join(str(column >> dot & 1) * scale for letter in line for column in (*_columns(letter), 0))[:width]
    left = (width - len(bits)) // 2
    whole = bits.rjust(left + len(bits), "0").ljust((width + 7) // 8 * 8, "0")
    return b"\0" + int(whole, 2).to_bytes(len(whole) // 8, "big")


def _columns(letter: str) -> bytes:
    index = ord(letter) - ord(" ")
    if not 0 <= 5 * index < len(_COLUMNS):
        index = ord("?") - ord(" ")
    return _COLUMNS[5 * index : 5 * index + 5]


def _chunk(name: bytes, data: bytes) -> bytes:
    return struct.pack(">I", len(data)) + name + data + struct.pack(">I", zlib.crc32(name + data))
