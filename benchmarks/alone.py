"""Microseconds that orjson and jsonschema-rs take for a body alone: `python -m benchmarks.alone BODY SCHEMA`."""

from __future__ import annotations

import json
import sys
import time
from pathlib import Path

import jsonschema_rs
import orjson

_SECONDS = 0.5


def main() -> None:
    """Print the median of as many repetitions as fit into half a second."""
    body, schema = (Path(name).read_bytes() for name in sys.argv[1:])
    is_valid = jsonschema_rs.validator_for(json.loads(schema)).is_valid
    seconds: list[float] = []
    while sum(seconds) < _SECONDS:
        before = time.process_time()
        valid = is_valid(orjson.loads(body))
        seconds.append(time.process_time() - before)
        if not valid:
            sys.exit("the body is not valid")
    print(1e6 * sorted(seconds)[len(seconds) // 2])


if __name__ == "__main__":
    main()
