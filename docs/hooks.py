"""Pages of the site that are made from the code as it is: commands, the Python API, and rules with their examples."""

from __future__ import annotations

import inspect
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import click
import yaml
from mkdocs.config.defaults import MkDocsConfig
from mkdocs.structure.files import File, Files

import tallystick
from tallystick.check.run import RULES
from tallystick.cli import COMMANDS, main
from tallystick.rules.sequence.relations import RULES as SEQUENCE_RULES

ROOT = Path(__file__).parent.parent
_MARK = re.compile(r"^(?P<line>.*?)\s+#! (?P<rule>[a-z0-9-]+): (?P<message>.*)$")
_LINES_AROUND = 3
_OUTSIDE = re.compile(r"\[([^\]]+)\]\((?:\.\./)([^)]+)\)")


def on_files(files: Files, config: MkDocsConfig) -> Files:
    """Adds the pages that are made, and leaves out this file."""
    for name, text in (
        ("commands.md", commands_page()),
        ("api.md", api_page()),
        ("rule-examples.md", examples_page()),
        ("changelog.md", (ROOT / "CHANGELOG.md").read_text().replace("](docs/", "](")),
    ):
        files.append(File.generated(config, name, content=text))
    for file in sorted((ROOT / "tallystick" / "cli" / "json_schemas").glob("*.json")):
        files.append(File.generated(config, f"schemas/{file.name}", content=file.read_text()))
    return files


def on_page_markdown(markdown: str, **_: object) -> str:
    """Names a file of the repository, to which the site has no page, where a page of the repository links to it."""
    return _OUTSIDE.sub(lambda link: f"{link[1]} (`{link[2].partition('#')[0]}`)", markdown)


def commands_page() -> str:
    """Every command and flag, as `--help` has them."""
    lines = [
        "# Commands",
        "",
        "Every command and flag, made from the command line itself. Each command has `--help`.",
        "",
    ]
    for name, sentence in COMMANDS.items():
        context = click.Context(main, info_name="tallystick")
        command = main.get_command(context, name)
        assert command is not None
        below = click.Context(command, info_name=f"tallystick {name}", max_content_width=100, terminal_width=100)
        lines += [f"## tallystick {name}", "", sentence, "", "```text", command.get_help(below), "```", ""]
        for inner in command.commands.values() if isinstance(command, click.Group) else ():
            of_inner = click.Context(
                inner, info_name=inner.name, parent=below, max_content_width=100, terminal_width=100
            )
            lines += ["```text", inner.get_help(of_inner), "```", ""]
    return "\n".join(lines)


def api_page() -> str:
    """The names of the front door, by their signatures and docstrings."""
    lines = ["# Python API", "", "What `import tallystick` offers; everything else may change with any release.", ""]
    for name in sorted(tallystick.__all__, key=str.lower):
        value = getattr(tallystick, name)
        lines += [f"## `{name}`", "", *_signature(name, value), inspect.getdoc(value) or "", ""]
        if inspect.isclass(value):
            lines += list(_members(value))
    return "\n".join(lines)


def _signature(name: str, value: Any) -> list[str]:
    if not inspect.isfunction(value):
        return []
    return ["```python", f"{name}{inspect.signature(value)}", "```", ""]


def _members(value: type) -> Iterator[str]:
    """The public methods and properties of a class, each in a line with the first sentence of its docstring."""
    for name, member in vars(value).items():
        text = inspect.getdoc(member)
        if name.startswith("_") or not (inspect.isfunction(member) or isinstance(member, property)) or not text:
            continue
        call = "" if isinstance(member, property) else "()"
        yield f"- `.{name}{call}`: {text.splitlines()[0]}"
    yield ""


def examples_page() -> str:
    """For each rule an example that breaks it and one that does not, from the scenarios of the tests."""
    exchanges, documents = _exchange_examples(), _document_examples()
    lines = [
        "# Rules by example",
        "",
        "Each is taken from the tests, so it is what tallystick really says.",
        "In a document, the lines around the marked one keep the rule.",
        "",
    ]
    for rule in (*RULES, *SEQUENCE_RULES):
        parts = exchanges.get(rule.id) or documents.get(rule.id)
        if parts:
            lines += [f"## {rule.id}", "", f"{rule.sentence} ({rule.severity})", "", *parts, ""]
    return "\n".join(lines)


def _document_examples() -> dict[str, list[str]]:
    """A line of a document that breaks each rule on documents, with the sound lines around it."""
    examples: dict[str, list[str]] = {}
    for file in sorted((ROOT / "tests" / "documents").glob("*.yaml")):
        lines = file.read_text().splitlines()
        for number, line in enumerate(lines):
            mark = _MARK.match(line)
            if mark is None or mark["rule"] in examples:
                continue
            before, after = lines[max(0, number - _LINES_AROUND) : number], lines[number + 1 : number + _LINES_AROUND]
            shown = [*map(_plain, before), f"{mark['line']}  # <-- here", *map(_plain, after)]
            said = f"{file.name}:{number + 1}: {mark['rule']}: {mark['message']}"
            examples[mark["rule"]] = ["```yaml", *shown, "```", "", "```text", said, "```"]
    return examples


def _plain(line: str) -> str:
    """A line of a document without what the tests say of it."""
    mark = _MARK.match(line)
    return mark["line"] if mark is not None else line


def _exchange_examples() -> dict[str, list[str]]:
    """An exchange that breaks each rule on exchanges, and one of the same operation that does not."""
    examples: dict[str, list[str]] = {}
    for file in sorted((ROOT / "tests" / "scenarios").rglob("*.yaml")):
        scenario = yaml.safe_load(file.read_text())
        exchanges = scenario.get("exchanges", []) if isinstance(scenario, dict) else []
        for exchange in exchanges:
            for violation in exchange.get("violations", ()):
                rule = violation.split(" | ")[1] if violation.count(" | ") >= 2 else ""
                if rule and rule not in examples:
                    examples[rule] = _shown_exchange(scenario, exchange, exchanges)
    return examples


def _shown_exchange(scenario: dict[str, Any], broken: dict[str, Any], exchanges: list[dict[str, Any]]) -> list[str]:
    path = str(broken["send"]).split()[1].split("?")[0]
    contract = scenario.get("contract") or {}
    item = {path: contract["paths"][path]} if path in contract.get("paths", {}) else contract.get("paths", contract)
    right = next(
        (each for each in exchanges if "violations" not in each and str(each["send"]).split()[1].split("?")[0] == path),
        None,
    )
    lines = [
        scenario.get("sentence", ""),
        "",
        "```yaml",
        _yaml({"paths": item}),
        "```",
        "",
        "breaks it:",
        "",
        "```yaml",
        _yaml(broken),
        "```",
    ]
    if right is not None:
        lines += ["", "keeps it:", "", "```yaml", _yaml(right), "```"]
    return lines


def _yaml(value: object) -> str:
    return yaml.safe_dump(value, sort_keys=False, allow_unicode=True, width=110, default_flow_style=None).rstrip()
