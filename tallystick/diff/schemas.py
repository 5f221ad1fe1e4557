"""Two versions of a schema compared: each place at which they differ, with a witness where one can be made."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import islice

from tallystick.diff.changes import Changes
from tallystick.diff.documents import members_at
from tallystick.diff.equality import Equality
from tallystick.diff.exchanges import Compose
from tallystick.diff.keyword_rows import FAMILIES, NARROWING
from tallystick.diff.making import Maker
from tallystick.diff.notes import discriminator_fact, of_note
from tallystick.diff.separation import Separation, Side
from tallystick.diff.spots import Spot, Spots, shown
from tallystick.diff.tendencies import applies, tendency_of
from tallystick.diff.views import NOTES, View, Views
from tallystick.nouns import budgets
from tallystick.nouns.change import Way, Witness
from tallystick.nouns.contract import Contract
from tallystick.nouns.json_value import JSON
from tallystick.nouns.node import Node
from tallystick.nouns.schema import Direction, Schema
from tallystick.nouns.violation import Place
from tallystick.schemas.compiled import Compiler, ContractSchema

_NAMES = {"if": "the condition (if)", "not": "what is excluded (not)", "contains": "what an item has to be (contains)"}
"""What messages call keywords whose names alone make no sentence."""


@dataclass(frozen=True, slots=True, eq=False)
class Versions:
    """The two versions of one schema in an exchange, and who judges whole exchanges with a value of it.

    `harmful` judges exchanges that harm: requests that the old contract allows, responses that the new one allows;
    `harmless` the opposite ones.
    """

    operation: str
    direction: Direction
    where: str
    old: ContractSchema
    new: ContractSchema
    harmful: Compose
    harmless: Compose
    old_samples: Sequence[JSON] = ()
    new_samples: Sequence[JSON] = ()
    is_parameter: bool = False
    is_judged: bool = True
    """Whether whole exchanges with it can be judged; else what one schema alone allows is enough."""
    is_hook: bool = False
    """Whether it is a request that the owner of the contract sends: a client reads it."""

    @property
    def way(self) -> Way:
        """Whom a change of the schema concerns."""
        if self.is_hook:
            return Way.WEBHOOK
        return Way.REQUEST if self.direction is Direction.REQUEST else Way.RESPONSE


class SchemaComparison:
    """Compares the schemas of two contracts."""

    def __init__(self, old: Contract, new: Contract, changes: Changes) -> None:
        self.changes = changes
        self.tried: set[Spot] = set()
        """The spots for which values are known that one schema alone allows."""
        self.contracts = old, new
        self.equalities = {
            direction: Equality(Views(old.dialect, direction), Views(new.dialect, direction)) for direction in Direction
        }
        if not any(document.hidden_flags for contract in (old, new) for document in contract.root.document.family):
            self.equalities[Direction.RESPONSE] = self.equalities[Direction.REQUEST]
        self.makers = {
            direction: (Maker(old.dialect, direction), Maker(new.dialect, direction)) for direction in Direction
        }

    def schema(self, schema: Schema | None, place: Place, is_new: bool) -> ContractSchema:
        """A schema as it can be compared: one that allows everything where there is none."""
        if isinstance(schema, ContractSchema):
            return schema
        contract = self.contracts[is_new]
        document = next(each for each in contract.root.document.family if each.file == place.file)
        return ContractSchema(Compiler(contract.dialect), Node(document, (*place.path, "schema"), True))

    def members_at(self, place: Place, is_new: bool) -> Mapping[str, JSON]:
        """What stands at a place of one of the contracts, for fields that no noun has."""
        return members_at(self.contracts[is_new], place)

    def same(self, old: ContractSchema, new: ContractSchema, direction: Direction) -> bool:
        return self.equalities[direction].same((old.node,), (new.node,))

    def compare(self, versions: Versions) -> None:
        """Add the changes between two versions of a schema."""
        equality = self.equalities[versions.direction]
        if equality.same((versions.old.node,), (versions.new.node,)):
            return
        for spot in Spots(equality).of((versions.old.node,), (versions.new.node,)):
            self.spot(versions, spot)

    def spot(self, versions: Versions, spot: Spot) -> None:
        old, new = (view.place(_place_key(spot)) for view in (spot.old_view, spot.new_view))
        key = (versions.way, spot.keyword, spot.detail, old, new)
        if self.changes.is_settled(key, versions.operation):
            return
        rule, fact, witness = self.judged(versions, spot)
        if not rule:
            return
        where = versions.where + spot.pointer
        message = f"{where}: {fact}"
        self.changes.add(rule, versions.operation, where, message, old, new, witness, key)

    def judged(self, versions: Versions, spot: Spot) -> tuple[str, str, Witness | None]:
        """The rule of a spot, its fact and its witness; no rule where the spot changes nothing."""
        way, fact = versions.way, _fact(spot)
        if spot.keyword in NOTES or spot.keyword in ("contentSchema", "discriminator"):
            return of_note(way, spot, versions.is_parameter), fact, None
        family = _family(spot)
        bad, good, _ = NARROWING[way]
        is_sent = way is Way.REQUEST
        is_property = spot.keyword == "properties"
        is_added = is_property and spot.detail in spot.new_view.properties
        may_harm = not is_property or is_added is not is_sent
        if may_harm and (witness := self.witness(versions, spot, is_harmful=True)):
            return f"{way}-{family}-{bad}", fact, witness
        if is_property:
            is_told = not is_added and spot.detail in spot.old_view.required and not is_sent
            return ("" if is_told else f"{way}-property-{'added' if is_added else 'removed'}"), fact, None
        branch = spot.removed if is_sent else spot.added
        if branch is not None and branch[0].reference is not None and spot.keyword in ("anyOf", "oneOf"):
            return f"{way}-alternative-{'removed' if is_sent else 'added'}", fact, None
        if witness := self.witness(versions, spot, is_harmful=False):
            return f"{way}-{family}-{good}", fact, witness
        if not versions.is_judged and (effect := self.effect(versions, spot)):
            return f"{way}-{family}-{bad if effect == 'harm' else good}", fact, None
        if spot not in self.tried and (tendency := tendency_of(spot)):
            return f"{way}-{family}-{tendency}", fact, None
        return f"{way}-{family}-changed", fact, None

    def effect(self, versions: Versions, spot: Spot) -> str:
        """What a spot does, by values alone that one side allows: "harm", "good", or "" where there is none."""
        for name, is_harmful in (("harm", True), ("good", False)):
            if any(True for _ in self.separation(versions, is_harmful).values(spot)):
                return name
        return ""

    def witness(self, versions: Versions, spot: Spot, is_harmful: bool) -> Witness | None:
        """An exchange that one contract alone allows because of a spot."""
        compose = versions.harmful if is_harmful else versions.harmless
        is_named = any(level.name_pattern for level in spot.levels)
        pointer = "" if is_named else spot.pointer
        for value in islice(self.separation(versions, is_harmful).values(spot), budgets.DIFF_EXCHANGES):
            self.tried.add(spot)
            witness = compose(value, pointer)
            if witness is not None:
                return witness
        return None

    def separation(self, versions: Versions, is_harmful: bool) -> Separation:
        """What finds values that one side alone allows: the one whose exchanges harm, or the other."""
        allows_old = (versions.way is Way.REQUEST) is is_harmful
        makers = self.makers[versions.direction]
        old = Side(versions.old, makers[0], versions.old_samples)
        new = Side(versions.new, makers[1], versions.new_samples)
        sides = (old, new) if allows_old else (new, old)
        return Separation(*sides, versions.direction, allows_old)


def _family(spot: Spot) -> str:
    formats = [view.keywords.get("format") for view in (spot.old_view, spot.new_view)]
    if spot.keyword == "format" and formats in (["int64", None], [None, "int64"]):
        return FAMILIES["int64"]
    if spot.keyword == "enum" and (spot.old_view.is_constant or spot.new_view.is_constant):
        return FAMILIES["const"]
    return FAMILIES.get(spot.keyword, FAMILIES["schema"])


def _place_key(spot: Spot) -> str:
    return f"properties/{spot.detail}" if spot.keyword == "properties" else spot.keyword


def _fact(spot: Spot) -> str:
    """What was changed, in words."""
    keyword = spot.keyword
    if keyword == "properties":
        is_added = spot.detail in spot.new_view.properties
        return f"the property {spot.detail!r} was {'added' if is_added else 'removed'}"
    if keyword == "required":
        is_new = spot.detail in spot.new_view.required
        return f"{spot.detail!r} {'became required' if is_new else 'is not required any more'}"
    if keyword == "discriminator":
        return discriminator_fact(spot)
    if spot.added is not None or spot.removed is not None:
        name = f" {spot.detail}" if spot.detail else ""
        return f"a branch{name} of {keyword} was {'added' if spot.added is not None else 'removed'}"
    return _values_fact(spot) + _idle(spot)


def _values_fact(spot: Spot) -> str:
    keyword = spot.keyword
    old, new = (_said(view, keyword) for view in (spot.old_view, spot.new_view))
    if not old and not new:
        return f"{_NAMES.get(keyword, keyword)} was changed"
    if not old:
        return f"{keyword} {new} was added"
    return f"{keyword} {old} was removed" if not new else f"{keyword} was {old} and is {new}"


def _idle(spot: Spot) -> str:
    """That a keyword judges no value of the types that are allowed, where that is so."""
    if any(applies(view, spot.keyword) for view in (spot.old_view, spot.new_view)):
        return ""
    return f", which says nothing of the type {' or '.join(spot.new_view.types)}"


def _said(view: View, keyword: str) -> str:
    for name in (keyword, {"minimum": "exclusiveMinimum", "maximum": "exclusiveMaximum"}.get(keyword, "")):
        for values in (view.keywords, view.notes):
            if name in values:
                value = values[name]
                return shown(value[0] if name == "type" and isinstance(value, list) and len(value) == 1 else value)
    return ""
