"""Writes values as tables: CSV with a line of names, and texts between tabs."""

from __future__ import annotations

import csv
import io

from tallystick.nouns.json_value import JSON
from tallystick.wire.write import text_of

_DELIMITERS = {"text/csv": ",", "application/csv": ",", "text/tab-separated-values": "\t"}
_EXAMPLE: tuple[dict[str, JSON], ...] = ({"id": 1, "name": "First"}, {"id": 2, "name": "Second"})


def is_table(name: str) -> bool:
    """Whether a media type is that of a table."""
    return name in _DELIMITERS


def table_of(value: JSON, name: str) -> str:
    """The rows of a value as a table of a media type: objects, or lists, each a line (RFC 4180).

    What has no rows, such as a text, stands for a table of two columns.
    """
    items = value if isinstance(value, list) else [value]
    rows = [item for item in items if isinstance(item, (dict, list))]
    rows = rows if rows and len(rows) == len(items) else [*_EXAMPLE]
    columns = list(dict.fromkeys(key for row in rows if isinstance(row, dict) for key in row))
    text = io.StringIO()
    writer = csv.writer(text, delimiter=_DELIMITERS[name])
    if columns:
        writer.writerow(columns)
    for row in rows:
        cells = [row.get(column) for column in columns] if isinstance(row, dict) else row
        writer.writerow(["" if cell is None else text_of(cell) for cell in cells])
    return text.getvalue()
