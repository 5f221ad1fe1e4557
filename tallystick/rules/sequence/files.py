"""A rule on files: what was put at a path is read there, and not a part of it."""

from __future__ import annotations

from collections.abc import Iterator

from tallystick.nouns.media_type import MediaKind, parse_media_type
from tallystick.nouns.rule import Rule, Scope
from tallystick.nouns.violation import Severity
from tallystick.rules.sequence.history import History
from tallystick.rules.sequence.relation import Relation, SequenceCheck
from tallystick.rules.sequence.seen import Seen

_LEAST_BYTES = 8
"""How long a file is at least that is compared."""

FILE_CUT = Rule("file-cut", Severity.ERROR, Scope.SEQUENCE, "A file that was put at a path is read there as a whole.")


def files(history: History) -> Iterator[Relation]:
    """Files of which only a part is read where they were put; a server may convert them, but not cut them."""
    put: dict[str, Seen] = {}
    for seen in history.seen:
        path, method = seen.exchange.request.path, seen.operation.method
        if method in ("PUT", "POST", "PATCH", "DELETE") and not seen.is_refused:
            put.pop(path, None)
            if method == "PUT" and seen.is_done and seen.is_valid:
                put[path] = seen
        writer = put.get(path) if method == "GET" and seen.status == 200 else None
        response = seen.exchange.response
        if writer is None or response is None or not _is_file(seen) or not writer.has_caller_of(seen):
            continue
        sent, shown = writer.exchange.request.body, response.body
        if _is_cut(sent, shown, _is_multipart(writer)):
            message = f"what {writer.operation.label} put here is not read as a whole: {len(shown)} bytes of it are"
            violation = FILE_CUT.violation("response.body", writer.operation.place, message)
            yield Relation(violation, writer.operation.label, (writer.index, seen.index))


def _is_file(seen: Seen) -> bool:
    return seen.reading.response_body.format is not None and _kind(
        seen.reading.response_headers.get("content-type", "")
    ) in (MediaKind.OTHER, MediaKind.TEXT)


def _is_multipart(seen: Seen) -> bool:
    return _kind(seen.reading.headers.get("content-type", "")) is MediaKind.MULTIPART


def _kind(content_type: str) -> MediaKind:
    return parse_media_type(content_type).kind


def _is_cut(sent: bytes, shown: bytes, is_multipart: bool) -> bool:
    """Whether what is shown is a part of a file that was sent, from its beginning, and not all of it."""
    if len(shown) < _LEAST_BYTES:
        return False
    if not is_multipart:
        return len(shown) < len(sent) and sent.startswith(shown)
    start = sent.find(b"\r\n\r\n" + shown)
    return start >= 0 and not sent.startswith(b"\r\n--", start + 4 + len(shown))


CHECKS = (SequenceCheck(files, (FILE_CUT,)),)
