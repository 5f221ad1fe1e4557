"""A program that asks openapi-spec-validator about one document: the question on its input, the answer on its output.

It imports nothing of tallystick, and reads no file and no web address: it has the documents that the question brings
along, and a reference beyond them ends the run.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import TypedDict
from urllib.parse import unquote, urlsplit

_MOST_LETTERS = 400
_NETWORK = frozenset(("socket.connect", "socket.getaddrinfo", "socket.gethostbyname"))
"""What Python reports to audit hooks before it goes to the network."""


class Question(TypedDict):
    """The documents that may be read, by their URIs, and the URI and the version of the one that is judged."""

    uri: str
    version: str
    documents: dict[str, dict[str, object]]


class SpecError(TypedDict):
    """One error that the library reports; `uri` and `path` say where, and are empty where it does not tell."""

    message: str
    uri: str
    path: list[str]


class Answer(TypedDict):
    """All errors; `failure` is why there is no verdict, or why it ends early, "" for a whole one."""

    release: str
    errors: list[SpecError]
    failure: str


class _Handlers(Mapping[str, Callable[[str], object]]):
    """What reads the documents of each URI scheme: for every one of them the same function."""

    def __init__(self, documents: Mapping[str, object]) -> None:
        self.documents = documents
        self.refused: list[str] = []
        """The URIs that were asked for in vain."""

    def read(self, uri: str) -> object:
        parts = urlsplit(uri)
        plain = Path(unquote(parts.path)).resolve().as_uri() if parts.scheme == "file" else uri
        for name in (uri, plain):
            if name in self.documents:
                return self.documents[name]
        self.refused.append(uri)
        raise LookupError(f"{uri} may not be read")

    def __contains__(self, scheme: object) -> bool:
        return True

    def __getitem__(self, scheme: str) -> Callable[[str], object]:
        return self.read

    def __iter__(self) -> Iterator[str]:
        return iter(("<all_urls>", "file", "http", "https"))

    def __len__(self) -> int:
        return 4


def answer(question: Question) -> Answer:
    """What openapi-spec-validator says of a document; whatever stops it is told."""
    import openapi_spec_validator
    from openapi_spec_validator.shortcuts import get_validator_cls
    from openapi_spec_validator.validation.exceptions import ValidatorDetectError

    documents, uri = question["documents"], question["uri"]
    document = documents[uri]
    handlers = _Handlers(documents)
    errors: list[SpecError] = []
    failure = ""
    try:
        offline = type("Offline", (get_validator_cls(document),), {"resolver_handlers": handlers})
        place_of = _Places(uri, documents)
        for error in offline(document, base_uri=uri).iter_errors():
            where, path = place_of(error)
            errors.append({"message": _shortened(str(error.message)), "uri": where, "path": path})
    except ValidatorDetectError:
        failure = f"it does not know the version {question['version']}"
    except Exception as error:  # a library that breaks down has no verdict, and how it broke down is told
        failure = f"it broke down: {_shortened(f'{type(error).__name__}: {error}')}"
        if handlers.refused:
            failure = f"it stopped at the reference to {handlers.refused[0]}, which was not followed"
    return {"release": openapi_spec_validator.__version__, "errors": errors, "failure": failure}


class _Places:
    """Finds the place of an error: the library gives some of its paths from the document's root, others from within."""

    def __init__(self, uri: str, documents: Mapping[str, object]) -> None:
        self.uri = uri
        self.documents = documents
        self.known: dict[int, tuple[str, list[str]]] = {}
        """The place of each object, list and string, by its identity."""

    def __call__(self, error: object) -> tuple[str, list[str]]:
        document = self.documents[self.uri]
        path = list(getattr(error, "absolute_path", ()))
        instance = getattr(error, "instance", None)
        if instance is document or (path and _leads_to(document, path, instance)):
            return self.uri, [str(key) for key in path]
        if not self.known:
            for uri, whole in self.documents.items():
                self.known.update((id(part), (uri, way)) for way, part in _parts(whole, []))
        for part in (instance, getattr(error, "schema", None)):
            if id(part) in self.known:
                return self.known[id(part)]
        return "", []


def _leads_to(value: object, path: list[object], part: object) -> bool:
    for key in path:
        if isinstance(value, dict):
            value = value.get(key)
        elif isinstance(value, list) and isinstance(key, int) and key < len(value):
            value = value[key]
        else:
            return False
    return value is part


def _parts(value: object, path: list[str]) -> Iterator[tuple[list[str], object]]:
    """Each object, list and string in a value that is one of its own in memory, with its path."""
    items: list[tuple[object, object]] = []
    if isinstance(value, dict):
        items = list(value.items())
    elif isinstance(value, list):
        items = list(enumerate(value))
    elif not isinstance(value, str) or len(value) < 2:  # Python has one object for all that are equal
        return
    yield path, value
    for key, part in items:
        yield from _parts(part, [*path, str(key)])


def _shortened(text: str) -> str:
    line = " ".join(text.split())
    return line if len(line) <= _MOST_LETTERS else f"{line[:_MOST_LETTERS]}…"


def _refuse_the_network(event: str, _: object) -> None:
    """An audit hook: no part of the library can reach the network, whatever a document says."""
    if event in _NETWORK:
        raise PermissionError("a second opinion asks nobody else")


def main() -> None:
    sys.addaudithook(_refuse_the_network)
    output, sys.stdout = sys.stdout, sys.stderr  # what the library prints is no part of the answer
    json.dump(answer(json.load(sys.stdin)), output)


if __name__ == "__main__":
    main()
