"""Where the list of a reply is: the body itself, or a member of an envelope; a resource that has lists is no list."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from tallystick.examples.choices import ValuePath
from tallystick.examples.rows import part_at
from tallystick.nouns.contract import Operation
from tallystick.nouns.json_value import JSON
from tallystick.resources.lists.vocabulary import (
    ENVELOPES,
    MEMBERS,
    PARAMETERS,
    SEARCHES,
    WRAPPERS,
    Wanted,
    spelled,
)

_DEEPEST = 3
"""How many keys may lead to the list of a reply."""
_ENOUGH = 4
_PAGING = frozenset((Wanted.SIZE, Wanted.PAGE, Wanted.OFFSET, Wanted.AFTER))


@dataclass(frozen=True, slots=True)
class _Candidate:
    path: tuple[str, ...]
    rows: list[JSON]
    holder: dict[str, JSON]


def list_paths(operation: Operation, value: JSON) -> list[ValuePath]:
    """The paths of the lists that a reply is about: one as a rule, several where they look alike, none in a resource.

    That is told from names (of the list, of the path, of what stands beside it) and from what the operation takes.
    """
    if isinstance(value, list):
        return [()]
    if not isinstance(value, dict) or not _can_list(operation):
        return []
    candidates = list(_lists_in(value, ()))
    scores = {each.path: _score(operation, value, each, len(candidates)) for each in candidates}
    best = max(scores.values(), default=0)
    if best < _ENOUGH:
        return []
    first = next(path for path, score in scores.items() if score == best)
    if len(first) == 2 and first[0] not in ENVELOPES:  # a search for several kinds of things has a list for each
        return [path for path in scores if len(path) == 2 and path[1] == first[1]]
    return [first]


def _can_list(operation: Operation) -> bool:
    return operation.method in ("GET", "QUERY") or (operation.method == "POST" and _last_word(operation) in SEARCHES)


def is_empty(operation: Operation, value: JSON) -> bool:
    """Whether a reply is about lists, and there is nothing in them."""
    paths = list_paths(operation, value)
    return bool(paths) and not any(part_at(value, path) for path in paths)


def has_paging(operation: Operation) -> bool:
    """Whether an operation has a parameter that says which rows are wanted."""
    roles = {PARAMETERS.get(spelled(each.name)) for each in operation.parameters if each.location == "query"}
    return not roles.isdisjoint(_PAGING)


def _lists_in(holder: dict[str, JSON], path: tuple[str, ...]) -> Iterator[_Candidate]:
    for name, member in holder.items():
        if isinstance(member, list):
            yield _Candidate((*path, name), member, holder)
        elif isinstance(member, dict) and len(path) + 1 < _DEEPEST:
            yield from _lists_in(member, (*path, name))


def _score(operation: Operation, value: dict[str, JSON], candidate: _Candidate, candidates: int) -> int:
    name, segment = spelled(candidate.path[-1]), _last_word(operation)
    score = 0
    if name in ENVELOPES:
        score += 3
    if _alike(name, segment):
        score += 4
    elif operation.operation_id and len(name) > 3 and name in spelled(operation.operation_id):
        score += 2
    score += 3 if _says_of_list(candidate.holder) else 2 if _is_said_beside(value) else 0
    score += 2 if has_paging(operation) else 0
    score += 1 if candidates == 1 else 0
    score += 3 if all(other in candidate.path or spelled(other) in WRAPPERS for other in value) else 0
    score += 1 if any(isinstance(row, dict) for row in candidate.rows) else 0
    score -= sum(
        1 for key in candidate.path[:-1] if spelled(key) not in ENVELOPES and not _alike(spelled(key), segment)
    )
    return score - (4 if operation.path.endswith("}") else 0)


def _last_word(operation: Operation) -> str:
    """The last segment of the path that is no name."""
    segments = [segment for segment in operation.path.split("/") if segment and "{" not in segment]
    return spelled(segments[-1].partition(".")[0]) if segments else ""


def _alike(name: str, segment: str) -> bool:
    """Whether a list is named after the path, in the singular or plural, maybe with more words in one of them."""
    name, segment = name.removesuffix("s"), segment.removesuffix("s")
    return min(len(name), len(segment)) > 2 and (name.endswith(segment) or segment.endswith(name))


def _says_of_list(holder: dict[str, JSON]) -> bool:
    """Whether some members of an object are said of a list in it: two of them, or one that is said of nothing else."""
    roles = [role for name in holder if (role := MEMBERS.get(spelled(name))) is not None]
    return len(roles) > 1 or any(spelled(name).startswith(("has", "total", "next")) for name in holder)


def _is_said_beside(value: dict[str, JSON]) -> bool:
    return any(
        isinstance(member, dict) and spelled(name) in WRAPPERS and _says_of_list(member)
        for name, member in value.items()
    )
