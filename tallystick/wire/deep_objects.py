"""Reads query parameters in the style `deepObject`: `filter[name]=x`, and nested `filter[a][b]=x`.

A *tree* holds raw texts by the keys in the brackets: of `a[b][c]=1` it is `{"b": {"c": ["1"]}}`.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from typing import TypeAlias

from tallystick.nouns.contract import Parameter
from tallystick.nouns.schema import Schema
from tallystick.schemas.shapes import items_of, properties_of, shape_of, types_of
from tallystick.wire.values import MISSING, Value, additional_properties, decode_field, read_items, scalar_reader

Tree: TypeAlias = "dict[str, Tree | list[str]]"

_KEY = re.compile(r"\[([^\[\]]*)\]")
_INDEX = re.compile(r"\d{0,6}", re.ASCII)
_DEEPEST = 64


def deep_object_reader(parameter: Parameter) -> Callable[[Mapping[str, Sequence[str]]], Value]:
    """The reader of a deep object from the fields of a query; a field without brackets is read as a scalar."""
    name, schema = parameter.name, parameter.schema
    read_scalar = scalar_reader(schema)
    prefix = f"{name}["

    def read(fields: Mapping[str, Sequence[str]]) -> Value:
        if name in fields:
            text, fault = decode_field(fields[name][-1])
            return read_scalar(text), fault
        tree: Tree = {}
        fault = ""
        for field, raw_values in fields.items():
            if field.startswith(prefix):
                fault = fault or _add_field(tree, field, field[len(name) :], raw_values)
        return (_read_tree(tree, schema), fault) if tree else (MISSING, fault)

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
            return f"{field!r} is at odds with another field"
        tree = branch
    if isinstance(tree.get(keys[-1]), dict):
        return f"{field!r} is at odds with another field"
    texts = [decode_field(raw) for raw in raw_values]
    tree[keys[-1]] = [text for text, _ in texts]
    return next((fault for _, fault in texts if fault), "")


def _read_tree(tree: Tree | list[str], schema: Schema | None) -> object:
    """The value of a tree of texts, by the types in the schema."""
    if isinstance(tree, list):
        return read_items(tree, schema) if shape_of(schema) == "array" else scalar_reader(schema)(tree[-1])
    if "array" in types_of(schema) and all(map(_INDEX.fullmatch, tree)):
        texts = tree.get("")
        if isinstance(texts, list):
            return read_items(texts, schema)
        return [_read_tree(tree[key], items_of(schema)) for key in sorted(tree, key=lambda key: int(key or 0))]
    declared, other = properties_of(schema), additional_properties(schema)
    return {key: _read_tree(subtree, declared.get(key, other)) for key, subtree in tree.items()}
