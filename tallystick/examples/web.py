"""What the web is made of: addresses of pages and pictures, hosts, paths and files, agents."""

from __future__ import annotations

import base64
from collections.abc import Callable
from urllib.parse import quote_plus

from tallystick.examples.draws import Draw
from tallystick.examples.media_files import text_of_file
from tallystick.examples.names import thing
from tallystick.examples.pictures import PICTURES
from tallystick.examples.texts import slug, title

MOCK = "http://localhost:4010"
"""Where the mock is unless it is told otherwise; it puts the address that a request came to in place of this one."""
_SIZES = (
    ("avatar gravatar profile photo headshot portrait", (128, 128)),
    ("icon favicon emoji badge symbol", (64, 64)),
    ("logo album sticker artwork", (300, 300)),
    ("thumbnail thumb preview", (160, 120)),
    ("banner hero header splash background", (1200, 400)),
    ("video movie screen screenshot", (1280, 720)),
)
_SIZE_OF = {word: size for names, size in _SIZES for word in names.split()}
_PICTURES = frozenset(
    "avatar gravatar photo picture image img icon favicon logo thumbnail thumb banner cover artwork poster screenshot "
    "headshot portrait splash emoji sticker".split()
)
_PICTURES_IN_TEXT = _PICTURES | {"png"}


def picture_size(draw: Draw) -> tuple[int, int]:
    """The width and height that a picture of this name, or of its owners, usually has."""
    names = " ".join((draw.name, *draw.owners)).split()
    return next((_SIZE_OF[word] for word in names if word in _SIZE_OF), (640, 480))


def is_picture(draw: Draw) -> bool:
    """Whether a URL is that of a picture, as its name or what it belongs to says."""
    named = " ".join((draw.name, *draw.owners[: 1 + len(draw.owners) - len(draw.holder.names)])).split()
    return not _PICTURES.isdisjoint(named)


def picture(draw: Draw) -> str:
    """The URL of a picture that the mock serves: another one for each object."""
    width, height = picture_size(draw)
    text = draw.holder.kind or thing(draw.owner) or "picture"
    return f"{MOCK}{PICTURES}{width}x{height}.svg?text={quote_plus(f'{text} {draw.which + 1}')}"


def url(draw: Draw) -> str:
    """A URL: of a picture where it is one, else of a page about the object."""
    if is_picture(draw):
        return picture(draw)
    last = draw.owners[: len(draw.owners) - len(draw.holder.names)]
    of_what = "-".join((draw.holder.kind or "page").split())
    below = "/".join("-".join(each.split()) for each in last if each not in ("html", "web", "api", "self", ""))
    return f"https://example.com/{of_what}/{draw.which + draw.style.seed + 1}" + (f"/{below}" if below else "")


def host(draw: Draw) -> str:
    """The name of a host, in a domain that RFC 2606 reserves."""
    return f"{slug(draw)}.example.com"


def domain(draw: Draw) -> str:
    """A domain, below one that RFC 2606 reserves."""
    return f"{slug(draw)}.example"


def ipv4(draw: Draw) -> str:
    """An address from the range that RFC 5737 reserves for documentation."""
    return f"192.0.2.{draw.number('ip') % 254 + 1}"


def ipv6(draw: Draw) -> str:
    """An address from the range that RFC 3849 reserves for documentation."""
    return f"2001:db8::{draw.number('ip') % 65535 + 1:x}"


def mac(draw: Draw) -> str:
    """A hardware address from the range that RFC 7042 reserves for documentation."""
    return f"00:00:5e:00:53:{draw.number('mac') % 256:02x}"


def path(draw: Draw) -> str:
    """An absolute path."""
    return f"/{slug(draw)}/{draw.which + 1}"


def file_name(draw: Draw) -> str:
    """The name of a file; of a picture where it belongs to one."""
    ending = "png" if is_picture(draw) else draw.next(("pdf", "txt", "csv", "docx"))
    return f"{'-'.join(title(draw).lower().split())}.{ending}"


def base64_text(draw: Draw) -> str:
    """A title in Base64; a picture, where the name is that of one."""
    if not _PICTURES_IN_TEXT.isdisjoint(draw.name.split()):
        return picture_in_base64(draw)
    return base64.b64encode(title(draw).encode()).decode()


def picture_in_base64(_: Draw) -> str:
    """A PNG in Base64."""
    return text_of_file("image/png", "base64")


def template(text: str) -> Callable[[Draw], str]:
    """A maker that replaces `{n}` in a text by a small number, counted from 1, and `{w}` by a word."""
    return lambda draw: text.replace("{n}", str(draw.which + draw.style.seed + 1)).replace("{w}", slug(draw))


MEDIA_TYPES = ("image/png", "application/json", "text/plain", "application/pdf")
AGENTS = (
    "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0",
    "Mozilla/5.0 (Macintosh; Intel Mac OS X 14_7) AppleWebKit/605.1.15 (KHTML, like Gecko) Safari/605.1.15",
)
