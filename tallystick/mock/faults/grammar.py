"""The words of faults: `latency=100ms-2s; 10% 503`, in a header, in a flag and in the configuration alike."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import replace
from functools import lru_cache
from itertools import pairwise

from tallystick.mock.faults.fault import (
    BODY_KINDS,
    Action,
    Drop,
    Expired,
    ExtremeBody,
    Fault,
    Faults,
    Latency,
    Refusal,
    SlowBody,
    Truncate,
)
from tallystick.nouns import budgets
from tallystick.nouns.durations import NUMBER, seconds_of
from tallystick.nouns.words import did_you_mean

_RANGE = re.compile(rf"({NUMBER})\s*(ms|s|m|min)?\s*(?:-|\.\.|to)\s*({NUMBER}\s*(?:ms|s|m|min))", re.IGNORECASE)
_PERCENTILE = re.compile(rf"p({NUMBER})=(.+)", re.IGNORECASE)
_RATE = re.compile(rf"({NUMBER})\s*%")
_STATUS = re.compile(r"[3-5]\d\d")
_SLOW_SECONDS = 5.0
_FIRST_QUANTILE = 0.5
"""What share of the time of the first percentile the quickest reply takes."""
_SHOWN = 60

EXAMPLES = (
    "latency=200ms, latency=100ms-2s, latency=p50=80ms,p99=2s, 503, 10% 503, 429 retry-after=5, expired, drop, "
    "truncate, slow=5s, body=empty, or several with `;` between them"
)
_WORDS = (
    "latency drop truncate slow expired status error body rate-limit retry-after seed off "
    "empty shortest longest boundary"
).split()


class FaultError(ValueError):
    """A text that is no fault; the message says what would have worked."""


@lru_cache(maxsize=256)
def read_faults(text: str) -> Faults:
    """The faults that a text asks for; raises `FaultError`."""
    if len(text) > budgets.FAULT_CHARACTERS:
        raise FaultError(f"{_shown(text)}: at most {budgets.FAULT_CHARACTERS:,} characters were expected")
    faults: list[Fault] = []
    seed: int | None = None
    for part in _parts(text):
        words = part.split()
        chance, words = _chance(words, part)
        retry_after: int | None = None
        action: Action | None = None
        for word in words:
            name, value = _name_and_value(word)
            if name == "seed":
                seed = _whole(word, value)
            elif name == "retry-after":
                retry_after = _whole(word, value)
            elif name in ("off", "none"):
                continue
            elif action is not None:
                raise FaultError(f"{_shown(part)}: only one fault was expected here; put `;` between two")
            else:
                action = _action(name, value, word)
        if retry_after is not None:
            if action is None and faults and isinstance(faults[-1].action, Refusal):  # `429, retry-after=5`
                faults[-1] = replace(faults[-1], action=replace(faults[-1].action, retry_after=retry_after))
                continue
            if not isinstance(action, Refusal | None):
                raise FaultError(f"{_shown(part)}: retry-after goes with a status, as in `429 retry-after=5`")
            action = replace(action or Refusal(429), retry_after=retry_after)
        if action is not None:
            faults.append(Fault(action, chance, " ".join(part.split())))
        elif chance < 1:
            raise FaultError(f"{_shown(part)}: a rate of something was expected, as in `10% 503` or `5% drop`")
    return Faults(tuple(faults), seed)


def _parts(text: str) -> Iterator[str]:
    """The faults of a text, one each; percentiles stay together, whatever is between them."""
    parts: list[str] = []
    for piece in re.split(r"[;,]", _tight(text)):
        if _PERCENTILE.fullmatch(piece.strip()) and parts and re.search(r"\bp[\d.]+=", parts[-1]):
            parts[-1] += f",{piece.strip()}"
        elif piece.strip():
            parts.append(piece.strip())
    yield from parts


def _tight(text: str) -> str:
    """A text without blanks around `=` (which may be a colon), before `%`, within ranges and before units."""
    text = " ".join(text.split())  # a pattern that begins with a run of blanks takes its square
    text = re.sub(r"\s*[=:]\s*", "=", text)
    text = re.sub(r"\s+(%|(?:ms|s|min)\b)", r"\1", text)
    text = re.sub(r"(?<=[a-z])\s*-\s*(?=[\d.])", "-", text, flags=re.IGNORECASE)
    return re.sub(r"(?<=\d)%(?=[^\s;,])", "% ", text)


def _chance(words: list[str], part: str) -> tuple[float, list[str]]:
    """The chance in the words of a fault, and the others."""
    rates = [match for word in words if (match := _RATE.fullmatch(word.removeprefix("rate=")))]
    if not rates:
        return 1.0, words
    percent = float(rates[0][1])
    if len(rates) > 1 or percent > 100:
        raise FaultError(f"{_shown(part)}: one rate from 0% to 100% was expected")
    return percent / 100, [word for word in words if not _RATE.fullmatch(word.removeprefix("rate="))]


def _name_and_value(word: str) -> tuple[str, str]:
    name, _, value = word.partition("=")
    return name.lower().replace("_", "-"), value


def _action(name: str, value: str, word: str) -> Action:
    """The action that a word asks for, such as `latency=2s`, `503` or `drop`."""
    make = _ACTIONS.get(name)
    if make is not None:
        return make(value, word)
    if value and name.startswith("p") and _PERCENTILE.fullmatch(word.split(",")[0]):
        return _latency(word, word)
    if not value:
        if _STATUS.fullmatch(name) or name in ("4xx", "5xx"):
            return _status(name, word)
        if name in BODY_KINDS:
            return _body(name, word)
        if name[:1].isdigit() or name[:1] == ".":
            return _latency(name, word)
    hint = did_you_mean(name, _WORDS)
    raise FaultError(f"{_shown(word)}: no fault is named so; {hint or f'expected {EXAMPLES}'}")


def _latency(value: str, word: str) -> Latency:
    if _PERCENTILE.match(value):
        return _percentiles(value, word)
    if match := _RANGE.fullmatch(value):
        last = match[3]
        unit = match[2] or re.sub(r"[\d.\s]", "", last)
        least, most = _duration(match[1] + unit, word), _duration(last, word)
        if least > most:
            raise FaultError(f"{_shown(word)}: the range begins with the shorter time, as in 100ms-2s")
        return Latency(((0.0, least), (1.0, most)))
    seconds = _duration(value, word)
    return Latency(((0.0, seconds), (1.0, seconds)))


def _percentiles(value: str, word: str) -> Latency:
    quantiles: list[tuple[float, float]] = []
    for piece in re.split(r"[,/]", value):
        match = _PERCENTILE.fullmatch(piece)
        if match is None or not 0 <= float(match[1]) <= 100:
            raise FaultError(f"{_shown(word)}: percentiles were expected, as in latency=p50=80ms,p99=2s")
        quantiles.append((float(match[1]) / 100, _duration(match[2], word)))
    if quantiles != sorted(quantiles) or any(a[1] > b[1] for a, b in pairwise(quantiles)):
        raise FaultError(f"{_shown(word)}: percentiles grow, as in latency=p50=80ms,p99=2s")
    if quantiles[0][0] > 0:
        quantiles.insert(0, (0.0, quantiles[0][1] * _FIRST_QUANTILE))
    if quantiles[-1][0] < 1:
        quantiles.append((1.0, quantiles[-1][1]))
    return Latency(tuple(quantiles))


def _duration(text: str, word: str) -> float:
    try:
        seconds = seconds_of(text, "200ms, 2s or 100ms-2s")
    except ValueError as error:
        raise FaultError(f"{_shown(word)}: {error}") from error
    if seconds > budgets.FAULT_SECONDS:
        raise FaultError(f"{_shown(word)}: {budgets.FAULT_SECONDS:.0f}s is the longest that a fault may take")
    return seconds


def _status(value: str, word: str) -> Refusal:
    if value.lower() in ("4xx", "5xx"):
        return Refusal(0, value[0])
    if not _STATUS.fullmatch(value):
        raise FaultError(f"{_shown(word)}: a status from 300 to 599 was expected, such as 503, or 4xx or 5xx")
    return Refusal(int(value))


def _error(value: str, word: str) -> Refusal:
    return _status(value, word) if value else Refusal(0)


def _truncate(value: str, word: str) -> Truncate:
    if not value:
        return Truncate()
    if (match := _RATE.fullmatch(value)) and float(match[1]) <= 100:
        return Truncate(max(float(match[1]) / 100, 1e-9))
    return Truncate(
        0, _whole(word, value, "a share or a number of bytes was expected, as in truncate=50% or truncate=100")
    )


def _slow(value: str, word: str) -> SlowBody:
    return SlowBody(_duration(value, word) if value else _SLOW_SECONDS)


def _body(value: str, word: str) -> ExtremeBody:
    for kind in BODY_KINDS:
        if value.lower() == kind:
            return ExtremeBody(kind)
    raise FaultError(f"{_shown(word)}: expected {', '.join(f'body={kind}' for kind in BODY_KINDS)}")


def _plain(action: Action, example: str) -> Callable[[str, str], Action]:
    def make(value: str, word: str) -> Action:
        if value:
            raise FaultError(f"{_shown(word)}: it takes no value; expected {example}")
        return action

    return make


def _whole(word: str, value: str, expected: str = "a whole number was expected") -> int:
    if not re.fullmatch(r"\d{1,9}", value):
        raise FaultError(f"{_shown(word)}: {expected}")
    return int(value)


def _shown(text: str) -> str:
    return repr(text if len(text) <= _SHOWN else f"{text[: _SHOWN - 1]}…")


_ACTIONS: dict[str, Callable[[str, str], Action]] = {
    "latency": _latency,
    "delay": _latency,
    "status": _status,
    "code": _status,
    "error": _error,
    "drop": _plain(Drop(), "drop"),
    "reset": _plain(Drop(), "drop"),
    "truncate": _truncate,
    "truncated": _truncate,
    "slow": _slow,
    "slow-body": _slow,
    "expired": _plain(Expired(), "expired"),
    "expired-token": _plain(Expired(), "expired"),
    "rate-limit": _plain(Refusal(429), "rate-limit, or 429 retry-after=5"),
    "body": _body,
}
