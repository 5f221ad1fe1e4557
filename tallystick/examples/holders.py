"""What the object around a slot is: by the name of its schema, its title, the property that has it, its path."""

from __future__ import annotations

from pathlib import PurePath

from tallystick.examples.choices import Slot
from tallystick.examples.combined_schema import CombinedSchema, definition_name
from tallystick.examples.draws import Holder, number_of
from tallystick.examples.names import thing, words
from tallystick.examples.plain_schemas import schema_list
from tallystick.nouns.node import Node
from tallystick.schemas.bundle import Bundle

_COMPONENTS = frozenset(("schemas", "definitions", "responses", "requestBodies", "parameters", "headers", "$defs"))
_MOST_WORDS = 4
"""How many words a title has at most that is a name."""
_ROLES = 9
"""Among how many of one kind those of different roles are chosen."""


def holder_of(bundle: Bundle, combined: CombinedSchema, slot: Slot) -> Holder:
    """The holder of the properties of an object at a slot."""
    role = thing(slot.name)
    called = (_called(bundle.node_named(name)) for name in combined.refs)
    schema_name = next(filter(None, called), "") or _titled(combined)
    names = tuple(dict.fromkeys(filter(None, (schema_name, role)))) or slot.holder.names
    properties = frozenset(map(words, combined.property_names()))
    is_plain = not role or not slot.path or schema_name in ("", role)
    return Holder(names, properties, 0 if is_plain else 1 + number_of(role) % _ROLES)


def kind_referred_to(bundle: Bundle, combined: CombinedSchema) -> str:
    """What a string stands for where the schema allows an object with an `id` in its place; "" where it does not."""
    for source in combined.sources:
        for option in (*schema_list(source, "anyOf"), *schema_list(source, "oneOf")):
            if isinstance(option, dict) and "$ref" in option:
                name = definition_name(option["$ref"])
                definition = bundle.definitions[name]
                properties = definition.get("properties") if isinstance(definition, dict) else None
                if isinstance(properties, dict) and "id" in properties:
                    return _called(bundle.node_named(name))
    return ""


def _called(node: Node) -> str:
    """What a schema is called by its own name, by that of its file, or by the path of its operation; "" by nothing."""
    path = node.path
    if path[-2:-1] and path[-2] in _COMPONENTS:
        return thing(path[-1])
    if len(path) > 1 and path[0] in ("paths", "webhooks"):
        return _resource(path[1])
    if path[:1] == ("components",) and len(path) > 2:
        return thing(path[2])
    return "" if path else thing(PurePath(node.document.file).stem)


def _resource(template: str) -> str:
    """What a path template is about: its last segment that is no placeholder."""
    segments = [segment for segment in template.split("/") if segment and "{" not in segment]
    return next(filter(None, map(thing, reversed(segments))), "")


def _titled(combined: CombinedSchema) -> str:
    """The title of a schema, where it is a name."""
    title = next((title for title in combined.annotations("title") if isinstance(title, str)), "")
    return thing(title) if len(title.split()) <= _MOST_WORDS else ""
