"""XML bodies to values and back, by the `xml` hints of their schema (OpenAPI 3.1, section 4.8.26)."""

from __future__ import annotations

import re
from typing import Any
from xml.etree import ElementTree as ET

from tallystick.nouns.schema import Schema
from tallystick.schemas.shapes import items_of, properties_of, shape_of
from tallystick.wire.values import MISSING, Value, scalar_reader

_NIL = "{http://www.w3.org/2001/XMLSchema-instance}nil"
_NO_NAME_CHARACTER = re.compile(r"[^\w.\-]")
_UNWRITABLE = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]")
_DEPTH = 100


def read_xml(body: bytes, schema: Schema | None) -> Value:
    """The value of an XML document; a body that is none is MISSING, with line and column of the fault.

    A document type is refused, and with it every entity that it could declare.
    """
    if b"<!DOCTYPE" in body.replace(b"\0", b""):  # in UTF-16 too
        return MISSING, "not XML that is read: it has a document type"
    try:
        root = ET.fromstring(body)
    except (ET.ParseError, ValueError, LookupError) as error:
        return MISSING, f"not XML: {error}"
    expected = _hint(schema, "name")
    found = _local(root.tag)
    problem = f"the root element is <{found}>; expected <{expected}>" if expected and expected != found else ""
    return _value(root, schema, 0), problem


def _value(element: ET.Element, schema: Schema | None, depth: int) -> Any:
    if element.get(_NIL) == "true":
        return None
    shape = shape_of(schema)
    if depth > _DEPTH or (shape == "scalar" and (len(element) == 0 or schema is not None)):
        return scalar_reader(schema)("".join(element.itertext()))
    if shape == "array":
        return [_value(child, items_of(schema), depth + 1) for child in element]
    return _object(element, schema, depth)


def _object(element: ET.Element, schema: Schema | None, depth: int) -> dict[str, Any]:
    value: dict[str, Any] = {}
    children: dict[str, list[ET.Element]] = {}
    for child in element:
        children.setdefault(_local(child.tag), []).append(child)
    attributes = {_local(name): text for name, text in element.attrib.items()}
    for name, part in properties_of(schema).items():
        called = _hint(part, "name") or name
        if _is_attribute(part):
            if called in attributes:
                value[name] = scalar_reader(part)(attributes[called])
        elif _hint(part, "nodeType") in ("text", "cdata"):
            value[name] = scalar_reader(part)(element.text or "")
        elif shape_of(part) == "array":
            items = items_of(part)
            if _is_wrapped(part):
                wrapper = children.pop(called, None)
                found = list(wrapper[0]) if wrapper else None
            else:
                found = children.pop(_hint(items, "name") or called, None)
            if found is not None:
                value[name] = [_value(child, items, depth + 1) for child in found]
        elif called in children:
            value[name] = _value(children.pop(called)[0], part, depth + 1)
    other = schema.child("additionalProperties") if schema is not None else None
    for name, rest in children.items():
        values = [_value(child, other, depth + 1) for child in rest]
        value[name] = values if len(values) > 1 else values[0]
    return value


def write_xml(value: Any, schema: Schema | None) -> bytes:
    """The XML document of a value."""
    root = _element(value, schema, _hint(schema, "name") or _component(schema) or "root")
    written: bytes = ET.tostring(root, encoding="utf-8", xml_declaration=True)
    return written


def _element(value: Any, schema: Schema | None, name: str) -> ET.Element:
    element = ET.Element(_name(name, schema))
    prefix, namespace = _hint(schema, "prefix"), _hint(schema, "namespace")
    if namespace:
        element.set(f"xmlns:{prefix}" if prefix else "xmlns", namespace)
    if isinstance(value, dict):
        parts = properties_of(schema)
        for key, item in value.items():
            _put(element, key, item, parts.get(key))
    elif isinstance(value, list):
        items = items_of(schema)
        element.extend(_element(item, items, _hint(items, "name") or _component(items) or "item") for item in value)
    elif value is not None:
        element.text = _text(value)
    return element


def _put(element: ET.Element, key: str, item: Any, part: Schema | None) -> None:
    called = _hint(part, "name") or key
    if _is_attribute(part) and not isinstance(item, (dict, list)):
        if item is not None:
            element.set(_name(called, part), _text(item))
    elif _hint(part, "nodeType") in ("text", "cdata"):
        element.text = _text(item)
    elif isinstance(item, list):
        items = items_of(part)
        wrapped = _is_wrapped(part)
        name = _hint(items, "name") or called
        into = ET.SubElement(element, _name(called, part)) if wrapped else element
        into.extend(_element(one, items, name) for one in item)
    else:
        element.append(_element(item, part, called))


def _hint(schema: Schema | None, key: str) -> str:
    xml = schema.resolved.get("xml") if schema is not None else None
    found = xml.get(key) if isinstance(xml, dict) else None
    return found if isinstance(found, str) else ""


def _flag(schema: Schema | None, key: str) -> bool:
    xml = schema.resolved.get("xml") if schema is not None else None
    return isinstance(xml, dict) and xml.get(key) is True


def _is_attribute(schema: Schema | None) -> bool:
    return _flag(schema, "attribute") or _hint(schema, "nodeType") == "attribute"


def _is_wrapped(schema: Schema | None) -> bool:
    return _flag(schema, "wrapped") or _hint(schema, "nodeType") == "element"


def _component(schema: Schema | None) -> str:
    """The name of the component that a schema is, or refers to."""
    reference = schema.value.get("$ref") if schema is not None and isinstance(schema.value, dict) else None
    if isinstance(reference, str):
        return reference.rpartition("/")[2].partition(".")[0]
    path = schema.place.path if schema is not None else ()
    return path[-1] if len(path) > 1 and path[-2] in ("schemas", "definitions") else ""


def _name(name: str, schema: Schema | None) -> str:
    """A name that XML allows, with its prefix."""
    prefix = _hint(schema, "prefix")
    clean = _NO_NAME_CHARACTER.sub("_", name) or "_"
    clean = clean if clean[0].isalpha() or clean[0] == "_" else f"_{clean}"
    return f"{prefix}:{clean}" if prefix else clean


def _local(tag: str) -> str:
    return tag.rpartition("}")[2]


def _text(value: Any) -> str:
    text = value if isinstance(value, str) else "true" if value is True else "false" if value is False else str(value)
    return _UNWRITABLE.sub("\ufffd", text)
