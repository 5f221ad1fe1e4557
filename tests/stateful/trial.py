"""One set, tried: created, read, listed, updated, deleted, each over HTTP."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass, field
from http.client import HTTPConnection
from urllib.parse import parse_qsl, quote, unquote, urlencode, urlsplit

from tallystick.examples.requests import example_request
from tallystick.nouns.contract import BodyFormat, Operation
from tallystick.nouns.media_type import MediaKind
from tallystick.nouns.path_templates import template_names
from tallystick.nouns.schema import Direction
from tests.stateful import bodies
from tests.stateful.bodies import Json
from tests.stateful.sets import Set, is_json, success_format

PROMISES = ("readable", "listed", "updated", "deleted", "unlisted")
"""What is measured of each set."""
KEPT = ""
_JSON = ("application/json", "application/merge-patch+json")


class Broken(Exception):
    """Why a promise is not kept; `is_impossible` where the contract does not let it be kept, or seen."""

    def __init__(self, reason: str, detail: str = "", is_impossible: bool = False) -> None:
        super().__init__(reason)
        self.reason = reason
        self.detail = detail
        self.is_impossible = is_impossible


@dataclass
class Outcome:
    """What became of each promise of a set: KEPT or the reason; those that the set does not have are not there."""

    label: str
    is_form: bool
    promises: dict[str, str] = field(default_factory=dict)
    details: dict[str, str] = field(default_factory=dict)
    impossible: dict[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Answer:
    """An answer with its body as JSON, None where it is none."""

    status: int
    headers: dict[str, str]
    value: Json

    @property
    def is_success(self) -> bool:
        return 200 <= self.status < 300

    def __str__(self) -> str:
        return f"{self.status} {json.dumps(self.value)[:300]}"


class Trial:
    """The requests of one set, with the same values in all of their paths."""

    def __init__(self, connection: HTTPConnection, prefix: str, tried: Set, is_traced: bool = False) -> None:
        self.connection = connection
        self.is_traced = is_traced
        self.prefix = prefix
        self.tried = tried
        self.names = bodies.id_names(tried.id_name, tried.create.path)
        self.noun = bodies.noun_of(tried.create.path)
        read_path = example_request(tried.read).path
        self.values = dict(_path_values(tried.read.path, read_path))
        self.identity = ""
        self.created: Json = None
        self.mark = 7
        self.sent: dict[str, str] = {}
        """The texts that were sent when it was created, by name: where a list asks for one of them, that is meant."""

    # Requests

    def send(self, operation: Operation, body: bytes = b"", content_type: str = "") -> Answer:
        """The answer to a request with the values of this trial in its path, and only the query that it needs."""
        example = example_request(operation)
        path = self._path(operation)
        needed = [pair for pair in parse_qsl(example.query, True) if pair[0] in _needed(operation)]
        query = urlencode([(name, self.sent.get(name, text)) for name, text in needed])
        headers = {name: value for name, value in example.headers if name != "content-type"}
        headers["accept"] = headers.get("accept", "application/json")
        if body:
            headers["content-type"] = content_type
        self.connection.request(
            operation.method, self.prefix + path + (f"?{query}" if query else ""), body or None, headers
        )
        response = self.connection.getresponse()
        octets = response.read()
        try:
            value = json.loads(octets) if octets else None
        except ValueError:
            value = None
        if self.is_traced:
            shown = json.dumps(value) if value is not None else octets[:500]
            print(f"{operation.method} {path} {query}\n    {body!r}\n    {response.status} {shown!r}")
        return Answer(response.status, {name.lower(): text for name, text in response.getheaders()}, value)

    def _path(self, operation: Operation) -> str:
        names = template_names(operation.path)
        own = dict(_path_values(operation.path, example_request(operation).path))
        shared = template_names(self.tried.read.path)
        path = operation.path
        for index, name in enumerate(names):
            value = self.values[shared[index]] if index < len(shared) - 1 else own[name]
            if index == len(shared) - 1:
                value = quote(self.identity, safe="")
            path = path.replace(f"{{{name}}}", value)
        return path

    # Bodies

    def body_for(self, operation: Operation) -> tuple[bytes, str, Json]:
        """A valid body in JSON or as a form, marked; its media type, and its value as JSON."""
        example = example_request(operation)
        content_type = next((value for name, value in example.headers if name == "content-type"), "")
        body_format = _format(operation)
        if body_format is None:
            raise Broken("it takes no body in JSON or as a form", is_impossible=True)
        self.mark += 13
        if not is_json(body_format):
            return self._form(example.body, content_type, body_format)
        try:
            value = json.loads(example.body) if "json" in content_type else {}
        except ValueError:
            value = {}
        if value == {} and self.created and isinstance(self.created, dict):
            value = self.created  # a patch of which nothing is documented may have all that a creation has
        value = bodies.marked(value, body_format.schema, self.mark)
        if self.identity:
            value = bodies.with_id(value, self.names, self.identity)
        return json.dumps(value).encode(), _written_as(body_format), value

    def _form(self, octets: bytes, content_type: str, body_format: BodyFormat) -> tuple[bytes, str, Json]:
        if "urlencoded" not in content_type:
            raise Broken("it takes multipart bodies only", is_impossible=True)
        value = {name: text for name, text in parse_qsl(octets.decode(), True) if "[" not in name}
        rest = [(name, text) for name, text in parse_qsl(octets.decode(), True) if "[" in name]
        value = bodies.marked(value, body_format.schema, self.mark)
        if self.identity:
            value = bodies.with_id(value, self.names, self.identity)
        return urlencode([*value.items(), *rest]).encode(), content_type, value

    # Promises

    def run(self) -> Outcome:
        """Try all promises in turn; where nothing can be created, each has that reason."""
        outcome = Outcome(f"{self.tried.create.label} + {self.tried.read.path}", self.tried.is_form)
        try:
            sent = self.create()
        except Broken as broken:
            for promise in self.promised():
                _note(outcome, promise, broken)
            return outcome
        steps = {
            "readable": lambda: self.check_read(sent),
            "listed": lambda: self.check_listed(True),
            "updated": self.check_update,
            "deleted": self.check_deleted,
            "unlisted": lambda: self.check_listed(False),
        }
        for promise in self.promised():
            try:
                steps[promise]()
                outcome.promises[promise] = KEPT
            except Broken as broken:
                _note(outcome, promise, broken)
        return outcome

    def promised(self) -> Iterator[str]:
        """The promises that the operations of the set make."""
        tried = self.tried
        yield "readable"
        if tried.list is not None:
            yield "listed"
        if tried.put or tried.patch or (tried.post and tried.post.request_body):
            yield "updated"
        if tried.delete is not None:
            yield "deleted"
            if tried.list is not None:
                yield "unlisted"

    def create(self) -> Json:
        """Create a resource, find out its id, and return what was sent."""
        create = self.tried.create
        octets, content_type, value = self.body_for(create)
        answer = self.send(create, octets, content_type)
        if not answer.is_success:
            raise _refused(create, "creating it", answer, f"{value} -> {answer}")
        located = _last_segment(answer.headers.get("location", ""))
        candidates = [each for each in (located, *bodies.ids_in(answer.value, self.names, self.noun)) if each]
        candidates += bodies.ids_in(value, self.names)
        fitting = [each for each in candidates if self._may_be_id(each)]
        if not fitting:
            raise Broken("the answer to its creation does not name it", str(answer), is_impossible=not candidates)
        self.identity, self.created = fitting[0], value
        members = value.items() if isinstance(value, dict) else ()
        self.sent = {name: member for name, member in members if isinstance(member, str)}
        return value

    def _may_be_id(self, text: str) -> bool:
        parameters = (each for each in self.tried.read.parameters if each.location == "path")
        parameter = next((each for each in parameters if each.name == self.tried.id_name), None)
        schema = parameter.described if parameter is not None else None
        values: list[Json] = [text]
        if text.lstrip("-").isdigit():
            values.append(int(text))
        return schema is None or any(schema.is_valid(value, Direction.REQUEST) for value in values)

    def read(self) -> Json:
        answer = self.send(self.tried.read)
        if not answer.is_success:
            raise Broken(f"reading it is answered with {answer.status}", f"{self.identity}: {answer}")
        return answer.value

    def check_read(self, sent: Json) -> None:
        """Raises `Broken` unless the item says what was sent, as far as its schema has a place for that."""
        got = self.read()
        body_format = success_format(self.tried.read)
        resource = bodies.unwrapped(sent)
        match = bodies.resource_in(got, body_format.schema if body_format else None, resource)
        if match is None:
            raise Broken("the item is no JSON object", str(got)[:200], is_impossible=True)
        holder, schema = match
        wanted = bodies.expected(resource, schema)
        if wanted is ... or not wanted:
            raise Broken("the item has no member that was sent", f"{resource}"[:300], is_impossible=True)
        if difference := bodies.difference(wanted, holder):
            raise Broken("the item does not say what was sent", f"{self.identity}: {difference}")

    def check_listed(self, is_there: bool) -> None:
        """Raises `Broken` unless the first page of the list has the item, or lacks it."""
        assert self.tried.list is not None
        answer = self.send(self.tried.list)
        if not answer.is_success:
            raise Broken(f"the list is answered with {answer.status}", str(answer))
        if bodies.is_listed(answer.value, self.identity, self.names) is not is_there:
            reason = "the list does not show it" if is_there else "the list still shows it"
            raise Broken(reason, f"{self.identity} in {answer}"[:600])

    def check_update(self) -> None:
        """Raises `Broken` unless PATCH and PUT, or POST where there is neither, are kept."""
        tried = self.tried
        tries = [each for each in (tried.patch, tried.put) if each is not None] or [tried.post]
        for operation in tries:
            if operation is None:
                continue
            octets, content_type, value = self.body_for(operation)
            answer = self.send(operation, octets, content_type)
            if not answer.is_success:
                raise _refused(operation, operation.method, answer, f"{value} -> {answer}")
            try:
                self.check_read(value)
            except Broken as broken:
                raise Broken(f"{operation.method}: {broken.reason}", broken.detail, broken.is_impossible) from None

    def check_deleted(self) -> None:
        """Raises `Broken` unless a deleted item is gone."""
        assert self.tried.delete is not None
        answer = self.send(self.tried.delete)
        if not answer.is_success:
            raise _refused(self.tried.delete, "deleting it", answer, str(answer))
        after = self.send(self.tried.read)
        if not 400 <= after.status < 500:
            raise Broken(f"reading it after that is answered with {after.status}", f"{self.identity}: {after}")


def _note(outcome: Outcome, promise: str, broken: Broken) -> None:
    reasons = outcome.impossible if broken.is_impossible else outcome.promises
    reasons[promise] = broken.reason
    outcome.details[promise] = broken.detail


def _refused(operation: Operation, what: str, answer: Answer, detail: str) -> Broken:
    """Why something was not done: the contract may document no success of it at all."""
    has_success = any(each.status[0] == "2" or each.status == "default" for each in operation.responses)
    if not has_success:
        return Broken(f"{what}: the contract documents no success", detail, is_impossible=True)
    return Broken(f"{what} is answered with {answer.status}", detail)


def _path_values(template: str, path: str) -> Iterator[tuple[str, str]]:
    """The raw values of a path by the names of its template."""
    for name, segment in zip(template.split("/"), path.split("/"), strict=True):
        names = template_names(name)
        if len(names) == 1:
            before, _, after = name.partition(f"{{{names[0]}}}")
            yield names[0], segment[len(before) : len(segment) - len(after)]
        else:
            yield from ((each, each) for each in names)


def _needed(operation: Operation) -> set[str]:
    keys = {scheme.name for schemes in operation.security[:1] for scheme in schemes if scheme.location == "query"}
    return keys | {each.name for each in operation.parameters if each.required and each.location == "query"}


def _format(operation: Operation) -> BodyFormat | None:
    content = operation.request_body.content if operation.request_body is not None else ()
    by_name = {each.media_type.name: each for each in content}
    named = next((by_name[name] for name in _JSON if name in by_name), None)
    json_formats = [each for each in content if is_json(each) and "patch+" not in each.media_type.name]
    forms = [each for each in content if each.media_type.kind in (MediaKind.FORM, MediaKind.MULTIPART)]
    return named or next(iter([*json_formats, *forms]), None)


def _written_as(body_format: BodyFormat) -> str:
    return "application/json" if "*" in body_format.media_type.name else body_format.media_type.text


def _last_segment(location: str) -> str:
    path = urlsplit(location).path.rstrip("/").removesuffix(".json")
    return unquote(path.rpartition("/")[2])
