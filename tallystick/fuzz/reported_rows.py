"""Rows of a report of a fuzz run in JSON, read again: places in the contract, and requests."""

from __future__ import annotations

import base64
from collections.abc import Mapping, Sequence
from typing import cast

from tallystick.nouns.exchange import Request
from tallystick.nouns.json_pointer import to_keys
from tallystick.nouns.violation import Place

Row = Mapping[str, object]


def place_of(row: Row) -> Place:
    """A place in the contract."""
    line = int(str(row["line"]))
    return Place(str(row["file"]), to_keys(str(row["pointer"])), lambda _: line)


def request_of(row: Row) -> Request:
    """A request as it was sent; raises `KeyError` or `ValueError` where the row is none."""
    fields = cast("Sequence[Sequence[str]]", row["headers"])
    text = row.get("body")
    if text is not None:
        body = str(text).encode("utf-8", "surrogatepass")
    else:
        body = base64.b64decode(str(row["body_base64"]), validate=True)
    headers = tuple((str(name), str(field)) for name, field in fields)
    return Request(str(row["method"]), str(row["path"]), str(row["query"]), headers, body)
