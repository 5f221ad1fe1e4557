"""Witnesses written as files: a scenario for each, and all of them as a recording.

A scenario has a request or a response, and what the contract that refuses it says of it; it is a test of pytest. JSON
is written, which is YAML too. The recording is one that `mock --replay`, `judge` and `coverage` read.
"""

from __future__ import annotations

import json
import os
import re
from collections.abc import Sequence
from pathlib import Path

from tallystick.diff.exchanges import response_of
from tallystick.documents.sources import is_address
from tallystick.exchanges.recorded import Recorded
from tallystick.exchanges.recording.writing import RecordingWriter
from tallystick.exchanges.scenarios import END, violation_lines
from tallystick.files.kinds import reason
from tallystick.files.writing import write_whole
from tallystick.nouns.change import Change, Grade, Way, Witness
from tallystick.nouns.contract import Contract
from tallystick.nouns.errors import UnreadableError
from tallystick.nouns.exchange import Exchange, Response
from tallystick.nouns.words import counted
from tallystick.reports.results import ORIGIN, Compared
from tallystick.reports.scenario import first_line, message
from tallystick.wire.reading import operation_for

_LONGEST_NAME = 80
RECORDING = "recording"
"""The folder of the recording, below that of the scenarios."""


def write_witnesses(folder: Path, compared: Sequence[Compared]) -> str:
    """Write a file for each witness of what may break, and return how many there are, as a sentence.

    Raises `UnreadableError` where the folder cannot be written.
    """
    count, recording = 0, None
    try:
        folder.mkdir(parents=True, exist_ok=True)
        for pair in compared:
            for number, change in enumerate(pair.changes, 1):
                if change.grade is Grade.INFO or change.witness is None or change.rule.startswith(Way.WEBHOOK):
                    continue
                scenario = _scenario(folder, pair, change, change.witness)
                name = _slug(f"{pair.name}-{number}-{change.rule}-{change.operation}")
                text = json.dumps(scenario, indent=2, ensure_ascii=False) + "\n"
                write_whole(folder / f"{name}{END}", text.encode("utf-8", "backslashreplace"))
                count += 1
                recording = recording or RecordingWriter(folder / RECORDING)
                recording.write(Recorded(_answered(pair, change.witness.exchange), ORIGIN, name))
    except (OSError, ValueError) as error:
        raise UnreadableError(str(folder), 0, f"cannot be written: {reason(error)}") from None
    return f"{counted(count, 'scenario')} written to {folder}"


def _slug(text: str) -> str:
    return re.sub(r"[^a-z0-9]+", "-", text.lower()).strip("-")[:_LONGEST_NAME].rstrip("-")


def _scenario(folder: Path, pair: Compared, change: Change, witness: Witness) -> dict[str, object]:
    """The scenario of a witness: a request is judged by the new contract, a response by the old one."""
    request, response = witness.exchange
    is_response = response is not None and change.rule.startswith("response-")
    contract = pair.old if is_response else pair.new
    exchange: dict[str, object] = {"send": first_line(request), **message(request.headers, request.body)}
    if contract is not None:
        judged = Exchange(request, response if is_response else None)
        exchange["violations"] = violation_lines(contract, judged)
    if is_response and response is not None:
        exchange["response"] = {"status": response.status, **message(response.headers, response.body)}
    sentence = f"{change.operation}: {change.message}".rstrip(".") + "."
    return {"sentence": sentence, "contract": _file(folder, contract), "exchanges": [exchange]}


def _answered(pair: Compared, exchange: Exchange) -> Exchange:
    """The exchange of a witness; a request has the response that the old contract documents for it."""
    request, response = exchange
    if response is not None or pair.old is None:
        return exchange._replace(response=response or Response(200))
    found = operation_for(pair.old, request.method, request.path, request)
    documented = found[0].responses if found is not None else ()
    for definition in sorted(documented, key=lambda each: each.status):
        if found is not None and (made := response_of(found[0], definition, None)) is not None:
            return exchange._replace(response=made)
    return exchange._replace(response=Response(200))


def _file(folder: Path, contract: Contract | None) -> str:
    """The file of a contract as seen from the folder; what is no file is named as it is."""
    if contract is None or is_address(contract.file) or not os.path.exists(contract.file):
        return contract.file if contract is not None else ""
    return Path(os.path.relpath(contract.file, folder)).as_posix()
