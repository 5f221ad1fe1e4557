"""Facts of a reply are told by who decides them, and not read again out of its headers or its words."""

from __future__ import annotations

from datetime import UTC, datetime

from tallystick.mock.journal.why import reasons_of
from tallystick.mock.roles import Reply
from tallystick.mock.state.server_set import in_milliseconds, to_the_second
from tallystick.nouns.exchange import Response


def test_a_header_of_the_author_is_no_reason() -> None:
    """A documented `Preference-Applied` and a reason that begins as a handler's does say nothing of the mock."""
    reply = Reply(Response(200, (("preference-applied", "wait"),)), "the handler of the lock is turned")
    reasons = reasons_of(reply)
    assert reasons["source"] == "mock"
    assert reasons["status"] == {"code": 200, "because": "the handler of the lock is turned"}
    assert reasons_of(Reply(Response(200), "as it says", handler="pets.read"))["source"] == "handler"
    granted = reasons_of(Reply(Response(200), "as it says", granted="code=200"))
    assert granted["status"] == {"code": 200, "because": "the request prefers it (code=200)"}


def test_years_have_four_digits() -> None:
    """A moment of long ago is one in the format of RFC 3339, too."""
    seconds = datetime(5, 1, 3, tzinfo=UTC).timestamp()
    assert in_milliseconds(seconds) == "0005-01-03T00:00:00.000Z"
    assert to_the_second(int(seconds)) == "0005-01-03T00:00:00"
