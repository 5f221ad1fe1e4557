"""`tallystick mock`: contracts served on a port."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial
from typing import TYPE_CHECKING, Unpack

import click

from tallystick.cli import allow_references
from tallystick.cli.durations import seconds_given
from tallystick.cli.option_groups import GroupedCommand
from tallystick.cli.prism_spellings import PrismSpelled
from tallystick.documents.garbage_collection import uncollected
from tallystick.mock.control import PATH as CONTROL_PATH
from tallystick.nouns import budgets
from tallystick.nouns.errors import Exit, UsageError
from tallystick.nouns.threads import end_process

if TYPE_CHECKING:
    from tallystick.cli.mock_start import Start, StartOptions
    from tallystick.mock.roles import Listener

_MOST_WORKERS = 64


GROUPS = {
    "Where it serves": ("port", "host", "base_path", "tls", "tls_cert", "tls_key", "cors", "workers", "reload"),
    "What it answers": (
        *("examples", "dynamic", "seed", "locale", "items", "stream_delay", "handlers", "errors", "compat"),
        *("latency", "fault"),
    ),
    "What answers behind it": (
        *("upstream", "remock", "upstream_timeout", "upstream_ca", "upstream_insecure", "rewrite"),
    ),
    "What it remembers": ("state", "state_required", "seed_data", "session_idle", "stateless", "journal"),
    "What it refuses": ("validate", "auth", "strict_query", "strict", "allow"),
    "What it records and replays": ("record", "record_mask", "replay", "replay_only"),
    "How it is controlled": ("control", "control_path", "control_token"),
    "What it shows": ("open_page", "list_all", "list_resources", "quiet"),
}
"""The options in the help, by their headings: their parameters' names."""


class MockCommand(GroupedCommand, PrismSpelled):
    """The command, with its options in groups and in Prism's spellings, too."""


@click.command(cls=MockCommand, groups=GROUPS)
@click.argument("paths", nargs=-1, metavar="[PATH]...")
@click.option(
    "-p", "--port", default=4010, show_default=True, type=click.IntRange(0, 65535), help="0 takes a free one."
)
@click.option("--host", default="127.0.0.1", show_default=True, help="The address to listen on.")
@click.option("--base-path", default="", metavar="PATH", help="Serve below a path, such as /v1, and not at the root.")
@click.option("--tls", is_flag=True, help="Serve HTTPS, with a certificate that is made for this machine.")
@click.option("--tls-cert", default="", metavar="FILE", help="Serve HTTPS with this certificate (PEM).")
@click.option("--tls-key", default="", metavar="FILE", help="The key of --tls-cert, where it is in another file.")
@click.option("--strict", is_flag=True, help="Refuse a contract that breaks a rule.")
@allow_references
@click.option(
    "--upstream",
    multiple=True,
    metavar="URL",
    callback=lambda _, __, value: upstream_given(value),
    help="Pass on what comes to this server, byte for byte, and judge both ways.",
)
@click.option(
    "--remock",
    default="501",
    show_default=True,
    metavar="WORDS",
    callback=lambda _, __, value: _remock(value),
    help="Where the mock answers instead of the upstream: down, slow, and statuses by which it says that it lacks an "
    "operation, as in down,501,404; or none.",
)
@click.option(
    "--upstream-timeout",
    default="60s",
    show_default=True,
    metavar="TIME",
    callback=lambda _, __, value: _upstream_timeout(value),
    help="How long the head of an upstream's reply may take.",
)
@click.option(
    "--upstream-ca",
    default="",
    metavar="FILE",
    help="Trust the authorities in this file (PEM) instead of the system's.",
)
@click.option("--upstream-insecure", is_flag=True, help="Do not judge the certificate of the upstream.")
@click.option("--rewrite", is_flag=True, help="Have redirects and cookies of the upstream lead here.")
@click.option("--cors/--no-cors", default=True, show_default=True, help="Let web pages of any origin call.")
@click.option(
    "--state",
    multiple=True,
    metavar="open|closed|STORE",
    help="Whether a resource that nobody created exists: open has it as its example, closed has it not. And where what "
    "requests create, change and delete is kept: memory, FILE.sqlite, or redis://HOST:PORT/DB. May be given twice.  "
    "[default: open, memory]",
)
@click.option(
    "--state-required/--no-state-required",
    default=True,
    show_default=True,
    help="Refuse requests with a 503 while the state cannot be reached, or answer them without it.",
)
@click.option(
    "--session-idle",
    default="",
    metavar="TIME",
    callback=lambda _, __, value: seconds_given(value, budgets.MOST_SESSION_IDLE_SECONDS),
    help="How long a session is kept that no request uses, such as 30min.  [default: 24h]",
)
@click.option(
    "--seed-data",
    default="",
    metavar="FILE",
    help="The resources that there are at the start, in JSON or YAML by the paths of their collections.",
)
@click.option("--stateless", is_flag=True, help="Remember nothing: answer each request as if it were the first.")
@click.option("--stateful", is_flag=True, hidden=True, expose_value=False, callback=lambda _, __, on: _no_flag(on))
@click.option(
    "--handlers",
    default="",
    metavar="MODULE",
    help="Your own functions answer where they are named after an operation.",
)
@click.option(
    "--seed",
    default="0",
    show_default=True,
    metavar="TEXT",
    callback=lambda _, __, value: _seed(value),
    help="Another number or text gives other generated values.",
)
@click.option(
    "--locale",
    default="en_US",
    show_default=True,
    callback=lambda _, __, value: _locale(value),
    help="Of which country generated people, addresses and the like are, such as de_DE.",
)
@click.option(
    "--errors", is_flag=True, help="Answer with a 500 where the reply, or the example in it, breaks the contract."
)
@click.option(
    "--compat",
    default="none",
    show_default=True,
    type=click.Choice(("none", "prism")),
    help="Tell problems and violations as Prism does, for tests that were written against it.",
)
@click.option(
    "--examples",
    default="mend",
    show_default=True,
    type=click.Choice(("mend", "as-is", "valid-only")),
    help="What becomes of an example that breaks its schema.",
)
@click.option(
    "--items",
    type=click.IntRange(1, budgets.LIST_ROWS),
    help="How many rows a list has where neither the request nor the contract says.  [default: 10]",
)
@click.option(
    "--validate",
    default="enforce",
    show_default=True,
    type=click.Choice(("enforce", "report", "off")),
    help="Refuse a request that breaks the contract, only report it, or do not judge it.",
)
@click.option(
    "--auth",
    default="enforce",
    show_default=True,
    type=click.Choice(("enforce", "report", "off")),
    help="The same for its credentials.",
)
@click.option("--strict-query", is_flag=True, help="Refuse a name in a query that is not documented.")
@click.option(
    "--stream-delay",
    default="",
    metavar="TIME",
    callback=lambda _, __, value: seconds_given(value, budgets.STREAM_DELAY_SECONDS),
    help="How long to wait between two items of a stream, such as 200ms.",
)
@click.option("-d", "--dynamic", is_flag=True, help="Generate values even where there are examples.")
@click.option(
    "--latency",
    default="",
    callback=lambda _, __, value: _fault(value and f"latency={value}") and value,
    metavar="TIME",
    help="How long replies take: 200ms, 100ms-2s, or p50=80ms,p99=2s.",
)
@click.option(
    "--fault",
    multiple=True,
    callback=lambda _, __, value: tuple(_fault(text) for text in value),
    metavar="TEXT",
    help="What goes wrong on purpose, such as '10% 503', drop or '429 retry-after=5'. May be given more than once.",
)
@click.option(
    "--journal",
    type=click.IntRange(0, budgets.JOURNAL_ENTRIES),
    help="How many exchanges of each session are kept to look at, 0 for none.  [default: 1000]",
)
@click.option(
    "--record", default="", metavar="DIR", help="Write each exchange into a file of this folder, without its secrets."
)
@click.option(
    "--record-mask",
    multiple=True,
    metavar="NAME",
    help="A header, query field or member whose values are not recorded; '!NAME' for one that looks secret and is not. "
    "May be given more than once.",
)
@click.option("--replay", default="", metavar="DIR", help="Answer from a recording; mock what is not in it.")
@click.option("--replay-only", is_flag=True, help="Answer what is not in the recording with a 404.")
@click.option("--control/--no-control", default=True, show_default=True, help="Serve the control API.")
@click.option(
    "--control-path",
    default=CONTROL_PATH,
    show_default=True,
    metavar="PATH",
    help="Where the control API is.",
)
@click.option(
    "--control-token",
    default="",
    metavar="TEXT",
    envvar="TALLYSTICK_CONTROL_TOKEN",
    help="Ask for this token at the control API, which is off without one where others reach the mock.",
)
@click.option("--list", "list_all", is_flag=True, help="List every operation with its curl line, and do not serve.")
@click.option(
    "--resources", "list_resources", is_flag=True, help="List what is understood as resources, and do not serve."
)
@click.option(
    "--workers",
    default=1,
    show_default=True,
    type=click.IntRange(1, _MOST_WORKERS),
    help="How many processes serve: one for each processor core that is to be used.",
)
@click.option(
    "--reload/--no-reload",
    default=True,
    show_default=True,
    help="Serve a change of a contract, the configuration or the handlers as soon as it is saved.",
)
@click.option("--open", "open_page", is_flag=True, help="Open the page of the mock in the browser once it answers.")
@click.option("-q", "--quiet", is_flag=True, help="No line for each request.")
def command(**options: Unpack[StartOptions]) -> int:
    """Serve contracts: every request is judged, every reply is an example that keeps its contract.

    PATH is a contract, a folder of them, a glob, a URL, or - for standard input; without one the configuration's, else
    openapi/, else the only contract here.

    Ask for another documented response with the header `Prefer: code=404` or `Prefer: example=NAME`.
    """
    return serve(options)


def serve(
    options: StartOptions,
    listeners: Sequence[Listener] = (),
    end: Callable[[Start], int] = lambda _: Exit.CLEAN,
    hand_over: Callable[[], None] = lambda: None,
) -> int:
    """Serve as a command line asks; `end` is called when the serving has ended, and gives the exit code.

    `hand_over` is called at the end of each worker, where there are several.
    """
    with uncollected(for_good=True):
        from tallystick.cli.mock_start import Start, started  # `--help` does not need it

        start = started(options, listeners)
    if not isinstance(start, Start):
        return start
    start.served.server.last_act = partial(end, start)
    start.served.hand_over = hand_over
    start.run()
    from tallystick.mock.serving.output import say_ended

    say_ended()
    code = end(start)
    if click.get_current_context().parent is not None:  # else it was called by Python code, whose process it is
        end_process(code)
    return code


def _fault(text: str) -> str:
    """A text that asks for faults, "" for none; `click.BadParameter` where it is something else."""
    if not text:
        return ""
    from tallystick.mock.faults.grammar import FaultError, read_faults

    try:
        read_faults(text)
    except FaultError as error:
        raise click.BadParameter(str(error)) from None
    return text


def _locale(name: str) -> str:
    """The name of a locale as generated values know it; `click.BadParameter` where they know none."""
    from tallystick.examples.fake import locale_of

    try:
        return locale_of(name)
    except UsageError as error:
        raise click.BadParameter(str(error)) from None


def upstream_given(urls: tuple[str, ...]) -> str:
    """The URL of the upstream, "" for none; `click.BadParameter` for what is none, or for two of them."""
    if len(urls) > 1:
        raise click.BadParameter("there is one upstream for all; the configuration can name others for some operations")
    if not urls or not urls[0]:
        return ""
    from tallystick.mock.upstream.address import read_address  # few mocks have an upstream

    try:
        read_address(urls[0])
    except UsageError as error:
        raise click.BadParameter(str(error).partition(": ")[2]) from None
    return urls[0]


def _upstream_timeout(text: str) -> float:
    """The seconds of a time above zero; `click.BadParameter` for anything else."""
    seconds = seconds_given(text, budgets.MOST_UPSTREAM_SECONDS)
    if seconds <= 0:
        raise click.BadParameter(f"{text!r}: expected a time above zero, such as 5s")
    return seconds


def _remock(text: str) -> frozenset[str]:
    """The words of `--remock`; `click.BadParameter` for one that is not known."""
    from tallystick.mock.upstream.errors import DOWN, SLOW  # as above

    words = frozenset(word.strip() for word in text.split(",") if word.strip()) - {"none"}
    for word in sorted(words - {DOWN, SLOW}):
        if not (word.isdecimal() and len(word) == 3 and "400" <= word <= "599"):
            raise click.BadParameter(
                f"{word!r}: expected {DOWN}, {SLOW}, or a status from 400 to 599, with commas between them, or none"
            )
    return words


def _seed(text: str) -> int:
    """The seed that a text names, as a request names one."""
    from tallystick.mock.wishes import seed_of  # imports the nouns of a contract, which `--help` does not need

    return seed_of(text)


def _no_flag(is_given: bool) -> None:
    """Raises `UsageError` for the flag `--stateful`, which is no more."""
    if is_given:
        from tallystick.mock.settings import NO_STATEFUL  # as above

        raise UsageError(f"--stateful: {NO_STATEFUL}")
