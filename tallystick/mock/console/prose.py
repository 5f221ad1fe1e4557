"""CommonMark as descriptions use it, made into the HTML of a page; what else it has is shown as text."""

from __future__ import annotations

import re
from collections.abc import Iterator
from html import unescape

from markupsafe import Markup, escape

from tallystick.nouns.printing import visible

_LONGEST = 20_000
_SPAN = re.compile(
    r"`(?P<code>[^`\n]{1,500})`|\*\*(?P<strong>[^*\n]{1,500})\*\*"
    r"|\[(?P<text>[^\[\]\n]{1,500})\]\((?P<url>https?://[^\s()<>\"]{1,2000})(?:\s[^()\n]{0,200})?\)"
)
_TAG = re.compile(r"</?(?:p|code|br|ul|ol|li|a|b|strong)\b", re.IGNORECASE)
_MARKS = tuple(
    (re.compile(tag, re.IGNORECASE | re.DOTALL), mark)
    for tag, mark in (
        (r"</?(?:p|div|ul|ol|br|h[1-6])\b[^<>]{0,200}>", "\n\n"),
        (r"<li\b[^<>]{0,200}>", "\n- "),
        (r"</?(?:em|i|small|span|li)\b[^<>]{0,200}>", ""),
        (r"<code>([^<>`]{1,500})</code>", r"`\1`"),
        (r"<(b|strong)>([^<>*]{1,500})</\1>", r"**\2**"),
        (r"<a\s[^<>]{0,200}?href=[\"']([^\"'<>\s]{1,2000})[\"'][^<>]{0,200}>([^<>\[\]]{1,500})</a>", r"[\2](\1)"),
    )
)
_ITEM = re.compile(r"[ \t]{0,8}(?:[-*+]|\d{1,3}[.)])[ \t]+")
_HEADING = re.compile(r"#{1,6}[ \t]+")
_NOTE = re.compile(r">[ \t]?(?:\[!\w+\])?[ \t]*")


def prose(text: str) -> Markup:
    """Paragraphs, lists, code, bold text and links to the web; a link says where it leads."""
    text = text[:_LONGEST].replace("\r\n", "\n")
    return Markup("").join(_blocks(_without_tags(text) if _TAG.search(text) else text))


def _without_tags(text: str) -> str:
    """A description that is written in HTML, with marks in place of the tags that they stand for; other tags stay."""
    for tag, mark in _MARKS:
        text = tag.sub(mark, text)
    return unescape(text)


def _blocks(text: str) -> Iterator[Markup]:
    for number, piece in enumerate(text.split("```")):
        if number % 2:
            code = piece.partition("\n")[2] or piece
            yield Markup("<pre>{}</pre>").format(_shown(code.rstrip()))
            continue
        for block in re.split(r"\n[ \t]*\n", piece):
            lines = [line.rstrip() for line in block.split("\n") if line.strip()]
            if lines:
                yield from _block(lines)


def _block(lines: list[str]) -> Iterator[Markup]:
    """A paragraph, with the lists in it."""
    words: list[str] = []
    items: list[str] = []
    for line in lines:
        if _ITEM.match(line):
            yield from _paragraph(words)
            words = []
            items.append(_ITEM.sub("", line, count=1))
        elif items and line.startswith((" ", "\t")):
            items[-1] += f" {line.strip()}"
        else:
            yield from _list(items)
            items = []
            if _HEADING.match(line):
                yield from _paragraph(words)
                words = []
                yield Markup("<p><strong>{}</strong></p>").format(_spans(_HEADING.sub("", line, count=1)))
            else:
                words.append(_NOTE.sub("", line, count=1) if line.startswith(">") else line.strip())
    yield from _paragraph(words)
    yield from _list(items)


def _paragraph(words: list[str]) -> Iterator[Markup]:
    if text := " ".join(words).strip():
        yield Markup("<p>{}</p>").format(_spans(text))


def _list(items: list[str]) -> Iterator[Markup]:
    if items:
        yield Markup("<ul>{}</ul>").format(
            Markup("").join(Markup("<li>{}</li>").format(_spans(each)) for each in items)
        )


def _spans(text: str) -> Markup:
    """The text of a line, with what stands out in it."""
    parts: list[Markup] = []
    end = 0
    for match in _SPAN.finditer(text):
        parts.append(escape(_shown(text[end : match.start()])))
        end = match.end()
        if match["code"]:
            parts.append(Markup("<code>{}</code>").format(_shown(match["code"])))
        elif match["strong"]:
            parts.append(Markup("<strong>{}</strong>").format(_shown(match["strong"])))
        else:
            link = Markup('<a href="{}" rel="noopener noreferrer" title="{}">{}</a>')
            parts.append(link.format(match["url"], match["url"], _shown(match["text"])))
    return Markup("").join([*parts, escape(_shown(text[end:]))])


def _shown(text: str) -> str:
    return "\n".join(map(visible, text.split("\n")))
