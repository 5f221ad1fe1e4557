"""The verdict of openapi-spec-validator on contracts, beside ours.

The library runs in a process of its own for each contract: it can break down, take its time or use up the stack
without harm to the check. It gets the documents that we have read, so it follows no reference that we do not follow.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from functools import partial

from tallystick.check import spec_validator_process
from tallystick.check.spec_validator_process import Answer, SpecError
from tallystick.nouns.contract import Contract
from tallystick.nouns.violation import Place, Severity, Violation
from tallystick.reports.results import OpinionError, SecondOpinion

SECONDS = 300.0
"""How long openapi-spec-validator may take for one contract; for GitHub's 13 MB, a long one, it takes about 45."""


def second_opinions(
    judged: Sequence[tuple[Contract, Sequence[Violation]]], seconds: float = SECONDS
) -> list[SecondOpinion]:
    """What openapi-spec-validator says of each contract, beside the violations that we have found in it.

    As many contracts are judged at a time as the machine has processors.
    """
    ask = partial(_second_opinion, seconds=seconds)
    with ThreadPoolExecutor(os.cpu_count()) as threads:
        return list(threads.map(ask, judged))


def _second_opinion(judged: tuple[Contract, Sequence[Violation]], seconds: float) -> SecondOpinion:
    contract, violations = judged
    answer = _answer(contract, seconds)
    return SecondOpinion(
        contract.place,
        tuple(violation for violation in violations if violation.severity is Severity.ERROR),
        tuple(OpinionError(error["message"], _place(contract, error)) for error in answer["errors"]),
        answer["failure"],
        answer["release"],
    )


def _answer(contract: Contract, seconds: float) -> Answer:
    root = contract.root.document
    documents = {document.uri: document.value for document in root.family}
    question = json.dumps({"uri": root.uri, "version": contract.version, "documents": documents})
    program = [sys.executable, "-P", spec_validator_process.__file__]  # -P: not what lies beside the program
    try:
        ended = subprocess.run(
            program,
            input=question,
            capture_output=True,
            encoding="utf-8",
            errors="replace",
            timeout=seconds,
            check=False,
        )
    except subprocess.TimeoutExpired:
        return _no_answer(f"it came to no verdict within {seconds:g} seconds")
    if ended.returncode < 0:
        return _no_answer(f"it was ended by the signal {-ended.returncode}")
    if ended.returncode:
        reason = ended.stderr.strip().rpartition("\n")[2]
        return _no_answer(f"it broke down: {reason or f'exit code {ended.returncode}'}")
    answer: Answer = json.loads(ended.stdout)
    return answer


def _no_answer(failure: str) -> Answer:
    return {"release": "", "errors": [], "failure": failure}


def _place(contract: Contract, error: SpecError) -> Place | None:
    """The place of an error, None where the library does not tell it."""
    for document in contract.root.document.family:
        if document.uri == error["uri"]:
            return document.root.place.at(*error["path"])
    return None
