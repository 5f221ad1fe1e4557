"""The sets of a contract: a GET of an item, a POST on its collection, and what else there is at the two paths."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from tallystick.nouns.contract import BodyFormat, Contract, Operation
from tallystick.nouns.media_type import MediaKind

_ITEM = re.compile(r"(?P<collection>.*)/\{(?P<name>[^{}/]+)\}(?P<end>\.json|/|)")


@dataclass(frozen=True)
class Set:
    """One set: the operations at a collection and at its items; those that the contract lacks are None."""

    id_name: str
    create: Operation
    read: Operation
    list: Operation | None
    put: Operation | None
    patch: Operation | None
    post: Operation | None
    """POST on the item's path."""
    delete: Operation | None
    is_form: bool
    """Whether what is created is sent as a form."""

    @property
    def label(self) -> str:
        return f"{self.create.label} + {self.read.label}"


def sets_of(contract: Contract) -> Iterator[Set]:
    """The sets of a contract whose answers are JSON."""
    by_path: dict[str, dict[str, Operation]] = {}
    for operation in contract:
        by_path.setdefault(operation.path, {})[operation.method] = operation
    for path, methods in by_path.items():
        match = _ITEM.fullmatch(path)
        if match is None or "GET" not in methods:
            continue
        spellings = (match["collection"] + end for end in (match["end"], "", "/"))
        collection = next((by_path[each] for each in spellings if each in by_path), {})
        create, read = collection.get("POST"), methods["GET"]
        if create is None or success_format(read) is None:
            continue
        content = create.request_body.content if create.request_body else ()
        kinds = {each.media_type.kind for each in content}
        is_form = not any(map(is_json, content))
        if is_form and not kinds & {MediaKind.FORM, MediaKind.MULTIPART}:
            continue
        listing = collection.get("GET")
        yield Set(
            match["name"],
            create,
            read,
            listing if listing is not None and success_format(listing) is not None else None,
            methods.get("PUT"),
            methods.get("PATCH"),
            methods.get("POST"),
            methods.get("DELETE"),
            is_form,
        )


def success_format(operation: Operation) -> BodyFormat | None:
    """The JSON of the first documented success of an operation, None where it answers with none."""
    successes = sorted(
        (each for each in operation.responses if each.status.startswith("2")), key=lambda each: each.status
    )
    for response in successes[:1]:
        for body_format in response.content:
            if is_json(body_format):
                return body_format
    return None


def is_json(body_format: BodyFormat) -> bool:
    """Whether a body is JSON, or may be, as its media type is a range."""
    return body_format.media_type.kind is MediaKind.JSON or body_format.media_type.name in ("*/*", "application/*")
