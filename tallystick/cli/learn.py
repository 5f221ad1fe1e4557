"""`tallystick learn`: a first contract from recorded traffic, or what an existing one lacks."""

from __future__ import annotations

from pathlib import Path

import click

from tallystick.documents.garbage_collection import uncollected
from tallystick.nouns.errors import Exit, UnreadableError
from tallystick.nouns.printing import print_error, print_text


@click.command(context_settings={"show_default": True})
@click.argument("traffic", nargs=-1, required=True, metavar="TRAFFIC...")
@click.option("--url", default="", metavar="URL", help="Base URL of the API, where several were recorded.")
@click.option("-o", "--output", default="", metavar="FILE", help="Write the contract here, where no file is yet.")
@uncollected(for_good=True)
def command(traffic: tuple[str, ...], url: str, output: str) -> int:
    """Learn a contract from recorded traffic.

    TRAFFIC is a recording (`tallystick mock --record DIR`), a HAR file, the journal of a mock, or flows of mitmproxy.
    """
    from tallystick.documents.yaml_writing import yaml_text
    from tallystick.exchanges.reading import read_traffic
    from tallystick.learn.document import document_of
    from tallystick.learn.traffic import learned

    recordings, unreadable = [], 0
    for file in traffic:
        try:
            recordings.append(read_traffic(file))
        except UnreadableError as error:
            unreadable += 1
            print_error(f"tallystick: {error}")
    if not recordings:
        return Exit.UNREACHABLE
    found = learned(recordings, url)
    text = yaml_text(document_of(found))
    if output:
        from tallystick.files.writing import write_whole

        write_whole(Path(output), text.encode())
    else:
        print_text(text)
    for note in found.notes:
        print_error(f"tallystick: {note}")
    return Exit.UNREACHABLE if unreadable else Exit.CLEAN
