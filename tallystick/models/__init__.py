"""Pydantic models from contracts: one module per contract, the same bytes after every run."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from tallystick.config import Configuration
from tallystick.contracts.files import read_each
from tallystick.contracts.read import version_warning
from tallystick.documents.garbage_collection import uncollected
from tallystick.models.datamodel_codegen_adapter import load_generator
from tallystick.models.modules import Module, module_of
from tallystick.models.output_folder import Change, changes, check_names, origin, write
from tallystick.models.time_limit import TooSlowError, time_limit
from tallystick.nouns import budgets, progress
from tallystick.nouns.contract import Contract
from tallystick.nouns.errors import UnreadableError
from tallystick.nouns.violation import Violation
from tallystick.rules.contract.left_out import left_out

__all__ = ["Change", "Generated", "Module", "generate", "module_of", "write"]


@dataclass(frozen=True, slots=True)
class Generated:
    """What a run generated: the modules, how the folder must change for them, and which contracts cannot be read."""

    modules: tuple[Module, ...]
    changes: tuple[Change, ...]
    unreadable: tuple[UnreadableError, ...]
    warnings: tuple[str, ...] = ()
    """What a user should know of contracts that were read, each with the file of its contract."""

    unread: tuple[Violation, ...] = ()
    """The parts of the contracts that could not be read, and why."""

    @property
    def left_out(self) -> tuple[Violation, ...]:
        """The parts of the contracts that could not be read or have no model, and why."""
        places = {part.contract for part in self.unread}
        without_model = (violation for module in self.modules for violation in module.left_out)
        return (*self.unread, *(violation for violation in without_model if violation.contract not in places))


def generate(
    paths: Sequence[str], configuration: Configuration, folder: Path | None = None, allow: Sequence[str] = ()
) -> Generated:
    """The modules of the contracts that the PATHs (or the configuration) name, and how a folder must change for them.

    It writes nothing (see `write`). It goes on where a contract cannot be read. Raises `UsageError` where no contract
    is named, two contracts would have the same module, or a tool is missing; `UnreachableError` where the folder
    cannot be read.
    """
    folder = folder or configuration.models_folder
    contracts: list[Contract] = []
    unreadable: list[UnreadableError] = []
    for contract in read_each(paths, configuration, allow):
        if isinstance(contract, UnreadableError):
            unreadable.append(contract)
        else:
            contracts.append(contract)
    check_names(contracts)
    modules: list[Module] = []
    if contracts:
        load_generator()  # takes seconds where Python has to compile it first; that is not the contract's time
    for contract in contracts:
        seconds = _seconds(contract)
        progress.tell(f"models of {contract.file}")
        try:
            with time_limit(seconds), uncollected():
                modules.append(module_of(contract, origin(contract, folder)))
        except RecursionError:
            unreadable.append(UnreadableError(contract.file, 0, "nested too deeply for models"))
        except TooSlowError:
            fact = f"its models take more than {seconds:.0f} s of processor time, the most for a contract of its size"
            hint = "references that double or form long chains, and schemas with thousands of members, take most of it"
            unreadable.append(UnreadableError(contract.file, 0, f"{fact}; {hint}"))
    warnings = tuple(f"{contract.file}: {warning}" for contract in contracts if (warning := version_warning(contract)))
    unread = tuple(configuration.graded([part for contract in contracts for part in left_out(contract)]))
    return Generated(tuple(modules), tuple(changes(folder, modules)), tuple(unreadable), warnings, unread)


def _seconds(contract: Contract) -> float:
    """The most processor time that the models of a contract may take."""
    megabytes = sum(len(document.source) for document in contract.root.document.family) / 2**20
    return budgets.MODEL_SECONDS + megabytes * budgets.MODEL_SECONDS_PER_MEGABYTE
