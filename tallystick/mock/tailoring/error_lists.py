"""The violations of a request in the shape in which a documented error body lists what is wrong."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from tallystick.mock.tailoring.puts import Shapes, fitting
from tallystick.nouns import budgets
from tallystick.nouns.json_value import JSON
from tallystick.nouns.schema import Schema
from tallystick.nouns.violation import Violation
from tallystick.resources.names import spelled
from tallystick.schemas.messages import MISSING_PROPERTY, UNEXPECTED_PROPERTY
from tallystick.schemas.shapes import shape_of
from tallystick.wire.values import MISSING

LISTS = frozenset(
    "errors details violations issues problems causes messages validationerrors fielderrors invalidparams fields "
    "invalidfields invalid validation validationmessages invalidproperties invalidparameters error detail "
    "message".split()
)
"""Members that list what is wrong, where they are lists or maps."""
MAPS = LISTS - {"error", "detail", "message", "problems"}
"""Members that have what is wrong by the names of fields, where they are objects of any members."""
MESSAGES = frozenset(
    "message msg detail details description reason explanation error errormessage errormsg errordescription text cause "
    "errordetail errordetails errortext usermessage usermsg developermessage localizedmessage statusmessage".split()
)
"""Members that say what is wrong, where they are texts."""
FIELDS = frozenset(
    "field param parameter property attribute key name fieldname propertyname propertypath parametername argument loc "
    "path location in pointer datapath instancepath jsonpointer jsonpath source target".split()
)
"""Members of what is listed that say which value is wrong."""
_POINTERS = frozenset("pointer instancepath datapath jsonpointer".split())
_CODES = frozenset("code type rule keyword errorcode kind constraint errortype".split())
_TITLES = frozenset("title summary".split())


@dataclass(frozen=True, slots=True)
class Fault:
    """One thing that is wrong with a request: a sentence, the rule that it breaks, and the value that breaks it.

    `location` is `body`, `query`, `path`, `header` or `cookie`, and `keys` lead to the value there; "" and none where
    the request as a whole is wrong.
    """

    message: str
    rule: str = ""
    location: str = ""
    keys: tuple[str, ...] = ()

    @property
    def where(self) -> str:
        """The value as a violation names it: `query.limit`, `body/items/0`."""
        separator = "/" if self.location == "body" else "."
        return separator.join((self.location, *self.keys)) if self.location else ""

    @property
    def sentence(self) -> str:
        """The message with the value before it."""
        return f"{self.where}: {self.message}" if self.location else self.message


def fault_of(violation: Violation) -> Fault:
    """A violation as a fault; a property that is missing or not allowed is what is wrong, not its object."""
    where = violation.where
    if where == "body" or where.startswith("body/"):
        keys = tuple(where.split("/")[1:])
        missing = MISSING_PROPERTY.match(violation.message)
        if missing is not None:
            return Fault("it is missing; it is required", violation.rule, "body", (*keys, missing[1]))
        unexpected = UNEXPECTED_PROPERTY.match(violation.message)
        if unexpected is not None:
            return Fault("it is not allowed here", violation.rule, "body", (*keys, unexpected[1]))
        return Fault(violation.message, violation.rule, "body", keys)
    location, dot, name = where.partition(".")
    return Fault(violation.message, violation.rule, location, (name,)) if dot else Fault(violation.message)


class ListedFaults:
    """Writes faults as the items of a list, or as the members of a map by their fields."""

    def __init__(self, faults: Sequence[Fault], status: int, phrase: str, is_written: bool, shapes: Shapes) -> None:
        self.faults = faults[: budgets.FAULTS_LISTED]
        self.status = status
        self.phrase = phrase
        self.is_written = is_written
        """Whether the author of the contract wrote the list, so that what we do not know in it stays."""
        self.shapes = shapes

    def as_list(self, present: Sequence[JSON], schema: Schema | None) -> list[JSON]:
        """The faults as the items of a list, in the shape of its first item or of its schema."""
        items = self.shapes.items(schema)
        most = schema.resolved.get("maxItems") if schema is not None else None
        template = present[0] if present else {} if self.shapes.properties(items) else ""
        faults = self.faults[:most] if isinstance(most, int) else self.faults
        return [self.item(fault, template, items) for fault in faults]

    def as_map(self, present: dict[str, JSON], schema: Schema | None) -> dict[str, JSON]:
        """The faults by their fields: each with a list of messages, or with one where the map has texts."""
        members = schema.child("additionalProperties") if schema is not None else None
        is_text = any(isinstance(value, str) for value in present.values()) or (
            not present and members is not None and shape_of(members) == "scalar"
        )
        texts: dict[str, list[str]] = {}
        for fault in self.faults:
            texts.setdefault(".".join(fault.keys) or fault.location or "request", []).append(fault.message)
        return {name: messages[0] if is_text else [*messages] for name, messages in texts.items()}

    def item(self, fault: Fault, template: JSON, schema: Schema | None) -> JSON:
        """One fault in the shape of a template."""
        if not isinstance(template, dict):
            return fault.sentence
        declared = self.shapes.properties(schema)
        required = schema.resolved.get("required") if schema is not None else None
        names = dict.fromkeys((*template, *(() if self.is_written else declared)))
        item: dict[str, JSON] = {}
        for name in names:
            present = template.get(name, MISSING)
            values = self.values(name, fault, present, declared.get(name))
            fits = (fitting(value, present, declared.get(name)) for value in values)
            fit = next((each for each in fits if each is not MISSING), MISSING)
            if fit is not MISSING:
                item[name] = fit  # type: ignore[assignment]  # a JSON value where it is not MISSING
            elif present is not MISSING and (self.is_written or (isinstance(required, list) and name in required)):
                item[name] = template[name]
        return item

    def values(self, name: str, fault: Fault, present: object, schema: Schema | None) -> list[JSON]:
        """What a member of an item may say, best first; none where it is not known."""
        kind = spelled(name)
        if kind in MESSAGES:
            return [fault.message]
        if kind in _TITLES:
            return [self.phrase]
        if kind in FIELDS:
            return self.places(kind, fault, present, schema)
        if kind in ("status", "statuscode"):
            return [self.status, str(self.status)]
        return [fault.rule] if kind in _CODES and fault.rule and not self.is_written else []

    def places(self, kind: str, fault: Fault, present: object, schema: Schema | None) -> list[JSON]:
        """The value that is wrong, as a member says it: keys in a list, a pointer, a name, or where it is."""
        if not fault.location:
            return []
        shape = shape_of(schema) if schema is not None else ""
        dotted = ".".join(fault.keys)
        pointer = "/" + "/".join(fault.keys) if fault.keys else ""
        if isinstance(present, list) or shape == "array":
            keys: list[JSON] = [int(key) if key.isdecimal() else key for key in fault.keys]
            return [[fault.location, *keys], [fault.location, *fault.keys], [*keys], [*fault.keys]]
        if isinstance(present, dict) or shape == "object":
            is_body = fault.location == "body"
            return [
                {"pointer": pointer} if is_body else {"header" if fault.location == "header" else "parameter": dotted}
            ]
        if kind in _POINTERS:
            is_fragment = not (isinstance(present, str) and present.startswith("/"))
            return [f"#{pointer}" if is_fragment else pointer, pointer] if fault.location == "body" else [dotted]
        if kind in ("in", "location"):
            return [fault.location, fault.where, dotted]
        if kind in ("path", "source") or not dotted:
            is_slashed = isinstance(present, str) and present.startswith("/")
            return [pointer if is_slashed else dotted or fault.location, fault.where]
        return [dotted, fault.location]
