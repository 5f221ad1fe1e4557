"""Lawful oddities: what surprises and the contract allows. Some stand in a sound server, the others are switched on."""

from __future__ import annotations

from tests.defects.rows import Oddity

ODDITIES: tuple[Oddity, ...] = ()
