"""All defects and oddities, by name."""

from __future__ import annotations

from tests.defects.rows import Defect, Oddity
from tests.defects.rows.answers import ANSWERS
from tests.defects.rows.oddities import ODDITIES as _ODDITIES
from tests.defects.rows.refusals import REFUSALS
from tests.defects.rows.state import STATE
from tests.defects.rows.validation import VALIDATION

DEFECTS: dict[str, Defect] = {row.name: row for row in (*ANSWERS, *VALIDATION, *STATE, *REFUSALS)}
ODDITIES: dict[str, Oddity] = {row.name: row for row in _ODDITIES}
