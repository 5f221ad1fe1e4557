"""The configuration's tables `[[tool.tallystick.mock.resources]]`: what resources are, where that is not derived."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping

from tallystick.examples.choices import ValuePath
from tallystick.nouns.errors import UsageError
from tallystick.nouns.words import in_a_row, unknown
from tallystick.resources.resources import Role
from tallystick.resources.said import SaidResource

_ROLES = {role.value: role for role in Role}
_SENT = {role.value: role for role in (Role.CREATE, Role.REPLACE, Role.UPDATE)}
_KEYS = ("item", "collection", "name", "id", "in", "sent-in", "path-names", "ignore", *_ROLES)
_STEP = re.compile(r"\.?([^.\[\]]+)|\[(\d{1,9})\]")


def said_resources(listed: object, where: str) -> Iterator[SaidResource]:
    """What a list of tables says of resources. Raises `UsageError` for a key or a value that is not known."""
    if not isinstance(listed, list):
        raise UsageError(f"{where}: a list of tables was expected, each with `item`; not {listed!r}")
    for number, table in enumerate(listed, 1):
        place = f"{where} (number {number})"
        if not isinstance(table, dict):
            raise UsageError(f"{place}: a table was expected, not {table!r}")
        for key in table:
            if key not in _KEYS:
                raise UsageError(f"{place}: {unknown('key', key, _KEYS)}")
        yield _said(table, place)


def _said(table: Mapping[str, object], where: str) -> SaidResource:
    item = _text(table, "item", where)
    if not item.startswith("/"):
        raise UsageError(f"{where}: item: the path of the item was expected, as in '/pets/{{petId}}'; not {item!r}")
    is_ignored = table.get("ignore", False)
    if not isinstance(is_ignored, bool):
        raise UsageError(f"{where}: ignore: true or false was expected, not {is_ignored!r}")
    operations = ((role, _operation(table[key], f"{where}: {key}")) for key, role in _ROLES.items() if key in table)
    return SaidResource(
        where,
        item,
        collection=_text(table, "collection", where),
        name=_text(table, "name", where),
        id_way=_way(table["id"], f"{where}: id") if "id" in table else None,
        operations=tuple(operations),
        response_ways=tuple(_ways(table, "in", _ROLES, where)),
        request_ways=tuple(_ways(table, "sent-in", _SENT, where)),
        path_names=tuple(_table(table, "path-names", _string, where)),
        is_ignored=is_ignored,
    )


def _text(table: Mapping[str, object], key: str, where: str) -> str:
    """The text of a key, "" where it is not there; only `item` must be."""
    value = table.get(key, None if key == "item" else "")
    if not isinstance(value, str) or (key in table and not value):
        raise UsageError(f"{where}: {key}: a text was expected, not {value!r}")
    return value


def _operation(value: object, where: str) -> str:
    """A pattern that names an operation; "" for none."""
    if value is False:
        return ""
    if not isinstance(value, str) or not value:
        expected = "an operation was expected, as in 'POST /pets' or 'createPet', or false for none"
        raise UsageError(f"{where}: {expected}; not {value!r}")
    return value


def _string(value: object, where: str) -> str:
    if not isinstance(value, str) or not value:
        raise UsageError(f"{where}: a text was expected, not {value!r}")
    return value


def _table(
    table: Mapping[str, object], key: str, read: Callable[[object, str], str], where: str
) -> Iterator[tuple[str, str]]:
    values = table.get(key, {})
    if not isinstance(values, dict):
        raise UsageError(f"{where}: {key}: a table was expected, not {values!r}")
    for name, value in values.items():
        yield name, read(value, f"{where}: {key}: {name}")


def _ways(
    table: Mapping[str, object], key: str, roles: Mapping[str, Role], where: str
) -> Iterator[tuple[Role, ValuePath]]:
    """The ways to the resource in the bodies of roles."""
    values = table.get(key, {})
    if not isinstance(values, dict):
        expected = f"a table was expected, as in {{ {next(iter(roles))} = 'data' }}"
        raise UsageError(f"{where}: {key}: {expected}; not {values!r}")
    for name, value in values.items():
        if name not in roles:
            raise UsageError(f"{where}: {key}: {name!r} is none of {in_a_row([*roles], 'or')}")
        yield roles[name], _way(value, f"{where}: {key}: {name}")


def _way(value: object, where: str) -> ValuePath:
    """A way as people write it (`data.items[0].id`); "" for the value itself."""
    if isinstance(value, str) and not value.startswith("."):
        steps = [*_STEP.finditer(value)]
        if "".join(step[0] for step in steps) == value:
            return tuple(int(step[2]) if step[2] else step[1] for step in steps)
    raise UsageError(f"{where}: the names of members were expected, as in 'data.id', or ''; not {value!r}")
