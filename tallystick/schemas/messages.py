"""The messages of schema errors: the fact, and what was expected."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterable, Mapping, Sequence

from jsonschema_rs import ValidationError
from jsonschema_rs import ValidationErrorKind as Kind

from tallystick.nouns.printing import visible
from tallystick.nouns.words import in_a_row

Wording = Callable[[ValidationError], str]
"""A function from an error of one keyword of one schema to its message."""

MISSING_PROPERTY = re.compile(r"the property '([^'\\]+)' is missing")
"""The beginning of the message for a property that is missing, with its name; long or odd names are left out."""
UNEXPECTED_PROPERTY = re.compile(r"unexpected '([^'\\]+)';")
"""The same for one property that is not allowed."""
_LONGEST = 80


def message(error: ValidationError) -> str:
    """The message of one error."""
    return wording_of(error.kind)(error)


def wording_of(kind: Kind) -> Wording:
    """The function that words the errors of one keyword; the expectation of the keyword is worded once, here."""
    kind_class = type(kind)
    if kind_class in _AFTER_VALUE and not _is_of_date_time(kind):
        ending = _AFTER_VALUE[kind_class].format(_expectation(kind))
        return lambda error: shown(error.instance) + ending
    if kind_class in _AFTER_COUNT:
        count = _AFTER_COUNT[kind_class].format(kind.value)
        if isinstance(kind, (Kind.MinLength, Kind.MaxLength)):
            return lambda error: f"{shown(error.instance)} has {_length(error.instance)}{count}"
        return lambda error: f"{_length(error.instance)}{count}"
    match kind:
        case Kind.Type(types):
            expected = f"expected {_alternatives(map(_with_article, types))}"
            return lambda error: f"{_type_fact(error.instance)}; {expected}"
        case Kind.Format("date-time"):
            return _date_time_fact
        case Kind.Required():
            return _missing_fact
        case Kind.AdditionalProperties() | Kind.UnevaluatedProperties():
            return _unexpected_fact
        case Kind.AnyOf() | Kind.OneOfNotValid() | Kind.OneOfMultipleValid():
            return _branches_fact
        case Kind.PropertyNames():
            return _name_fact
        case Kind.UniqueItems():
            return lambda _: "the same item stands twice; each may stand once"
    return lambda error: _cut(error.message, 4 * _LONGEST)


_AFTER_VALUE: dict[type[Kind], str] = {
    Kind.Enum: " is not one of the allowed values; expected {}",
    Kind.Constant: " is not the allowed value; expected {}",
    Kind.Format: " is not of the format {}",
    Kind.Pattern: " does not match the pattern {}",
    Kind.Minimum: " is too small; the least is {}",
    Kind.Maximum: " is too large; the most is {}",
    Kind.ExclusiveMinimum: " is too small; expected more than {}",
    Kind.ExclusiveMaximum: " is too large; expected less than {}",
    Kind.MultipleOf: " is not a multiple of {}",
    Kind.FalseSchema: " is not allowed here; no value is",
    Kind.Not: " fits a schema that it must not fit",
}
"""The text after the value in a message, with a gap for what the keyword expects."""

_AFTER_COUNT: dict[type[Kind], str] = {
    Kind.MinLength: " characters; the least is {}",
    Kind.MaxLength: " characters; the most is {}",
    Kind.MinItems: " items; the least is {}",
    Kind.MaxItems: " items; the most is {}",
    Kind.MinProperties: " properties; the least is {}",
    Kind.MaxProperties: " properties; the most is {}",
}
"""The text after the length in a message, with a gap for the bound."""

_NUMBERS = frozenset((Kind.Minimum, Kind.Maximum, Kind.ExclusiveMinimum, Kind.ExclusiveMaximum, Kind.MultipleOf))


def _expectation(kind: Kind) -> str:
    """What a keyword expects, in words."""
    if type(kind) in _NUMBERS:
        return str(kind.value)
    match kind:
        case Kind.Enum(options):
            return _alternatives(map(shown, options))
        case Kind.Constant(value):
            return shown(value)
        case Kind.Format(text) | Kind.Pattern(text):
            return _cut(text)
    return ""


def _missing_fact(error: ValidationError) -> str:
    kind = error.kind
    name = kind.property if isinstance(kind, Kind.Required) else ""
    return f"the property {_cut(repr(name))} is missing; it is required"


def _unexpected_fact(error: ValidationError) -> str:
    kind = error.kind
    names = kind.unexpected if isinstance(kind, (Kind.AdditionalProperties, Kind.UnevaluatedProperties)) else []
    unexpected = _alternatives((_cut(repr(name)) for name in names), "and")
    return f"unexpected {unexpected}; no other property is allowed here"


def _name_fact(error: ValidationError) -> str:
    kind = error.kind
    reason = message(kind.error) if isinstance(kind, Kind.PropertyNames) else error.message
    return f"a property has a name that is not allowed: {reason}"


def _is_of_date_time(kind: Kind) -> bool:
    return isinstance(kind, Kind.Format) and kind.format == "date-time"


_DATE = re.compile(r"\d{4}-\d\d-\d\d")
_WITHOUT_OFFSET = re.compile(r"\d{4}-\d\d-\d\d[Tt]\d\d:\d\d:\d\d(?:\.\d+)?")
_OFFSET_AFTER_SPACE = re.compile(_WITHOUT_OFFSET.pattern + r" \d\d:\d\d")


def _date_time_fact(error: ValidationError) -> str:
    """The message for what is no date-time: an offset is missing, or lost its plus sign in a query."""
    text = error.instance if isinstance(error.instance, str) else ""
    hint = "such as 2020-12-31T23:59:59Z"
    if _OFFSET_AFTER_SPACE.fullmatch(text):
        hint = "in a query or a form `+` means a space: write %2B"
    elif _WITHOUT_OFFSET.fullmatch(text):
        hint = "the offset from UTC is missing, such as Z or +02:00"
    elif _WITHOUT_OFFSET.match(text.replace(" ", "T", 1)):
        hint = "`T` stands between date and time, and an offset such as Z at the end"
    elif _DATE.fullmatch(text):
        hint = f"the time and the offset from UTC are missing, {hint}"
    else:
        hint = f"expected a text {hint}"
    return f"{shown(error.instance)} is not of the format date-time; {hint}"


def _branches_fact(error: ValidationError) -> str:
    """The message for a value that fits no branch of a composition, or too many; branches are told by their numbers."""
    match error.kind:
        case Kind.AnyOf(branches) | Kind.OneOfNotValid(branches):
            return branches_fact(error, branches, list(map(numbered, range(len(branches)))))
        case Kind.OneOfMultipleValid(branches):
            return too_many_fact(error, [numbered(index) for index, errors in enumerate(branches) if not errors])
    return error.message


def numbered(index: int) -> str:
    """The name of a branch that has no name of its own."""
    return f"number {index + 1}"


def branches_fact(error: ValidationError, branches: Sequence[Sequence[ValidationError]], names: Sequence[str]) -> str:
    """The message for a value that fits no branch: which are there, and why the nearest one does not fit."""
    return f"{shown(error.instance)} fits none of {len(branches)} schemas; {_nearest(error, branches, names)}"


def too_many_fact(error: ValidationError, names: Sequence[str]) -> str:
    """The message for a value that fits several branches of a `oneOf`, which are named."""
    are_numbered = all(name.startswith("number ") for name in names)
    fitting = _alternatives((name.removeprefix("number ") for name in names) if are_numbered else names, "and")
    fitting = f"numbers {fitting}" if are_numbered else fitting
    return f"{shown(error.instance)} fits more than one schema ({fitting}); exactly one is expected"


def type_fact(value: object, types: Sequence[str]) -> str:
    """The message for a value of another type than those that are expected."""
    return f"{_type_fact(value)}; expected {_alternatives(map(_with_article, types))}"


def allowed_fact(value: object, options: Sequence[object]) -> str:
    """The message for a value that is none of the allowed ones."""
    return f"{shown(value)} is not one of the allowed values; expected {_alternatives(map(shown, options))}"


def needed_wording(demands: Mapping[str, object]) -> Wording:
    """The function that words what is missing beside a property that needs it.

    `demands` are the names that each property needs, None for any name.
    """

    def word(error: ValidationError) -> str:
        name = error.kind.property if isinstance(error.kind, Kind.Required) else ""
        present = error.instance if isinstance(error.instance, dict) else {}
        for demanding, names in demands.items():
            if demanding in present and (names is None or (isinstance(names, list) and name in names)):
                return f"the property {_cut(repr(name))} is missing; the property {_cut(repr(demanding))} needs it"
        return message(error)

    return word


_OF_ANOTHER_VALUE = frozenset((Kind.Type, Kind.Constant, Kind.Enum))
"""Kinds of errors which show that a branch was not meant at all."""


def _nearest(error: ValidationError, branches: Sequence[Sequence[ValidationError]], names: Sequence[str]) -> str:
    """The branch that a value comes nearest to, and its first error."""
    if not any(branches):
        return "there is none that it could fit"
    index = nearest_branch(len(error.instance_path), branches)
    first = branches[index][0]
    path = "".join(f"/{key}" for key in first.instance_path[len(error.instance_path) :])
    return f"nearest is {names[index]}: {path + ': ' if path else ''}{message(first)}"


def nearest_branch(depth: int, branches: Sequence[Sequence[ValidationError]]) -> int:
    """The index of the branch that a value comes nearest to; the value has so many keys above it (`depth`).

    Nearest is a branch for values of this type, then the one with the fewest errors, then with the deepest one. One of
    the branches must have errors.
    """

    def distance(branch: tuple[int, Sequence[ValidationError]]) -> tuple[bool, int, int, int]:
        index, errors = branch
        is_of_other_type = any(
            type(error.kind) in _OF_ANOTHER_VALUE and len(error.instance_path) <= depth + 1 for error in errors
        )
        deepest = max((len(error.instance_path) for error in errors), default=0)
        return is_of_other_type, len(errors), -deepest, index

    return min(((index, errors) for index, errors in enumerate(branches) if errors), key=distance)[0]


def shown(value: object) -> str:
    """A value as a message shows it: JSON, cut where it is long."""
    text = _quote(value) if type(value) is str else _encode(value)
    return text if len(text) <= _LONGEST and text.isprintable() else _cut(text)


_quote: Callable[[str], str] = json.encoder.encode_basestring
_encode = json.JSONEncoder(ensure_ascii=False, default=str).encode


def _cut(text: str, most: int = _LONGEST) -> str:
    return visible(text if len(text) <= most else text[: most - 1] + "…")


def _length(value: object) -> int:
    return len(value) if isinstance(value, (str, list, dict)) else 0


_TYPE_NAMES: dict[type, str] = {
    bool: "a boolean",
    int: "an integer",
    str: "a string",
    list: "an array",
    dict: "an object",
}


def _type_fact(value: object) -> str:
    return "null stands here" if value is None else f"{shown(value)} is {_TYPE_NAMES.get(type(value), 'a number')}"


def _with_article(type_name: str) -> str:
    return type_name if type_name == "null" else f"an {type_name}" if type_name[0] in "aio" else f"a {type_name}"


def _alternatives(names: Iterable[str], conjunction: str = "or") -> str:
    """The names with a conjunction; of more than twelve, eleven and the number of the rest."""
    names = list(names)
    if len(names) > 12:
        names = [*names[:11], f"{len(names) - 11} more"]
    return in_a_row(names, conjunction) or "nothing"
