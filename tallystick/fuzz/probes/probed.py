"""What the probes of a run asked, and what they could not ask."""

from __future__ import annotations

from typing import NamedTuple

from tallystick.nouns.words import counted, shortened

_LISTED = 5


class Probed(NamedTuple):
    """How many probes were sent, the resources that lived, why others did not, and those that were not asked."""

    sent: int = 0
    lived: tuple[str, ...] = ()
    refusals: tuple[str, ...] = ()
    unasked: tuple[str, ...] = ()

    def with_others(self, other: Probed) -> Probed:
        """These and the probes of another part of the run."""
        return Probed(
            self.sent + other.sent,
            tuple(dict.fromkeys(self.lived + other.lived)),
            tuple(dict.fromkeys(self.refusals + other.refusals)),
            tuple(dict.fromkeys(self.unasked + other.unasked)),
        )

    @property
    def notes(self) -> list[str]:
        """What a reader has to know of them, one sentence each."""
        notes: list[str] = []
        if self.sent:
            notes.append(
                f"requests of its own: {counted(self.sent, 'request')} to see what "
                f"{counted(len(self.lived), 'resource')} keep of what is written"
            )
        if self.refusals:
            fact = "nothing could be created, so little is known of what is kept"
            notes.append(f"{fact}: {shortened(self.refusals, _LISTED)}")
        if self.unasked:
            notes.append(f"not asked what is kept, for lack of time: {shortened(self.unasked, _LISTED)}")
        return notes
