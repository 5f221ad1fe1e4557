"""Path templates in sets: the path of a collection and that of its items, whatever the operations on them do."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from tallystick.nouns.contract import Contract, Operation
from tallystick.nouns.path_templates import template_names, template_shape

_ENDS = (".json", ".xml")
"""How paths may end that name a media type."""
_ID = "id"
"""The name of the id in the path of items that have none in the contract."""
_SPELLINGS: Mapping[tuple[str, str], tuple[str, bool]] = {
    **{("POST", word): ("POST", False) for word in ("create", "add", "new")},
    **{("GET", word): ("GET", False) for word in ("list", "all", "index")},
    **{("GET", word): ("GET", True) for word in ("json", "details", "detail", "show", "view", "info", "get")},
    **{(method, word): ("PATCH", True) for method in ("POST", "PATCH") for word in ("update", "edit", "modify")},
    **{("PUT", word): ("PUT", True) for word in ("update", "edit", "modify", "replace")},
    **{(method, word): ("DELETE", True) for method in ("POST", "DELETE") for word in ("delete", "remove", "destroy")},
}
"""Methods and last segments of a path that stand for a method on the path before: which, and whether on an item."""
_VERBS = frozenset("update edit modify replace delete remove destroy get show".split())
"""What may stand before the id of an item as well: `/users/update/{id}`."""

Methods = Mapping[str, Operation]
"""Operations by their methods, or by the methods that their paths stand for."""


@dataclass(frozen=True, eq=False)
class PathSet:
    """A collection and its items, as their paths have it, and the operations at these.

    The only resource at a path (`/users/{id}/avatar`) is an item too; its `collection` is the path above, and has no
    operations. A collection whose items have no path of their own has an item's path all the same. `has_inner` says
    that the item's path is the collection of others.
    """

    name: str
    collection: str
    item: str
    on_collection: Methods
    on_item: Methods
    has_inner: bool = False

    @property
    def has_items(self) -> bool:
        """Whether the contract has the path of the items."""
        return bool(self.on_item)

    @property
    def is_single(self) -> bool:
        """Whether it is of the only resource at a path; an odd name with a slash in it is no id (`/pets/{a/b}`)."""
        last = self.item.rpartition("/")[2]
        return not ("{" in last and last.endswith("}"))


def plain_template(operation: Operation) -> str:
    """The path template of an operation without a slash or a media type at its end."""
    return plain(operation.path)


def plain(template: str) -> str:
    """A path template without a slash or a media type at its end."""
    path = template.rstrip("/")
    for end in _ENDS:
        path = path.removesuffix(end)
    return path


def stands_for(operation: Operation) -> tuple[str, str]:
    """The method and the plain path template that an operation stands for: DELETE on the item for a POST on `delete`.

    They are its own where its path does not spell another method.
    """
    template = plain_template(operation)
    above, _, last = template.rpartition("/")
    collection, _, word = above.rpartition("/")
    if last.startswith("{") and word.lower() in _VERBS and collection and not collection.endswith("}"):
        method, on_item = _SPELLINGS.get((operation.method, word.lower()), ("", False))
        return (method, f"{collection}/{last}") if on_item else (operation.method, template)
    method, on_item = _SPELLINGS.get((operation.method, last.lower()), ("", False))
    is_spelled = bool(method) and (above.endswith("}") is on_item or (last == "json" and bool(above)))
    return (method, above) if is_spelled else (operation.method, template)


def path_sets(contract: Contract) -> Mapping[str, PathSet]:
    """The sets of a contract by the shapes of their item paths; those of single resources come last."""
    by_shape: dict[str, dict[str, Operation]] = {}
    templates: dict[str, str] = {}
    spelled: list[tuple[str, str, str, Operation]] = []
    for operation in sorted(contract, key=lambda each: each.mark != ""):
        template = plain_template(operation)
        method, above = stands_for(operation)
        shape = template_shape(template)
        if above == template or not _is_item(shape):
            templates.setdefault(shape, template)
            by_shape.setdefault(shape, {}).setdefault(operation.method, operation)
        if above != template:
            spelled.append((template_shape(above), above, method, operation))
    for shape, template, method, operation in spelled:
        templates.setdefault(shape, template)
        by_shape.setdefault(shape, {}).setdefault(method, operation)
    collections = {shape.rpartition("/")[0] for shape in by_shape if _is_item(shape)}
    items = [shape for shape in by_shape if _is_item(shape)]
    single = [shape for shape, methods in by_shape.items() if not _is_item(shape) and _may_be_single(methods)]
    pathless: list[str] = []
    for shape in [shape for shape, methods in by_shape.items() if _may_be_collection(shape, methods)]:
        if shape not in collections:
            by_shape[f"{shape}/{{}}"], templates[f"{shape}/{{}}"] = {}, f"{templates[shape]}/{{{_ID}}}"
            pathless.append(f"{shape}/{{}}")
    shapes = [*items, *pathless, *single]
    names: dict[str, str] = {}
    for named in (shapes, [*items, *single], items):  # what has a path of its own has the shorter name
        names.update(_names([templates[shape] for shape in named]))
    sets: dict[str, PathSet] = {}
    for shape in shapes:
        template = templates[shape]
        on_collection = by_shape.get(shape.rpartition("/")[0], {}) if _is_item(shape) else {}
        above = template.rpartition("/")[0]
        sets[shape] = PathSet(names[template], above, template, on_collection, by_shape[shape], shape in collections)
    return sets


def _is_item(shape: str) -> bool:
    return shape.endswith("/{}")


def _may_be_collection(shape: str, methods: Collection[str]) -> bool:
    is_emptied = "DELETE" in methods and not _may_be_single(methods)
    return "GET" in methods and ("POST" in methods or is_emptied) and not _is_item(shape) and bool(shape)


def _may_be_single(methods: Iterable[str]) -> bool:
    return "GET" in methods and not {"PUT", "PATCH"}.isdisjoint(methods)


def _names(templates: Sequence[str]) -> Mapping[str, str]:
    """A name for each item's path: as many of the last literal segments as tell it from others."""
    segments = {template: [*_literal_segments(template)] or ["items"] for template in templates}
    counts = Counter(end for each in segments.values() for end in _ends(each))
    whole = Counter(tuple(each) for each in segments.values())
    names: dict[str, str] = {}
    for template, own in segments.items():
        unique = next((end for end in _ends(own) if counts[end] == 1), own if whole[tuple(own)] == 1 else None)
        names[template] = ".".join(unique or (*own, *template_names(template)[-1:]))
    return names


def last_literal(template: str) -> str:
    """The last segment of a template that has no name in it; "" where each has one."""
    return next((segment for segment in reversed(template.split("/")) if segment and "{" not in segment), "")


def _literal_segments(template: str) -> Iterator[str]:
    return (segment for segment in template.split("/") if segment and "{" not in segment)


def _ends(segments: Sequence[str]) -> list[tuple[str, ...]]:
    return [tuple(segments[-length:]) for length in range(1, len(segments) + 1)]
