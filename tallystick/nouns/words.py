"""Phrases in messages: a number with its noun, lists of names, and the name that was probably meant."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from contextvars import ContextVar

from tallystick.nouns import budgets


def counted(number: int, noun: str, separator: str = "") -> str:
    """A number with its noun: "1 violation", "2 violations"; `separator` stands between thousands."""
    return f"{number:{separator}} {noun}{'' if number == 1 else 's'}"


def in_a_row(names: Sequence[str], conjunction: str = "and") -> str:
    """Names as a sentence has them: "a", "a and b", "a, b and c"; "" for none."""
    return f"{', '.join(names[:-1])} {conjunction} {names[-1]}" if len(names) > 1 else "".join(names)


def shortened(names: Sequence[str], most: int) -> str:
    """The first names, and how many more there are: "a, b and 3 more"."""
    more = f" and {len(names) - most} more" if len(names) > most else ""
    return ", ".join(names[:most]) + more


def nearest(name: str, known: Iterable[str], cutoff: float = 0.6, most: int = 1) -> list[str]:
    """The known names that are most like a name, the most similar first; empty where none is similar.

    `cutoff`, between 0 and 1, is the least similarity that counts. Long names are like no other.
    """
    from difflib import get_close_matches  # imported only for a message about a wrong name

    comparisons = _comparisons.get()
    if comparisons is not None and comparisons.left <= 0:
        return []
    known = [each for each in known if len(each) <= budgets.COMPARED_CHARACTERS]
    if comparisons is not None:
        comparisons.left -= len(known)
    same = [each for each in known if each.lower() == name.lower()]
    if same or len(name) > budgets.COMPARED_CHARACTERS:
        return same[:most]
    return get_close_matches(name, known, most, cutoff)


class _Comparisons:
    """How many names may still be compared."""

    def __init__(self) -> None:
        self.left = budgets.COMPARED_NAMES


_comparisons: ContextVar[_Comparisons | None] = ContextVar("comparisons", default=None)


@contextmanager
def bounded_comparisons() -> Iterator[None]:
    """Compare names only up to the budget, and find none alike beyond it: a document may have many wrong names."""
    token = _comparisons.set(_Comparisons())
    try:
        yield
    finally:
        _comparisons.reset(token)


def did_you_mean(name: str, known: Iterable[str], cutoff: float = 0.6, form: str = "{!r}") -> str:
    """The question "did you mean ...?" with the known name that is most like a name; "" where none is similar.

    `form` is the format of that name in the question.
    """
    return "".join(f"did you mean {form.format(known_name)}?" for known_name in nearest(name, known, cutoff))


def unknown(kind: str, name: str, known: Iterable[str]) -> str:
    """The message for a name that is not known: the one that was probably meant, or all that are known."""
    known = sorted(known)
    return f"unknown {kind} {name!r}; {did_you_mean(name, known, 0.5) or 'known: ' + ', '.join(known)}"


def with_hint(fact: str, hint: str) -> str:
    """A fact, then the hint (what would have worked) if there is one."""
    return f"{fact}; {hint}" if hint else fact
