"""Reads query parameters in the style `deepObject`: `filter[name]=x`, and nested `filter[a][b]=x`.

A *tree* holds raw texts by the keys in the brackets: of `a[b][c]=1` it is `{"b": {"c": ["1"]}}`.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Sequence
from itertools import pairwise
from typing import TypeAlias

from tallystick.nouns.contract import Parameter
from tallystick.nouns.schema import Schema
from tallystick.schemas.shapes import items_of, properties_of, shape_of, types_of
from tallystick.wire.fields import Fields
from tallystick.wire.values import MISSING, Value, additional_properties, decode_field, member_reader, read_items

Tree: TypeAlias = "dict[str, Tree | list[str]]"

_KEY = re.compile(r"\[([^\[\]]*)\]")
_INDEX = re.compile(r"\d{0,6}", re.ASCII)
_DEEPEST = 64


def deep_object_reader(parameter: Parameter) -> Callable[[Fields], Value]:
    """The reader of a deep object from the fields of a query; a field without brackets is read as itself."""
    name, schema = parameter.name, parameter.schema
    read_plain = member_reader(schema)
    prefix = f"{name}["

    def read(fields: Fields) -> Value:
        tree: Tree = {}
        fault = ""
        for field, raw_values in fields.beginning_with(prefix):
            fault = fault or _add_field(tree, field, field[len(name) :], raw_values)
        if name in fields:
            texts, text_fault = _decoded(fields[name])
            value, repeated = read_plain(texts)
            return value, text_fault or fault or repeated or (_at_odds(name) if tree else "")
        if not tree:
            return MISSING, fault
        value, tree_fault = _read_tree(tree, schema, name)
        return value, fault or tree_fault

    return read


def _add_field(tree: Tree, field: str, brackets: str, raw_values: Sequence[str]) -> str:
    """Put the texts of one field into a tree; return the fault of the field, or "" if it has none."""
    keys = _KEY.findall(brackets)
    if "".join(f"[{key}]" for key in keys) != brackets:
        return f"{field!r} is not written as {field.removesuffix(brackets)}[property]"
    if len(keys) > _DEEPEST:
        return f"its names have {len(keys)} brackets; the most that is read is {_DEEPEST}"
    for key in keys[:-1]:
        branch = tree.setdefault(key, {})
        if not isinstance(branch, dict):
            return _at_odds(field)
        tree = branch
    if isinstance(tree.get(keys[-1]), dict):
        return _at_odds(field)
    tree[keys[-1]], fault = _decoded(raw_values)
    return fault


def _at_odds(field: str) -> str:
    return f"{field!r} is at odds with another field"


def _decoded(raw_values: Sequence[str]) -> tuple[list[str], str]:
    """The decoded texts of one field, and the fault of the first that has one."""
    texts = [decode_field(raw) for raw in raw_values]
    return [text for text, _ in texts], next((fault for _, fault in texts if fault), "")


def _read_tree(tree: Tree | list[str], schema: Schema | None, where: str) -> Value:
    """The value of a tree of texts, by the types in the schema; `where` is the name of its fields."""
    if isinstance(tree, list):
        if shape_of(schema) == "array":
            return read_items(tree, schema), ""
        value, fault = member_reader(schema)(tree)
        return value, fault and f"{where}: {fault}"
    if "array" in types_of(schema) and all(map(_INDEX.fullmatch, tree)):
        return _read_indexed(tree, schema, where)
    declared, other = properties_of(schema), additional_properties(schema)
    readings = {key: _read_tree(subtree, declared.get(key, other), f"{where}[{key}]") for key, subtree in tree.items()}
    return {key: value for key, (value, _) in readings.items()}, _first_fault(readings.values())


def _read_indexed(tree: Tree, schema: Schema | None, where: str) -> Value:
    """The items of an array, in the order of their indexes; those with empty brackets come after them."""
    keys = sorted((key for key in tree if key), key=int)
    items = items_of(schema)
    readings = [_read_tree(tree[key], items, f"{where}[{key}]") for key in keys]
    appended = tree.get("")
    if isinstance(appended, list):
        readings += ((item, "") for item in read_items(appended, schema))
    elif appended is not None:
        readings.append(_read_tree(appended, items, f"{where}[]"))
    fault = next((f"{where}[{key}] is given twice" for key, after in pairwise(keys) if int(key) == int(after)), "")
    return [value for value, _ in readings], fault or _first_fault(readings)


def _first_fault(readings: Iterable[Value]) -> str:
    return next((fault for _, fault in readings if fault), "")
