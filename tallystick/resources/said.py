"""What the configuration says of resources, where it is to go before what is derived of them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from tallystick.examples.choices import ValuePath
from tallystick.nouns.contract import Contract, Operation
from tallystick.nouns.errors import UsageError
from tallystick.nouns.operation_patterns import is_named
from tallystick.nouns.path_templates import template_names, template_shape
from tallystick.nouns.words import nearest
from tallystick.resources.path_sets import PathSet, plain, plain_template

if TYPE_CHECKING:
    from tallystick.resources.resources import Role


@dataclass(frozen=True, slots=True)
class SaidResource:
    """One resource as the configuration says it, by its item's path; what is None or empty is derived.

    `where` is its place in the configuration, for messages. `operations` names operations of roles, "" for none.
    `path_names` are pairs of a name in the item's path and the name that it has in other paths.
    """

    where: str
    item: str
    collection: str = ""
    name: str = ""
    id_way: ValuePath | None = None
    operations: tuple[tuple[Role, str], ...] = ()
    response_ways: tuple[tuple[Role, ValuePath], ...] = ()
    request_ways: tuple[tuple[Role, ValuePath], ...] = ()
    path_names: tuple[tuple[str, str], ...] = ()
    is_ignored: bool = False


def said_of(contract: Contract, said: Iterable[SaidResource]) -> Mapping[str, SaidResource]:
    """What is said of the resources of one contract, by the shapes of their items' paths."""
    templates = {template_shape(plain_template(operation)) for operation in contract}
    by_shape = {_shape(each.item): each for each in said}
    return {shape: each for shape, each in by_shape.items() if shape in templates}


def refuse_unfitting(contracts: Sequence[Contract], said: Iterable[SaidResource]) -> None:
    """Raises `UsageError` where what is said is of a path, an operation or a name that no contract has."""
    for each in said:
        owners = [contract for contract in contracts if said_of(contract, [each])]
        if not owners:
            paths = [operation.path for contract in contracts for operation in contract]
            raise UsageError(f"{each.where}: item: {_no('path', each.item, paths)}")
        for contract in owners:
            _refuse_in(contract, each)


def _refuse_in(contract: Contract, said: SaidResource) -> None:
    if said.collection and not any(_shape(said.collection) == _shape(operation.path) for operation in contract):
        raise UsageError(f"{said.where}: collection: {_no('path', said.collection, [each.path for each in contract])}")
    for role, pattern in said.operations:
        if pattern and operation_named(contract, pattern) is None:
            labels = [name for each in contract for name in (each.label, each.operation_id or "")]
            raise UsageError(f"{said.where}: {role.value}: {_no('operation', pattern, labels)}")
    names = template_names(said.item)[:-1] if said.item.endswith("}") else template_names(said.item)
    for name, _ in said.path_names:
        if name not in names:
            raise UsageError(f"{said.where}: path-names: {_no('name in the path of the item', name, names)}")


def _no(what: str, name: str, known: Iterable[str]) -> str:
    """What is said of a name that nothing has, with the one that was probably meant."""
    near = nearest(name, known)
    return f"there is no {what} {name!r}" + (f"; did you mean {near[0]!r}?" if near else "")


def with_said(paths: PathSet | None, said: SaidResource, contract: Contract) -> PathSet:
    """A set of paths with the name and the collection that the configuration says."""
    shape = _shape(said.item)
    template = next(each for each in map(plain_template, contract) if template_shape(each) == shape)
    if paths is None:
        name = template.rstrip("/").rpartition("/")[2].strip("{}")
        paths = PathSet(name, template.rpartition("/")[0], template, {}, _operations_at(contract, shape))
    if said.collection:
        paths = replace(paths, on_collection=_operations_at(contract, _shape(said.collection)))
    return replace(paths, name=said.name or paths.name)


def _operations_at(contract: Contract, shape: str) -> Mapping[str, Operation]:
    return {each.method: each for each in reversed(contract.operations) if _shape(each.path) == shape}


def said_operations(contract: Contract, said: SaidResource) -> Iterator[tuple[Role, Operation | None]]:
    """The operations of the roles of which something is said; None for a role that there is not to be."""
    for role, pattern in said.operations:
        yield role, operation_named(contract, pattern) if pattern else None


def operation_named(contract: Contract, pattern: str) -> Operation | None:
    """The first operation that a pattern names."""
    return next((each for each in contract if is_named(each, pattern)), None)


def moved(operation: Operation, item: str, path_names: Mapping[str, str]) -> Sequence[int] | None:
    """Which values in an operation's path stand for the names in the path above an item; None where one has none.

    `path_names` says what a name is called in the operation's path, where that is not the same.
    """
    own = template_names(operation.path)
    wanted = template_names(item)[:-1] if item.endswith("}") else template_names(item)
    indices: list[int] = []
    for name in wanted:
        other = path_names.get(name, name)
        if other not in own:
            return None
        indices.append(own.index(other))
    return indices


def _shape(template: str) -> str:
    return template_shape(plain(template))
