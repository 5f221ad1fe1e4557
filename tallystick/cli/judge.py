"""`tallystick judge`: recorded traffic, held to a contract."""

from __future__ import annotations

import os
import sys

import click

from tallystick.cli import allow_references, tell_left_out, version
from tallystick.documents.garbage_collection import uncollected
from tallystick.nouns.errors import Exit, UnreadableError
from tallystick.nouns.printing import print_error, print_text
from tallystick.reports.formats import CHECK_FORMATS, traffic_report


@click.command(context_settings={"show_default": True})
@click.argument("traffic", nargs=-1, required=True, metavar="TRAFFIC...")
@click.option("--contract", required=True, metavar="CONTRACT", help="A file, a URL, or - for standard input.")
@click.option("--url", default="", metavar="URL", help="Base URL of the API, if it is no server of the contract.")
@click.option(
    "--only", type=click.Choice(["requests", "responses"]), help="Judge only what clients sent, or servers answered."
)
@click.option("--no-relations", is_flag=True, help="Judge each exchange alone: other clients changed the same data.")
@click.option("--format", "format_name", type=click.Choice(CHECK_FORMATS), default="text", help="How to report.")
@click.option("--strict", is_flag=True, help="Fail on warnings too.")
@allow_references
@uncollected(for_good=True)
def command(
    traffic: tuple[str, ...],
    contract: str,
    url: str,
    only: str | None,
    no_relations: bool,
    format_name: str,
    strict: bool,
    allow: tuple[str, ...],
) -> int:
    """Judge recorded traffic by a contract: each exchange, and what several show together.

    TRAFFIC is a recording (`tallystick mock --record DIR`), a HAR file (the network tab of a browser saves one; a
    mock's is at /_tallystick/har), the journal of a mock, or flows of mitmproxy. What is of other hosts or paths is
    counted, and not judged. No secret is printed.
    """
    from tallystick.config import load_configuration
    from tallystick.contracts.files import read_only
    from tallystick.exchanges.judged import judged
    from tallystick.exchanges.reading import read_traffic
    from tallystick.exchanges.result import traffic_result
    from tallystick.exchanges.traffic import traffic_of
    from tallystick.reports.colours import wants_colour
    from tallystick.rules.contract.left_out import left_out

    configuration = load_configuration()
    read = read_only(contract, (*configuration.allow_refs, *allow))
    recordings, unreadable = [], 0
    for file in traffic:
        try:
            recordings.append(read_traffic(file))
            broken = recordings[-1].broken
        except UnreadableError as error:
            broken = [error]
        unreadable += len(broken)
        for each in broken:
            print_error(f"tallystick: {each}")
    if not recordings:
        return Exit.UNREACHABLE
    own = traffic_of(read, recordings, url)
    flaws = judged(read, own, configuration.graded, only or "", not no_relations)
    has_colours = format_name == "text" and wants_colour(sys.stdout, os.environ)
    result = traffic_result(read, own, flaws, has_colours, version() if format_name == "sarif" else "")
    print_text(traffic_report(format_name, result))
    tell_left_out(configuration.graded(left_out(read)))
    if unreadable:
        return Exit.UNREACHABLE
    is_wrong = result.errors or result.nothing_judged or (strict and result.findings)
    return Exit.VIOLATIONS if is_wrong else Exit.CLEAN
