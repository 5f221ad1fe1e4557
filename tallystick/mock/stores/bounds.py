"""How much a store keeps, and what is said when it keeps no more."""

from __future__ import annotations

from dataclasses import dataclass

from tallystick.mock.stores.snapshot import Snapshot
from tallystick.mock.stores.store import StoreFullError
from tallystick.nouns import budgets
from tallystick.nouns.words import counted


@dataclass(frozen=True, slots=True)
class Bounds:
    """How much a store keeps; see `tallystick.nouns.budgets` for what each bounds."""

    sessions: int = budgets.SESSIONS
    session_idle_seconds: float = budgets.SESSION_IDLE_SECONDS
    session_items: int = budgets.SESSION_ITEMS
    session_bytes: int = budgets.SESSION_BYTES
    store_bytes: int = budgets.STORE_BYTES
    session_documents: int = budgets.SESSION_DOCUMENTS
    journal_bytes: int = budgets.JOURNAL_BYTES
    journals_bytes: int = budgets.JOURNALS_BYTES

    @property
    def touch_seconds(self) -> float:
        """How often a store that others share writes down that a session is used, in seconds."""
        return min(_MOST_TOUCH_SECONDS, self.session_idle_seconds / 20)

    def size_of(self, loaded: Snapshot) -> int:
        """How many bytes a snapshot takes in a session; `StoreFullError` where it does not fit."""
        size = sum(len(item.id.encode()) + len(item.text) for _, _, item in loaded.items)
        size += sum(len(name.encode()) + len(text) for name, text, _ in loaded.documents)
        if len(loaded.items) > self.session_items:
            raise self.too_many_items()
        if len(loaded.documents) > self.session_documents:
            raise self.too_many_documents()
        if size > self.session_bytes:
            raise self.too_large()
        return size

    def too_many_items(self) -> StoreFullError:
        """What stops another resource."""
        most = f"{counted(self.session_items, 'resource', ',')}, deleted ones too,"
        return StoreFullError(f"the session keeps {most} already, and that is the most; {_REMEDY}")

    def too_many_documents(self) -> StoreFullError:
        """What stops another document."""
        most = counted(self.session_documents, "document", ",")
        return StoreFullError(f"the session keeps {most} already, and that is the most; {_REMEDY}")

    def too_large(self) -> StoreFullError:
        """What stops more bytes in a session."""
        return StoreFullError(f"the session would keep more than {self.session_bytes:,} bytes; {_REMEDY}")

    def too_large_together(self) -> StoreFullError:
        """What stops more bytes in all sessions."""
        return StoreFullError(f"all sessions together would keep more than {self.store_bytes:,} bytes; {_REMEDY}")

    def forgotten_for_another(self, session: str) -> str:
        """The line that says that a session made room for another."""
        most = counted(self.sessions, "session", ",")
        return f"session {session!r} is forgotten: {most} are the most, and it was used the longest time ago"

    def forgotten_as_idle(self, session: str) -> str:
        """The line that says that a session was not used."""
        hours = self.session_idle_seconds / 3600
        return f"session {session!r} is forgotten: nobody has used it for {hours:.3g} h (--session-idle)"


BOUNDS = Bounds()
_MOST_TOUCH_SECONDS = 30.0
_REMEDY = "drop the session, or others, to have room again"
