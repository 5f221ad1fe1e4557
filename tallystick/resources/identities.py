"""The member of a resource that is its id: each kind of evidence is a function, the surest first."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from urllib.parse import unquote, urlsplit

from tallystick.examples.choices import ValuePath
from tallystick.nouns.contract import Operation, Parameter
from tallystick.nouns.json_value import JSON
from tallystick.nouns.path_templates import template_names
from tallystick.resources.names import PathName, spelled, words_of
from tallystick.resources.views import View
from tallystick.resources.ways import PARTS
from tallystick.schemas.shapes import types_of
from tallystick.wire.write import text_of

_NUMBERS = frozenset(("integer", "number"))
_LIKELY = tuple("id uuid uid guid sid pk slug name key login username code number sha".split())
"""Members that may be an id whatever the parameter is called."""
_IDS = frozenset("id uuid uid guid sid pk".split())
_ADDRESSES = frozenset("url self href uri link selflink selfurl resourceuri location".split())
_BODY_POINTER = "$response.body#/"
_SHORTEST = 3
"""How many characters a value has at least that two examples do not share by chance."""


@dataclass(frozen=True, slots=True)
class Identified:
    """What is known of a resource whose id is looked for: its path, its operations, and how a body shows it.

    `way` leads to it in that body, which `links` of the response speak of.
    """

    item: str
    name: PathName
    operations: Sequence[Operation]
    view: View
    way: ValuePath = ()
    links: Sequence[Mapping[str, JSON]] = ()

    @property
    def parameter(self) -> Parameter | None:
        """The parameter for the id in the path."""
        parameters = (each for operation in self.operations for each in operation.parameters)
        named = (each for each in parameters if each.location == "path" and each.name == self.name.name)
        return next(named, None)

    def takes(self, member: View) -> bool:
        """Whether a member is a number where the parameter is one, and a text where that is one."""
        types = types_of(self.parameter.described) if self.parameter is not None else frozenset[str]()
        if not types or len(types) > 2:
            return True
        return member.is_number is not types.isdisjoint(_NUMBERS) or len(member.types - {"null"}) > 1


Evidence = Callable[[Identified], ValuePath | None]
"""Finds the way to the id by one kind of evidence, None where there is none of it."""


def _link(known: Identified) -> ValuePath | None:
    """A link of the response leads to the item with it."""
    for parameters in known.links:
        for name, expression in parameters.items():
            is_meant = name.removeprefix("path.") == known.name.name
            if is_meant and isinstance(expression, str) and expression.startswith(_BODY_POINTER):
                way = tuple(expression.removeprefix(_BODY_POINTER).split("/"))
                inner = way[len(known.way) :]
                if way[: len(known.way)] == known.way and (part := known.view.at(inner)) is not None and part.is_scalar:
                    return inner
    return None


def _exact_name(known: Identified) -> ValuePath | None:
    """It is called as the parameter is."""
    return _first(known, (spelled(known.name.name),), is_typed=False)


def _last_word(known: Identified) -> ValuePath | None:
    """It is called as the last word of the parameter, and is of its type: slug for team_slug."""
    return _first(known, _alternatives(known.name)[0])


def alias_ways_of(known: Identified, id_way: ValuePath) -> Sequence[ValuePath]:
    """The ways to what a resource is called by beside its id: to its key where the parameter is issueIdOrKey."""
    ways = (_first(known, last) for last in _alternatives(known.name)[1:])
    return [way for way in ways if way is not None and way != id_way]


def _alternatives(name: PathName) -> Sequence[tuple[str, ...]]:
    """The last words of a parameter, of each alternative that it names."""
    words = words_of(name.name)
    ends = [at for at in range(1, len(words) - 1) if words[at] == "or"]
    return [words[end - 1 : end] for end in (*ends, len(words))]


def _own_address(known: Identified) -> ValuePath | None:
    """It ends the address of the resource in an example."""
    for key, member in known.view.members.items():
        if spelled(key) in _ADDRESSES and isinstance(member.example, str):
            segment = _last_value(known.item, member.example)
            if segment and (way := _with_value(known, segment)) is not None:
                return way
    return None


def _example(known: Identified) -> ValuePath | None:
    """The parameter and the resource have it for an example."""
    parameter = known.parameter
    examples = [each.value for each in parameter.examples] if parameter is not None else []
    texts = [text_of(each) for each in examples if isinstance(each, (str, int)) and not isinstance(each, bool)]
    return next((way for text in texts if (way := _with_value(known, text)) is not None), None)


def _usual_name(known: Identified) -> ValuePath | None:
    """It has a name that goes with that of the parameter, and is of its type."""
    name = known.name
    is_noun = spelled(name.name) == name.noun
    return _first(known, ("id", *name.own_names) if is_noun else name.own_names)


def _named_part(known: Identified) -> ValuePath | None:
    """A member is called as the parameter begins, and has a member that is called as it ends: user.id for user_id."""
    words = words_of(known.name.name)
    for key, member in known.view.members.items():
        own = words_of(key)
        if not member.is_object or not own:
            continue
        rest = words[len(own) :] if words[: len(own)] == own else ()
        if not rest and len(words) == 1 and words[0].startswith("".join(own)) and len(own) == 1:
            rest = (words[0].removeprefix(own[0]),)  # `username` is a word
        names = ("login", "username", "name") if rest == ("name",) else (spelled("_".join(rest)),)
        for name in names if rest else ():
            for inner, part in member.members.items():
                if spelled(inner) == name and part.is_scalar:
                    return key, inner
    return None


def _usual_name_of_another_type(known: Identified) -> ValuePath | None:
    """It has a name that goes with that of the parameter."""
    return _first(known, known.name.own_names, is_typed=False)


def _end_of_a_name(known: Identified) -> ValuePath | None:
    """The one name ends with the other: sink_id for logsink_id, ip for floating_ip."""
    own, last = spelled(known.name.name), words_of(known.name.name)[-1:]
    for way, member in _members(known):
        name = spelled(str(way[-1]))
        is_end = min(len(name), len(own)) > len("id") + 1 and (own.endswith(name) or name.endswith(own))
        if member.is_scalar and (is_end or (last == (name,) and name not in _IDS)) and known.takes(member):
            return way
    return None


def _noun(known: Identified) -> ValuePath | None:
    """It is called as the resource is: ip for the items of /ips."""
    return _first(known, (known.name.noun,))


def _likely_name(known: Identified) -> ValuePath | None:
    """It is called as ids are, and of the type of the parameter."""
    return _first(known, _LIKELY)


EVIDENCE: tuple[Evidence, ...] = (
    _link,
    _exact_name,
    _last_word,
    _own_address,
    _example,
    _usual_name,
    _named_part,
    _usual_name_of_another_type,
    _end_of_a_name,
    _noun,
    _likely_name,
)
"""What tells the id, the surest first."""


_NATURAL = frozenset("name slug code login username email key hostname domain tag label".split())
"""Last words of parameters for ids that clients choose."""


def sent_id_way_of(known: Identified, id_way: ValuePath) -> ValuePath:
    """The way to the id in what is sent to create a resource, where its client may choose it; () where it may not.

    It may be called otherwise than in the resource: as the parameter is, or by the last word of that.
    """
    member = known.view.at(id_way) if id_way else None
    if member is not None and member.is_scalar:
        return id_way
    last = words_of(known.name.name)[-1:]
    way = _first(known, (spelled(known.name.name), *(last if _NATURAL.issuperset(last) else ())))
    return way if way is not None and way != ("id",) else ()


def id_way_of(known: Identified) -> ValuePath | None:
    """The way from a resource to its id; None where no member of it is one."""
    return next((way for evidence in EVIDENCE if (way := evidence(known)) is not None), None)


def _members(known: Identified) -> Iterator[tuple[ValuePath, View]]:
    """The members of a resource, then those of the parts that may hold its id."""
    members = known.view.members
    yield from (((key,), member) for key, member in members.items())
    for key, member in members.items():
        if spelled(key) in PARTS and member.is_object:
            yield from (((key, inner), part) for inner, part in member.members.items())


def _first(known: Identified, names: Sequence[str], is_typed: bool = True) -> ValuePath | None:
    """The member with the first of some names that is a scalar, of the type of the parameter where that is asked."""
    by_name: dict[str, list[tuple[ValuePath, View]]] = {}
    for way, member in _members(known):
        by_name.setdefault(spelled(str(way[-1])), []).append((way, member))
    for name in names:
        for way, member in by_name.get(name, ()):
            if member.is_scalar and (not is_typed or known.takes(member)):
                return way
    return None


def _with_value(known: Identified, text: str) -> ValuePath | None:
    """The only member that has a text for an example."""
    if len(text) < _SHORTEST:
        return None
    ways = [way for way, member in _members(known) if _text(member.example) == text]
    return ways[0] if len(ways) == 1 else None


def _text(value: JSON) -> str:
    return text_of(value) if isinstance(value, (str, int)) and not isinstance(value, bool) else ""


def _last_value(template: str, address: str) -> str:
    """The value that an address has in the place of the last name of a template; "" where it is no such address."""
    own = template.split("/")
    try:
        segments = urlsplit(address).path.rstrip("/").removesuffix(".json").split("/")[-len(own) + 1 :]
    except ValueError:
        return ""
    pairs = [*zip(own[1:], segments, strict=False)]
    is_item = len(pairs) == len(own) - 1 and all(template_names(mine) or mine == its for mine, its in pairs)
    return unquote(segments[-1]) if is_item else ""
