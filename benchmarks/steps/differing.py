"""Two versions of a document compared by tallystick and by other tools that compare documents."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from benchmarks import peers
from benchmarks.measure import Effort
from benchmarks.processes import progress
from benchmarks.results import WORK, Promise, Table, median, number
from benchmarks.steps.tools import CORPUS, TALLYSTICK, run_several

_LARGEST = "github.json"
_DOCUMENTS = ("petstore3-swagger.yaml", "ory-kratos.json", "kubernetes.json", _LARGEST)
_CHANGES = 10
_SECONDS = {"changed": 4.0, "the same": 2.0}
_TOOLS = {
    "openapi-diff": (peers.OPENAPI_DIFF, ["node", str(peers.OPENAPI_DIFF.path)]),
    "openapi-changes": (peers.OPENAPI_CHANGES, [str(peers.OPENAPI_CHANGES.path), "summary", "--no-color"]),
}


def diff(effort: Effort) -> Table:
    """Documents against themselves, and against themselves with ten required query parameters sown."""
    table = Table(
        "Comparing two versions of a document: seconds of the processor", ["documents", "tallystick", *_TOOLS]
    )
    for peer, _ in _TOOLS.values():
        if reason := peers.install(peer):
            table.notes.append(f"{peer.name} {peer.version}: {reason}")
    for name in _DOCUMENTS:
        if not (CORPUS / name).exists():
            table.notes.append(f"no {CORPUS / name}; TALLYSTICK_CORPUS may name another folder")
            continue
        for kind, old, new in _versions(CORPUS / name):
            commands = {"tallystick": [*TALLYSTICK, "diff", "--fail-on", "never"]}
            commands |= {tool: words for tool, (peer, words) in _TOOLS.items() if peer.path.exists()}
            cells = [f"{name}, {kind}"]
            for tool in ("tallystick", *_TOOLS):
                if tool not in commands:
                    cells.append("-")
                    continue
                runs = run_several([*commands[tool], str(old), str(new)], effort)
                seconds = median([run.processor_seconds for run in runs])
                cells.append(number(seconds) + (f" (exit {runs[-1].code})" if runs[-1].code else ""))
                table.raw.setdefault(tool, {})[f"{name}, {kind}"] = [run.processor_seconds for run in runs]
                if tool == "tallystick" and name == _LARGEST:
                    table.promises.append(Promise(f"diff of {name}, {kind}", seconds, _SECONDS[kind], False, " s"))
            table.rows.append(cells)
            progress("  " + "  ".join(cells))
    return table


def _versions(file: Path) -> Iterator[tuple[str, Path, Path]]:
    """The document against itself with another end, and against itself with changes, both as JSON."""
    from tallystick.contracts.read import read_contract  # slow to import, and the other steps need it not

    value: Any = read_contract(file).root.value
    folder = WORK / "diff"
    folder.mkdir(parents=True, exist_ok=True)
    old, same, changed = (folder / f"{file.stem}-{name}.json" for name in ("old", "same", "changed"))
    text = json.dumps(value, indent=1)
    old.write_text(text)
    same.write_text(f"{text}\n")
    parameter: dict[str, Any] = {"name": "sown", "in": "query", "required": True}
    parameter |= {"type": "string"} if "swagger" in value else {"schema": {"type": "string"}}
    for item in list(value["paths"].values())[:: max(len(value["paths"]) // _CHANGES, 1)][:_CHANGES]:
        item["parameters"] = [*item.get("parameters", ()), parameter]
    changed.write_text(json.dumps(value, indent=1))
    yield "the same", old, same
    yield "changed", old, changed
