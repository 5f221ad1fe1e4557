"""The tables of a state file, and the errors that tell why a file cannot be one."""

from __future__ import annotations

import os
import sqlite3
from pathlib import Path

from tallystick.nouns.errors import UnreadableError

APPLICATION_ID = 0x54414C59
"""What the head of the file says in the place where SQLite has applications name themselves: TALY."""
VERSION = 1
"""The version of the tables."""

SCHEMA = (
    "CREATE TABLE counter (number INTEGER NOT NULL)",
    "INSERT INTO counter VALUES (CAST((julianday('now') - 2440587.5) * 86400000000 AS INTEGER))",
    """CREATE TABLE sessions (
        name TEXT PRIMARY KEY, used REAL NOT NULL, items INTEGER NOT NULL DEFAULT 0, bytes INTEGER NOT NULL DEFAULT 0,
        documents INTEGER NOT NULL DEFAULT 0, entries INTEGER NOT NULL DEFAULT 0, entry_bytes INTEGER NOT NULL DEFAULT 0
    ) WITHOUT ROWID""",
    "CREATE INDEX used ON sessions (used)",
    """CREATE TABLE places (
        number INTEGER PRIMARY KEY, session TEXT NOT NULL, contract TEXT NOT NULL, path TEXT NOT NULL,
        revision INTEGER NOT NULL, listed INTEGER NOT NULL, UNIQUE (session, contract, path)
    )""",
    """CREATE TABLE items (
        number INTEGER PRIMARY KEY, place INTEGER NOT NULL, id TEXT NOT NULL, text BLOB NOT NULL,
        version INTEGER NOT NULL, place_in_list INTEGER NOT NULL, changed REAL NOT NULL, UNIQUE (place, id)
    )""",
    "CREATE INDEX listed ON items (place, place_in_list) WHERE place_in_list > 0",
    """CREATE TABLE documents (
        session TEXT NOT NULL, name TEXT NOT NULL, version INTEGER NOT NULL, text BLOB NOT NULL, ends REAL,
        PRIMARY KEY (session, name)
    ) WITHOUT ROWID""",
    "CREATE INDEX ending ON documents (session, ends) WHERE ends IS NOT NULL",
    "CREATE TABLE entries (number INTEGER PRIMARY KEY AUTOINCREMENT, session TEXT NOT NULL, text BLOB NOT NULL)",
    "CREATE INDEX entries_of_session ON entries (session, number)",
    f"PRAGMA application_id = {APPLICATION_ID}",
    f"PRAGMA user_version = {VERSION}",
)
"""A counter starts at the time in microseconds: a file that takes the place of another repeats none of its numbers."""


def has_tables(connection: sqlite3.Connection, file: str) -> bool:
    """Whether the tables are there already; raises `UnreadableError` for a file of something else, and changes none."""
    application, version, tables = (
        connection.execute(question).fetchone()[0]
        for question in ("PRAGMA application_id", "PRAGMA user_version", "SELECT count(*) FROM sqlite_master")
    )
    if application == APPLICATION_ID and version == VERSION:
        return True
    if application == APPLICATION_ID:
        wanted = "the tallystick that wrote it, or name a new file after --state"
        raise UnreadableError(
            file, 0, f"its state has version {version}, and this tallystick reads {VERSION}; {wanted}"
        )
    if application or version or tables:
        raise UnreadableError(file, 0, f"it is a database of another program; {ANOTHER_FILE}")
    return False


def make_tables(connection: sqlite3.Connection, file: str) -> None:
    """Make the tables where they are not there, in a transaction that is begun."""
    if not has_tables(connection, file):
        for statement in SCHEMA:
            connection.execute(statement)


ANOTHER_FILE = "name a new file after --state, or one that tallystick wrote"


def reason_of(error: sqlite3.Error, file: str) -> str:
    """Why a file cannot be used, and what would work."""
    name = getattr(error, "sqlite_errorname", "")
    kind = "_".join(name.split("_")[:2])
    if kind == "SQLITE_CANTOPEN":
        return _unopened(Path(file))
    return _REASONS.get(kind, f"SQLite says: {error} ({name or type(error).__name__}); {ANOTHER_FILE}")


_REASONS = {
    "SQLITE_NOTADB": f"it is no SQLite database; {ANOTHER_FILE}",
    "SQLITE_CORRUPT": f"the database is damaged; {ANOTHER_FILE}, or restore it",
    "SQLITE_READONLY": "it cannot be written to; make the file and its folder writable, or name another after --state",
    "SQLITE_PERM": "it may not be written to; make the file and its folder writable, or name another after --state",
    "SQLITE_FULL": "its disk is full; make room, or name a file on another disk after --state",
    "SQLITE_IOERR": "it cannot be read or written (a full or failing disk?); make room, or name a file on another disk",
    "SQLITE_BUSY": "another program keeps it locked; end that program (`fuser` names it), or name another file",
    "SQLITE_LOCKED": "another program keeps it locked; end that program (`fuser` names it), or name another file",
}


def _unopened(file: Path) -> str:
    if file.is_dir():
        return "it is a folder; name a file in it, such as state.sqlite"
    if not file.parent.is_dir():
        return f"there is no folder {file.parent}; make it first"
    if not os.access(file.parent, os.W_OK) or (file.exists() and not os.access(file, os.W_OK)):
        return _REASONS["SQLITE_READONLY"]
    return f"it cannot be opened; {ANOTHER_FILE}"
