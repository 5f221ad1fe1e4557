"""The members of a request's body come back in the resource that POST, PUT or PATCH answers with."""

from __future__ import annotations

import copy
from collections.abc import Callable, Iterator
from operator import attrgetter
from typing import cast

from tallystick.mock.tailoring.edit import Base, Draft, Edit
from tallystick.mock.tailoring.envelopes import Holder, envelopes
from tallystick.mock.tailoring.puts import Put, Shapes, fitting, put_all
from tallystick.nouns import budgets
from tallystick.nouns.exchange import Exchange, Request
from tallystick.nouns.json_value import JSON
from tallystick.nouns.media_type import MediaKind
from tallystick.nouns.schema import Direction, Schema
from tallystick.resources.names import names_row, spelled, words_of
from tallystick.schemas.shapes import types_of
from tallystick.wire.reading import Reading
from tallystick.wire.values import MISSING

_METHODS = frozenset(("POST", "PUT", "PATCH"))
_SECRET_WORDS = frozenset(
    "password passwd pwd passphrase passcode secret token cvv cvc csc pin otp credential credentials ssn".split()
)
"""Words in the names of members that are never told back."""

_SECRETS = frozenset("apikey privatekey accesskey secretkey".split())
_SET_BY_SERVER = frozenset("id uuid createdat updatedat created updated modified createdon updatedon".split())
"""Members that a server sets, unless the request documents them."""
_CHOICES = frozenset(("oneOf", "anyOf"))
_DEPTH = 20
"""How deep objects are merged; what is deeper does not come back."""

Facts = tuple[str, bytes]
"""The `Content-Type` and the bytes of a body."""


def request_body_edit(base: Base) -> Edit[Facts] | Edit[bytes] | None:
    """The edit that puts the members of a body into the resource, or the items of a list into a list of them."""
    operation = base.operation
    is_success = 200 <= base.reply.response.status < 300
    has_value = base.has_value and isinstance(base.value, (dict, list))
    if operation.method not in _METHODS or operation.request_body is None or not (is_success and has_value):
        return None

    def facts(reading: Reading) -> Facts | None:
        octets = reading.request.body
        return (reading.headers.get("content-type", ""), octets) if octets else None

    def apply_json(draft: Draft, octets: bytes) -> None:
        if octets:
            apply(draft, (content[0].media_type.text, octets))

    def apply(draft: Draft, facts: Facts) -> None:
        content_type, octets = facts
        request = Request(operation.method, operation.path, "", (("content-type", content_type),), octets)
        body = Reading(operation, Exchange(request)).body
        if not body.fault and body.format is not None and isinstance(body.value, (dict, list)):
            # What a reader makes of a body is JSON, but for MISSING and UNJUDGED, which are neither.
            echo = Echo(base.schema, body.format.schema, names_row(operation.path), operation.method == "PATCH")
            draft.value = echo.put(cast("JSON", body.value), draft.value)

    content = operation.request_body.content
    if len(content) == 1 and content[0].media_type.kind is MediaKind.JSON:  # its bytes say all, at less cost
        return Edit(attrgetter("request.body"), apply_json, "the body of the request")
    return Edit(facts, apply, "the body of the request")


def is_withheld(name: str, sent: Schema | None, answered: Schema | None) -> bool:
    """Whether a member of the reply stays whatever the request says: it is a secret, or only the server sets it."""
    is_secret = not _SECRET_WORDS.isdisjoint(words_of(name)) or spelled(name) in _SECRETS
    return is_secret or is_one_sided(name, sent, answered)


def is_one_sided(_: str, sent: Schema | None, answered: Schema | None) -> bool:
    """Whether the contract says that a member is only sent or only answered with."""
    for schema in (sent, answered):
        resolved = schema.resolved if schema is not None else {}
        if (
            resolved.get("writeOnly") is True
            or resolved.get("readOnly") is True
            or resolved.get("format") == "password"
        ):
            return True
    return False


class Echo:
    """Puts the body of a request, of one schema, into a reply of another; both are about what `noun` calls them."""

    def __init__(
        self,
        schema: Schema | None,
        request_schema: Schema | None,
        noun: str,
        is_patch: bool,
        is_withheld: Callable[[str, Schema | None, Schema | None], bool] = is_withheld,
    ) -> None:
        self.schema = schema
        self.request_schema = request_schema
        self.noun = noun
        self.is_patch = is_patch
        self.is_withheld = is_withheld
        self.shapes = Shapes()

    def put(self, body: JSON, reply: JSON) -> JSON:
        """Put the members of a body into the object of the reply that they fit best, or its items into a list.

        Returns the reply, which is changed.
        """
        if isinstance(reply, dict) and isinstance(body, dict):
            ours, theirs = self.best_pair(body, reply)
            put_all([*self.merged(theirs, ours, 0)], reply, self.schema)
        elif isinstance(reply, list) and isinstance(body, list):
            items = self.shapes.items(self.schema), self.shapes.items(self.request_schema)
            value = self.list_of(reply, items[0], body, items[1], 0)
            if value is not MISSING and (self.schema is None or self.schema.is_valid(value, Direction.RESPONSE)):
                return cast("JSON", value)
        return reply

    def best_pair(self, body: dict[str, JSON], reply: dict[str, JSON]) -> tuple[Holder, Holder]:
        """The object of the body whose members are most in one of the reply, and that one; the outermost first."""
        ours = [*envelopes(body, self.request_schema, self.shapes, self.noun)]
        theirs = [*envelopes(reply, self.schema, self.shapes, self.noun)]
        return max(((mine, their) for their in theirs for mine in ours), key=lambda pair: self.share(*pair))

    def share(self, ours: Holder, theirs: Holder) -> float:
        """The share of the members of one object that another one has or declares."""
        names = {spelled(name) for name in (*theirs[0], *self.shapes.properties(theirs[1]))}
        return sum(spelled(name) in names for name in ours[0]) / len(ours[0]) if ours[0] else 0.0

    def merged(self, theirs: Holder, ours: Holder, depth: int) -> Iterator[Put]:
        """The puts of the members of one object into another one that has or declares them, in any spelling."""
        (holder, schema), (members, sent) = theirs, ours
        declared, documented = self.shapes.properties(schema), self.shapes.properties(sent)
        by_spelling = {spelled(name): name for name in (*declared, *holder)}
        for name, value in members.items():
            target = name if name in holder or name in declared else by_spelling.get(spelled(name), "")
            target = target or (name if depth and not declared else "")
            is_set_by_server = spelled(name) in _SET_BY_SERVER and bool(documented) and name not in documented
            if not target or is_set_by_server or self.is_withheld(name, documented.get(name), declared.get(target)):
                continue
            present, inner = holder.get(target, MISSING), declared.get(target)
            is_map = not self.is_patch and (not self.shapes.properties(inner) or self.is_whole(value, inner))
            if isinstance(value, dict) and isinstance(present, dict) and not is_map and depth < _DEPTH:
                yield from self.merged((present, inner), (value, documented.get(name)), depth + 1)
            else:
                yield from self.replaced(holder, target, inner, value, documented.get(name), depth)

    @staticmethod
    def is_whole(value: JSON, schema: Schema | None) -> bool:
        """Whether a value is one of several kinds by itself, so that members of another kind have no place in it."""
        is_choice = schema is not None and not _CHOICES.isdisjoint(schema.resolved)
        return is_choice and schema is not None and schema.is_valid(value, Direction.RESPONSE)

    def replaced(
        self, holder: dict[str, JSON], member: str, schema: Schema | None, value: JSON, sent: Schema | None, depth: int
    ) -> Iterator[Put]:
        """The put of one value in place of another one."""
        present = holder.get(member, MISSING)
        put: object
        if isinstance(value, list):
            before = present if isinstance(present, list) else []
            items = self.shapes.items(schema), self.shapes.items(sent)
            put = self.list_of(before, items[0], value, items[1], depth)
        elif isinstance(value, dict):
            put = self.cleaned(value, sent, depth)
        elif value is None:
            put = None if schema is None or "null" in types_of(schema) else MISSING
            if put is MISSING and present is not MISSING:
                yield Put(holder, member, MISSING)
        elif isinstance(value, (str, int, float)):
            put = fitting(value, present, schema)
            if put is MISSING and isinstance(present, dict) and "id" in present:
                yield Put(present, "id", value)
        else:
            put = MISSING  # the bytes of a file
        if put is not MISSING:
            yield Put(holder, member, put)

    def list_of(
        self, before: list[JSON], schema: Schema | None, value: list[JSON], sent: Schema | None, depth: int
    ) -> object:
        """The items of a list, each merged with the item of the reply at its index; MISSING where they are too many."""
        if len(value) > budgets.OBJECTS_EDITED or depth > _DEPTH:
            return MISSING
        items: list[JSON] = []
        for index, item in enumerate(value):
            template = before[index] if index < len(before) else _another(before[0], index) if before else None
            if isinstance(item, dict) and isinstance(template, dict) and not self.is_whole(item, schema):
                holder = copy.deepcopy(template)
                for put in self.merged((holder, schema), (item, sent), depth + 1):
                    put.swap()
                items.append(holder)
            else:
                cleaned = self.cleaned(item, sent, depth)
                if cleaned is MISSING:
                    return MISSING
                items.append(cast("JSON", cleaned))
        return items

    def cleaned(self, value: JSON, sent: Schema | None, depth: int) -> object:
        """A value without secrets; MISSING where it is too deep, or no JSON."""
        if depth > _DEPTH:
            return MISSING
        parts: list[tuple[str, object]]
        if isinstance(value, dict):
            documented = self.shapes.properties(sent)
            parts = [
                (name, self.cleaned(member, documented.get(name), depth + 1))
                for name, member in value.items()
                if not self.is_withheld(name, documented.get(name), None)
            ]
            return MISSING if any(part is MISSING for _, part in parts) else dict(parts)
        if isinstance(value, list):
            items = [self.cleaned(item, self.shapes.items(sent), depth + 1) for item in value]
            return MISSING if MISSING in items else items
        return value if value is None or isinstance(value, (str, int, float)) else MISSING


def _another(item: JSON, index: int) -> JSON:
    """A copy of an item with another id."""
    if not isinstance(item, dict):
        return item
    changed = dict(item)
    for name, value in item.items():
        if spelled(name) in ("id", "uuid", "uid"):
            if isinstance(value, int):
                changed[name] = value + index
            elif isinstance(value, str):
                changed[name] = value[: -len(str(index))] + str(index)
    return changed
