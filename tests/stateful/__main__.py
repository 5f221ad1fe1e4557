"""Runs the mock of each document of the corpus, tries each set over HTTP, and prints one table: `make stateful`."""

from __future__ import annotations

import argparse
import sys
from collections import Counter
from collections.abc import Sequence
from contextlib import closing
from http.client import HTTPConnection, HTTPException
from pathlib import Path

from tallystick.contracts.read import read_contract
from tallystick.examples.samples import Unsatisfiable
from tests.corpus import Row, allowed, corpus_folder, documents, served
from tests.stateful.sets import sets_of
from tests.stateful.trial import KEPT, PROMISES, Outcome, Trial

WANTED = 0.95
"""The share of the promises of each kind that must be kept."""


def outcomes_of(folder: Path, row: Row, words: str, is_traced: bool) -> list[Outcome]:
    """What became of the sets of one document whose labels have some words, on a mock of its own."""
    path, allow = folder / row.file, allowed(folder, row.file)
    contract = read_contract(path, allow)
    sets = [each for each in sets_of(contract) if words in each.label]
    outcomes: list[Outcome] = []
    if not sets:
        return outcomes
    with served(path, allow, contract, row) as (origin, _):
        for each in sets:
            with closing(HTTPConnection(origin.removeprefix("http://"), timeout=60)) as connection:
                try:
                    outcomes.append(Trial(connection, f"/{contract.name}", each, is_traced).run())
                except (OSError, HTTPException, Unsatisfiable) as error:
                    reason = f"no answer: {type(error).__name__} {error}"
                    outcomes.append(Outcome(each.label, each.is_form, {"readable": reason}))
    return outcomes


def figure(outcomes: Sequence[Outcome], promise: str) -> str:
    """How many sets keep a promise, of those that make it and can."""
    kept = sum(each.promises.get(promise) == KEPT for each in outcomes)
    made = sum(promise in each.promises for each in outcomes)
    return f"{kept}/{made}" if made else "-"


def tell_reasons(outcomes: Sequence[tuple[str, Outcome]], shown: int) -> None:
    """Print the promises that are not kept, grouped by their reasons, each with some examples."""
    for name in ("promises", "impossible"):
        print("\nnot kept" if name == "promises" else "\ncannot be kept or seen (not counted)")
        for promise in PROMISES:
            broken = [(file, each, getattr(each, name).get(promise)) for file, each in outcomes]
            broken = [entry for entry in broken if entry[2]]
            for reason, count in Counter(reason for _, _, reason in broken).most_common():
                print(f"  {promise}: {count} x {reason}")
                for file, each, _ in [entry for entry in broken if entry[2] == reason][:shown]:
                    print(f"      {file}: {each.label}: {each.details.get(promise, '')[:400]}")


def main() -> int:
    """Measures the documents that the command line names; 1 where a promise is kept too rarely."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("only", nargs="*", help="words in the names of the documents to measure; all if none is given")
    parser.add_argument("--shown", type=int, default=4, help="how many sets are shown for each reason")
    parser.add_argument("--sets", default="", help="only sets whose paths have this text")
    parser.add_argument("--trace", action="store_true", help="print each request with its answer")
    arguments = parser.parse_args()
    folder = corpus_folder()
    if not folder.is_dir():
        print(f"{folder}: there is no corpus; TALLYSTICK_CORPUS may name one", file=sys.stderr)
        return 3
    print(f"{'document':<44}{'sets':>6}" + "".join(f"{promise:>12}" for promise in PROMISES))
    everything: list[tuple[str, Outcome]] = []
    for row in documents(folder, arguments.only):
        outcomes = outcomes_of(folder, row, arguments.sets, arguments.trace)
        everything += [(row.file, outcome) for outcome in outcomes]
        if outcomes:
            print_row(row.file, outcomes)
        for loss in row.losses:
            print(f"    LOST: {loss}")
    for name, is_form in (("all with JSON", False), ("all with forms", True)):
        print_row(name, [each for _, each in everything if each.is_form is is_form])
    tell_reasons(everything, arguments.shown)
    return int(any(share(everything, promise) < WANTED for promise in PROMISES))


def print_row(name: str, outcomes: Sequence[Outcome]) -> None:
    """Print one line of the table."""
    shown = name if len(name) < 44 else "..." + name[-40:]
    cells = "".join(f"{figure(outcomes, promise):>12}" for promise in PROMISES)
    print(f"{shown:<44}{len(outcomes):>6}{cells}", flush=True)


def share(outcomes: Sequence[tuple[str, Outcome]], promise: str) -> float:
    """The share of the sets with JSON that keep a promise."""
    made = [each for _, each in outcomes if promise in each.promises and not each.is_form]
    return sum(each.promises[promise] == KEPT for each in made) / len(made) if made else 1.0


if __name__ == "__main__":
    sys.exit(main())
