"""Reads and writes XML bodies by the `xml` hints in their schemas (OpenAPI 3.1, section 4.8.26)."""

from __future__ import annotations

import re
from xml.etree import ElementTree as ET

from tallystick.nouns.json_value import JSON
from tallystick.nouns.schema import Schema
from tallystick.schemas.shapes import items_of, properties_of, shape_of
from tallystick.wire.values import MISSING, Value, additional_properties, scalar_reader

_NIL = "{http://www.w3.org/2001/XMLSchema-instance}nil"
_NOT_IN_NAMES = re.compile(r"[^\w.\-]")
_UNWRITABLE = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]")
_DEEPEST = 100
_CHUNK_BYTES = 2**18


def read_xml(body: bytes, schema: Schema | None) -> Value:
    """The value of an XML document; for any other body MISSING, and a fault with line and column.

    A document type is refused, and so is every entity that it could declare.
    """
    if b"<!DOCTYPE" in body.replace(b"\0", b""):  # in UTF-16 too
        return MISSING, "not XML that is read: it has a document type"
    try:
        parser = ET.XMLParser()
        for start in range(0, len(body), _CHUNK_BYTES):  # in between, other threads have their turn
            parser.feed(body[start : start + _CHUNK_BYTES])
        root = parser.close()
    except (ET.ParseError, ValueError, LookupError) as error:
        return MISSING, f"not XML: {error}"
    name, expected = _local_name(root.tag), _hint(schema, "name")
    fault = f"the root element is <{name}>; expected <{expected}>" if expected and expected != name else ""
    return _read_element(root, schema, 0), fault


def _read_element(element: ET.Element, schema: Schema | None, depth: int) -> object:
    if element.get(_NIL) == "true":
        return None
    shape = shape_of(schema)
    if depth > _DEEPEST or (shape == "scalar" and (len(element) == 0 or schema is not None)):
        return scalar_reader(schema)("".join(element.itertext()))
    if shape == "array":
        return _read_elements(list(element), items_of(schema), depth)
    return _read_object(element, schema, depth)


def _read_elements(elements: list[ET.Element], schema: Schema | None, depth: int) -> list[object]:
    return [_read_element(element, schema, depth + 1) for element in elements]


def _read_object(element: ET.Element, schema: Schema | None, depth: int) -> dict[str, object]:
    value: dict[str, object] = {}
    children: dict[str, list[ET.Element]] = {}
    for child in element:
        children.setdefault(_local_name(child.tag), []).append(child)
    attributes = {_local_name(name): text for name, text in element.attrib.items()}
    for name, child_schema in properties_of(schema).items():
        xml_name = _hint(child_schema, "name") or name
        if _is_attribute(child_schema):
            if xml_name in attributes:
                value[name] = scalar_reader(child_schema)(attributes[xml_name])
        elif _is_text(child_schema):
            value[name] = scalar_reader(child_schema)(element.text or "")
        elif shape_of(child_schema) == "array":
            items = _take_items(children, child_schema, xml_name)
            if items is not None:
                value[name] = _read_elements(items, items_of(child_schema), depth)
        elif xml_name in children:
            values = _read_elements(children.pop(xml_name), child_schema, depth)
            value[name] = values if len(values) > 1 else values[0]  # several are an array, which few schemas allow
    for name, undeclared in children.items():
        values = _read_elements(undeclared, additional_properties(schema), depth)
        value[name] = values if len(values) > 1 else values[0]
    return value


def _take_items(children: dict[str, list[ET.Element]], schema: Schema | None, name: str) -> list[ET.Element] | None:
    """Take the elements of an array out of the children of an object; None where the array is absent."""
    if _is_wrapped(schema):
        wrappers = children.pop(name, None)
        return list(wrappers[0]) if wrappers else None
    return children.pop(_hint(items_of(schema), "name") or name, None)


def write_xml(value: JSON, schema: Schema | None) -> bytes:
    """The XML document of a value."""
    root = _element(value, schema, _hint(schema, "name") or _component_name(schema) or "root")
    document: bytes = ET.tostring(root, encoding="utf-8", xml_declaration=True)
    return document


def _element(value: JSON, schema: Schema | None, name: str) -> ET.Element:
    element = ET.Element(_prefixed_name(name, schema))
    prefix, namespace = _hint(schema, "prefix"), _hint(schema, "namespace")
    if namespace:
        element.set(f"xmlns:{prefix}" if prefix else "xmlns", namespace)
    if isinstance(value, dict):
        schemas = properties_of(schema)
        for key, item in value.items():
            _add_property(element, key, item, schemas.get(key))
    elif isinstance(value, list):
        items = items_of(schema)
        item_name = _hint(items, "name") or _component_name(items) or "item"
        element.extend(_element(item, items, item_name) for item in value)
    elif value is not None:
        element.text = _text(value)
    return element


def _add_property(element: ET.Element, key: str, value: JSON, schema: Schema | None) -> None:
    name = _hint(schema, "name") or key
    if _is_attribute(schema) and not isinstance(value, (dict, list)):
        if value is not None:
            element.set(_prefixed_name(name, schema), _text(value))
    elif _is_text(schema):
        element.text = _text(value)
    elif isinstance(value, list):
        items = items_of(schema)
        parent = ET.SubElement(element, _prefixed_name(name, schema)) if _is_wrapped(schema) else element
        parent.extend(_element(item, items, _hint(items, "name") or name) for item in value)
    else:
        element.append(_element(value, schema, name))


def _hint(schema: Schema | None, key: str) -> str:
    """A string in the `xml` hints of a schema; "" where it is absent."""
    xml = schema.resolved.get("xml") if schema is not None else None
    hint = xml.get(key) if isinstance(xml, dict) else None
    return hint if isinstance(hint, str) else ""


def _flag(schema: Schema | None, key: str) -> bool:
    """Whether a flag is set in the `xml` hints of a schema."""
    xml = schema.resolved.get("xml") if schema is not None else None
    return isinstance(xml, dict) and xml.get(key) is True


def _is_attribute(schema: Schema | None) -> bool:
    return _flag(schema, "attribute") or _hint(schema, "nodeType") == "attribute"


def _is_text(schema: Schema | None) -> bool:
    return _hint(schema, "nodeType") in ("text", "cdata")


def _is_wrapped(schema: Schema | None) -> bool:
    return _flag(schema, "wrapped") or _hint(schema, "nodeType") == "element"


def _component_name(schema: Schema | None) -> str:
    """The name of the component that a schema is or refers to; "" for any other schema."""
    reference = schema.value.get("$ref") if schema is not None and isinstance(schema.value, dict) else None
    if isinstance(reference, str):
        file, _, pointer = reference.partition("#")
        return pointer.rpartition("/")[2] or file.rpartition("/")[2].partition(".")[0]
    path = schema.place.path if schema is not None else ()
    return path[-1] if len(path) > 1 and path[-2] in ("schemas", "definitions") else ""


def _prefixed_name(name: str, schema: Schema | None) -> str:
    """The name with its prefix; `_` stands for what XML does not allow in names."""
    prefix = _hint(schema, "prefix")
    clean = _NOT_IN_NAMES.sub("_", name) or "_"
    clean = clean if clean[0].isalpha() or clean[0] == "_" else f"_{clean}"
    return f"{prefix}:{clean}" if prefix else clean


def _local_name(tag: str) -> str:
    """The name of an element or attribute without its namespace."""
    return tag.rpartition("}")[2]


def _text(value: JSON) -> str:
    text = value if isinstance(value, str) else "true" if value is True else "false" if value is False else str(value)
    return _UNWRITABLE.sub("\ufffd", text)
