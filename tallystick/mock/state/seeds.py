"""Seeds: the resources of a file that every session begins with (`--seed-data`), each judged by the contract."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from hashlib import blake2b
from pathlib import Path

from tallystick.documents.sources import read_file
from tallystick.documents.text import Locate, read
from tallystick.nouns.contract import Contract
from tallystick.nouns.errors import UnreadableError
from tallystick.nouns.json_value import JSON
from tallystick.nouns.path_templates import PathIndex
from tallystick.nouns.schema import Direction
from tallystick.nouns.words import in_a_row, nearest
from tallystick.resources.resources import Resource, Resources, normal_segment
from tallystick.resources.said_items import schema_of, with_id
from tallystick.wire.write import text_of, write_json

_EXPECTED = "a mapping from the paths of collections to lists of resources was expected, as in {/pets: [{id: 1}]}"


@dataclass(frozen=True, slots=True)
class Seed:
    """One resource of a file: where it is kept, and its JSON text."""

    contract: str
    place: str
    id: str
    text: bytes


@dataclass(frozen=True, slots=True)
class Seeds:
    """The resources of a file, in its order; `mark` is another for other resources."""

    seeds: Sequence[Seed]
    mark: bytes


def read_seeds(name: str, all_resources: Mapping[Contract, Resources]) -> Seeds:
    """The seeds of a file; raises `UnreadableError`, with the line, for one that the contracts have no place for."""
    value, locate = read(read_file(Path(name), name).strip() or "null", name)
    seeds = [*_Reader(name, locate, all_resources).seeds(value)]
    digest = blake2b(digest_size=16)
    for seed in seeds:
        digest.update(b"\0".join((seed.contract.encode(), seed.place.encode(), seed.id.encode(), seed.text)))
    return Seeds(seeds, digest.hexdigest().encode())


class _Reader:
    """Reads the value of a file of seeds."""

    def __init__(self, file: str, locate: Locate, all_resources: Mapping[Contract, Resources]) -> None:
        self.file = file
        self.locate = locate
        self.all_resources = all_resources
        self.collections: dict[Contract, PathIndex[Resource]] = {}
        self.singles: dict[Contract, PathIndex[Resource]] = {}
        for contract, resources in all_resources.items():
            self.collections[contract], self.singles[contract] = PathIndex(), PathIndex()
            for resource in resources.resources:
                index = self.singles if resource.is_single else self.collections
                index[contract].add(resource.item if resource.is_single else resource.collection, resource)

    def wrong(self, fact: str, *path: str | int) -> UnreadableError:
        """The error at a part of the file."""
        keys = tuple(map(str, path))
        where = "".join(f"[{key}]" if isinstance(key, int) else f" {key}" for key in path).strip()
        return UnreadableError(self.file, self.locate(keys), f"{where}: {fact}" if where else fact)

    def seeds(self, value: JSON) -> Iterator[Seed]:
        """All seeds of the file."""
        if not isinstance(value, dict):
            raise self.wrong(_EXPECTED)
        for path, member in value.items():
            contract, resource, concrete = self.owner(path)
            if resource.is_single:
                above, _, last = concrete.rpartition("/")
                yield self.seed(contract, resource, above, last, member, path)
            elif isinstance(member, list):
                for index, each in enumerate(member):
                    yield self.seed(contract, resource, concrete, "", each, path, index)
            elif isinstance(member, dict):
                for id, each in member.items():
                    yield self.seed(contract, resource, concrete, id, each, path, id)
            else:
                raise self.wrong("a list of resources was expected, or a mapping from ids to resources", path)

    def owner(self, path: str) -> tuple[Contract, Resource, str]:
        """The contract and the resource that a path is of, and the path in that contract.

        It may begin with the name of the contract, as the mock's own do.
        """
        candidates: list[tuple[Contract, Resource, str]] = []
        for contract in self.all_resources:
            name, _, rest = path.removeprefix("/").partition("/")
            for own in dict.fromkeys((path, f"/{rest}" if name == contract.name and rest else path)):
                normal = "/".join(map(normal_segment, own.rstrip("/").split("/")))
                for index in (self.collections[contract], self.singles[contract]):
                    candidates += [(contract, resource, normal) for resource, _ in index.matches(normal)[:1]]
        contracts = {contract.name: None for contract, _, _ in candidates}
        if len(contracts) > 1:
            paths = [f"/{name}{path}" for name in contracts]
            raise self.wrong(f"several contracts have such a path; say {in_a_row(paths, 'or')}", path)
        if not candidates:
            known = [each.collection for resources in self.all_resources.values() for each in resources.resources]
            near = nearest(path, [each for each in known if each])
            hint = f"did you mean {near[0]!r}?" if near else "`tallystick mock --resources` lists those that there are"
            raise self.wrong(f"the contract has no collection at this path; {hint}", path)
        return candidates[0]

    def seed(self, contract: Contract, resource: Resource, place: str, id: str, value: JSON, *path: str | int) -> Seed:
        """One seed, judged; its id is that in it, or the one that it is listed under."""
        if id and not resource.is_single:
            value = with_id(resource, value, id)
        own = resource.id_in(value) if resource.id_way else ""
        if not (id or own):
            missing = f"it has no {'.'.join(map(str, resource.id_way))}" if resource.id_way else "it has no id in it"
            raise self.wrong(
                f"{missing}; say it, or list the resources by their ids, as in {{{place}: {{1: ...}}}}", *path
            )
        if id and own and own != id:
            raise self.wrong(f"it is listed as {id!r}, but has the id {own!r}", *path)
        schema = schema_of(resource)
        for error in schema.errors(value, Direction.RESPONSE) if schema is not None else ():
            raise self.wrong(f"{error.message} ({error.place})", *path, *error.path)
        return Seed(contract.name, place, text_of(id or own), write_json(value))
