"""Which numbers are meant by which names; see `tallystick.examples.name_tables`."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from tallystick.examples import identifiers, moments, places, web
from tallystick.examples.draws import Draw
from tallystick.examples.name_tables import Entry, NameTable

Number = int | float
_THIS_YEAR = 2025
_PEOPLE = frozenset("person user patient profile character player member me athlete".split())


def _between(low: int, high: int) -> Callable[[Draw], Number]:
    """A maker of whole numbers between two bounds, both included."""
    return lambda draw: low + draw.number(draw.name) % (high - low + 1)


def _counted(first: int) -> Callable[[Draw], Number]:
    """A maker that counts from a number."""
    return lambda draw: first + draw.turn + draw.style.seed


def _part(draw: Draw) -> Number:
    """A part of one, of which two digits are told."""
    return (draw.number(draw.name) % 89 + 10) / 100


def _percentage(draw: Draw) -> Number:
    """A percentage, with a digit after the point where fractions are allowed."""
    return (draw.number(draw.name) % 900 + 50) / 10


def _price(draw: Draw) -> Number:
    """A price; a whole number beside a currency is one in cents."""
    whole = draw.number(f"price {draw.owner}") % 190 + 5
    return whole + draw.pick((0.99, 0.5, 0.95, 0.49), f"cents {draw.owner}")


def cents(draw: Draw) -> int:
    """The same price in cents."""
    return round(_price(draw) * 100)


def _decimal(low: float, high: float, digits: int) -> Callable[[Draw], Number]:
    """A maker of decimal numbers between two bounds."""
    return lambda draw: round(low + (high - low) * (draw.number(draw.name) % 1000) / 1000, digits)


def _age(draw: Draw) -> Number:
    """The age that goes with the date of birth."""
    return _THIS_YEAR - moments.moment(replace(draw, name="birth")).year


def _is_of_a_person(draw: Draw) -> bool:
    return draw.owner in _PEOPLE or draw.has("age", "birthday", "date of birth", "birth date", "gender", "first name")


def _height(draw: Draw) -> Number:
    """How tall a person is in centimetres, or a picture in pixels."""
    return _between(155, 195)(draw) if _is_of_a_person(draw) else web.picture_size(draw)[1]


def _weight(draw: Draw) -> Number:
    """What a person weighs in kilograms, or a thing."""
    return (_between(50, 95) if _is_of_a_person(draw) else _decimal(0.2, 12, 1))(draw)


def _time(draw: Draw) -> Number:
    """A moment, or how long something takes in minutes, as the words of the name say."""
    return moments.unix_time(draw) if moments.is_moment(draw.name) else draw.number(draw.name) % 40 + 5


def _status_code(draw: Draw) -> Number:
    return draw.next((200, 201, 204))


_MONEY = (
    "amount|price|total|cost|balance|fee|tax|subtotal|discount amount|shipping cost|unit price|total price|"
    "total amount|unit amount|amount paid|amount due|amount total|amount subtotal|amount off|revenue|salary|"
    "income|budget|net|gross|tip|amount captured|amount capturable|amount requested|amount reversed|"
    "amount refunded|amount received|amount remaining|paid amount|net amount|deposit|refund|payment"
)
_ROWS: tuple[Entry[Number], ...] = (
    ("lat|latitude", "", places.coordinate(is_latitude=True)),
    ("lon|lng|long|longitude", "", places.coordinate(is_latitude=False)),
    ("status|code|http status|http code|response code", "http|response|error|problem|exception", _status_code),
    ("status code|http status|http status code", "", _status_code),
    ("id|ids|uid|pk|identifier", "", identifiers.number_id),
    (_MONEY, "", _price),
    ("created|updated|modified|expires|expiry|timestamp|date|at|published|since|until|created at|deadline|"
     "ts|now", "", moments.unix_time),
    ("ms|millis|milliseconds", "created|updated|timestamp|time|at|date|expires|start|end|modified", moments.unix_time),
    ("time", "", _time),
    ("sunrise|sunset", "", moments.unix_time),
    ("trial start|trial end|period start|period end|billing cycle anchor|start time|end time|last seen|"
     "last login", "", moments.unix_time),
    ("expires in|ttl|max age|retry after|expires", "token", lambda _: 3600),
    ("expires in|ttl|max age", "", lambda _: 3600),
    ("number|no", "issue|pull|pull request|milestone|page|discussion|track|episode|chapter|house|room", _counted(1)),
    ("position|rank|order|ordinal|sequence|sequence number|line|track number|disc number|run number|page number|"
     "row", "", _counted(1)),
    ("index|offset|skip|start index", "", _counted(0)),
    ("page|current page", "", lambda _: 1),
    ("limit|page size|per page|max results|items per page|page limit", "", lambda _: 20),
    ("total pages|page count|last page|pages", "", lambda _: 5),
    ("number", "", _between(1, 500)),
    ("percent|percentage|pct|discount|percent off|percent complete|progress|battery|popularity|"
     "completion", "", _percentage),
    ("rate|ratio|confidence|probability|similarity|temperature|top p|threshold|fraction|weighting|opacity|"
     "alpha", "", _part),
    ("energy|danceability|valence|acousticness|speechiness|liveness|instrumentalness", "", _part),
    ("temperature|temp", "weather|sensor|current|forecast|reading|measurement", _decimal(-5, 30, 1)),
    ("tax rate|vat rate|interest rate|exchange rate|conversion rate", "", _decimal(1, 20, 2)),
    ("score", "", _part),
    ("rating|stars|average rating|avg rating", "", lambda draw: (draw.number("rating") % 6 + 45) / 10 - 0.5),
    ("year|release year|exp year|model year|founded", "", lambda draw: moments.moment(draw).year),
    ("exp year|expiry year|expiration year", "", lambda draw: moments.moment(draw).year + 3),
    ("year|year built|founded", "company|building|house|car|vehicle", _between(1985, 2024)),
    ("month|exp month|expiry month", "", _between(1, 12)),
    ("day|day of month", "", _between(1, 28)),
    ("hour|hours", "", _between(1, 12)),
    ("minute|minutes|second|seconds", "", _between(1, 59)),
    ("age", "", _age),
    ("nights|days", "", _between(1, 9)),
    ("humidity", "", _between(40, 90)),
    ("wind speed|speed|wind", "", _between(4, 40)),
    ("pressure", "", _between(995, 1030)),
    ("employees|employee count|headcount", "", _between(12, 900)),
    ("width|height|length|depth", "dimension|dimensions|package|product|parcel|box|item|furniture", _between(2, 60)),
    ("color|colour", "", lambda draw: draw.number(draw.name) % 0xFFFFFF),
    ("width", "", lambda draw: web.picture_size(draw)[0]),
    ("height", "", _height),
    ("depth|length|thickness", "", _between(2, 60)),
    ("weight", "", _weight),
    ("distance|mileage|range", "", _decimal(1, 80, 1)),
    ("area|floor area|square meters|square feet", "", _between(35, 240)),
    ("rooms|bedrooms|bathrooms|floors|seats|doors|beds", "", _between(1, 5)),
    ("tempo|bpm", "", _between(70, 170)),
    ("port", "", lambda draw: 8080 + draw.which),
    ("bytes|file size|content length|size bytes|size in bytes|byte size|download size", "", _between(2_048, 4_000_000)),
    ("size", "file|attachment|image|document|upload|asset|blob|artifact|repository|content", _between(2_048, 900_000)),
    ("size", "", _between(1, 40)),
    ("duration ms|length ms|duration milliseconds|runtime ms", "", _between(120_000, 330_000)),
    ("duration|duration seconds|length seconds|elapsed|seconds", "", _between(30, 600)),
    ("timeout|interval|ttl|delay", "", _between(5, 60)),
    ("ms|milliseconds|millis|latency|took|elapsed ms", "", _between(5, 900)),
    ("temperature", "", _part),
    ("quantity|qty|units|copies|guests|adults|passengers", "", _between(1, 5)),
    ("stock|inventory|in stock|available|stock level", "", _between(3, 120)),
    ("count|total count|num|followers|likes|views|downloads|stars|forks|watchers|subscribers|members|comments|votes|"
     "plays|shares|reactions|open issues|stargazers|commits|additions|deletions|changed files|total results|"
     "points", "", _between(3, 480)),
    ("total", "page|paging|pagination|meta|result|followers|collection|search|list|track|album|playlist|"
     "show", _between(10, 200)),
    ("tokens|total tokens|prompt tokens|completion tokens|input tokens|output tokens", "", _between(12, 900)),
    ("likes|score|upvotes", "post|comment|review", _between(3, 480)),
    ("population", "", _between(20_000, 4_000_000)),
    ("version|revision|generation|build|resource version", "", _counted(1)),
    ("priority|level|severity|depth", "", _between(1, 3)),
    ("x|y|left|top", "position|point|box|rect|location|coordinate|offset|bounding box", _between(0, 300)),
)  # fmt: skip

NUMBERS = NameTable(_ROWS)
"""The makers of numbers, by name; a number with a fraction stands for its whole part where an integer is meant."""


def is_in_cents(draw: Draw) -> bool:
    """Whether a whole number is an amount in cents: beside a currency, or as the contract says."""
    described = draw.description.lower()
    return "cents" in described or "minor unit" in described or draw.has("currency", "currency code")


def is_money(maker: Callable[[Draw], Number]) -> bool:
    """Whether a maker makes prices."""
    return maker is _price
