"""What is made once, at the first request that needs it."""

from __future__ import annotations

import asyncio

import pytest

from tallystick.mock.once import Once


def test_it_is_made_once_for_all_that_wait() -> None:
    """Requests that come together, and those that come later, have the same."""
    made: list[object] = []

    def make() -> object:
        made.append(object())
        return made[-1]

    async def several() -> list[object]:
        once = Once(make)
        return [*await asyncio.gather(once.get(), once.get()), await once.get()]

    assert asyncio.run(several()) == made * 3
    assert len(made) == 1


def test_after_a_failure_it_is_made_again() -> None:
    """Who waits for it is told of the failure; the next one has it made."""
    answers: list[Exception | str] = [OSError("no room"), "made"]

    def make() -> str:
        answer = answers.pop(0)
        if isinstance(answer, Exception):
            raise answer
        return answer

    async def twice() -> tuple[tuple[str | BaseException, ...], str]:
        once = Once(make)
        return await asyncio.gather(once.get(), once.get(), return_exceptions=True), await once.get()

    first, second = asyncio.run(twice())
    assert [str(each) for each in first] == ["no room", "no room"]
    assert second == "made"


@pytest.mark.parametrize("calls", [1, 2])
def test_without_a_loop_it_is_made_at_once(calls: int) -> None:
    """Where nothing is awaited, as in a test of the application alone, it is made by whoever asks."""

    def got(once: Once[int]) -> int:
        getting = once.get()
        try:
            getting.send(None)
        except StopIteration as end:
            return int(end.value)
        raise AssertionError

    once = Once(lambda: 7)
    assert [got(once) for _ in range(calls)] == [7] * calls
