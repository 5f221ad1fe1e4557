"""From the errors of a meta-schema to faults of a document, which say nothing about how the meta-schema is built.

Where all alternatives (`oneOf`, `anyOf`) of a meta-schema fail, the one that was probably meant is picked, and only its
faults are reported.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass

from jsonschema_rs import ValidationError
from jsonschema_rs import ValidationErrorKind as Kind

from tallystick.nouns.words import did_you_mean, in_a_row
from tallystick.rules.contract.hints import pattern_in_words
from tallystick.schemas.messages import message, shown

Path = tuple[str, ...]
Error = ValidationError
_DECIDING_FIELDS = ("in", "type")
_PICKED_BY = (Kind.Enum, Kind.Constant, Kind.Pattern)
_NAME_PATTERNS = ("^[a-zA-Z0-9._-]+$", "^[a-zA-Z0-9\\.\\-_]+$")


@dataclass(frozen=True, slots=True)
class Fault:
    """One fault: its path, its sort, the name of the field at fault (or ""), the fact, and what would have worked.

    The sort is `missing` for a required field that is not there, `field` for a field that is not allowed,
    `unevaluated` for one that may be allowed by a keyword which failed, `type` for a value of a wrong type, `choice`
    where several alternatives fit instead of one, and `value` for all else.
    """

    path: Path
    sort: str
    field: str
    fact: str
    hint: str = ""
    expected: tuple[object, ...] = ()
    """The values that are allowed, or the types that are, as far as the meta-schema lists them."""


Owner = Callable[[Path], str]
"""The object at a path as messages name it ("a response"), "" where it has no name."""


def faults_of(errors: Iterable[Error], metaschema: object, owner: Owner) -> list[Fault]:
    """The faults behind the errors of a meta-schema, each once, without those that only follow from others."""
    all_faults = list(dict.fromkeys(fault for error in errors for fault in faults(error, metaschema, owner)))
    primary = [fault.path for fault in all_faults if fault.sort not in ("field", "unevaluated", "choice")]
    primary_paths = frozenset(primary)
    around = frozenset(path[:length] for path in primary for length in range(len(path) + 1))
    mistyped_paths = frozenset(fault.path for fault in all_faults if fault.sort == "type")

    def follows(fault: Fault) -> bool:
        """Whether a fault is only there because of another one."""
        match fault.sort:
            case "choice":
                return fault.path in around
            case "unevaluated":
                # `unevaluatedProperties` also reports fields that another keyword would allow, had it not failed.
                return fault.path[:-1] in primary_paths or fault.path in around
            case "field" | "type":
                return False
        return fault.path in mistyped_paths

    return [fault for fault in all_faults if not follows(fault)]


def _fields_of(metaschema: object, schema: object) -> Iterator[str]:
    """The names of the fields that a part of a meta-schema, and what it is composed of, gives an object."""
    if not isinstance(schema, dict):
        return
    if isinstance(schema.get("properties"), dict):
        yield from schema["properties"]
    if isinstance(schema.get("$ref"), str):
        yield from _fields_of(metaschema, _schema_at(metaschema, schema["$ref"].split("/")[1:]))
    branches = [schema.get(key) for key in ("if", "then", "else")]
    for key in ("allOf", "anyOf", "oneOf"):
        branches += schema.get(key, ())
    branches += schema.get("dependentSchemas", {}).values()
    for branch in branches:
        yield from _fields_of(metaschema, branch)


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
            is_static = isinstance(error.kind, Kind.AdditionalProperties)
            of_object = error.schema_path[:2] if error.schema_path[0] in ("$defs", "definitions") else ()
            elsewhere = frozenset(_fields_of(metaschema, _schema_at(metaschema, of_object)))
            for name in unexpected:
                whose = f"{owner(path)} of this kind" if owner(path) and name in elsewhere else owner(path)
                sort = "unevaluated" if name in elsewhere and not is_static else "field"
                yield Fault((*path, name), sort, name, *_no_field(name, allowed, whose))
        case Kind.PropertyNames(name_error):
            yield _name_fault(path, name_error)
        case Kind.Not(schema):
            yield _excluded(path, schema, error)
        case Kind.Type(types):
            hint = _hint_for_type(types, error.instance)
            yield Fault(path, "type", "", f"{_subject(path)}{message(error)}", hint, tuple(types))
        case Kind.MinItems(1):
            yield Fault(path, "value", "", f"{_subject(path)}an empty list stands here; expected at least one item")
        case Kind.Constant(value):
            yield Fault(path, "value", "", f"{_subject(path)}{message(error)}", "", (value,))
        case Kind.Enum(options):
            yield Fault(path, "value", "", f"{_subject(path)}{message(error)}", "", tuple(options))
        case Kind.Pattern(pattern) if pattern_in_words(pattern):
            yield Fault(path, "value", "", f"{_subject(path)}{shown(error.instance)} {pattern_in_words(pattern)}")
        case Kind.Format("regex"):
            yield Fault(path, "value", "", no_pattern(error.instance))
        case _:
            yield Fault(path, "value", "", f"{_subject(path)}{message(error)}")


def _hint_for_type(types: Sequence[str], value: object) -> str:
    """What to write for a value of another type than the one that is expected; "" where that is not known."""
    if types == ["string"]:
        if value is None:
            return "write a text, or leave the field out"
        return "write it in quotes" if isinstance(value, (int, float)) else ""
    if isinstance(value, str):
        is_boolean = types == ["boolean"] and value in ("true", "false")
        is_number = len(types) == 1 and types[0] in ("integer", "number") and value.isdecimal()
        return "write it without quotes" if is_boolean or is_number else ""
    return ""


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
        fact = f"{_subject(path)}{_here(mistyped[0].instance)}; expected {expected}"
        return Fault(path, "type", "", fact, "", tuple(dict.fromkeys(types)))
    if unlisted := _all_have(branches, Kind.Enum, depth + 1):
        path = _path(unlisted[0])
        options = [option for error in unlisted if isinstance(error.kind, Kind.Enum) for option in error.kind.options]
        expected = in_a_row(list(dict.fromkeys(map(shown, options))), "or")
        fact = f"{shown(unlisted[0].instance)} is not one of the allowed values; expected {expected}"
        return Fault(path, "value", "", f"{_subject(path)}{fact}", "", tuple(options))
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
    """The alternatives without those that the value of a field rules out: first of `in` or `type`, then of any."""

    def fits(branch: list[Error], names: Collection[str]) -> bool:
        return not any(
            isinstance(error.kind, _PICKED_BY)
            and len(error.instance_path) == depth + 1
            and (not names or error.instance_path[-1] in names)
            for error in branch
        )

    for names in (_DECIDING_FIELDS, ()):
        branches = [branch for branch in branches if fits(branch, names)] or branches
    return branches


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


def _no_field(name: str, allowed: Sequence[str], owner: str) -> tuple[str, str]:
    """The fact for a field that is not allowed, and the hint."""
    if "^/" in allowed or "^\\/" in allowed:
        return f"the path {name!r} has to begin with a slash", ""
    statuses = "".join(pattern for pattern in allowed if "[1-5]" in pattern or "[0-9]{3}" in pattern)
    if statuses:
        ranges = ", a range such as 2XX, or default" if "X" in statuses else " or default"
        return f"{name!r} is no status; expected three digits{ranges}", ""
    if any(pattern in _NAME_PATTERNS for pattern in allowed):
        return f"the name {name!r} may have only letters, digits, `.`, `-` and `_`", ""
    fact = f"{owner} has no field `{name}`" if owner else f"there is no field `{name}` here"
    fields = [field for field in allowed if not field.startswith("^")]
    return fact, did_you_mean(name, fields, 0.75, "`{}`")


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
