"""Everything that a mock is made of, put together from its files: at start, and again whenever one of them changes."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from urllib.parse import unquote, urlsplit

from tallystick.config import Configuration, load_configuration
from tallystick.contracts.files import contract_paths, documents_named, files_at, read_contracts
from tallystick.contracts.read import contract_name
from tallystick.documents.sources import STANDARD_INPUT, STDIN, is_address
from tallystick.files.reading import is_pipe
from tallystick.mock.app import Mock, create_app
from tallystick.mock.memory import Memory
from tallystick.mock.roles import Listener
from tallystick.mock.settings import MockSettings
from tallystick.nouns.contract import Contract
from tallystick.nouns.errors import TallystickError, UnreadableError
from tallystick.nouns.violation import Violation

Part = tuple[str, str, str]
"""A part of a contract that cannot be read: the rule that says so, its pointer, and the message."""

_CONFIGURATIONS = ("tallystick.toml", "pyproject.toml")


@dataclass(frozen=True, slots=True)
class Made:
    """A mock, and what it was made of; `read` are its contracts before those of one name were named apart."""

    configuration: Configuration
    settings: MockSettings
    paths: Sequence[str]
    read: Sequence[Contract]
    contracts: Sequence[Contract]
    app: Mock

    @property
    def files(self) -> set[Path]:
        """Each file that decides what the mock does, whether it is there or not."""
        seeds = {Path(self.settings.seed_data).absolute()} if self.settings.seed_data else set[Path]()
        return self.configurations.union(self.handlers, seeds, *map(files_of, self.read))

    @property
    def configurations(self) -> set[Path]:
        """The files that the configuration was read from, or would be."""
        folder = Path.cwd()
        read = {self.configuration.file} if self.configuration.file is not None else set()
        return {*(folder / name for name in _CONFIGURATIONS), *read}

    @property
    def handlers(self) -> set[Path]:
        """The files of the user's handlers."""
        if not self.settings.handlers:
            return set()
        from tallystick.mock.responders.handlers.functions import files_of_handlers  # slow; few mocks have handlers

        return files_of_handlers(self.settings.handlers)


def files_of(contract: Contract) -> set[Path]:
    """The files of a contract: its own, and all that its references led to, read or not."""
    files = {Path(unquote(urlsplit(uri).path)) for uri in contract.root.document.reached if uri.startswith("file:")}
    return files if _is_read_once(contract.file) else {*files, Path(contract.file).absolute()}


@dataclass(frozen=True, slots=True)
class Maker:
    """Makes the mock that a command line asks for.

    `settings` gives the settings under a configuration; `refuse` raises a `TallystickError` for contracts that are not
    to be served.
    """

    paths: Sequence[str]
    allow: Sequence[str]
    settings: Callable[[Configuration], MockSettings]
    listeners: Sequence[Listener]
    refuse: Callable[[Sequence[Contract], Configuration], None]
    host: str = "127.0.0.1"
    """The address that the mock is served on."""
    unread: dict[str, tuple[Contract, Mapping[Part, Violation]]] = field(default_factory=dict)
    """What of each contract could not be read, by its file."""

    def make(
        self,
        read: Sequence[Contract],
        configuration: Configuration,
        paths: Sequence[str],
        before: Memory | None = None,
    ) -> Made:
        """The mock of contracts that were read already; `paths` are all PATHs that they were read from.

        It remembers what the mock `before` it did.
        """
        contracts = named_apart(read)
        settings = self.settings(configuration)
        app = create_app(contracts, settings, self.listeners, before, self.host)
        return Made(configuration, settings, paths, read, contracts, app)

    def make_again(self, before: Made, changed: Collection[Path]) -> Made:
        """The mock after a change of some files; a contract in none of them is not read again.

        Raises `TallystickError` where it cannot be made, and where a part of a contract cannot be read any more.
        """
        configuration = load_configuration()
        is_as_before = configuration.allow_refs == before.configuration.allow_refs
        kept = {
            _asked_for(contract): contract
            for contract in before.read
            if _is_read_once(contract.file) or (is_as_before and files_of(contract).isdisjoint(changed))
        }
        paths = self._paths(configuration, before)
        read = read_contracts(paths, configuration, self.allow, kept)
        for contract in read:
            earlier = next((other for other in before.read if other.file == contract.file), contract)
            if earlier is not contract:
                self._refuse_lost_parts(earlier, contract)
        self.refuse(read, configuration)
        if not before.handlers.isdisjoint(changed):
            from tallystick.mock.responders.handlers.functions import reload_handlers  # as above

            reload_handlers(before.settings.handlers, changed)
        return self.make(read, configuration, paths, before.app.memory)

    def is_as(self, before: Made, changed: Collection[Path]) -> bool:
        """Whether a change of some files leaves the mock as it is: none of them belongs to it, and no contract came."""
        relevant = before.files.intersection(changed)
        try:
            configuration = load_configuration()
            files = [str(file) for path in self._paths(configuration, before) for file in files_at(path)]
        except TallystickError:
            return False
        if {_asked_for(contract) for contract in before.read} != set(files):
            return False
        return not relevant or (relevant <= before.configurations and configuration == before.configuration)

    def unread_parts(self, contract: Contract) -> Mapping[Part, Violation]:
        """The parts of a contract that cannot be read; for that, each file that a reference leads to is read."""
        from tallystick.rules.contract.left_out import left_out  # slow, and needed once the mock answers

        known = self.unread.get(contract.file)
        if known is None or known[0] is not contract:
            parts = {(part.rule, part.contract.pointer, part.message): part for part in left_out(contract)}
            known = self.unread[contract.file] = contract, parts
        return known[1]

    def _refuse_lost_parts(self, before: Contract, now: Contract) -> None:
        """Raises `LostPartError` where a part can be read no more, or nothing is left: a file that is half written."""
        if before.operations and not now.operations:
            raise LostPartError(now, now.file, 0, "it has no operations any more")
        earlier = self.unread_parts(before)
        for key, part in self.unread_parts(now).items():
            if key not in earlier:
                self.unread.pop(now.file)
                raise LostPartError(now, part.contract.file, part.contract.line, part.message)

    def _paths(self, configuration: Configuration, before: Made) -> Sequence[str]:
        """The PATHs as they were given; where they were found, they stay, whatever else comes to the folder."""
        if self.paths or configuration.contracts:
            return contract_paths(self.paths, configuration)
        return before.paths

    def watched(self, made: Made) -> set[Path]:
        """The files that the mock is made of, and those that may become contracts of it."""
        return made.files | documents_named(made.paths)


class LostPartError(UnreadableError):
    """A part of a contract cannot be read any more; `contract` is the contract as it would be now."""

    def __init__(self, contract: Contract, file: str, line: int, fact: str) -> None:
        super().__init__(file, line, fact)
        self.contract = contract


def named_apart(contracts: Sequence[Contract]) -> Sequence[Contract]:
    """The contracts, with the folder added to each name that several of them have."""
    names = Counter(contract.name for contract in contracts)
    return [
        contract
        if names[contract.name] == 1
        else replace(contract, name=contract_name(Path(contract.file), folder=True))
        for contract in contracts
    ]


def _asked_for(contract: Contract) -> str:
    return STANDARD_INPUT if contract.file == STDIN else contract.file


def _is_read_once(file: str) -> bool:
    """Whether a contract comes from where it can or should not be read again: a web address, standard input, a pipe."""
    return file == STDIN or is_address(file) or is_pipe(Path(file))
