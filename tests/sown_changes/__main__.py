"""Sows changes into the documents of the corpus and prints what a diff finds of them: `make sown`."""

from __future__ import annotations

import argparse
import os
import sys
import time
from collections import Counter
from pathlib import Path

from tests.sown_changes.documents import Sown, documents
from tests.sown_changes.operation_kinds import BREAKING
from tests.sown_changes.sowing import answer, cases, rewritten

ROOT = Path(__file__).resolve().parents[2]
LEAST_FOUND = 0.99


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("words", nargs="*", help="only the documents whose name has one of these words")
    parser.add_argument("--each", type=int, default=1, help="how many changes of each kind are sown into a document")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--seconds", type=float, default=120.0, help="the most time for one document")
    arguments = parser.parse_args()
    folder = Path(os.environ.get("TALLYSTICK_CORPUS", ROOT.parent / "shared" / "corpus"))
    if not (folder / "INDEX.tsv").exists():
        print(f"{folder}: there is no corpus; TALLYSTICK_CORPUS may name one", file=sys.stderr)
        return 1
    counts: Counter[str] = Counter()
    kinds: set[str] = set()
    for name in documents(folder, arguments.words):
        started = time.monotonic()
        document = Sown(folder, name)
        for loss in rewritten(document):
            counts["rewritten"] += 1
            print(f"{name}: {loss}", flush=True)
        for case in cases(document, arguments.each, arguments.seed):
            result = answer(case)
            kinds.add(case.name)
            counts["sown"] += 1
            counts["breaking"] += case.expected == BREAKING
            counts["witnessed"] += result.is_witnessed
            counts["verified"] += result.is_verified
            for loss in result.losses:
                counts[loss.partition(":")[0].partition(";")[0]] += 1
                print(f"{name}: {case.name} at {'/'.join(map(str, case.path))}: {loss}", flush=True)
            if time.monotonic() - started > arguments.seconds:
                print(f"{name}: stopped after {arguments.seconds:g} s at {case.name}")
                break
    found = counts["breaking"] - counts["missed"] - counts["misplaced"]
    print(
        f"{len(kinds)} kinds, {counts['sown']} changes sown: {found} of {counts['breaking']} breaking ones found "
        f"at their place, {counts['witnessed']} with a witness, {counts['verified']} verified by jsonschema-rs alone; "
        f"{counts['alarm']} false alarms, {counts['told']} told that change nothing, {counts['unseen']} unseen, "
        f"{counts['unproven']} unproven, {counts['rewritten']} told of documents that were only written in another way"
    )
    is_lost = found < LEAST_FOUND * counts["breaking"] or counts["alarm"] or counts["told"] or counts["unproven"]
    is_lost = is_lost or counts["rewritten"]
    return 1 if is_lost else 0


if __name__ == "__main__":
    sys.exit(main())
