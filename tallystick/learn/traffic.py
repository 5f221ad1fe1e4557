"""Which recorded exchanges a contract is learned from: those of one API, and none that a browser made for a page."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace

from tallystick.exchanges.members import field_of
from tallystick.exchanges.recorded import Recorded, Recording
from tallystick.exchanges.secrets import MASK
from tallystick.exchanges.traffic import origin_and_base, without_session
from tallystick.learn.folding import Templates, named
from tallystick.learn.operations import NO_SECRETS, LearnedOperation, is_missing, is_refused, is_telling, json_of
from tallystick.nouns.media_type import MediaKind, parse_media_type
from tallystick.nouns.words import counted

METHODS = ("get", "put", "post", "delete", "options", "head", "patch", "trace")
"""The methods that OpenAPI 3.1 has a place for."""
_PAGE_PARTS = re.compile(r".+\.(?:js|mjs|css|map|ico|woff2?|ttf|html?)", re.IGNORECASE)
_MASKED_PARAMETER = re.compile(rf"(?:;|%3B)[^;/=%]+={re.escape(MASK)}", re.IGNORECASE)
"""A secret parameter of a path segment, as it is masked."""
_BASE = re.compile(r"api|apis|rest|v\d+(?:[.]\d+)*", re.IGNORECASE)
"""The first segments of paths that stand in the URL of the server."""


@dataclass(slots=True)
class Learned:
    """What was learned of one API: its operations, sorted, and where it is."""

    origins: tuple[str, ...]
    base: str
    operations: list[LearnedOperation] = field(default_factory=list)
    exchanges: int = 0
    notes: list[str] = field(default_factory=list)


def learned(recordings: Sequence[Recording], url: str = "") -> Learned:
    """What recordings say of the API at a URL, else of the one with the most exchanges."""
    recorded = [masked(each) for recording in recordings for each in recording.exchanges]
    notes = [f"{recording.file}: {odd}" for recording in recordings for odd in recording.odd]
    base = ""
    if url:
        origin, base = origin_and_base(url)
        origins: tuple[str, ...] = (origin,)
    else:
        origins = _origins(recorded, notes)
    own = [each for each in recorded if each.origin in origins and f"{_path(each)}/".startswith(f"{base}/")]
    pages = [each for each in own if _is_of_page(each)]
    own = [each for each in own if not _is_of_page(each)]
    if pages:
        notes.append(f"passed over: {counted(len(pages), 'exchange', ',')} of pages, scripts and styles")
    return learned_of(own, origins, base, notes)


def learned_of(own: Sequence[Recorded], origins: Sequence[str], base: str, notes: list[str]) -> Learned:
    """What exchanges say of their API; paths begin behind the base path, which grows where all have the same."""
    templates = Templates()
    served = _served(own, notes)
    base = base or _base_of([_path(each) for each in served])
    for each in served:
        templates.add(each.exchange.request.method, _below(each, base), json_of(each), each.count)
    result = Learned(tuple(origins), base, exchanges=sum(each.count for each in served), notes=notes)
    operations: dict[tuple[str, str], LearnedOperation] = {}
    telling = Counter(_key(each, templates, base) for each in served if is_telling(each))
    for each in served:
        template, values = templates.template_of(_below(each, base))
        key = each.exchange.request.method, template
        operation = operations.get(key)
        if operation is None:
            operation = operations[key] = LearnedOperation(key[0], *named(template))
        operation.add(each, values, is_telling(each) or not telling[key])
    result.operations = sorted(
        operations.values(), key=lambda each: (each.template, METHODS.index(each.method.lower()))
    )
    return result


def masked(recorded: Recorded) -> Recorded:
    """An exchange without its secrets, which a contract shall not have in its examples."""
    return replace(recorded, exchange=NO_SECRETS.exchange(recorded.exchange))


def _key(recorded: Recorded, templates: Templates, base: str) -> tuple[str, str]:
    return recorded.exchange.request.method, templates.template_of(_below(recorded, base))[0]


def _served(own: Sequence[Recorded], notes: list[str]) -> list[Recorded]:
    """The exchanges whose path and method the server has, as far as its answers say."""
    odd = Counter(each.exchange.request.method for each in own if each.exchange.request.method.lower() not in METHODS)
    for method, count in odd.items():
        passed = counted(count, "exchange", ",")
        notes.append(f"passed over: {passed} with the method {method}, which OpenAPI 3.1 has no place for")
    usual = [each for each in own if each.exchange.request.method not in odd and each.exchange.response is not None]
    if not any(map(is_refused, usual)):
        return usual
    templates = Templates()
    for each in usual:
        templates.add(each.exchange.request.method, _below(each, ""), json_of(each), each.count)
    keys = [_key(each, templates, "") for each in usual]
    paths = {path for each, (_, path) in zip(usual, keys, strict=True) if not is_refused(each)}
    there = {key for each, key in zip(usual, keys, strict=True) if key[1] in paths and not is_missing(each)}
    passed_over = [each for each, key in zip(usual, keys, strict=True) if key not in there]
    if passed_over:
        statuses = sorted({each.exchange.response.status for each in passed_over if each.exchange.response is not None})
        passed = f"{counted(len(passed_over), 'exchange', ',')} that the server only refused"
        notes.append(f"passed over: {passed} ({', '.join(map(str, statuses))})")
    return [each for each, key in zip(usual, keys, strict=True) if key in there]


def _origins(recorded: Sequence[Recorded], notes: list[str]) -> tuple[str, ...]:
    """The origin that has the most exchanges of an API."""
    counts = Counter(each.origin for each in recorded if not _is_of_page(each) and _is_of_api(each))
    counts = counts or Counter(each.origin for each in recorded)
    if not counts:
        return ()
    ((origin, _),) = counts.most_common(1)
    others = sorted(counts.keys() - {origin})
    if others:
        notes.append(f"{origin} has the most exchanges; --url names another one ({', '.join(others[:5])})")
    return (origin,)


def _is_of_api(recorded: Recorded) -> bool:
    response = recorded.exchange.response
    kind = parse_media_type(field_of(response.headers, "content-type")).kind if response is not None else None
    return kind in (MediaKind.JSON, MediaKind.XML, MediaKind.JSON_LINES) or recorded.exchange.request.method != "GET"


def _is_of_page(recorded: Recorded) -> bool:
    """Whether a browser made a request for a page, and not a program for data."""
    request = recorded.exchange.request
    use = field_of(request.headers, "sec-fetch-dest")
    if use:
        return use != "empty"
    is_part = bool(field_of(request.headers, "referer")) and _PAGE_PARTS.fullmatch(request.path) is not None
    return is_part or field_of(request.headers, "accept").startswith("text/html")


def _path(recorded: Recorded) -> str:
    """The path of an exchange, without a session of our mock and without secret parameters (`/cart;jsessionid=***`)."""
    path = without_session(recorded.exchange.request.path)
    return _MASKED_PARAMETER.sub("", path) if MASK in path else path


def _below(recorded: Recorded, base: str) -> str:
    return _path(recorded)[len(base) :] or "/"


def _base_of(paths: Iterable[str]) -> str:
    """What all paths begin with and stands in the URL of a server: `/api/v1`."""
    split = [path.split("/")[1:] for path in paths]
    base = ""
    for segments in zip(*split, strict=False):
        first = segments[0]
        if not _BASE.fullmatch(first) or any(each != first for each in segments):
            return base
        base += f"/{first}"
    return "" if any(base == "/".join(("", *each)) for each in split) else base
