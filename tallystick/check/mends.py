"""The rules that have one obvious mend, and what that is: edits of the document for a place that breaks the rule."""

from __future__ import annotations

from collections.abc import Callable
from functools import cached_property
from http import HTTPStatus

from tallystick.documents.dialect import SWAGGER_2_0
from tallystick.documents.edits import Edit, Path, Put, Remove, Rename, Replace
from tallystick.documents.spans import Spans
from tallystick.nouns.json_pointer import part_at
from tallystick.nouns.json_value import JSON
from tallystick.nouns.path_templates import template_names
from tallystick.rules.contract.documented_values import DEFAULT_NOT_VALID, EXAMPLE_NOT_VALID
from tallystick.rules.contract.operations import PATH_PARAMETER_UNDEFINED, RESPONSE_DESCRIPTION_EMPTY
from tallystick.rules.contract.schemas import ARRAY_WITHOUT_ITEMS, ENUM_VALUE_OF_OTHER_TYPE, KEYWORD_OF_OTHER_VERSION
from tallystick.rules.contract.structure import FIELD_INVALID, REQUIRED_FIELD_MISSING, RESPONSE_WITHOUT_DESCRIPTION

_RANGES = {
    "1": "Information",
    "2": "Success",
    "3": "Redirection",
    "4": "Error of the client",
    "5": "Error of the server",
}
_WORDS: dict[str, JSON] = {"true": True, "false": False}


class Look:
    """Looks at the parts of one document."""

    def __init__(self, value: JSON, text: str) -> None:
        self.value = value
        self.text = text

    def __call__(self, path: Path) -> JSON:
        """What stands at a path; None where nothing does."""
        try:
            return part_at(self.value, path)
        except (KeyError, IndexError, ValueError, TypeError):
            return None

    def written(self, path: Path) -> str:
        """What stands at a path as it is written; "" where that cannot be told."""
        part = self.spans.part(path) if self.spans is not None else None
        return self.text[part.start : part.end] if part is not None else ""

    @cached_property
    def spans(self) -> Spans | None:
        try:
            return Spans(self.text)
        except ValueError:
            return None


Mend = Callable[[Path, Look], list[Edit]]


def _described(path: Path, look: Look) -> list[Edit]:
    """A response without a description says what its status means."""
    own = path[:-1] if path and path[-1] == "description" and isinstance(look(path), str) else path
    if not isinstance(look(own), dict) or look((*own, "description")):
        return []
    text = _meaning(own[-1] if own else "")
    if look((*own, "description")) is None:
        return [Put(own, "description", text)]
    return [Replace((*own, "description"), text)]


def _meaning(key: str) -> str:
    """What a response is by its status, or by the name of its component."""
    if key.isdecimal() and int(key) in {*HTTPStatus}:
        return HTTPStatus(int(key)).phrase
    if key.isdecimal() or key[1:].upper() == "XX":
        return _RANGES.get(key[:1], "A response")
    return {"default": "Any other response", "": "A response"}.get(key, key)


def _path_parameter(path: Path, look: Look) -> list[Edit]:
    """Each name in the path that is defined nowhere becomes a parameter that is a text."""
    if len(path) < 3 or path[0] != "paths":
        return []
    known = {name for way in (path, path[:2]) for name in _path_names((*way, "parameters"), look)}
    is_swagger = look((SWAGGER_2_0.version_field,)) is not None
    edits: list[Edit] = []
    missing: list[JSON] = []
    for name in template_names(path[1]):
        if name and name not in known:
            kind: dict[str, JSON] = {"type": "string"} if is_swagger else {"schema": {"type": "string"}}
            missing.append({"name": name, "in": "path", "required": True, **kind})
    if isinstance(look((*path, "parameters")), list):
        edits += [Put((*path, "parameters"), "", parameter) for parameter in missing[:1]]
    elif missing:
        edits.append(Put(path, "parameters", missing))
    return edits


def _path_names(path: Path, look: Look) -> list[str]:
    parameters = look(path)
    if not isinstance(parameters, list):
        return []
    names = []
    for index in range(len(parameters)):
        own = (*path, str(index))
        ref = look((*own, "$ref"))
        if isinstance(ref, str) and ref.startswith("#/"):
            own = tuple(step.replace("~1", "/").replace("~0", "~") for step in ref[2:].split("/"))
        if look((*own, "in")) == "path":
            names.append(str(look((*own, "name"))))
    return names


def _required(path: Path, look: Look) -> list[Edit]:
    """A path parameter is required."""
    own = path[:-1] if path and path[-1] == "required" else path
    if look((*own, "in")) != "path":
        return []
    if look((*own, "required")) is None:
        return [Put(own, "required", True, behind="in")]
    return [Replace((*own, "required"), True)]


def _items(path: Path, look: Look) -> list[Edit]:
    """An array whose items nobody described has any items."""
    own = path[:-1] if path and path[-1] == "type" else path
    is_array = look((*own, "type")) == "array" and look((*own, "items")) is None
    return [Put(own, "items", {}, behind="type")] if is_array else []


def _keyword(path: Path, look: Look) -> list[Edit]:
    """A keyword of one version of OpenAPI, as the version of the document writes it."""
    own, keyword = path[:-1], path[-1] if path else ""
    kind = look((*own, "type"))
    if keyword == "const" and not isinstance(look(path), (dict, list)) and look((*own, "enum")) is None:
        return [Rename(path, "enum", [look(path)])]
    if keyword == "nullable":
        if look(path) is not True:
            return [Remove(path)]
        if isinstance(kind, str):
            return [Replace((*own, "type"), [kind, "null"]), Remove(path)]
        return []
    if keyword == "type" and isinstance(kind, list):
        types = [name for name in kind if name != "null"]
        if len(types) != 1:
            return []
        nullable: list[Edit] = [Put(own, "nullable", True, behind="type")] if len(kind) == 2 else []
        return [Replace(path, types[0]), *nullable]
    bound = {"exclusiveMinimum": "minimum", "exclusiveMaximum": "maximum"}.get(keyword)
    if bound is None or not isinstance(look(path), bool):
        return []
    value = look((*own, bound))
    if look(path) is False:
        return [Remove(path)]
    return [Replace(path, value), Remove((*own, bound))] if isinstance(value, (int, float)) else []


def _quoted(path: Path, look: Look) -> list[Edit]:
    """A number or boolean where a text is wanted is put in quotes, and the other way round."""
    value = look(path)
    if isinstance(value, (bool, int, float)):
        text = look.written(path)  # 1.10 is another text than 1.1
        return [Replace(path, text)] if text else []
    if not isinstance(value, str):
        return []
    if value in _WORDS:
        return [Replace(path, _WORDS[value])]
    digits = value.removeprefix("-")
    is_number = digits.isascii() and digits.isdecimal() and (digits == "0" or digits[0] != "0")
    return [Replace(path, int(value))] if is_number and len(digits) < 16 else []


def _field(path: Path, look: Look) -> list[Edit]:
    """A version that is a number, `1.10`, is put in quotes."""
    return _quoted(path, look) if path == ("info", "version") else []


MENDS: dict[str, Mend] = {
    RESPONSE_WITHOUT_DESCRIPTION.id: _described,
    RESPONSE_DESCRIPTION_EMPTY.id: _described,
    PATH_PARAMETER_UNDEFINED.id: _path_parameter,
    REQUIRED_FIELD_MISSING.id: _required,
    ARRAY_WITHOUT_ITEMS.id: _items,
    KEYWORD_OF_OTHER_VERSION.id: _keyword,
    EXAMPLE_NOT_VALID.id: _quoted,
    DEFAULT_NOT_VALID.id: _quoted,
    ENUM_VALUE_OF_OTHER_TYPE.id: _quoted,
    FIELD_INVALID.id: _field,
}
"""The mend of each rule that has one, by its id."""
