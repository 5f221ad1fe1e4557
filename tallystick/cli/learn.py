"""`tallystick learn`: a first contract from recorded traffic, or what an existing one lacks."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

import click

from tallystick.cli import allow_references
from tallystick.documents.garbage_collection import uncollected
from tallystick.nouns.errors import Exit, UnreadableError, UsageError
from tallystick.nouns.printing import print_error, print_text

if TYPE_CHECKING:
    from tallystick.exchanges.recorded import Recording


@click.command(context_settings={"show_default": True})
@click.argument("traffic", nargs=-1, required=True, metavar="TRAFFIC...")
@click.option("--contract", default="", metavar="CONTRACT", help="Show what this contract lacks, as a patch.")
@click.option("--write", is_flag=True, help="Apply the patch; no line that is there is changed.")
@click.option("--url", default="", metavar="URL", help="Base URL of the API, where several were recorded.")
@click.option("-o", "--output", default="", metavar="FILE", help="Write the first contract here, where no file is yet.")
@allow_references
@uncollected(for_good=True)
def command(traffic: tuple[str, ...], contract: str, write: bool, url: str, output: str, allow: tuple[str, ...]) -> int:
    """Learn a contract from recorded traffic, or what an existing one lacks.

    TRAFFIC is a recording (`tallystick mock --record DIR`), a HAR file, the journal of a mock, or flows of mitmproxy.
    Without a contract, a first one is printed. With one, the patch that adds what it lacks is; nothing is printed
    where it lacks nothing, and the exit code is 1 where it lacks something.
    """
    from tallystick.exchanges.reading import read_traffic

    if write and not contract:
        raise UsageError("--write applies a patch to a contract; name it with --contract FILE")
    if output and contract:
        raise UsageError("-o is for a first contract; --contract shows a patch, and --write applies it")
    recordings: list[Recording] = []
    broken: list[UnreadableError] = []
    for file in traffic:
        try:
            recordings.append(read_traffic(file))
            broken += recordings[-1].broken
        except UnreadableError as error:
            broken.append(error)
    for each in broken:
        print_error(f"tallystick: {each}")
    if not recordings:
        return Exit.UNREACHABLE
    _mask(recordings)
    code = _patched(recordings, contract, write, url, allow) if contract else _first(recordings, url, output)
    return Exit.UNREACHABLE if broken else code


def _mask(recordings: Sequence[Recording]) -> None:
    """Take out what the configuration names as a secret; what looks like one is masked when it is learned."""
    from tallystick.config import load_configuration
    from tallystick.exchanges.secrets import Secrets

    listed = load_configuration().mock.get("record-mask", ())
    names = [name for name in listed if isinstance(name, str)] if isinstance(listed, list) else []
    for recording in recordings if names else ():
        secrets = Secrets((), names)
        masked = [replace(each, exchange=secrets.exchange(each.exchange)) for each in recording.exchanges]
        recording.exchanges = masked


def _first(recordings: Sequence[Recording], url: str, output: str) -> Exit:
    """Print a first contract, or write it."""
    from tallystick.documents.yaml_writing import yaml_text
    from tallystick.learn.document import document_of
    from tallystick.learn.traffic import learned

    found = learned(recordings, url)
    for note in found.notes:
        print_error(f"note: {note}")
    if not found.operations:
        raise UnreadableError(recordings[0].file, 0, "has no exchange of an API that a contract could be learned from")
    text = yaml_text(document_of(found))
    if output:
        _write_new(Path(output), text)
    else:
        print_text(text)
    return Exit.CLEAN


def _patched(recordings: Sequence[Recording], file: str, write: bool, url: str, allow: Sequence[str]) -> Exit:
    """Print the patch that adds what a contract lacks, or apply it."""
    from tallystick.config import load_configuration
    from tallystick.contracts.files import read_only
    from tallystick.documents.rewriting import rewrite
    from tallystick.learn.lacking import lacking, patches_of

    contract = read_only(file, (*load_configuration().allow_refs, *allow))
    found = lacking(contract, recordings, url)
    for note in found.notes:
        print_error(f"note: {note}")
    if not found.exchanges:
        raise UnreadableError(
            recordings[0].file, 0, f"has no exchange of {file}; --url names where its API was recorded"
        )
    patches = patches_of(found)
    for patch in patches:
        print_text(patch.diff)
        for lack in patch.left:
            fact = f"{lack.sentence} is lacking, and there is no line to insert it at; add it by hand:"
            for line in (f"note: {patch.file}: {fact}", *lack.lines):
                print_error(line)
    if write:
        for patch in patches:
            rewrite(patch.file, patch.before, patch.text)
    is_left = any(patch.left for patch in patches)
    return Exit.VIOLATIONS if is_left or (patches and not write) else Exit.CLEAN


def _write_new(file: Path, text: str) -> None:
    """Write a contract where no file is; raises `UsageError` where one is, `UnreadableError` where that fails."""
    from tallystick.files.kinds import reason
    from tallystick.files.writing import write_new

    try:
        write_new(file, text.encode())
    except FileExistsError:
        raise UsageError(f"-o {file}: there is a file already; --contract {file} shows what it lacks") from None
    except (OSError, ValueError) as error:
        raise UnreadableError(str(file), 0, f"cannot be written: {reason(error)}") from None
