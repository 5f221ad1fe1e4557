"""A documented error body tells the truth: the status that is sent, what is wrong in words, and each violation."""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import partial

from tallystick.mock.off_loop import Slow, is_on_loop
from tallystick.mock.problem import Problem
from tallystick.mock.roles import Reply
from tallystick.mock.tailoring.edit import Draft
from tallystick.mock.tailoring.error_lists import LISTS, MAPS, MESSAGES, Fault, ListedFaults, fault_of
from tallystick.mock.tailoring.puts import Put, Shapes, fitting, put_all
from tallystick.mock.tailoring.tailoring import edited, value_of
from tallystick.nouns import budgets
from tallystick.nouns.contract import BodyFormat, Operation
from tallystick.nouns.json_value import JSON
from tallystick.nouns.schema import Schema
from tallystick.nouns.violation import Severity
from tallystick.resources.names import spelled
from tallystick.wire.values import MISSING

_STATUSES = frozenset("status code statuscode httpstatus httpstatuscode httpcode errorcode responsecode".split())
_PARAMETERS = frozenset("field param parameter pointer fieldname parametername".split())
"""Members of an error that say which value of the request is wrong."""
_TITLES = frozenset("title statustext statusmessage phrase".split())
_PLACES = frozenset("path instance requestpath requesturi".split())
"""Members of an error that say which request it is about, beside what else an error says."""
_BESIDE_PLACES = _STATUSES | _TITLES | {"timestamp"}
_HOLDERS = frozenset("error errors err fault exception problem status meta response result body".split())
"""Objects inside an error body that are the error."""
_FALSE = frozenset("success ok succeeded successful issuccess".split())
_TRUE = frozenset("error iserror haserror haserrors failed failure".split())
_CODE = re.compile(r"[a-z0-9]+(?:[_.:-][a-z0-9]+)+|[A-Z][A-Z0-9_]{2,}|[a-z]+(?:[A-Z][a-z0-9]*)+|(?:[A-Z][a-z0-9]+){2,}")
"""A text that is a code for programs (`not_found`, `NOT_FOUND`, `notFound`, `NotFound`), and no sentence."""
_OAUTH = {400: "invalid_request", 401: "invalid_token", 403: "insufficient_scope"}
"""Codes of RFC 6749 (section 5.2) and RFC 6750 (section 3.1)."""
_SHOWN = 3
"""How many violations one sentence tells."""


def truthful(operation: Operation, body_format: BodyFormat, reply: Reply, problem: Problem, keeps_texts: bool) -> Reply:
    """A documented error with the truth of a problem in it; with `keeps_texts`, only its statuses are made true.

    What would break the schema of the body stays as it was. Raises `Slow` where an event loop runs and it is large.
    """
    has_value, value = value_of(reply.response)
    if not has_value or not isinstance(value, (dict, list, str)):
        return reply
    if len(reply.response.body) > budgets.BYTES_AT_ONCE and is_on_loop():
        raise Slow
    truth = _Truth(body_format, problem, keeps_texts)
    return edited(operation, reply, True, partial(_tell, truth), "what is wrong with the request")


def _tell(truth: _Truth, draft: Draft) -> None:
    body = draft.value
    if isinstance(body, dict):
        puts = [*truth.puts(body, truth.schema, 0)]
        put_all(puts, body, truth.schema)
    elif isinstance(body, str) and not truth.keeps_texts:
        draft.value = truth.text(body, truth.schema)
    elif isinstance(body, list) and not truth.keeps_texts and truth.lists_faults(body):
        around: dict[str, JSON] = {"": body}
        listed = truth.listed(body, truth.schema)
        if listed is not MISSING:
            Put(around, "", listed).swap()
            draft.value = around[""]


class _Truth:
    """What is true of one problem, and the members of an error body that say it."""

    def __init__(self, body_format: BodyFormat, problem: Problem, keeps_texts: bool) -> None:
        self.schema = body_format.schema
        self.status = problem.status
        self.path = problem.path
        self.phrase = problem.title
        self.keeps_texts = keeps_texts
        self.is_problem_json = "problem" in body_format.media_type.name
        self.is_written = bool(body_format.examples) or _has_example(body_format.schema)
        errors = [violation for violation in problem.violations if violation.severity is Severity.ERROR]
        self.is_refusal = bool(errors)
        self.faults = [fault_of(violation) for violation in errors] or [Fault(problem.detail)]
        self.shapes = Shapes()
        self.sentences = self._sentences(problem)

    def _sentences(self, problem: Problem) -> list[JSON]:
        """What is wrong in words, the longest first."""
        if len(self.faults) == 1:
            fault = self.faults[0]
            texts = [problem.detail if fault.message == problem.detail else fault.sentence, fault.message]
        else:
            shown = ". ".join(fault.sentence for fault in self.faults[:_SHOWN])
            more = len(self.faults) - _SHOWN
            texts = [f"{problem.detail}: {shown}" + (f". And {more} more" if more > 0 else "")]
        return [*dict.fromkeys((*texts, problem.detail, self.phrase))]

    def puts(self, holder: dict[str, JSON], schema: Schema | None, depth: int) -> Iterator[Put]:
        """The puts of an error object, and of the error objects inside it."""
        declared = self.shapes.properties(schema)
        names = [*holder]
        has_message = any(isinstance(holder.get(name), str) and self.tells(name) for name in names)
        if not has_message and not self.keeps_texts:
            names += [name for name in declared if name not in holder and self.tells(name)][:1]
        if depth == 0 and self.is_problem_json and not self.keeps_texts:
            names += [name for name in ("status", "detail") if name not in names]
        for name in names:
            yield from self.of_member(holder, name, declared.get(name), has_message, depth)

    def tells(self, name: str) -> bool:
        """Whether a member says what is wrong; `error` says it where nothing else does."""
        return spelled(name) in MESSAGES and spelled(name) != "error"

    def of_member(
        self, holder: dict[str, JSON], name: str, schema: Schema | None, has_message: bool, depth: int
    ) -> Iterator[Put]:
        present, kind = holder.get(name, MISSING), spelled(name)
        if isinstance(present, bool):
            if kind in _FALSE or kind in _TRUE:
                yield Put(holder, name, kind in _TRUE)
        elif kind in _STATUSES and not isinstance(present, (dict, list)):
            yield from self.of_status(holder, name, schema)
        elif isinstance(present, dict) and kind in _HOLDERS and not self.is_map(kind, present, schema):
            if depth < _HOLDER_DEPTH:
                yield from self.puts(present, schema, depth + 1)
        elif self.keeps_texts:
            return
        elif kind in LISTS and isinstance(present, list):
            listed = self.listed(present, schema)
            if listed is not MISSING:
                yield Put(holder, name, listed)
        elif isinstance(present, dict) and self.is_refusal and self.is_map(kind, present, schema):
            yield Put(holder, name, self.writer(schema).as_map(present, schema))
        elif isinstance(present, (dict, list)):
            if self.is_refusal and not self.is_own(schema):  # it was made up, and is about something else
                yield Put(holder, name, MISSING)
        elif kind in _PLACES and self.path and isinstance(present, str) and self.is_of_request(holder):
            fit = fitting(self.path, present, schema)
            if fit is not MISSING:
                yield Put(holder, name, fit)
        elif kind in _PARAMETERS and self.is_refusal and not self.is_own(schema):
            yield from self.of_parameter(holder, name, schema)
        elif isinstance(present, str) or present is None or present is MISSING:
            yield from self.of_text(holder, name, schema, has_message)

    def is_of_request(self, holder: dict[str, JSON]) -> bool:
        """Whether an error object is about the request as a whole, and not about one value in it."""
        return not _BESIDE_PLACES.isdisjoint(map(spelled, holder))

    def is_map(self, kind: str, value: dict[str, JSON], schema: Schema | None) -> bool:
        """Whether an object has what is wrong by the names of fields, which it does not declare."""
        names = {spelled(name) for name in value}
        return kind in MAPS and not self.shapes.properties(schema) and names.isdisjoint(MESSAGES | _STATUSES)

    def of_status(self, holder: dict[str, JSON], name: str, schema: Schema | None) -> Iterator[Put]:
        """The put of a status; a code of the author's own that is no status stays."""
        present = holder.get(name, MISSING)
        is_own = self.is_own(schema)
        if isinstance(present, str):
            is_number = present.isdecimal()
            if is_own and (not is_number or len(present) != 3):
                return
            value: object = fitting(str(self.status), present, schema, False)
        elif isinstance(present, (int, float)) and is_own and present >= 600:
            return
        else:
            value = fitting(self.status, present, schema)
        if value is not MISSING:
            yield Put(holder, name, value)

    def of_parameter(self, holder: dict[str, JSON], name: str, schema: Schema | None) -> Iterator[Put]:
        """The put of the value that is wrong first; an invented one goes where it is none."""
        values = self.writer(schema).values(name, self.faults[0], holder[name], schema)
        fits = (fitting(value, holder[name], schema) for value in values)
        yield Put(holder, name, next((each for each in fits if each is not MISSING), MISSING))

    def text(self, present: str, schema: Schema | None) -> str:
        """What a body that is one text says."""
        if self.is_own(schema) and (not self.is_refusal or _CODE.fullmatch(present)):
            return present
        fits = (fitting(value, present, schema) for value in self.sentences)
        return str(next((each for each in fits if each is not MISSING), present))

    def of_text(self, holder: dict[str, JSON], name: str, schema: Schema | None, has_message: bool) -> Iterator[Put]:
        present, kind = holder.get(name, MISSING), spelled(name)
        is_own = isinstance(present, str) and self.is_own(schema)
        values: list[JSON] = []
        if kind in _TITLES:
            values = [] if is_own else [self.phrase]
        elif kind == "type" and self.is_problem_json:
            values = [] if is_own else ["about:blank"]
        elif kind == "error" and has_message:
            is_oauth = any(spelled(other) == "errordescription" for other in holder)
            values = [_OAUTH.get(self.status, self.phrase) if is_oauth else self.phrase]
        elif kind in MESSAGES:
            values = self.sentences
        if not values or (is_own and (not self.is_refusal or _CODE.fullmatch(str(present)))):
            return
        fits = (fitting(value, present, schema) for value in values)
        fit = next((each for each in fits if each is not MISSING), MISSING)
        if fit is not MISSING:
            yield Put(holder, name, fit)

    def lists_faults(self, body: list[JSON]) -> bool:
        """Whether a body that is a list has errors in it, as far as its author says."""
        first = body[0] if body else None
        names = {spelled(name) for name in first} if isinstance(first, dict) else set()
        return not self.is_own(self.schema) or not names.isdisjoint(MESSAGES)

    def listed(self, present: list[JSON], schema: Schema | None) -> object:
        """The faults in the shape of a list; MISSING where what the author wrote stays."""
        if self.is_own(schema) and not self.is_refusal:
            return MISSING
        return self.writer(schema).as_list(present, schema)

    def writer(self, schema: Schema | None) -> ListedFaults:
        """The writer of the faults into one list."""
        return ListedFaults(self.faults, self.status, self.phrase, self.is_own(schema), self.shapes)

    def is_own(self, schema: Schema | None) -> bool:
        """Whether the author of the contract wrote the value of a member."""
        return self.is_written or _has_example(schema)


def _has_example(schema: Schema | None) -> bool:
    """Whether a schema gives its value: as an example, a default, or the only ones that are allowed."""
    resolved = schema.resolved if schema is not None else {}
    return any(keyword in resolved for keyword in ("example", "examples", "default", "const", "enum"))


_HOLDER_DEPTH = 3
