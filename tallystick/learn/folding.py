"""Folds the paths of recorded requests into templates: `/pets/1` and `/pets/2` become `/pets/{}`.

A segment that is a value by its own letters (`tallystick.learn.segments`) is folded. A word is folded by evidence: it
stands as an id in recorded bodies, or many words stand at its place, each seldom, with the same below and behind them.
So `/users/me` beside `/users/{}` stays a word.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence, Set
from dataclasses import dataclass, field
from urllib.parse import unquote

from tallystick.learn.segments import is_version, parts_of
from tallystick.resources.names import singular, spelled, words_of

_ID_WORDS = frozenset(
    "id ids uuid guid uid sid key slug login username handle code sku number ref token symbol hash sha name".split()
)
"""The last words in the names of members whose values may stand in paths."""
_LEAST_KNOWN, _LEAST_WORDS, _TIMES_EACH = 2, 4, 4
"""How many words that are ids of something are values; how many others are, and how often each comes at most."""
_LEAST_OTHERS = 8
"""How many words are values where the segment before them is no plural."""
_LEAST_RICH, _LEAST_COMMON = 2, 2
"""How many words are values that have as many words in common directly below them."""
_MOST_CLUSTERS = 30
"""With how many groups of words one is compared: so many words that are all unlike each other are no values."""
_PLURALS = frozenset("data people media news children staff info metadata".split())
_VERSIONED = frozenset(("api", "apis", "rest", "v"))
_ALIKE, _NAMES_ALIKE = 0.3, 0.5
_MOST_PARTS, _MOST_IDS, _ID_CHARACTERS = 2_000, 500_000, 100
"""How many parts of one body are looked at for ids, how many ids are remembered, and how long one is."""


@dataclass(slots=True)
class _End:
    """The answers to one method at a path: how many, and the members that they had."""

    calls: int = 0
    members: set[str] = field(default_factory=set)
    is_list: bool = False


@dataclass(slots=True)
class _Branch:
    """All that was recorded below one beginning of paths."""

    calls: int = 0
    ends: dict[str, _End] = field(default_factory=dict)
    children: dict[str, _Branch] = field(default_factory=dict)
    known_words: frozenset[str] | None = None

    def merged(self, other: _Branch) -> _Branch:
        """The two in one."""
        ends = {name: _both(self.ends.get(name), other.ends.get(name)) for name in {**self.ends, **other.ends}}
        children = dict(self.children)
        for name, child in other.children.items():
            children[name] = children[name].merged(child) if name in children else child
        return _Branch(self.calls + other.calls, ends, children)

    @property
    def words_below(self) -> frozenset[str]:
        """The words in the paths below, three levels deep; nothing is added to a branch any more."""
        if self.known_words is None:
            self.known_words = frozenset(self._words_below(3))
        return self.known_words

    def _words_below(self, levels: int) -> set[str]:
        words: set[str] = set()
        for segment, child in self.children.items():
            if parts_of(segment) is None:
                words.add(segment)
            if levels > 1:
                words |= child._words_below(levels - 1)
        return words


def _both(one: _End | None, other: _End | None) -> _End:
    ends = [each for each in (one, other) if each is not None]
    members = set[str]().union(*(end.members for end in ends))
    return _End(sum(end.calls for end in ends), members, any(end.is_list for end in ends))


@dataclass(slots=True)
class _Folded:
    """A branch whose segments are folded: the segment of the template for each, and what is below that."""

    segments: dict[str, str]
    below: dict[str, _Folded]


class _Ids:
    """The texts in recorded bodies that may be ids, and the names of the members that they stand in."""

    def __init__(self) -> None:
        self._ids: set[str] = set()
        self._named: set[tuple[str, str]] = set()

    def know(self, value: object) -> None:
        """Remember the ids in a value."""
        waiting: list[tuple[str, object]] = [("", value)]
        for _ in range(_MOST_PARTS):
            if not waiting:
                return
            name, part = waiting.pop()
            if isinstance(part, dict):
                waiting += part.items()
            elif isinstance(part, list):
                waiting += [(name, item) for item in part]
            elif isinstance(part, str) and part and len(part) <= _ID_CHARACTERS and len(self._named) < _MOST_IDS:
                words = words_of(name)
                if words and words[-1] in _ID_WORDS:
                    self._ids.add(part)
                self._named.add((spelled(name), part))

    def has(self, text: str, parent: str) -> bool:
        """Whether a segment is an id, or what a member holds that is named as the segment before it."""
        return text in self._ids or (bool(parent) and (spelled(singular(parent)), text) in self._named)


class Templates:
    """The templates of some paths; names stand in them as `{}`."""

    def __init__(self) -> None:
        self._root = _Branch()
        self._ids = _Ids()
        self._folded: _Folded | None = None

    def add(self, method: str, path: str, value: object, times: int) -> None:
        """Add a request that was answered, with the JSON value of the response's body (None for none)."""
        branch = self._root
        branch.calls += times
        for segment in path.split("/")[1:]:
            branch = branch.children.setdefault(unquote(segment), _Branch())
            branch.calls += times
        end = branch.ends.setdefault(method, _End())
        end.calls += times
        end.is_list |= isinstance(value, list)
        rows = value[:3] if isinstance(value, list) else [value]
        end.members.update(name for row in rows if isinstance(row, dict) for name in row)
        self._ids.know(value)

    def template_of(self, path: str) -> tuple[str, tuple[str, ...]]:
        """The template of a path that was added, and the decoded values at its names."""
        folded = self._folded = self._folded or _fold(self._root, (), self._ids)
        segments, values = [""], []
        for raw in path.split("/")[1:]:
            segment = unquote(raw)
            template = folded.segments[segment]
            parts = parts_of(segment) if template != "{}" else None
            if "{}" in template:
                values.append(parts.value if parts is not None else segment)
            segments.append(template if "{}" in template else raw)
            folded = folded.below[template]
        return "/".join(segments), tuple(values)


def _fold(branch: _Branch, before: Sequence[str], ids: _Ids) -> _Folded:
    segments: dict[str, str] = {}
    words: dict[str, _Branch] = {}
    values: dict[str, _Branch] = {}
    for segment, child in branch.children.items():
        parts = parts_of(segment)
        if parts is None and not _is_of_kind(segment, before):
            words[segment] = child
        else:
            values[segment] = child
            segments[segment] = f"{parts.before}{{}}{parts.after}" if parts is not None else "{}"
    if _is_version(values, before):
        segments.update((segment, segment) for segment in values)
        values = {}
    bare = [child for segment, child in values.items() if segments[segment] == "{}"]
    for segment in _varying(words, bare, before, ids):
        segments[segment] = "{}"
    groups: dict[str, _Branch] = {}
    for segment, child in branch.children.items():
        template = segments.setdefault(segment, segment)
        groups[template] = groups[template].merged(child) if template in groups else child
    return _Folded(segments, {name: _fold(group, (*before, name), ids) for name, group in groups.items()})


def _is_of_kind(segment: str, before: Sequence[str]) -> bool:
    """Whether a segment is an id that begins with its kind, which the segment before it names: `pets/pet_WptUuq`."""
    kind, _, rest = segment.replace("-", "_").partition("_")
    if not rest or not before or rest.islower() or rest.isupper():
        return False
    return spelled(kind) in (spelled(before[-1]), spelled(singular(before[-1])))


def _is_version(values: Mapping[str, _Branch], before: Sequence[str]) -> bool:
    """Whether the one value at a place is the version of an API: `/2/tweets`, `/rest/api/2/issue`."""
    if len(values) != 1:
        return False
    ((value, branch),) = values.items()
    is_number = len(value) <= 10 and value.replace(".", "").replace("-", "").isdigit()
    if not is_number or "." in value:
        return is_number
    return bool(branch.children) and (not before or before[-1].lower() in _VERSIONED)


def _varying(words: Mapping[str, _Branch], values: Sequence[_Branch], before: Sequence[str], ids: _Ids) -> set[str]:
    """Those of the words at one place that are values."""
    varying: set[str] = set()
    parent = before[-1] if before else ""
    is_plural = _is_plural(parent)
    for cluster in _clusters(words):
        known = [word for word in cluster if ids.has(word, parent)]
        calls = sum(words[word].calls for word in cluster)
        is_alike = any(_are_alike(words[cluster[0]], value) for value in values)
        is_many = len(cluster) >= (_LEAST_WORDS if is_plural else _LEAST_OTHERS) and calls <= _TIMES_EACH * len(cluster)
        is_known = len(known) >= _LEAST_KNOWN and 2 * len(known) >= len(cluster)
        is_one = bool(known) and len(known) == len(cluster) and is_plural
        if before and (
            is_known or is_one or is_many or _is_rich(cluster, words, _LEAST_RICH if is_plural else _LEAST_WORDS)
        ):
            varying.update(cluster)
        elif is_alike or is_plural:
            varying.update(known if before else ())
    return varying


def _is_rich(cluster: Sequence[str], words: Mapping[str, _Branch], least: int) -> bool:
    """Whether words have several other words in common directly below them, as the things of one collection do."""
    if len(cluster) < least:
        return False
    below = Counter(child for word in cluster for child in words[word].children if parts_of(child) is None)
    return sum(2 * count > len(cluster) and not is_version(child) for child, count in below.items()) >= _LEAST_COMMON


def _clusters(words: Mapping[str, _Branch]) -> list[list[str]]:
    """The words at one place in groups that have the same below them."""
    clusters: list[list[str]] = []
    for word, branch in words.items():
        for cluster in clusters[:_MOST_CLUSTERS]:
            if _are_alike(words[cluster[0]], branch):
                cluster.append(word)
                break
        else:
            clusters.append([word])
    return clusters


def _are_alike(one: _Branch, other: _Branch) -> bool:
    """Whether two branches may be those of two values at one place."""
    methods = one.ends.keys() & other.ends.keys()
    for method in methods:
        mine, others = one.ends[method], other.ends[method]
        if mine.is_list != others.is_list or not _overlap(mine.members, others.members, _NAMES_ALIKE):
            return False
    if methods:
        return True
    words, other_words = one.words_below, other.words_below
    return bool(words and other_words) and _overlap(words, other_words, _ALIKE)


def _overlap(one: Set[str], other: Set[str], least: float) -> bool:
    shorter = min(len(one), len(other))
    return len(one & other) >= least * shorter if shorter else not one and not other


def _is_plural(segment: str) -> bool:
    words = words_of(segment)
    last = words[-1] if words else ""
    return (last.endswith("s") and not last.endswith(("ss", "us", "is"))) or last in _PLURALS


def named(template: str, taken: Iterable[str] = ()) -> tuple[str, tuple[str, ...]]:
    """A template with names for its `{}`: `/pets/{petId}`; and these names."""
    segments = template.split("/")
    names: list[str] = []
    used = set(taken)
    for index, segment in enumerate(segments):
        if "{}" not in segment:
            continue
        before = segments[index - 1] if index else ""
        noun = words_of(before) if "{" not in before else ()
        first, *rest = (*noun[:-1], singular(noun[-1])) if noun else ("",)
        name = f"{first}{''.join(map(str.capitalize, rest))}Id" if first else "id"
        number = 2
        while name in used:
            name = f"{name.rstrip('0123456789')}{number}"
            number += 1
        used.add(name)
        names.append(name)
        segments[index] = segment.replace("{}", f"{{{name}}}", 1)
    return "/".join(segments), tuple(names)
