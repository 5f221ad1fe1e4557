"""The rows of lists that have to be there for a finding, and the pages that show them."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from itertools import pairwise
from urllib.parse import quote, unquote_plus

from tallystick.nouns.exchange import Exchange, Request
from tallystick.nouns.json_value import JSON
from tallystick.rules.sequence.seen import Seen

_MOST_ROWS = 5
"""How many rows are created for one finding."""
_MOST_TRIED = 20
"""How many rows are looked at for those that show a finding."""


def needed_rows(lists: Sequence[Seen], shows: Callable[[Sequence[Exchange]], bool]) -> tuple[str, ...]:
    """The ids of the fewest rows with which lists show what they show; none where it takes more, or none at all."""
    ids = [*dict.fromkeys(row_id for seen in lists for row_id in seen.row_ids)][:_MOST_TRIED]
    alone = [(row_id,) for row_id in ids]
    first = [tuple(ids[:count]) for count in range(3, min(len(ids), _MOST_ROWS) + 1)]
    candidates: list[tuple[str, ...]] = [(), *alone, *pairwise(ids), *first]
    return next((each for each in candidates if shows([_with_rows(seen, each) for seen in lists])), ())


def with_query(request: Request, fields: Mapping[str, JSON]) -> Request:
    """A request with other values of some fields of its query."""
    others = [each for each in request.query.split("&") if each and unquote_plus(each.partition("=")[0]) not in fields]
    return request._replace(query="&".join((*others, *(f"{quote(name)}={value}" for name, value in fields.items()))))


def _with_rows(seen: Seen, ids: Sequence[str]) -> Exchange:
    """A list as it were if there were only some of its rows."""
    response = seen.exchange.response
    if response is None or seen.rows is None or seen.rows_way is None:
        return seen.exchange
    rows = [row for row, row_id in zip(seen.rows, seen.row_ids, strict=True) if row_id in ids]
    body = json.dumps(_replaced(seen.response_value, seen.rows_way, rows)).encode()
    return seen.exchange._replace(response=response._replace(body=body))


def _replaced(value: object, way: Sequence[str | int], part: object) -> object:
    """A copy of a value with another part at the end of a way through objects."""
    if not way or not isinstance(value, dict):
        return part
    return {**value, way[0]: _replaced(value.get(way[0]), way[1:], part)}
