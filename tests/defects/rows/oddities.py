"""Lawful oddities: what surprises, and what the contract allows. The servers have others, which are never off."""

from __future__ import annotations

from urllib.parse import urlsplit

from tests.defects.client import MEMBER, Client
from tests.defects.rows import Oddity, Witness

FIRST = "/members/6f9619ff-8b86-4011-b42d-00cf4fc96401"
STRICT = ("strict",)
_OPEN = "the schema of a member is open, and what it does not declare means nothing"


def _header(name: str, value: str) -> Witness:
    return lambda c: value in c.get("/books/1").headers.get(name, "")


def _loans_differ(c: Client) -> bool:
    return len({str(c.get("/loans").json) for _ in range(30)}) > 1


def _grows(c: Client) -> bool:
    return len({c.get("/books").json["total"] for _ in range(4)}) > 1


def _removed_twice(c: Client) -> bool:
    c.send("DELETE", "/books/2")
    return c.send("DELETE", "/books/2").status == 204


def _added(c: Client, **members: object) -> dict[str, object]:
    return dict(c.post("/members", {**MEMBER, **members}).json)


ODDITIES: tuple[Oddity, ...] = (
    Oddity("any web page may ask", "any header may be sent", _header("access-control-allow-origin", "*")),
    Oddity(
        "JSON names its charset", "a parameter changes no media type", _header("content-type", "charset=UTF-8"), STRICT
    ),
    Oddity("a problem says more", "the schema is open", lambda c: "traceId" in c.get("/books/99").json),
    Oddity(
        "whole prices have no fraction",
        "5 and 5.0 are one number",
        lambda c: b'"price": 6,' in c.get("/books/2").body,
    ),
    Oddity(
        "times have an offset and fractions of a second",
        "RFC 3339 has many spellings of a time",
        lambda c: c.get("/books/1").json["createdAt"].endswith(".000+00:00"),
    ),
    Oddity(
        "a subtitle that was not sent is null",
        "a subtitle may be null, and there is no default",
        lambda c: c.get("/books/1").json.get("subtitle", "") is None,
    ),
    Oddity(
        "locations are absolute",
        "a Location is a URI reference (RFC 9110, section 10.2.2)",
        lambda c: urlsplit(c.add().headers["location"]).hostname == "library.example",
        STRICT,
    ),
    Oddity("loans come in any order", "the contract promises none", _loans_differ),
    Oddity("ids are not in sequence", "an id is any number", lambda c: c.add().json["id"] == 61, STRICT),
    Oddity(
        "pages are shorter than the limit",
        "the limit says how many books at most",
        lambda c: [c.add().status for _ in range(9)] == [201] * 9 and len(c.get("/books?limit=50").json["items"]) == 25,
    ),
    Oddity("another client adds books", "a client is not alone", _grows, STRICT),
    Oddity("removing twice is no error", "DELETE is idempotent (RFC 9110, section 9.2.2)", _removed_twice),
    Oddity(
        "a member counts how often it is read",
        _OPEN,
        lambda c: c.get(FIRST).json.get("reads", 0) < c.get(FIRST).json.get("reads", 0),
    ),
    Oddity("what nobody declared is passed over", _OPEN, lambda c: "pet" not in _added(c, pet="cat"), STRICT),
    Oddity(
        "names are tidied",
        "the contract does not say that a name is kept as it is",
        lambda c: _added(c, name="  Ada  Lovelace ")["name"] == "Ada Lovelace",
        STRICT,
    ),
)
