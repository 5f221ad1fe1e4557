"""Moments in order: what is created comes before its update, a start before its end; a list has the newest first."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from email.utils import format_datetime

from tallystick.examples.draws import Draw, number_of

_EPOCH = datetime(2025, 10, 1, tzinfo=UTC)
"""About when the first object of a list was created."""
_LONG_AFTER = timedelta(days=3650)
"""After what time something expires: a token that has expired would be of no use."""

_RANKS = {
    0: "created creation create issued opened registered joined ordered submitted added inserted uploaded placed since",
    1: "published sent started start begin begins started from departure pickup check checkin in first open activated "
    "valid verified confirmed scheduled effective released release received authored accepted approved before",
    2: "updated update modified modification changed edited pushed seen last accessed login active activity used",
    3: "ended end ends completed finished until to arrival dropoff checkout out closed resolved merged delivered "
    "committed paid cancelled canceled deleted removed archived revoked ended stop stopped finish completion due "
    "deadline after captured fulfilled shipped",
    4: "expires expire expired expiry expiration exp",
}
_RANK_OF = {word: rank for rank, names in _RANKS.items() for word in names.split()}
_BIRTH = frozenset(("birth", "birthday", "birthdate", "dob", "born"))


def _rank(name: str) -> float:
    """Which moments of an object come first: the word of the name that says it decides, the last such word."""
    ranked = [_RANK_OF[word] for word in name.split() if word in _RANK_OF]
    return ranked[-1] if ranked else 0.5


def is_moment(name: str) -> bool:
    """Whether a name that ends in `time` speaks of a moment, rather than of how long something takes."""
    return name == "time" or any(word in _RANK_OF for word in name.split())


def moment(draw: Draw) -> datetime:
    """The moment that a name speaks of, in UTC, to the second."""
    name = draw.name
    if not _BIRTH.isdisjoint(name.split()):
        return datetime(1960, 1, 1, 12, tzinfo=UTC) + timedelta(days=draw.number("birth") % 16_000)
    shift = number_of(f"{draw.style.seed}/{draw.holder.kind}")
    created = _EPOCH - timedelta(days=shift % 60 + draw.which, minutes=draw.number("minute") % 600, seconds=shift % 50)
    rank = _rank(name)
    if rank == 4:
        created += _LONG_AFTER
    pause = draw.number(f"pause {rank}") % 300
    return created + timedelta(days=rank * 1.25, minutes=pause if rank else 0)


def date_time(draw: Draw) -> str:
    """A moment in UTC, in the format of RFC 3339."""
    return moment(draw).strftime("%Y-%m-%dT%H:%M:%SZ")


def day(draw: Draw) -> str:
    """A day, in the format of RFC 3339."""
    return moment(draw).strftime("%Y-%m-%d")


def time_of_day(draw: Draw) -> str:
    """A time, in the format of RFC 3339."""
    return moment(draw).strftime("%H:%M:%SZ")


def http_date(draw: Draw) -> str:
    """A moment as HTTP and e-mail write it (RFC 9110, section 5.6.7)."""
    return format_datetime(moment(draw), usegmt=True)


def rfc_2822(draw: Draw) -> str:
    """A moment as RFC 2822 writes it."""
    return format_datetime(moment(draw))


def unix_time(draw: Draw) -> int:
    """A moment in seconds since 1970, in milliseconds where the name or the contract says so."""
    seconds = int(moment(draw).timestamp())
    described = draw.description.lower()
    is_fine = not {"ms", "millis", "milliseconds"}.isdisjoint(draw.name.split()) or "millisecond" in described
    return seconds * 1000 if is_fine else seconds


def shifted(text: str, days: int) -> str | None:
    """A documented day or moment some days earlier, in its own form; None for a text that is neither."""
    try:
        if len(text) == 10:
            return (date.fromisoformat(text) - timedelta(days=days)).isoformat()
        earlier = datetime.fromisoformat(text[:19]) - timedelta(days=days)
    except (ValueError, OverflowError):
        return None
    return earlier.strftime(f"%Y-%m-%d{text[10:11]}%H:%M:%S") + text[19:]
