"""POST below an item (`/orders/{id}/cancel`): what the action does to the resource shows in its reply, and is kept."""

from __future__ import annotations

from collections.abc import Iterator
from copy import deepcopy
from functools import partial

from tallystick.mock.off_loop import at_once
from tallystick.mock.roles import Reply
from tallystick.mock.state.changing import Change, keep_change, settled
from tallystick.mock.state.sent import sent_by
from tallystick.mock.state.shelf import Shelf
from tallystick.mock.state.whole import Members, is_success
from tallystick.mock.stores.store import Item
from tallystick.nouns.json_value import JSON
from tallystick.nouns.schema import Direction, Schema
from tallystick.resources.names import spelled, words_of
from tallystick.resources.path_sets import plain_template
from tallystick.resources.resources import part_at
from tallystick.schemas.shapes import types_of
from tallystick.wire.reading import Reading

_UNDOING = {"un": ("",), "de": ("",), "dis": ("", "en")}
"""How a word begins that undoes another, and how that one begins: `unlock` and `lock`, `disable` and `enable`."""
_SHORTEST = 3
"""How many letters of two words of one stem are the same at least."""


async def act(shelf: Shelf, reading: Reading, item: Item | None) -> Reply:
    """Answer as the contract documents it, with the resource as it is after the action, and keep that."""
    reply = await at_once(partial(shelf.replies.respond, reading))
    if not is_success(reply) or (item is not None and item.is_deleted):
        return reply
    return await keep_change(shelf, reading, reply, item, shelf.resource.id_of(reading), _acted)


def _acted(shelf: Shelf, reading: Reading, item: Item | None, id: str, now: float) -> Change:
    """The resource after an action: with what was sent, what the documented answer shows, and what its word says."""
    whole = shelf.whole
    example = whole.example(whole.parents(reading), id)
    current = deepcopy(item.value) if item is not None else None
    if not isinstance(current, dict):
        current = deepcopy(example)
    changed, sent = deepcopy(current), sent_by(shelf, reading)
    effects = dict(_of_word(shelf)) | dict(_of_answer(shelf, reading, example))
    for name, value in effects.items():
        before = deepcopy(changed)
        changed[name] = value
        changed = changed if whole.fits(changed) else before
    sent.put(changed, whole, is_patch=True)
    return Change(settled(shelf, current, changed, {*sent.names, *map(spelled, effects)}, id, now), ())


def _of_answer(shelf: Shelf, reading: Reading, example: Members) -> Iterator[tuple[str, JSON]]:
    """The states in the documented answer to the action that are others than those of the documented item."""
    whole = shelf.whole
    way = shelf.resource.response_ways.get(shelf.role)
    if way is None:
        return
    answer = part_at(whole.body(whole.canonical(shelf.operation, reading.request, reading.path_values or ())), way)
    for name, value in answer.items() if isinstance(answer, dict) else ():
        if name in example and value != example[name] and _is_state(whole.declared.get(name)):
            yield name, value


def _is_state(schema: Schema | None) -> bool:
    """Whether a member says in which state a resource is: a flag, or one of some words."""
    return schema is not None and ("enum" in schema.resolved or types_of(schema) - {"null"} == {"boolean"})


def _of_word(shelf: Shelf) -> Iterator[tuple[str, JSON]]:
    """The states that the action's word names: `cancelled` after `cancel`, `archived: true` after `archive`."""
    word = "".join(words_of(plain_template(shelf.operation).rpartition("/")[2])[:1])
    for name, schema in shelf.whole.declared.items():
        if schema is None or not _is_state(schema):
            continue
        if "enum" in schema.resolved:
            named = [each for each in _texts(schema) if _is_of(word, each)]
            if len(named) == 1 and schema.is_valid(named[0], Direction.RESPONSE):
                yield name, named[0]
        else:
            flags = [value for stem, value in _stems(word) if any(_is_of(stem, part) for part in words_of(name))]
            yield from ((name, value) for value in flags[:1])


def _texts(schema: Schema) -> list[str]:
    values = schema.resolved.get("enum")
    return [each for each in values if isinstance(each, str)] if isinstance(values, list) else []


def _stems(word: str) -> Iterator[tuple[str, bool]]:
    """A word, and those that it undoes; each with what a flag of that name is after it."""
    yield word, True
    for beginning, others in _UNDOING.items():
        if word.startswith(beginning):
            yield from ((other + word.removeprefix(beginning), False) for other in others)


def _is_of(word: str, state: str) -> bool:
    """Whether a state is one into which a word leads: both have one stem, and the state is a longer form."""
    stem, own = word.removesuffix("ate").removesuffix("e"), spelled(state)
    return len(stem) >= _SHORTEST and own.startswith(stem) and len(own) - len(stem) <= _SHORTEST
