"""Which Python function handles which operation: connexion's resolvers name it, and it is imported by that name."""

from __future__ import annotations

import contextlib
import importlib
import os
import re
import sys
from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass
from pathlib import Path
from types import ModuleType

from connexion.exceptions import ResolverError
from connexion.operations import OpenAPIOperation
from connexion.resolver import RelativeResolver, Resolution, Resolver, RestyResolver

from tallystick.mock.responders.handlers.stubs import stub_of
from tallystick.nouns.contract import Contract, Operation
from tallystick.nouns.errors import UsageError
from tallystick.nouns.words import in_a_row
from tallystick.user_code import find_user_module, import_user_module, user_modules

_EXPECTED = "expected a module, as in shop.handlers"

Function = Callable[..., object]


@dataclass(frozen=True)
class Handler:
    """A user's function, the name under which it was found, and its operation as connexion knows it."""

    name: str
    function: Function
    hosted: OpenAPIOperation


def find_handlers(contracts: Sequence[Contract], package: str) -> dict[Operation, Handler]:
    """The handlers of operations in a package or module of the user's; an operation without one is left out.

    Raises `UsageError` where there is no such module or nothing in it handles an operation, `UnreachableError` where it
    cannot be imported.
    """
    functions = Functions(package)
    handlers: dict[Operation, Handler] = {}
    for contract in contracts:
        resolver = HandlerResolver(functions, contract.name)
        for operation in contract:
            stub = stub_of(operation, functions.top)
            hosted = OpenAPIOperation(operation.method.lower(), operation.path, stub, resolver=resolver)
            if hosted.function is not None:
                handlers[operation] = Handler(hosted.operation_id, hosted.function, hosted)
    if not handlers:
        hint = _where_one_is_looked_for(contracts, package)
        raise UsageError(f"{functions.asked}: it has no function for any operation; {hint}")
    return handlers


def files_of_handlers(package: str) -> set[Path]:
    """The files that decide what the handlers do: those in the folder of their package, and the user's other modules
    that they have imported."""
    module = sys.modules.get(package)
    folders = [Path(folder) for folder in getattr(module, "__path__", ())]
    own = {Path(module.__file__)} if module is not None and module.__file__ else set()
    return own.union(user_modules().values(), *(folder.rglob("*.py") for folder in folders))


def reload_handlers(package: str, changed: Collection[Path] = ()) -> None:
    """Imports the package of the handlers again, for whoever makes an application of a contract that has changed.

    Its own modules are forgotten first, and no others: what they import from elsewhere stays as it is, with all that
    it keeps. Where a module of the user's elsewhere is among the `changed` files, all modules of the user's are
    forgotten, since it is not known which of them use it. Where the package cannot be imported any more, what was there
    stays, and `UnreachableError` says why.
    """
    elsewhere = {name: file for name, file in user_modules().items() if not f"{name}.".startswith(f"{package}.")}
    names = [name for name in list(sys.modules) if f"{name}.".startswith(f"{package}.")]  # other threads import, too
    if not set(elsewhere.values()).isdisjoint(changed):
        names += elsewhere
    forgotten = {name: sys.modules.pop(name) for name in names}
    for module in forgotten.values():
        _forget_bytecode(module)
    importlib.invalidate_caches()
    try:
        Functions(package)
    except Exception:
        sys.modules.update(forgotten)
        raise


def _forget_bytecode(module: ModuleType) -> None:
    """Remove the compiled form of a module.

    Python tells by the size of a source and the second of its change whether it has changed, which two edits within a
    second may leave as they are.
    """
    if module.__spec__ is not None and module.__spec__.cached:
        with contextlib.suppress(OSError):
            os.unlink(module.__spec__.cached)


class Functions:
    """Functions by dotted name, in the top-level package of the handlers alone: a contract names nothing else.

    It is what connexion calls a function resolver: it raises `ValueError` or `AttributeError` where there is nothing.
    """

    def __init__(self, package: str) -> None:
        self.asked = f"--handlers {package}"
        self.package = package
        self.top = package.partition(".")[0]
        self.modules: dict[str, ModuleType | None] = {}
        if not _is_dotted_name(package):
            raise UsageError(f"{self.asked}: {_EXPECTED}")
        self.modules[package] = import_user_module(package, self.asked, _EXPECTED)

    def module(self, name: str) -> ModuleType | None:
        """The module of a dotted name, None where there is none."""
        if name not in self.modules:
            parent = name.rpartition(".")[0]
            is_missing = bool(parent) and self.module(parent) is None
            self.modules[name] = None if is_missing else find_user_module(name, self.asked)
        return self.modules[name]

    def __call__(self, name: str | None) -> Function:
        parts = (name or "").split(".")
        if parts[0] != self.top or len(parts) < 2 or not all(part.isidentifier() for part in parts):
            raise ValueError(f"{name} is no function of {self.top}")
        length = len(parts) - 1
        while (module := self.module(".".join(parts[:length]))) is None:
            length -= 1
        value: object = module
        for part in parts[length:]:
            value = getattr(value, part)
        if not callable(value) or isinstance(value, type):
            raise ValueError(f"{name} is no function")
        return value


class HandlerResolver(Resolver):  # type: ignore[misc]  # connexion has no types
    """Asks connexion's own resolvers in turn: for one contract, and the most explicit name first.

    A name may stand in the contract (`x-openapi-router-controller`, an operation id with dots). Else the function is
    named by the operation id or, where there is none, as connexion's `RestyResolver` does by the path; it is looked for
    in the package's module of the contract's name, then in the package itself.
    """

    def __init__(self, functions: Functions, contract_name: str) -> None:
        super().__init__(function_resolver=functions)
        self.resolvers: list[Resolver] = [Resolver(function_resolver=functions)]
        for module in modules_of(functions.package, contract_name):
            self.resolvers.append(RelativeResolver(module, function_resolver=functions))
            resty = RestyResolver(module)
            resty.function_resolver = functions
            self.resolvers.append(resty)

    def resolve(self, operation: OpenAPIOperation) -> Resolution:
        """The function and its name; None where no resolver finds one."""
        for resolver in self.resolvers:
            try:
                return resolver.resolve(operation)
            except ResolverError:
                continue
        return Resolution(None, operation.operation_id)


def modules_of(package: str, contract_name: str) -> tuple[str, str]:
    """The modules in which a contract's functions are looked for: the package's own of its name, then the package."""
    name = re.sub(r"\W", "_", contract_name)
    return f"{package}.{name}", package


def _is_dotted_name(text: str) -> bool:
    return all(part.isidentifier() for part in text.split("."))


def _where_one_is_looked_for(contracts: Sequence[Contract], package: str) -> str:
    """The names that would do for the first operation."""
    operation = next((operation for contract in contracts for operation in contract), None)
    if operation is None:
        return "there is no operation"
    (contract,) = (contract for contract in contracts if operation in contract.operations)
    named = OpenAPIOperation(operation.method.lower(), operation.path, stub_of(operation, package), resolver=Unnamed())
    resolver = RelativeResolver if operation.operation_id else RestyResolver
    names = [resolver(module).resolve_operation_id(named) for module in modules_of(package, contract.name)]
    return f"for {operation.label} it is looked for as {in_a_row(names, 'or')}"


class Unnamed(Resolver):  # type: ignore[misc]  # connexion has no types
    """Looks for nothing, and leaves an operation its id."""

    def resolve(self, operation: OpenAPIOperation) -> Resolution:
        return Resolution(None, operation.operation_id)
