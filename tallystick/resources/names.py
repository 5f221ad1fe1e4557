"""Which members of a reply a parameter of a request is, by their names in any spelling."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache

from tallystick.nouns.path_templates import template_names

_WORD = re.compile(r"[A-Z]+(?![a-z])|[A-Z]?[a-z]+|\d+")
_LONGEST_KEPT = 200
"""How many characters a name has at most whose words are kept: a request may send names of any length."""

_ALIKE: dict[str, tuple[str, ...]] = {
    "id": ("id", "uuid", "uid", "guid", "sid", "pk", "identifier", "key"),
    "identifier": ("id", "identifier", "uuid", "key", "slug", "name"),
    "uuid": ("uuid", "id"),
    "guid": ("guid", "id"),
    "uid": ("uid", "id"),
    "sid": ("sid", "id"),
    "pk": ("pk", "id", "uuid"),
    "key": ("key", "id", "name"),
    "code": ("code", "id"),
    "number": ("number", "no", "id"),
    "num": ("num", "number", "id"),
    "slug": ("slug", "login", "name"),
    "handle": ("handle", "login", "username"),
    "login": ("login", "username", "name"),
    "username": ("username", "login", "handle", "name"),
    "name": ("name", "login", "slug", "title"),
    "sha": ("sha", "hash", "id"),
    "hash": ("hash", "sha", "id"),
    "email": ("email",),
    "address": ("address",),
    "token": ("token", "id"),
    "reference": ("reference", "id"),
    "ref": ("ref", "reference"),
}
"""What identifies a resource: for the last word of a parameter's name, the members that may be meant, best first."""
_OF_NOUN = ("id", "login", "username", "slug", "name", "key", "code", "uid", "sid", "pk", "uuid", "number")
"""The members that may be meant where a parameter is called as its resource is (`/customers/{customer}`)."""
_BARE = frozenset(
    "id uuid guid uid sid pk identifier key code number num slug name hash token reference ref type".split()
)
"""Names that any resource may have, so that they refer to one only with its noun before them (`pet_id`)."""
_ID_WORDS = {(word,) for word in "id uuid guid uid sid pk key username login slug".split()}
_OWNERS = frozenset("owner ownerid user userid username login org organization".split())


def words_of(name: str) -> tuple[str, ...]:
    """The words of a name in lower case: `petId`, `pet_id` and `Pet-ID` have `pet` and `id`."""
    return _words(name) if len(name) <= _LONGEST_KEPT else _words.__wrapped__(name)


def spelled(name: str) -> str:
    """A name as all its spellings have it: `petid` for `petId`, `pet_id` and `Pet-ID`."""
    return _spelling(name) if len(name) <= _LONGEST_KEPT else _spelling.__wrapped__(name)


@lru_cache(maxsize=4096)
def _words(name: str) -> tuple[str, ...]:
    return tuple(word.lower() for word in _WORD.findall(name))


@lru_cache(maxsize=4096)
def _spelling(name: str) -> str:
    return "".join(words_of(name)) or name.lower()


def singular(name: str) -> str:
    """The singular of an English noun in the plural, by its end."""
    if name.endswith("ies") and len(name) > 4:
        return name[:-3] + "y"
    if name.endswith(("sses", "shes", "ches", "xes", "zes")):
        return name[:-2]
    return name[:-1] if name.endswith("s") and not name.endswith(("ss", "us", "is")) and len(name) > 2 else name


@dataclass(frozen=True, slots=True)
class PathName:
    """A name in a path template.

    `noun` is the segment before it, in the singular and in one spelling. `is_item` says that the operation answers with
    the resource that the name identifies.
    """

    name: str
    noun: str
    is_item: bool

    @property
    def own_names(self) -> tuple[str, ...]:
        """The members, in one spelling, that identify the resource itself; the likeliest first."""
        return tuple(dict.fromkeys((spelled(self.name), *self._identifying)))

    @property
    def _identifying(self) -> Iterator[str]:
        for words in _alternatives(words_of(self.name)):
            last = words[-1] if words else ""
            if spelled("_".join(words)) == self.noun or (last not in _ALIKE and self.noun.endswith(last)):
                yield from (f"{last}name", *_OF_NOUN)
            elif last in _ALIKE:
                yield from _ALIKE[last]
            else:
                yield from (f"{''.join(words)}name", f"{''.join(words)}id", "id")

    @property
    def qualified_names(self) -> tuple[str, ...]:
        """The members, in one spelling, by which other resources refer to this one (`owner_id`, `owner`)."""
        own = spelled(self.name)
        names = [own] if own not in _BARE else []
        if self.noun:
            if own == self.noun:
                names.append(self.noun + "id")
            elif not own.startswith(self.noun):
                names.append(self.noun + own)
            if own == self.noun or words_of(self.name)[-1:] in _ID_WORDS:
                names.append(self.noun)
        return tuple(dict.fromkeys(names))

    @property
    def unmistakable_names(self) -> tuple[str, ...]:
        """The qualified names that are more than the noun alone, which may as well be another resource's."""
        return tuple(name for name in self.qualified_names if name != self.noun)

    @property
    def owners(self) -> tuple[str, ...]:
        """The objects inside other resources that may be this one."""
        return ("owner",) if spelled(self.name) in _OWNERS else ()


def _alternatives(words: Sequence[str]) -> list[tuple[str, ...]]:
    """What a name says by its words, in turn: `id` and `name` for `serviceIdOrName`."""
    if "or" in words[1:-1]:
        at = words.index("or", 1)
        return [tuple(words[:at]), *_alternatives(words[at + 1 :])]
    return [tuple(words)]


def names_row(path: str) -> str:
    """The noun of the rows of a list at a path: its last segment that is no name, in the singular."""
    segments = [segment for segment in path.strip("/").split("/") if "{" not in segment]
    return singular(spelled(segments[-1])) if segments else ""


def has_identity(members: Collection[str], noun: str, but: str) -> bool:
    """Whether one of some members, in one spelling, identifies a resource, other than the member that is left out."""
    return any(name in members for each in _IDENTITIES for name in (each, noun + each) if name != but)


_IDENTITIES = ("id", "uuid", "guid", "uid", "sid", "pk", "key", "slug", "number", "code")

TRANSPARENT = frozenset(("json", "xml", "info", "detail", "details", "show", "view"))
"""Last segments of a path that name a view of the resource before them."""


def path_names(path: str, acts_on_item: bool = False) -> tuple[PathName, ...]:
    """The names of a path template; with `acts_on_item`, the last one is the resource of the answer in any case."""
    segments = path.strip("/").split("/")
    end = len(segments)
    while end > 1 and segments[end - 1].lower() in TRANSPARENT:
        end -= 1
    named = [index for index, segment in enumerate(segments) if "{" in segment]
    names: list[PathName] = []
    for index in named:
        is_followed = index + 1 in named  # `/repos/{owner}/{repo}` names a repo
        before = next((segment for segment in reversed(segments[:index]) if "{" not in segment), "")
        before = "" if is_followed else before
        is_item = index == end - 1 or (acts_on_item and index == named[-1])
        noun = singular(spelled(before))
        names += [PathName(name, noun, is_item) for name in template_names(segments[index])]
    return tuple(names)
