"""From the errors of a meta-schema to faults of a document, which say nothing about how the meta-schema is built.

Where all alternatives (`oneOf`, `anyOf`) of a meta-schema fail, the one that was probably meant is picked, and only its
faults are reported.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass

from jsonschema_rs import ValidationError
from jsonschema_rs import ValidationErrorKind as Kind

from tallystick.nouns.words import did_you_mean, in_a_row, with_hint
from tallystick.schemas.messages import message, shown

Path = tuple[str, ...]
Error = ValidationError
_PICKED_BY = (Kind.Enum, Kind.Constant, Kind.Pattern)
_NAME_PATTERNS = ("^[a-zA-Z0-9._-]+$", "^[a-zA-Z0-9\\.\\-_]+$")


@dataclass(frozen=True, slots=True)
class Fault:
    """One fault: its path, its sort, the name of the field at fault (or ""), and the fact.

    The sort is `missing` for a required field that is not there, `field` for a field that is not allowed, `type` for a
    value of a wrong type, `choice` where several alternatives fit instead of one, and `value` for all else.
    """

    path: Path
    sort: str
    field: str
    fact: str


Owner = Callable[[Path], str]
"""The object at a path as messages name it ("a response"), "" where it has no name."""


def faults_of(errors: Iterable[Error], metaschema: object, owner: Owner) -> list[Fault]:
    """The faults behind the errors of a meta-schema, each once, without those that only follow from others."""
    all_faults = list(dict.fromkeys(fault for error in errors for fault in faults(error, metaschema, owner)))
    primary = [fault.path for fault in all_faults if fault.sort not in ("field", "choice")]
    primary_paths = frozenset(primary)
    around = frozenset(path[:length] for path in primary for length in range(len(path) + 1))
    mistyped_paths = frozenset(fault.path for fault in all_faults if fault.sort == "type")
    fields: frozenset[str] = frozenset(_fields_in(metaschema)) if primary else frozenset()

    def follows(fault: Fault) -> bool:
        """Whether a fault is only there because of another one."""
        match fault.sort:
            case "choice":
                return fault.path in around
            case "field":
                # `unevaluatedProperties` also reports fields that another keyword would allow, had it not failed.
                return fault.field in fields and (fault.path[:-1] in primary_paths or fault.path in around)
            case "type":
                return False
        return fault.path in mistyped_paths

    return [fault for fault in all_faults if not follows(fault)]


def _fields_in(schema: object) -> Iterator[str]:
    """The names of all fields that the objects of a meta-schema have."""
    if isinstance(schema, dict):
        if isinstance(schema.get("properties"), dict):
            yield from schema["properties"]
        for child in schema.values():
            yield from _fields_in(child)
    elif isinstance(schema, list):
        for child in schema:
            yield from _fields_in(child)


def faults(error: Error, metaschema: object, owner: Owner) -> Iterator[Fault]:
    """The faults behind one error."""
    path = _path(error)
    match error.kind:
        case Kind.OneOfNotValid() | Kind.AnyOf():
            yield from _alternatives(error, metaschema, owner)
        case Kind.OneOfMultipleValid():
            names = _required_of(_schema_at(metaschema, error.schema_path))
            yield Fault(path, "value", "", _only_one(names)) if names else Fault(path, "choice", "", message(error))
        case Kind.Required(name):
            needed = f"; {owner(path)} needs it" if owner(path) else "; it is required"
            yield Fault(path, "missing", name, f"the field `{name}` is missing{needed}")
        case Kind.AdditionalProperties(unexpected) | Kind.UnevaluatedProperties(unexpected):
            allowed = _allowed_fields(metaschema, error.schema_path)
            elsewhere = frozenset(_fields_in(_schema_at(metaschema, error.schema_path[:2])))
            for name in unexpected:
                whose = f"{owner(path)} of this kind" if owner(path) and name in elsewhere else owner(path)
                yield Fault((*path, name), "field", name, _no_field(name, allowed, whose))
        case Kind.PropertyNames(name_error):
            yield _name_fault(path, name_error)
        case Kind.Not(schema):
            yield _excluded(path, schema, error)
        case Kind.Type(types):
            hint = ""
            if error.instance is None and "type" in path[-2:]:
                hint = "; write 'null' in quotes"
            elif types == ["string"] and type(error.instance) in (int, float):
                hint = "; write it in quotes"
            yield Fault(path, "type", "", f"{_subject(path)}{message(error)}{hint}")
        case Kind.Format("regex"):
            yield Fault(path, "value", "", no_pattern(error.instance))
        case _:
            yield Fault(path, "value", "", f"{_subject(path)}{message(error)}")


def no_pattern(pattern: object) -> str:
    """The fact for an invalid pattern."""
    return f"{shown(pattern)} is no regular expression (ECMA-262, with Unicode)"


def _path(error: Error) -> Path:
    return tuple(map(str, error.instance_path))


def _subject(path: Path) -> str:
    if not path:
        return ""
    return f"item {int(path[-1]) + 1}: " if path[-1].isdecimal() and len(path[-1]) < 3 else f"`{path[-1]}`: "


def _alternatives(error: Error, metaschema: object, owner: Owner) -> Iterator[Fault]:
    depth = len(error.instance_path)
    branches = [flat for branch in _branches_of(error) if branch for flat in _expanded(branch, depth)]
    branches = _without_references(branches, error.instance)
    merged = _same_place(branches, depth)
    if merged is not None:
        yield merged
        return
    if isinstance(error.instance, dict):
        branches = _picked(branches, depth)
    if len(branches) > 1 and all(_only_missing(branch, depth) for branch in branches):
        names = [name for branch in branches for missing in branch if (name := _missing_name(missing))]
        yield Fault(_path(error), "missing", "", f"one of {_in_backticks(names, 'or')} is needed")
        return
    if not branches:
        yield Fault(_path(error), "value", "", f"{_subject(_path(error))}{shown(error.instance)} is not allowed here")
        return
    nearest = max(branches, key=lambda branch: (max(len(error.instance_path) for error in branch), -len(branch)))
    for nested_error in nearest:
        yield from faults(nested_error, metaschema, owner)


def _branches_of(error: Error) -> list[list[Error]]:
    """The errors of each alternative, for the error of a composition; empty for any other error."""
    match error.kind:
        case Kind.AnyOf(branches) | Kind.OneOfNotValid(branches) | Kind.OneOfMultipleValid(branches):
            return branches
    return []


def _expanded(branch: Sequence[Error], depth: int) -> list[list[Error]]:
    """A branch as several ones, if its own first level is a choice again: one for each alternative."""
    for index, error in enumerate(branch):
        choices = _branches_of(error)
        if choices and len(error.instance_path) == depth and all(choices):
            rest = [*branch[:index], *branch[index + 1 :]]
            return [flat for choice in choices for flat in _expanded([*choice, *rest], depth)]
    return [list(branch)]


def _without_references(branches: list[list[Error]], value: object) -> list[list[Error]]:
    """The alternatives without those for a reference if there is no `$ref`; only those for one if there is a `$ref`."""

    def wants_reference(branch: list[Error]) -> bool:
        return any(_missing_name(error) == "$ref" for error in branch) or any(
            str(name) in ("Reference", "jsonReference") for error in branch for name in error.schema_path[:2]
        )

    is_reference = isinstance(value, dict) and "$ref" in value
    kept = [branch for branch in branches if wants_reference(branch) == is_reference]
    return kept or branches


def _missing_name(error: Error) -> str | None:
    """The name of the field that is missing; None for an error of another kind."""
    match error.kind:
        case Kind.Required(name):
            return name
    return None


def _only_missing(branch: list[Error], depth: int) -> bool:
    return all(isinstance(error.kind, Kind.Required) and len(error.instance_path) == depth for error in branch)


def _same_place(branches: list[list[Error]], depth: int) -> Fault | None:
    """One fault for alternatives that all fail by the type, or by the allowed values, of the same part."""
    if len(branches) < 2:
        return None
    if mistyped := _all_have(branches, Kind.Type, depth):
        path = _path(mistyped[0])
        types = [name for error in mistyped if isinstance(error.kind, Kind.Type) for name in error.kind.types]
        expected = " or ".join(dict.fromkeys(types))
        return Fault(path, "type", "", f"{_subject(path)}{_here(mistyped[0].instance)}; expected {expected}")
    if unlisted := _all_have(branches, Kind.Enum, depth + 1):
        path = _path(unlisted[0])
        options = [
            shown(option) for error in unlisted if isinstance(error.kind, Kind.Enum) for option in error.kind.options
        ]
        expected = ", ".join(dict.fromkeys(options))
        fact = f"{shown(unlisted[0].instance)} is not one of the allowed values; expected {expected}"
        return Fault(path, "value", "", f"{_subject(path)}{fact}")
    return None


def _all_have(branches: list[list[Error]], kind: type[Kind], depth: int) -> list[Error]:
    """One error of a kind from each branch, all at one place; empty if there is no such place."""
    by_path = [{_path(error): error for error in branch if isinstance(error.kind, kind)} for branch in branches]
    for path in by_path[0]:
        if len(path) == depth and all(path in errors for errors in by_path):
            return [errors[path] for errors in by_path]
    return []


def _here(value: object) -> str:
    return "null stands here" if value is None else f"{shown(value)} stands here"


def _picked(branches: list[list[Error]], depth: int) -> list[list[Error]]:
    """The alternatives without those that the value of a field (`in`, `type`, ...) rules out."""

    def ruled_out(branch: list[Error]) -> bool:
        return any(isinstance(error.kind, _PICKED_BY) and len(error.instance_path) == depth + 1 for error in branch)

    return [branch for branch in branches if not ruled_out(branch)] or branches


def _excluded(path: Path, schema: object, error: Error) -> Fault:
    names = schema.get("required") if isinstance(schema, dict) else None
    if names and len(names) == 1:
        fact = f"the field `{names[0]}` may not be there in this combination"
        return Fault((*path, names[0]), "field", names[0], fact)
    if names:
        return Fault(path, "value", "", _only_one(names))
    return Fault(path, "value", "", f"{_subject(path)}{message(error)}")


def _name_fault(path: Path, error: Error) -> Fault:
    name = str(error.instance)
    fact = message(error)
    if isinstance(error.kind, Kind.Pattern) and error.kind.pattern in _NAME_PATTERNS:
        fact = f"the name {name!r} may have only letters, digits, `.`, `-` and `_`"
    return Fault((*path, name), "value", name, fact)


def _only_one(names: Sequence[str]) -> str:
    return f"only one of {_in_backticks(names, 'and')} may be there"


def _no_field(name: str, allowed: Sequence[str], owner: str) -> str:
    if "^/" in allowed or "^\\/" in allowed:
        return f"the path {name!r} has to begin with a slash"
    if any("[1-5]" in pattern for pattern in allowed):
        return f"{name!r} is no status; expected three digits, a range such as 2XX, or default"
    if any(pattern in _NAME_PATTERNS for pattern in allowed):
        return f"the name {name!r} may have only letters, digits, `.`, `-` and `_`"
    fact = f"{owner} has no field `{name}`" if owner else f"there is no field `{name}` here"
    fields = [field for field in allowed if not field.startswith("^")]
    return with_hint(fact, did_you_mean(name, fields, 0.75, "`{}`"))


def _schema_at(metaschema: object, path: Sequence[object]) -> object:
    """The part of a meta-schema at a path of keys and indexes; an empty schema if there is none."""
    value = metaschema
    for key in path:
        if isinstance(value, dict):
            value = value.get(key, {})
        elif isinstance(value, list) and isinstance(key, int):
            value = value[key] if key < len(value) else {}
        else:
            return {}
    return value


def _allowed_fields(metaschema: object, schema_path: Sequence[object]) -> list[str]:
    """The fields, and the patterns of fields, that the schema around an `additionalProperties` allows."""
    schema = _schema_at(metaschema, schema_path[:-1])
    if not isinstance(schema, dict):
        return []
    return [*schema.get("properties", ()), *(name for name in schema.get("patternProperties", ()) if name != "^x-")]


def _required_of(alternatives: object) -> list[str]:
    """The fields that the alternatives of a meta-schema require; empty if one of them requires none."""
    branches = alternatives if isinstance(alternatives, list) else []
    if not all(isinstance(branch, dict) and "required" in branch for branch in branches):
        return []
    return [name for branch in branches for name in branch["required"]]


def _in_backticks(names: Sequence[str], word: str) -> str:
    return in_a_row([f"`{name}`" for name in dict.fromkeys(names)], word)
