"""Prints what the most frequent properties of the corpus get where their values are generated: for a person to read.

`python -m tests.corpus_values stripe github --top 100` looks at the documents whose names have one of the words. A row
is marked where nothing knows what its name means, so that it gets the words of its name with a number.
"""

from __future__ import annotations

import argparse
import re
import sys
import time
from collections import Counter, defaultdict
from collections.abc import Iterator

from tallystick.contracts.read import read_contract
from tallystick.examples.names import words
from tallystick.examples.samples import GENERATED, Unsatisfiable, body_sample
from tallystick.nouns.contract import Operation
from tallystick.nouns.json_value import JSON
from tallystick.nouns.schema import Direction
from tallystick.wire.choosing import success
from tests.corpus import allowed, corpus_folder, documents

_SHOWN = 4


def scalars(value: JSON, name: str = "", owner: str = "") -> Iterator[tuple[str, str, JSON]]:
    """The name of each property whose value is a scalar, that of the property around it, and the value."""
    if isinstance(value, dict):
        for key, inner in value.items():
            yield from scalars(inner, key, name)
    elif isinstance(value, list):
        for inner in value:
            yield from scalars(inner, name, owner)
    elif value is not None:
        yield name, owner, value


def generated_body(operation: Operation) -> JSON:
    """The body of an operation's success where that is generated; None where it is documented."""
    for body_format in success(operation)[1].content[:1] if operation.responses else ():
        try:
            sample = body_sample(body_format, Direction.RESPONSE)
        except Unsatisfiable:
            continue
        if sample is not None and sample.origin == GENERATED:
            return sample.value
    return None


def is_filler(name: str, value: JSON) -> bool:
    """Whether a value is the words of its name with a number."""
    return isinstance(value, str) and re.fullmatch(rf"{re.escape(words(name))} \d+", value) is not None


def main() -> int:
    """Prints the table; 3 where there is no corpus."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("only", nargs="*", help="words in the names of the documents; all if none is given")
    parser.add_argument("--top", type=int, default=100)
    parser.add_argument("--filler", action="store_true", help="show only what is not known")
    arguments = parser.parse_args()
    folder = corpus_folder()
    if not folder.is_dir():
        print(f"{folder}: there is no corpus; TALLYSTICK_CORPUS may name one", file=sys.stderr)
        return 3
    counts: Counter[str] = Counter()
    seen: dict[str, dict[str, None]] = defaultdict(dict)
    filler: Counter[str] = Counter()
    for row in documents(folder, arguments.only):
        started = time.perf_counter()
        for operation in read_contract(folder / row.file, allowed(folder, row.file)):
            for name, owner, value in scalars(generated_body(operation)):
                key = f"{name} ({type(value).__name__})"
                counts[key] += 1
                filler[key] += is_filler(name, value)
                if len(seen[key]) < _SHOWN:
                    seen[key].setdefault(f"{owner}: {value}"[:60])
        print(f"# {row.file}: {time.perf_counter() - started:.1f} s", file=sys.stderr)
    shown = [key for key in counts if filler[key] or not arguments.filler]
    for key in sorted(shown, key=lambda key: -counts[key])[: arguments.top]:
        mark = "?" if filler[key] else " "
        print(f"{counts[key]:>7} {mark} {key:<36} {' | '.join(seen[key])}")
    print(f"{sum(filler.values())} of {sum(counts.values())} values have no known name")
    return 0


if __name__ == "__main__":
    sys.exit(main())
