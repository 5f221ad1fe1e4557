"""Makes the JSON Schemas that are published: of the configuration, scenarios, recordings and journals (`make docs`)."""

from __future__ import annotations

import json
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import click

from tallystick.check.run import known_rules
from tallystick.cli.mock_resources import _KEYS as RESOURCE_KEYS
from tallystick.cli.rule_table import rules_elsewhere
from tallystick.config import TIMEOUT_KEYS
from tallystick.diff.settings import FAILING
from tallystick.diff.settings import GRADES as CHANGE_GRADES
from tallystick.diff.table import TABLE
from tallystick.documents.text import parse
from tallystick.mock.settings import MOCK_WIDE
from tallystick.nouns.grades import GRADES

FOLDER = Path(__file__).parent.parent / "tallystick" / "cli" / "json_schemas"
CONTROL = Path(__file__).parent.parent / "tallystick" / "mock" / "control" / "control.yaml"
TEXT: dict[str, Any] = {"type": "string"}
TEXTS: dict[str, Any] = {"type": "array", "items": TEXT}
SECRETS = ("bearer", "auth", "api-key", "login")


def schemas() -> dict[str, dict[str, Any]]:
    """Each schema by its name."""
    return {
        name: {"$schema": "https://json-schema.org/draft/2020-12/schema", "title": f"tallystick: {title}", **schema}
        for name, title, schema in (
            ("configuration", "tallystick.toml", configuration()),
            ("scenario", "a scenario file", scenario()),
            ("recording", "one exchange of a recording", recording()),
            ("journal", "the journal of the mock", journal()),
        )
    }


def table(members: dict[str, Any], required: Iterable[str] = (), text: str = "") -> dict[str, Any]:
    """The schema of a table with these keys and no others."""
    described = {"description": text} if text else {}
    needed = {"required": [*required]} if required else {}
    return {"type": "object", **described, **needed, "properties": members, "additionalProperties": False}


def configuration() -> dict[str, Any]:
    """The keys of tallystick.toml; those of the tables `mock` and `fuzz` are flags."""
    rules = {"$ref": "#/$defs/rules"}
    override = {
        **table({"paths": TEXTS, "operations": TEXTS, "rules": rules}, ["rules"]),
        "anyOf": [{"required": ["paths"]}, {"required": ["operations"]}],
    }
    own = {
        "contracts": {**TEXTS, "description": "What the commands work on when no PATH is given."},
        "models": {**TEXT, "description": "The folder of the models."},
        "baseline": {**TEXT, "description": "The file of known violations, each with its reason."},
        "allow-refs": {**TEXTS, "description": "What $ref may reach beyond the contract's own folder."},
        "expect": {**TEXTS, "description": "Refusals and server errors that are no finding of a fuzz run."},
        "mock": mock(),
        "fuzz": table(flags("fuzz", lambda name: name not in SECRETS), text="Flags of `tallystick fuzz`."),
        "diff": table(
            {
                "fail-on": {"enum": [*FAILING]},
                "ignored": {**TEXT, "description": "The file of the changes that are ignored."},
                "consumers": {**TEXTS, "description": "Recordings of what consumers send."},
                "rules": table({key: {"$ref": "#/$defs/change-grade"} for key in sorted(TABLE)}),
            }
        ),
        "rules": rules,
        "overrides": {"type": "array", "items": override},
    }
    grades = {key: {"$ref": "#/$defs/grade"} for key in sorted(known_rules() | {*rules_elsewhere()})}
    shared = {
        "rules": table(grades, text="The grade of each rule, by its id."),
        "grade": {"enum": [*GRADES]},
        "change-grade": {"enum": [str(grade) for grade in CHANGE_GRADES]},
    }
    return {**table(own), "$defs": shared}


def mock() -> dict[str, Any]:
    """The table `mock`: flags that are settings, timeouts, operations, tokens and resources."""
    from dataclasses import fields

    from tallystick.mock.settings import MockSettings

    names = {field.name.replace("_", "-") for field in fields(MockSettings)}
    every = flags("mock", lambda name: name in names)
    own = {name: schema for name, schema in every.items() if name.replace("-", "_") not in MOCK_WIDE}
    match = {**TEXTS, "minItems": 1, "description": "Operations by label, path, id or tag."}
    seconds = {"type": "number", "exclusiveMinimum": 0, "maximum": 86400}
    anything: dict[str, Any] = {"type": ["string", "boolean", "array", "object"]}
    return table(
        {
            **every,
            **dict.fromkeys(TIMEOUT_KEYS, seconds),
            "operations": {"type": "array", "items": table({"match": match, **own}, ["match"])},
            "tokens": {"type": "object", "additionalProperties": TEXTS, "description": "The scopes of bearer tokens."},
            "resources": {"type": "array", "items": table(dict.fromkeys(RESOURCE_KEYS, anything), ["item"])},
        },
        text="Flags of `tallystick mock`, and what has no flag.",
    )


def flags(command: str, is_key: Any) -> dict[str, Any]:
    """The schemas of the flags of a command that are keys, by their names without dashes."""
    from tallystick.cli import main

    found = main.get_command(click.Context(main), command)
    assert found is not None
    keys = {}
    for option in found.params:
        names = [each.removeprefix("--") for each in option.opts if each.startswith("--")]
        for name in names if isinstance(option, click.Option) else ():
            if is_key(name) or is_key((option.name or "").replace("_", "-")):
                keys[name] = flag(option)  # type: ignore[arg-type] # an option, as was asked above
    return keys


def flag(option: click.Option) -> dict[str, Any]:
    """The schema of the value of a flag."""
    if option.is_flag:
        value: dict[str, Any] = {"type": "boolean"}
    elif isinstance(option.type, click.Choice):
        value = {"enum": [*option.type.choices]}
    elif isinstance(option.type, click.types.IntParamType):
        value = {"type": ["integer", "string"]}
    elif isinstance(option.type, click.types.FloatParamType):
        value = {"type": ["number", "string"]}
    else:
        value = {"type": ["string", "integer", "number"]}
    if option.multiple:
        value = {"anyOf": [{"type": "array", "items": value}, value]}
    return {"description": option.help, **value} if option.help else value


HEADERS: dict[str, Any] = {
    "type": "object",
    "description": "Header fields by name; a list of values is a field that is sent several times.",
    "additionalProperties": {"anyOf": [{"type": ["string", "number", "boolean", "null"]}, {"type": "array"}]},
}
SCENARIO_BODIES: dict[str, Any] = {
    "json": {"description": "A body that is JSON."},
    "form": {**TEXT, "description": "A form, as it is on the wire."},
    "text": {**TEXT, "description": "A body that is text."},
    "base64": {**TEXT, "description": "The bytes of a body, in base64."},
}


def scenario() -> dict[str, Any]:
    """A file of `tests/scenarios`, or one that `diff --witnesses` writes."""
    contract = {"type": ["object", "string"], "description": "A contract, or the name of its file."}
    lines = {**TEXTS, "description": "Each is `where | rule | message`."}
    status = {"type": "integer", "minimum": 100, "maximum": 999}
    reply = table(
        {"status": status, "headers": HEADERS, **SCENARIO_BODIES, "json has": {}, "text has": TEXT}, ["status"]
    )
    exchange = table(
        {
            "send": {**TEXT, "pattern": r"^\S+ ", "description": "The method and the target, as they are on the wire."},
            "headers": HEADERS,
            **SCENARIO_BODIES,
            "parts": {
                "type": "object",
                "description": "A body that is multipart/form-data, by the names of its parts.",
            },
            "violations": lines,
            "reply": {"anyOf": [status, reply], "description": "What the mock answers."},
            "refused for": lines,
            "mended": lines,
            "reply violations": lines,
            "response": table({"status": status, "headers": HEADERS, **SCENARIO_BODIES}, ["status"]),
        },
        ["send"],
    )
    members = {
        "sentence": {**TEXT, "pattern": r"\.$", "description": "The behaviour, in one sentence."},
        "contract": contract,
        "contracts": {"type": "object", "additionalProperties": contract},
        "exchanges": {"type": "array", "items": exchange},
    }
    return table(members, ["sentence", "exchanges"])


def recording() -> dict[str, Any]:
    """A file of a recording, one that `mock --record` writes."""
    message = {
        "headers": HEADERS,
        "json": {"description": "A body that is JSON."},
        "text": {**TEXT, "description": "A body that is text."},
        "file": {**TEXT, "description": "The name of a file beside this one that has the body."},
        "whole": {"type": "boolean", "description": "Whether all of the body was recorded."},
    }
    status = {"type": "integer", "minimum": 100, "maximum": 999}
    return {
        "type": "object",
        "required": ["request", "response"],
        "properties": {
            "request": table({"method": TEXT, "url": TEXT, **message}, ["method", "url"]),
            "response": table({"status": status, **message}, ["status"]),
            "count": {"type": "integer", "minimum": 1, "description": "How often it came just so."},
            "started": {**TEXT, "format": "date-time"},
            "seconds": {"type": "number", "minimum": 0},
        },
    }


def journal() -> dict[str, Any]:
    """What `GET /_tallystick/journal` gives, by the contract of the control API."""
    control = parse(CONTROL.read_text(encoding="utf-8"), str(CONTROL))
    components = control["components"]["schemas"]  # type: ignore[index,call-overload] # our own document
    needed: dict[str, Any] = {}

    def moved(value: Any) -> Any:
        if isinstance(value, list):
            return [moved(item) for item in value]
        if not isinstance(value, dict):
            return value
        ref = value.get("$ref")
        if isinstance(ref, str):
            name = ref.rpartition("/")[2]
            if name not in needed:
                needed[name] = None
                needed[name] = moved(components[name])  # type: ignore[index,call-overload] # as above
            return {**value, "$ref": f"#/$defs/{name}"}
        return {key: moved(item) for key, item in value.items()}

    whole = moved(components["Journal"])  # type: ignore[index,call-overload] # as above
    return {**whole, "$defs": dict(sorted(needed.items()))}


def text_of(schema: dict[str, Any]) -> str:
    return json.dumps(schema, indent=1, ensure_ascii=False) + "\n"


if __name__ == "__main__":
    for name, schema in schemas().items():
        (FOLDER / f"{name}.json").write_text(text_of(schema), encoding="utf-8")
