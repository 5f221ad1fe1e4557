"""Bodies that are sent, marked so that no example has them; and what of them an answer must say."""

from __future__ import annotations

import copy
import re
from collections.abc import Iterator
from typing import Any

from tallystick.nouns.schema import Direction, Schema
from tallystick.schemas.shapes import items_of, properties_of, types_of

Json = Any
"""A value as `json` reads it."""

_DEEPEST = 4
_OF_SERVER = frozenset(("selflink", "self", "href", "selfurl", "version"))
"""Members that the server knows better: the address of a resource, and how often it was changed."""
_GENERIC = ("id", "uuid", "uid", "sid", "slug", "key", "name", "login", "username", "number", "code")


def marked(value: Json, schema: Schema | None, mark: int) -> Json:
    """A copy of a valid body with other texts and numbers in it wherever it stays valid."""
    changed = copy.deepcopy(value)
    whole = [changed]

    def is_valid() -> bool:
        return schema is None or schema.is_valid(whole[0], Direction.REQUEST)

    for holder, key in list(_scalars(changed, 0)):
        before = holder[key]
        for other in _others(before, mark):
            holder[key] = other
            if is_valid():
                break
            holder[key] = before
    return whole[0]


def _scalars(value: Json, depth: int) -> Iterator[tuple[Any, Any]]:
    if depth > _DEEPEST:
        return
    entries = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for key, member in list(entries)[:60]:
        if isinstance(member, (dict, list)):
            yield from _scalars(member, depth + 1)
        elif isinstance(member, (str, int)) and not isinstance(member, bool):
            yield value, key


def _others(value: Json, mark: int) -> list[Json]:
    if isinstance(value, int):
        return [value + mark, value + 1]
    return [f"{value}-m{mark}", f"{value}m{mark}", re.sub(r"[0-9a-f](?=[^0-9a-f]*$)", str(mark % 10), value)]


def unwrapped(body: Json) -> Json:
    """The resource in a body that is sent: the object that is its only member, else the body."""
    if isinstance(body, dict) and len(body) == 1:
        (member,) = body.values()
        if isinstance(member, dict) and len(member) > 1:
            return member
    return body


def expected(sent: Json, schema: Schema | None) -> Json:
    """What an answer of a schema must say of a value that was sent; `...` where it has no place for it."""
    if schema is None:
        return sent
    if schema.resolved.get("writeOnly") is True:
        return ...
    if isinstance(sent, dict):
        if "object" not in types_of(schema):
            return ...
        declared = properties_of(schema)
        if not declared:
            return sent if schema.is_valid(sent, Direction.RESPONSE) else ...
        names = {spelled(name): name for name in declared}
        known = {names[spelled(name)]: member for name, member in sent.items() if spelled(name) in names}
        members = {name: expected(member, declared[name]) for name, member in known.items()}
        members = {name: member for name, member in members.items() if member is not ...}
        return members or ...
    if isinstance(sent, list) and sent and isinstance(sent[0], dict):
        rows = [expected(row, items_of(schema)) for row in sent]
        return rows if "array" in types_of(schema) and ... not in rows else ...
    values = [sent]
    if isinstance(sent, str):  # a form has texts only
        values += [int(sent)] if sent.isdigit() else [sent == "true"] if sent in ("true", "false") else []
    return next((value for value in values if schema.is_valid(value, Direction.RESPONSE)), ...)


def difference(wanted: Json, got: Json, where: str = "") -> str:
    """The first place where an answer does not say what it must; "" where it does."""
    if isinstance(wanted, dict) and isinstance(got, dict):
        for name, member in wanted.items():
            if spelled(name) in _OF_SERVER or (member is None and got.get(name) is None):
                continue
            if name not in got:
                return f"{where}/{name} is not there; {_short(member)} was sent"
            if inner := difference(member, got[name], f"{where}/{name}"):
                return inner
        return ""
    if isinstance(wanted, list) and isinstance(got, list) and len(wanted) == len(got):
        pairs = enumerate(zip(wanted, got, strict=True))
        return next((inner for index, (mine, its) in pairs if (inner := difference(mine, its, f"{where}/{index}"))), "")
    return (
        ""
        if wanted == got and isinstance(wanted, bool) == isinstance(got, bool)
        else (f"{where} is {_short(got)}; {_short(wanted)} was sent")
    )


def _short(value: Json) -> str:
    text = repr(value)
    return text if len(text) < 60 else text[:57] + "..."


def objects_in(value: Json, schema: Schema | None) -> list[tuple[dict[str, Json], Schema | None]]:
    """The objects that an answer consists of, the outermost first, each with its schema; none that stand in lists."""
    level: list[tuple[Json, Schema | None]] = [(value, schema)]
    objects: list[tuple[dict[str, Json], Schema | None]] = []
    for _ in range(_DEEPEST):
        here = [(each, own) for each, own in level if isinstance(each, dict)]
        objects += here
        level = [(member, properties_of(own).get(name)) for each, own in here for name, member in each.items()]
    return objects


def resource_in(value: Json, schema: Schema | None, sent: Json) -> tuple[dict[str, Json], Schema | None] | None:
    """The object in an answer that has, or may have, most of the members that were sent."""
    names = {spelled(name) for name in sent} if isinstance(sent, dict) else set()
    objects = objects_in(value, schema)
    return max(objects, key=lambda each: _shared(names, each), default=None)


def noun_of(collection: str) -> str:
    """The last word of a collection's path, as members may be called: `userroles` for `/users/{id}/user-roles`."""
    return spelled(re.sub(r"\{[^{}]*\}", "", collection).strip("/").rpartition("/")[2].partition(".")[0])


def _shared(names: set[str], entry: tuple[dict[str, Json], Schema | None]) -> int:
    return len(names & {spelled(name) for name in (*entry[0], *properties_of(entry[1]))})


def id_names(parameter: str, collection: str) -> list[str]:
    """The names of members that may hold the id of an item, the likeliest first."""
    parameter = re.split(r"Or(?=[A-Z])|_or_", parameter)[0]
    own = spelled(parameter)
    words = [spelled(word) for word in re.findall(r"[A-Z]+(?![a-z])|[A-Z]?[a-z]+|\d+", parameter)]
    noun = noun_of(collection)
    nouns = [noun.removesuffix("s"), noun.removesuffix("es"), noun]
    named = [each + end for each in nouns for end in ("id", "uuid", "name", "key") if each]
    return list(dict.fromkeys([own, *words[-1:], *_GENERIC[:1], *named, *_GENERIC]))


def spelled(name: str) -> str:
    """A name without what its spellings differ in."""
    return re.sub(r"[^a-z0-9]", "", name.lower())


def ids_in(value: Json, names: list[str], noun: str = "") -> list[str]:
    """What may be the id of a resource in a body, the likeliest first; among objects in it, one that is called so."""
    candidates: list[tuple[bool, int, bool, int, str]] = []
    level: list[tuple[str, Json]] = [("", value)]
    for depth in range(_DEEPEST):
        for key, each in level:
            is_named = len(noun) > 2 and noun.removesuffix("s") in spelled(key)
            for name, member in each.items() if isinstance(each, dict) else ():
                is_scalar = isinstance(member, (str, int)) and not isinstance(member, bool) and member != ""
                if spelled(name) in names and is_scalar:
                    rank = names.index(spelled(name))
                    is_sure = not depth and rank <= names.index("id")
                    candidates.append((not is_sure, rank, not is_named, depth, str(member)))
        level = [pair for _, each in level if isinstance(each, dict) for pair in each.items()]
    return list(dict.fromkeys(text for *_, text in sorted(candidates)))


def is_listed(value: Json, identity: str, names: list[str]) -> bool:
    """Whether a list has a row with an id; what stands in lists of a row is none."""
    if isinstance(value, list):
        return any(str(row) == identity or identity in ids_in(row, names) for row in value)
    if isinstance(value, dict):
        return identity in value or any(is_listed(member, identity, names) for member in value.values())
    return False


def with_id(body: Json, names: list[str], identity: str) -> Json:
    """A body that names no other id than that of the resource that it is sent to."""
    if not isinstance(body, dict):
        return body
    if len(body) == 1:
        return {name: with_id(member, names, identity) for name, member in body.items()}
    named = {name for name in body if spelled(name) in names[:2] or spelled(name) == "id"}
    if isinstance(body.get("metadata"), dict):
        body = {**body, "metadata": with_id(body["metadata"], names, identity)}
    return {
        name: (
            type(member)(identity)
            if name in named and isinstance(member, (str, int)) and not _is_other(member, identity)
            else member
        )
        for name, member in body.items()
        if not (name in named and _is_other(member, identity))
    }


def _is_other(member: Json, identity: str) -> bool:
    """Whether an id cannot be of the type of a member."""
    return isinstance(member, bool) or (isinstance(member, int) and not identity.lstrip("-").isdigit())
