"""Changes the choices for a value so that the next attempt avoids what the judge found wrong with the last one."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import islice

from jsonschema_rs import ValidationError, ValidationErrorKind

from tallystick.examples.choices import Choices, Exclusion, Slot, ValuePath, path_text
from tallystick.examples.combined_schema import Alternatives
from tallystick.examples.effort import Effort
from tallystick.examples.plain_schemas import Schema
from tallystick.nouns import budgets
from tallystick.nouns.json_value import JSON
from tallystick.schemas.bundle import Bundle
from tallystick.schemas.messages import message
from tallystick.schemas.pieces import size
from tallystick.schemas.validators import Validator

_MAX_ERRORS = 40
_MAX_EXCLUSION_ATTEMPTS = 24
_JUDGED = 200
"""How many parts of a value are judged for one error at the price of one step."""


def repair(bundle: Bundle, choices: Choices, value: JSON, effort: Effort) -> bool:
    """Change the choices because of the errors of a value; False where nothing is left to change.

    Raises `OutOfSteps`.
    """
    return _Repair(bundle, choices, effort).judge(bundle.validator, value, ())


class _Repair:
    """The changes of choices because of the errors of one value."""

    def __init__(self, bundle: Bundle, choices: Choices, effort: Effort) -> None:
        self.bundle = bundle
        self.choices = choices
        self.effort = effort
        self.remade: set[ValuePath] = set()
        """The slots that are made anew: errors inside them say nothing any more."""
        self.validators: dict[int, Validator] = {}
        """The validators of parts of the bundle, by the `id` of the schema."""

    def judge(self, validator: Validator, value: JSON, around: ValuePath) -> bool:
        """Change the choices because of the errors of a part of the value, which stands at a path (`around`)."""
        is_changed = False
        if self.bundle.leads_too_far(value) or not self.bundle.bounded_errors.can_be_made(value):
            self.choices.reason = f"{path_text(around)}: a value so large cannot be mended"
            return False
        price = size(value, budgets.VALUE_PARTS) // _JUDGED
        for error in islice(validator.iter_errors(value), _MAX_ERRORS):
            self.effort.take(price, Slot(around))  # each error has a copy of what it is about
            self.choices.reason = f"{path_text((*around, *error.instance_path))}: {message(error)}"
            is_changed = self.error(error, around) or is_changed
        return is_changed

    def error(self, error: ValidationError, around: ValuePath) -> bool:
        """Change the choices because of one error, unless a slot around it is made anew already."""
        path = (*around, *error.instance_path)
        if any(path[:length] in self.remade for length in range(len(path) + 1)):
            return True
        if self.keyword(error, path, around):
            return True
        is_ambiguous = isinstance(error.kind, ValidationErrorKind.OneOfMultipleValid)
        outer = self.choices.next_variant(path, other_branch=is_ambiguous)
        if outer is None:
            return False
        self.remade.add(outer)
        return True

    def keyword(self, error: ValidationError, path: ValuePath, around: ValuePath) -> bool:
        """Change exactly what a keyword found wrong; False where the keyword does not say what that is."""
        choices = self.choices
        match error.kind:
            case ValidationErrorKind.AdditionalProperties(unexpected) | ValidationErrorKind.UnevaluatedProperties(
                unexpected
            ):
                return _note(choices.forbidden_names, path, unexpected)
            case ValidationErrorKind.Required(name):
                return _note(choices.required_names, path, [name])
            case ValidationErrorKind.Contains():
                return self.contained(path, error.instance)
            case ValidationErrorKind.OneOfNotValid(context) | ValidationErrorKind.AnyOf(context):
                _, index = self.branch_taken(error, path, len(context))
                return sum(self.inner(each, path, around) for each in context[index]) > 0
            case ValidationErrorKind.OneOfMultipleValid(context):
                alternatives, index = self.branch_taken(error, path, len(context))
                if alternatives is None:
                    return False
                fitting = [other for other, errors in enumerate(context) if not errors and other != index]
                return _exclude(choices, path, [alternatives.options[other] for other in fitting])
            case ValidationErrorKind.Not():
                combined = choices.combined.get(path)
                return _exclude(choices, path, [[schema] for schema in combined.schemas("not")] if combined else [])
        return False

    def branch_taken(self, error: ValidationError, path: ValuePath, options: int) -> tuple[Alternatives | None, int]:
        """The alternatives that an error at a slot is about, and the index of the option that was taken.

        Of several with that keyword and number of options, those of the schema that the error comes from.
        """
        taken = [
            (alternatives, index)
            for alternatives, index in self.choices.branches.get(path, ())
            if alternatives.keyword == error.kind.name and len(alternatives.options) == options
        ]
        source = self.bundle.schema_of(error)
        return next((each for each in taken if each[0].source is source), taken[0] if taken else (None, 0))

    def inner(self, error: ValidationError, path: ValuePath, around: ValuePath) -> bool:
        """Change the choices because of an error in the branch that was taken for the slot at a path."""
        if (*around, *error.instance_path) == path:
            return self.keyword(error, path, around)
        return self.error(error, around)

    def contained(self, path: ValuePath, items: object) -> bool:
        """Change the choices for the items of an array that were made to fit its `contains`."""
        is_changed = False
        for index, schema in self.choices.contained.get(path, ()):
            if isinstance(schema, dict) and isinstance(items, list) and index < len(items):
                is_changed = self.judge(self.inner_validator(schema), items[index], (*path, index)) or is_changed
        return is_changed

    def inner_validator(self, schema: dict[str, JSON]) -> Validator:
        """The validator of a part of the bundle, which is compiled once for all values of a slot."""
        validator = self.validators.get(id(schema))
        if validator is None:
            validator = self.validators[id(schema)] = self.bundle.inner(schema)
        return validator


def _note(table: dict[ValuePath, set[str]], path: ValuePath, names: Sequence[str]) -> bool:
    """Add names to those of a path; whether one of them is new."""
    noted = table.setdefault(path, set())
    new = set(names) - noted
    noted |= new
    return bool(new)


def _exclude(choices: Choices, path: ValuePath, rivals: Sequence[Sequence[Schema]]) -> bool:
    """Exclude each rival (schemas that the value still fits), or try the next way to do so; whether there is one."""
    exclusions = choices.exclusions.setdefault(path, [])
    known = {id(exclusion.schemas[0]): exclusion for exclusion in exclusions}
    is_changed = False
    for schemas in rivals:
        exclusion = known.get(id(schemas[0]))
        if exclusion is None:
            exclusions.append(Exclusion(schemas))
        elif exclusion.attempt + 1 < min(exclusion.attempts, _MAX_EXCLUSION_ATTEMPTS):
            exclusion.attempt += 1
        else:
            continue
        is_changed = True
    return is_changed
