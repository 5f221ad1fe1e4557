"""`tallystick coverage`: what of contracts some exchanges touched."""

from __future__ import annotations

import os
import sys
from collections.abc import Sequence
from typing import TYPE_CHECKING

import click

from tallystick.cli import allow_references
from tallystick.cli.fuzz_coverage import CoverageOptions, least_coverages, min_coverage
from tallystick.documents.garbage_collection import uncollected
from tallystick.nouns.errors import Exit, UnreadableError, UsageError
from tallystick.nouns.printing import print_error, print_text
from tallystick.reports.formats import COVERAGE_FORMATS, coverage_report

if TYPE_CHECKING:
    from tallystick.coverage.coverage import Coverage
    from tallystick.exchanges.recorded import Recording
    from tallystick.nouns.contract import Contract
    from tallystick.nouns.json_value import JSON

_EXPECTED = "recorded traffic, or the JSON of `tallystick fuzz` or `tallystick coverage` was expected"


@click.command(context_settings={"show_default": True})
@click.argument("sources", nargs=-1, required=True, metavar="SOURCE...")
@click.option("--contract", "contracts", required=True, multiple=True, metavar="CONTRACT", help="May be given again.")
@click.option("--url", default="", metavar="URL", help="Base URL of the API, if it is no server of the contract.")
@click.option("--format", "format_name", type=click.Choice(COVERAGE_FORMATS), default="text", help="How to report.")
@click.option(
    "--max", "most", type=click.IntRange(0), default=20, help="Parts of a kind that the text names, 0 for all."
)
@min_coverage
@allow_references
@uncollected(for_good=True)
def command(
    sources: tuple[str, ...],
    contracts: tuple[str, ...],
    url: str,
    format_name: str,
    most: int,
    min_coverage: tuple[str, ...],
    allow: tuple[str, ...],
) -> int:
    """Tell what of contracts was seen: operations, statuses, media types, parameters, members, examples and links.

    A SOURCE is recorded traffic, as `tallystick judge` reads it, or what `tallystick fuzz` or this command reported as
    JSON; all of them together are one coverage. What a request has counts once such a request is accepted.
    """
    from tallystick.config import load_configuration
    from tallystick.contracts.files import read_only
    from tallystick.coverage.result import coverage_result
    from tallystick.reports.colours import wants_colour
    from tallystick.reports.covered import CoverageReport

    asked = least_coverages(CoverageOptions(min_coverage=min_coverage))
    configuration = load_configuration()
    read = [read_only(contract, (*configuration.allow_refs, *allow)) for contract in contracts]
    recordings, records, is_whole = _read(sources)
    if not recordings and not records:
        return Exit.UNREACHABLE
    notes: list[str] = []
    coverages = [_coverage(contract, recordings, records, url, notes, len(read) > 1) for contract in read]
    results = [coverage_result(coverage, asked) for coverage in coverages]
    has_colours = format_name == "text" and wants_colour(sys.stdout, os.environ)
    print_text(coverage_report(format_name, CoverageReport(results, notes, most, has_colours)))
    if not is_whole:
        return Exit.UNREACHABLE
    is_wrong = any(result.shortfalls for result in results) or not any(coverage.seen for coverage in coverages)
    return Exit.VIOLATIONS if is_wrong else Exit.CLEAN


def _read(sources: Sequence[str]) -> tuple[list[Recording], list[tuple[str, JSON]], bool]:
    """Recorded traffic, the records of other coverages by their files, and whether all of them could be read."""
    from tallystick.coverage.records import records_in
    from tallystick.exchanges.reading import no_traffic, read_source
    from tallystick.exchanges.recorded import Recording

    recordings: list[Recording] = []
    records: list[tuple[str, JSON]] = []
    is_whole = True
    for source in sources:
        try:
            found = read_source(source, _EXPECTED)
            if isinstance(found, Recording):
                recordings.append(found)
                for broken in found.broken:
                    is_whole = False
                    print_error(f"tallystick: {broken}")
            elif of_file := records_in(found):
                records += [(source, record) for record in of_file]
            else:
                raise no_traffic(source, found, _EXPECTED)
        except UnreadableError as error:
            is_whole = False
            print_error(f"tallystick: {error}")
    return recordings, records, is_whole


def _coverage(
    contract: Contract,
    recordings: Sequence[Recording],
    records: Sequence[tuple[str, JSON]],
    url: str,
    notes: list[str],
    is_by_name: bool,
) -> Coverage:
    """The coverage of one contract; with `is_by_name`, records of others are passed over."""
    from tallystick.coverage.coverage import Coverage
    from tallystick.exchanges.traffic import traffic_of

    coverage = Coverage(contract)
    traffic = traffic_of(contract, recordings, url)
    for own in traffic.own:
        coverage.add(own.operation, own.exchange)
    for file, record in records:
        name = record.get("contract") if isinstance(record, dict) else None
        if name != contract.name:
            if is_by_name:
                continue
            notes.append(f"{file}: a coverage of the contract {name!r}, taken for one of {contract.name!r}")
        try:
            coverage.merge(Coverage.from_json(contract, record))
        except UsageError as error:
            raise UnreadableError(file, 0, str(error)) from None
    notes += traffic.notes
    if not coverage.exchanges:
        notes.append(f"no exchange is of {contract.file}")
    return coverage
