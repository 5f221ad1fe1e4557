"""What is told of a value that fits no branch of `anyOf` or `oneOf`: the errors of the branch that was meant.

A branch was meant if the discriminator names it, if it alone allows the constants of an object (`kind: {const: cat}`),
or if no other is left beside `{type: null}`. Where several are left, one message says what all of them expect, or names
the nearest one.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

from jsonschema_rs import ValidationError
from jsonschema_rs import ValidationErrorKind as Kind

from tallystick.nouns.errors import UnreadableError
from tallystick.nouns.json_value import JSON
from tallystick.nouns.node import Node
from tallystick.nouns.words import in_a_row
from tallystick.schemas.messages import allowed_fact, branches_fact, numbered, shown, too_many_fact, type_fact

Path = tuple[str | int, ...]
Branches = Sequence[Sequence[ValidationError]]

_CONSTANTS = frozenset((Kind.Enum, Kind.Constant))
COMPOSED = frozenset((Kind.AnyOf, Kind.OneOfNotValid, Kind.OneOfMultipleValid))
"""The kinds of errors that have the errors of branches inside."""


def meant_branch(error: ValidationError, node: Node | None) -> Sequence[ValidationError]:
    """The errors of the one branch that was meant; empty where several may be meant, or where a value fits too many.

    `node` is the schema with the branches.
    """
    if node is not None and _discriminates(node, error):
        branches = _branches(error)
        index = _named_branch(node, _references(node, error), _members(error).get(_property_name(node)))
        if 0 <= index < len(branches):
            return branches[index]
    left = _without_null(error)
    allowing = [branch for branch in left if not _refuses_constant(branch, len(error.instance_path))]
    return left[0] if len(left) == 1 else allowing[0] if len(allowing) == 1 else ()


def _refuses_constant(branch: Sequence[ValidationError], depth: int) -> bool:
    """Whether a branch asks for another constant than the one that stands in a member of the value."""
    return any(type(error.kind) in _CONSTANTS and len(error.instance_path) == depth + 1 for error in branch)


def composed_fact(error: ValidationError, node: Node | None, names: Sequence[str]) -> tuple[Path, str]:
    """The path and the message of a value that fits no branch, or too many; `names` are those of the branches."""
    path = tuple(error.instance_path)
    if isinstance(error.kind, Kind.OneOfMultipleValid):
        fitting = [name for name, errors in zip(names, error.kind.context, strict=True) if not errors]
        return path, too_many_fact(error, fitting)
    if node is not None and _discriminates(node, error):
        name = _property_name(node)
        members = _members(error)
        if name in members:
            return (*path, name), f"{shown(members[name])} names no schema; {_expected(node, error)}"
        return path, f"the property {name!r} is missing; it says which schema is meant; {_expected(node, error)}"
    return path, _fact_of_all(error, names)


def _fact_of_all(error: ValidationError, names: Sequence[str]) -> str:
    """The message for a value that fits no branch: the types or values of all branches, or the nearest branch."""
    branches = _branches(error)
    depth = len(error.instance_path)
    mistyped = [_at(branch, Kind.Type, depth) for branch in branches]
    if all(mistyped):
        types = [name for each in mistyped if each and isinstance(each.kind, Kind.Type) for name in each.kind.types]
        return type_fact(error.instance, list(dict.fromkeys(types)))
    options: list[object] = []
    for branch in branches:
        allowed = _options(branch[0]) if len(branch) == 1 and len(branch[0].instance_path) == depth else ()
        if not allowed:
            return branches_fact(error, branches, names)
        options += allowed
    return allowed_fact(error.instance, options)


def _branches(error: ValidationError) -> Branches:
    match error.kind:
        case Kind.AnyOf(branches) | Kind.OneOfNotValid(branches):
            return branches
    return ()


def _at(branch: Sequence[ValidationError], kind: type[Kind], depth: int) -> ValidationError | None:
    """The error of a kind in a branch that is about the value as a whole."""
    return next((error for error in branch if isinstance(error.kind, kind) and len(error.instance_path) == depth), None)


def _options(error: ValidationError) -> Sequence[object]:
    """The values that an `enum` or `const` allows; empty for the error of another keyword."""
    match error.kind:
        case Kind.Enum(options):
            return options
        case Kind.Constant(value):
            return (value,)
    return ()


def _without_null(error: ValidationError) -> Branches:
    """The branches without `{type: null}`, which is never meant by another value."""
    branches = _branches(error)
    if error.instance is None:
        return branches
    return [
        branch
        for branch in branches
        if not (len(branch) == 1 and isinstance(branch[0].kind, Kind.Type) and branch[0].kind.types == ["null"])
    ]


def _property_name(node: Node) -> str:
    name = node.members_of("discriminator").get("propertyName")
    return name if isinstance(name, str) else ""


def _discriminates(node: Node, error: ValidationError) -> bool:
    """Whether the discriminator of a schema can name the branch that a value means."""
    return bool(isinstance(error.instance, dict) and _property_name(node) and any(_references(node, error)))


def _members(error: ValidationError) -> Mapping[str, object]:
    """The members of the value that an error is about; empty if it is no object."""
    return error.instance if isinstance(error.instance, dict) else {}


def _references(node: Node, error: ValidationError) -> list[str]:
    """The reference of each branch, "" for a branch that is none."""
    keyword = str(error.schema_path[-1])
    if not node.items_of(keyword):
        return []
    return [branch.reference or "" for _, branch in node.raw(keyword).raw_items()]


def _mapping(node: Node) -> dict[str, str]:
    mapping = node.members_of("discriminator").get("mapping")
    members = mapping.items() if isinstance(mapping, dict) else ()
    return {value: target for value, target in members if isinstance(target, str)}


def _named_branch(node: Node, references: Sequence[str], value: object) -> int:
    """The index of the branch that a discriminator's value names; -1 for none."""
    if not isinstance(value, str):
        return -1
    named = _mapping(node).get(value, value)
    for index, reference in enumerate(references):
        if reference and (
            reference == named or reference.rpartition("/")[2] == named or _same_target(node, reference, named)
        ):
            return index
    return -1


def _same_target(node: Node, reference: str, other: str) -> bool:
    if not ("/" in other or "#" in other or "." in other):
        return False
    try:
        return node.target(reference).key == node.target(other).key
    except UnreadableError:
        return False


def _expected(node: Node, error: ValidationError) -> str:
    """The values of a discriminator, in words: the constants of the branches if each has one, else their names."""
    path = [*error.instance_path, _property_name(node)]
    constants = [
        [option for each in branch if each.instance_path == path for option in _options(each)]
        for branch in _branches(error)
    ]
    if all(constants):
        return f"expected {in_a_row([shown(option) for options in constants for option in options], 'or')}"
    mapping = _mapping(node)
    targets = set(mapping.values())
    names = [(reference, reference.rpartition("/")[2]) for reference in _references(node, error) if reference]
    unmapped = [name for reference, name in names if targets.isdisjoint({reference, name})]
    return f"expected {in_a_row(list(map(shown, (*mapping, *unmapped))), 'or')}"


def names_of_branches(branches: Sequence[JSON], node_of: Callable[[JSON], Node | None]) -> list[str]:
    """The branches as messages name them: by the name of a component, by title, or by number.

    `node_of` is the node that a branch was made from, its `$ref` followed.
    """
    names: list[str] = []
    for index, branch in enumerate(branches):
        node = node_of(branch)
        is_component = node is not None and node.path[-2:-1] != () and node.path[-2] in _SECTIONS
        title = node.string("title") if node is not None else ""
        names.append(node.path[-1] if node is not None and is_component else repr(title) if title else numbered(index))
    return names


_SECTIONS = frozenset(("schemas", "definitions", "$defs"))
"""The names of the objects whose members are named schemas."""
