"""What a mock understands of the resources of its contracts, as lines: `tallystick mock --resources`."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from tallystick.examples.choices import ValuePath
from tallystick.nouns.words import counted
from tallystick.resources.resources import Resource, Resources, Role


def resource_lines(all_resources: Sequence[Resources]) -> Iterator[str]:
    """A line for each resource of some contracts, and one for each set of paths of which none was made."""
    for resources in all_resources:
        contract = resources.contract
        yield f"{contract.name}  {contract.file}: {counted(len(resources.resources), 'resource')}"
        rows = [[*_cells(resource)] for resource in resources.resources]
        widths = [max(map(len, column)) for column in zip(*rows, strict=True)] if rows else []
        for row in rows:
            yield "  " + "  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip()
        for path, reason in resources.not_understood:
            yield f"  not understood: {path}: {reason}"


def _cells(resource: Resource) -> Iterator[str]:
    """The name of a resource, its collection and item, its roles, its id, and where it stands in bodies."""
    yield resource.name
    yield "-" if resource.is_single else resource.collection or "/"
    yield resource.item
    yield ",".join(role.value for role in Role if role in resource.operations)
    yield (
        "single" if resource.is_single else f"id {_way(resource.id_way)}" if resource.id_way else "id in the path alone"
    )
    yield "; ".join(_envelopes(resource))


def _envelopes(resource: Resource) -> Iterator[str]:
    """Where the resource stands in the bodies of its roles, those together that have it in one place."""
    roles_by_way: dict[str, list[str]] = {}
    for role, way in resource.response_ways.items():
        if way:
            roles_by_way.setdefault(_way(way), []).append("the list" if role is Role.LIST else role.value)
    for role, way in resource.request_ways.items():
        if way:
            roles_by_way.setdefault(_way(way), []).append(f"the request to {role.value}")
    for text, roles in roles_by_way.items():
        yield f"in {text} of {', '.join(roles)}"


def _way(way: ValuePath) -> str:
    """A way as people write it: `data.items[0].id`."""
    text = ""
    for key in way:
        text += f"[{key}]" if isinstance(key, int) else f".{key}"
    return text.removeprefix(".")
