"""The start of a mock: contracts and settings become a server that has its port and has said where it is."""

from __future__ import annotations

import sys
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import partial
from socket import socket
from typing import TYPE_CHECKING, TypedDict

import click

from tallystick.cli import tell_left_out
from tallystick.cli.browser import open_page, page_path
from tallystick.cli.mock_settings import settings_of
from tallystick.cli.mock_state import SharedFile, check_store, close_store
from tallystick.cli.terminal import Terminal, tell_violations
from tallystick.config import Configuration, load_configuration
from tallystick.contracts.files import contract_paths, read_contracts
from tallystick.mock.app import Mock
from tallystick.mock.making import Made, Maker, named_apart
from tallystick.mock.roles import Listener
from tallystick.mock.routes import normal_base_path
from tallystick.mock.serving.listing import Where, listing
from tallystick.mock.serving.reach import who_can_reach
from tallystick.mock.serving.reload import Reload
from tallystick.mock.serving.server import Reloading, Served, bind, origin
from tallystick.mock.settings import MockSettings
from tallystick.nouns.contract import Contract
from tallystick.nouns.errors import Exit, UnreadableError, UsageError
from tallystick.nouns.printing import of_server, print_error, print_lines

if TYPE_CHECKING:
    from tallystick.mock.serving.tls import Certificate


class StartOptions(TypedDict):
    """The options of a start alone; every other one is a field of `MockSettings` by its name (see `settings_of`)."""

    paths: tuple[str, ...]
    port: int
    host: str
    tls: bool
    tls_cert: str
    tls_key: str
    strict: bool
    allow: tuple[str, ...]
    list_all: bool
    list_resources: bool
    workers: int
    open_page: bool
    quiet: bool
    reload: bool


@dataclass(frozen=True, slots=True)
class Start:
    """A mock that is ready to serve, and has said so; `introduce` says what it serves."""

    served: Served
    listeners: Sequence[socket]
    terminal: Terminal
    introduce: Callable[[], None]
    sharing: SharedFile

    def run(self) -> None:
        """Serves until the mock is ended."""
        try:
            self.served.run(self.listeners, self.introduce, self.terminal.lines.flush)
        finally:
            self.terminal.end()
            self.sharing.end()


def started(options: StartOptions, listeners: Sequence[Listener] = ()) -> Start | Exit:
    """The mock that a command line asks for; the exit code where that asks for a list, or the contracts are refused."""
    context = click.get_current_context()
    sharing = SharedFile(options["workers"])

    def settings_for(configuration: Configuration) -> MockSettings:
        return sharing.within(settings_of(context, configuration))

    configuration = load_configuration()
    settings = settings_for(configuration)
    since_ns = time.time_ns()
    paths = contract_paths(options["paths"], configuration)
    read = read_contracts(paths, configuration, options["allow"])
    contracts = named_apart(read)
    is_strict, host = options["strict"], options["host"]
    if is_strict and (code := tell_violations(contracts, configuration, errors_only=True)) is not Exit.CLEAN:
        print_error(of_server("refused, as --strict asks; without it these contracts are served"))
        return code
    certificate = _certificate(host, options["tls"], options["tls_cert"], options["tls_key"])
    scheme, ca_file = ("https", certificate.ca_file) if certificate is not None else ("http", "")
    where = Where(f"{scheme}://{host}:{options['port']}", normal_base_path(settings.base_path), ca_file)
    if options["list_all"] or options["list_resources"]:
        print_lines(*_listed(contracts, settings, where, options["list_all"]))
        return _unread(contracts, configuration)
    terminal = Terminal(contracts, configuration)
    listening = listeners if options["quiet"] else (*listeners, terminal.request_lines())
    refuse = _refusing if is_strict else _serving_all
    maker = Maker(options["paths"], options["allow"], settings_for, listening, refuse, host)
    made = maker.make(read, configuration, paths)
    reload = Reload(maker, made, since_ns, terminal.new_violations).run if options["reload"] else None
    return _greeted(options, made, reload, certificate, where, terminal, sharing)


def _greeted(
    options: StartOptions,
    made: Made,
    reload: Reloading | None,
    certificate: Certificate | None,
    where: Where,
    terminal: Terminal,
    sharing: SharedFile,
) -> Start:
    """The mock once its port is taken, and it is said where it is and what it does."""
    app, configuration, host, workers = made.app, made.configuration, options["host"], options["workers"]
    if options["open_page"]:
        page_path(app)  # a mock without a page is refused before it says that it serves
    check_store(app.memory.store, made.settings.state_required)
    if sharing.file:
        app.memory.is_alone()
    listeners = bind(host, options["port"], workers)
    served = Served(app, configuration.timeouts, reload, certificate, partial(_close, app))
    scheme = "https" if certificate is not None else "http"
    where = where._replace(origin=origin(listeners[0], host, scheme))
    sentences = (
        _look_at_upstream(made.settings.upstream, listeners[0]),
        who_can_reach(listeners[0], scheme),
        certificate.summary if certificate is not None else "",
        sharing.sentence(app.memory.store, made.settings.stateless),
        *app.summaries,
        f"each exchange is recorded in {made.settings.record}, without its secrets" if made.settings.record else "",
        app.control.summary if app.control is not None else "",
    )
    terminal.greet(where, workers, [sentence for sentence in sentences if sentence])
    introduce: Callable[[], None] = partial(terminal.introduce, where, (*configuration.allow_refs, *options["allow"]))
    if options["open_page"]:
        introduce = _opening(where.origin, page_path(app), introduce)
    return Start(served, listeners, terminal, introduce, sharing)


def _opening(origin: str, path: str, introduce: Callable[[], None]) -> Callable[[], None]:
    """What a mock does once it answers: it opens its page, and says what it serves."""

    def opened() -> None:
        open_page(origin, path)
        introduce()

    return opened


def _close(app: Mock) -> None:
    """End what a process has served with: what is recorded is written, the store is closed."""
    if app.memory.recorder is not None:
        app.memory.recorder.close()
    close_store(app.memory.store)


def _look_at_upstream(url: str, listener: socket) -> str:
    """What is to be said of the upstream at start, "" for nothing."""
    if not url:
        return ""
    from tallystick.mock.upstream.reach import first_look  # few mocks have an upstream

    return first_look(url, listener)


def _listed(contracts: Sequence[Contract], settings: MockSettings, where: Where, is_all: bool) -> Iterator[str]:
    """The lines of the list that is asked for: of all operations, or else of what is understood as resources."""
    if is_all:
        yield from listing(contracts, where, sys.maxsize)
        return
    from tallystick.mock.serving.resource_lines import resource_lines  # a start has no use for these two
    from tallystick.resources.resources import understood

    yield from resource_lines([*understood(contracts, settings.resources).values()])


def _certificate(host: str, is_asked_for: bool, file: str, key_file: str) -> Certificate | None:
    """The certificate that the flags ask for, None for plain HTTP."""
    if not (is_asked_for or file or key_file):
        return None
    from tallystick.mock.serving.tls import given_certificate, own_certificate  # few mocks serve HTTPS

    if key_file and not file:
        raise UsageError("--tls-key is the key of a certificate; give that too, with --tls-cert FILE")
    return given_certificate(file, key_file or file) if file else own_certificate(host)


def _unread(contracts: Sequence[Contract], configuration: Configuration) -> Exit:
    """Says how many parts of the contracts could not be read, and returns the exit code of a list without them."""
    from tallystick.rules.contract.left_out import is_unread, left_out  # needed for lists alone

    parts = configuration.graded([part for contract in contracts for part in left_out(contract)])
    tell_left_out(parts)
    return Exit.UNREACHABLE if is_unread(parts) else Exit.CLEAN


def _serving_all(_: Sequence[Contract], __: Configuration) -> None:
    """Contracts that break a rule are served, too."""


def _refusing(contracts: Sequence[Contract], configuration: Configuration) -> None:
    """Raises `UnreadableError` for the first error of contracts."""
    from tallystick.check.run import violations_of  # slow to import, and needed for --strict alone
    from tallystick.nouns.violation import Severity

    violations = sorted(violation for contract in contracts for violation in violations_of(contract, configuration))
    for violation in violations:
        if violation.severity is Severity.ERROR:
            raise UnreadableError(violation.contract.file, violation.contract.line, violation.message)
