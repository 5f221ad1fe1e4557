"""Documented and generated replies: which response of the contract answers a request, and with which of its examples.

A reply is written once for each status, media type and example; what its request says in it is edited in afterwards
(see `tallystick.mock.tailoring`).
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from dataclasses import replace
from functools import cached_property
from typing import TYPE_CHECKING

from tallystick.mock.off_loop import Slow, is_on_loop
from tallystick.mock.policy import has_errors
from tallystick.mock.problem import PROBLEM_JSON, Problem, respond
from tallystick.mock.responders.conditions import Conditions, conditions_of
from tallystick.mock.responders.matching import Matcher, matcher_of
from tallystick.mock.responders.streams import StreamWish, stream_wish
from tallystick.mock.roles import Reply
from tallystick.mock.room import ROOM, Kept
from tallystick.mock.rules import NOT_ACCEPTABLE
from tallystick.mock.settings import DEFAULTS, MockSettings
from tallystick.mock.wishes import NO_WISH, Wish, applied, wish_of
from tallystick.nouns.contract import BodyFormat, Contract, Operation, Parameter, ResponseDefinition
from tallystick.nouns.exchange import Response
from tallystick.nouns.media_type import MediaKind, parse_media_type
from tallystick.nouns.schema import Direction
from tallystick.nouns.statuses import phrase_of
from tallystick.wire.choosing import own_status, success
from tallystick.wire.negotiation import accepted_ranges, concrete_type, negotiate, preferred_format
from tallystick.wire.parameters import text_reader
from tallystick.wire.reading import Reading

if TYPE_CHECKING:
    from tallystick.mock.tailoring.edit import Base

_NO_BODY = frozenset((204, 205, 304))
_WEIGHT, _OVERHEAD = 16, 4_000
"""About how many bytes a reply takes with its rows and edits: for each byte of its body, and in any case."""
_READY = 64
"""How many values of `Accept` an operation has its replies ready for."""


def generated(problem: Problem) -> Reply:
    """The reply with a problem in our own words; no contract documents it."""
    return Reply(respond(problem), problem.detail, (), problem.violations, problem=problem)


class Replies:
    """The documented replies of one operation: to requests that keep the contract, and to those that are refused.

    One that is not made yet raises `Slow` where an event loop runs.
    """

    def __init__(
        self, operation: Operation, settings: MockSettings = DEFAULTS, contract: Contract | None = None
    ) -> None:
        self.operation = operation
        self.contract = contract
        self.settings = settings
        self.made: Kept[tuple[object, ...], Reply | Problem] = Kept()
        """The replies that were made, and the problem in place of each that cannot be made."""
        self.ready: dict[tuple[str, str], Reply] = {}
        """The replies to requests without a wish, by what they accept and the name of the example that they mean."""
        self.plain: dict[str, dict[str, Reply]] = {}
        """The same, of operations whose requests ask neither for a stream nor for a part: of most."""
        self.choose: Matcher | None = None
        """What finds the example that a request means, once there are such replies."""
        self.success = success(operation) if operation.responses else None
        self.takes_accept = _documented_accept(operation.accept) if operation.accept is not None else None
        """Whether a value of `Accept` is one that the operation documents itself."""

    def respond(self, reading: Reading) -> Reply:
        """The reply to a request that keeps the contract: a responder that is no coroutine and always answers."""
        headers = reading.headers
        if "prefer" not in headers and not reading.preferences:
            by_name = self.plain.get(headers.get("accept", ""))
            if by_name is not None:
                plain = by_name.get(self.choose(reading) if self.choose is not None else "")
                if plain is not None:
                    return plain if plain.tailored is None else plain.tailored(reading)
        reply = self.whole(reading)
        return reply if self.conditions is None else self.conditions.answer(reading, reply)

    def whole(self, reading: Reading) -> Reply:
        """The reply to a request that keeps the contract, whatever its conditions are, and never a part of it."""
        headers = reading.headers
        accept = headers.get("accept", "")
        if self.stream_wish is not None and (streamed := self.stream_wish(reading)):
            accept = streamed
        wish = NO_WISH
        if "prefer" in headers or reading.preferences:
            wish = wish_of(headers.get("prefer", ""), reading.preferences)
            answer = self.answer(wish, accept)
        else:
            name = self.matcher(reading) if self.matcher is not None else ""
            ready = self.ready.get((accept, name))
            answer = ready if ready is not None else self.unwished(accept, name)
        if not isinstance(answer, Problem):
            reply = answer if answer.tailored is None else answer.tailored(reading)
            return reply if wish is NO_WISH else _granted(reply, wish)
        return self.refuse(answer, accept) if answer.status == 406 else generated(answer)

    def base(self, accept: str) -> Base | None:
        """The documented success in the media type that a request accepts, not tailored yet; None for a problem."""
        answer = self.unwished(accept, "")
        if self.success is None or isinstance(answer, Problem):
            return None
        definition = self.success[1]
        from tallystick.mock.tailoring.tailoring import base_of  # a start has no use for it

        body_format = self._format(definition.content, accept) if answer.response.body else None
        return base_of(self.contract, self.operation, definition, body_format, self.settings, answer)

    def unwished(self, accept: str, name: str) -> Reply | Problem:
        """The reply to a request without a wish, with the example that it means ("": none), kept for the next time."""
        answer = self.answer(Wish(example=name), accept) if name else None
        if answer is None or isinstance(answer, Problem):
            answer = self.answer(NO_WISH, accept)
        if not isinstance(answer, Problem) and len(self.ready) < _READY:
            self.ready[accept, name] = answer
            if self.stream_wish is None and self.conditions is None:
                self.choose = self.matcher
                self.plain.setdefault(accept, {})[name] = answer
        return answer

    @cached_property
    def stream_wish(self) -> StreamWish | None:
        """What finds that the body of a request asks for a stream; None for most operations."""
        return stream_wish(self.operation, self.success[1]) if self.success is not None else None

    @cached_property
    def conditions(self) -> Conditions | None:
        """What answers requests on a condition or for a part; None for most operations."""
        return conditions_of(self.operation, self.bare, lambda problem: self.refuse(problem, ""))

    def bare(self, definition: ResponseDefinition, status: int) -> Reply | None:
        """A documented reply without its body."""
        reply = self._made(definition, status, None, NO_WISH, "")
        return reply if isinstance(reply, Reply) else None

    @cached_property
    def matcher(self) -> Matcher | None:
        """What finds the example that a request means; None for most operations."""
        return matcher_of(self.operation)

    def answer(self, wish: Wish, accept: str) -> Reply | Problem:
        """The documented success or what the wish asks for, or the problem that there is none."""
        if self.success is None:
            return Reply(Response(200), "no response is documented", ())
        if self.success[0] < 200 and not wish:
            detail = f"{self.operation.label} documents only {self.success[0]}, which leads out of HTTP"
            return Problem(426, detail, headers=(("upgrade", "websocket"), ("connection", "upgrade")))
        if wish.example and not wish.code:
            return self._example(wish, accept, self.success[1])
        if wish.code:
            status, definition = self._wished(wish.code)
            if definition is None:
                return self.undocumented(wish.code)
            return self._reply(definition, status, accept, wish)
        return self._reply(self.success[1], self.success[0], accept, wish)

    def as_wished(self, reading: Reading, wish: Wish) -> Reply | Problem:
        """What `answer` says to a wish that is not the request's own, tailored to the request."""
        answer = self.answer(wish, reading.headers.get("accept", ""))
        if isinstance(answer, Problem) or answer.tailored is None:
            return answer
        return answer.tailored(reading)

    def status_of(self, code: str) -> tuple[int, ResponseDefinition | None]:
        """The status that a code names ("": that of the success), and the response that the contract has for it.

        The status is 0 for a code that is none and no key of the contract.
        """
        if not code:
            return self.success or (200, None)
        return self._wished(code)

    def undocumented(self, code: str) -> Problem:
        """The problem that no response is documented with a code."""
        documented = _names(response.status for response in self.operation.responses) or "none"
        return Problem(404, f"{self.operation.label} documents no response {code}; it has {documented}")

    def _wished(self, code: str) -> tuple[int, ResponseDefinition | None]:
        """The status and response that a wish names: a status, or a key of the contract as it stands (`2XX`)."""
        if re.fullmatch(r"[2-5]\d\d", code):
            return int(code), self.operation.response_for(int(code))
        named = next(
            (response for response in self.operation.responses if response.status.lower() == code.lower()), None
        )
        status = own_status(self.operation, named) if named is not None else 0
        return (status, named) if status >= 200 else (0, None)

    def _example(self, wish: Wish, accept: str, first: ResponseDefinition) -> Reply | Problem:
        """The reply with an example that is asked for without a status: that of the success goes before others."""
        name = wish.example
        for definition in (first, *(other for other in self.operation.responses if other is not first)):
            if any(example.name == name for body_format in definition.content for example in body_format.examples):
                return self._reply(definition, own_status(self.operation, definition), accept, wish)
        names = _names(
            f"{example.name} ({definition.status})"
            for definition in self.operation.responses
            for body_format in definition.content
            for example in body_format.examples
        )
        return Problem(404, f"{self.operation.label} has no example {name!r}; it has {names or 'none'}")

    def _reply(self, definition: ResponseDefinition, status: int, accept: str, wish: Wish) -> Reply | Problem:
        example = wish.example
        if not definition.content or status in _NO_BODY:
            if example:
                return Problem(404, f"the response {definition.status} has no body, so no example {example!r}")
            if status >= 400:
                return self.refuse(Problem(status, definition.description or "the documented error"), accept)
            return self._made(definition, status, None, NO_WISH, accept)
        content = definition.content
        if example:
            content = tuple(each for each in content if any(named.name == example for named in each.examples))
            if not content:
                names = _names(named.name for each in definition.content for named in each.examples)
                detail = f"the response {definition.status} has no example {example!r}; it has {names or 'none'}"
                return Problem(404, detail)
        body_format = self._format(content, accept)
        if body_format is None:
            names = _names(each.media_type.text for each in content)
            fact = f"nothing that {accept!r} accepts is documented; documented: {names}"
            return Problem(406, fact, (NOT_ACCEPTABLE.violation("header.Accept", definition.place, fact),))
        return self._made(definition, status, body_format, wish, accept)

    def _format(self, content: tuple[BodyFormat, ...], accept: str) -> BodyFormat | None:
        """The format of a body that a request accepts; a refusal for what it accepts is one for the request."""
        body_format = negotiate(content, accept)
        is_taken = self.settings.validate != "enforce" or (self.takes_accept is not None and self.takes_accept(accept))
        return preferred_format(content) if body_format is None and is_taken else body_format

    def refuse(self, problem: Problem, accept: str) -> Reply:
        """The reply to a request that is refused: the contract's own documented error, else the problem itself."""
        definition = self.operation.response_for(problem.status)
        if definition is None:
            return generated(problem)
        content = definition.content
        body_format = (negotiate(content, accept) or preferred_format(content)) if content else None
        is_silent = body_format is None or (body_format.schema is None and not body_format.examples)
        reply = self._made(definition, problem.status, None if is_silent else body_format, NO_WISH, accept)
        is_made_up = body_format is None or not body_format.examples
        if isinstance(reply, Problem) or (is_made_up and has_errors(reply.violations or ())):
            return generated(problem)  # better than an error that its own contract does not allow
        if not is_silent and body_format is not None:
            from tallystick.mock.tailoring.errors import truthful

            reply = truthful(self.operation, body_format, reply, problem, keeps_texts=False)
        response = reply.response
        if is_silent:
            media_type = concrete_type(body_format.media_type, accept) if body_format is not None else PROBLEM_JSON
            headers = (("content-type", media_type.text), *response.headers)
            response = Response(problem.status, headers, respond(problem, media_type).body)
        documented = {header.name.lower() for header in definition.headers if header.examples}
        own = {name: value for name, value in problem.headers if name not in documented}
        headers = (*(field for field in response.headers if field[0] not in own), *own.items())
        refusal = Reply(response._replace(headers=headers), problem.detail, reply.violations, problem.violations)
        own_words = problem if is_silent else None
        return replace(refusal, mended=reply.mended, problem=own_words, is_documented=is_silent, origin=reply.origin)

    def refuse_as_wished(self, problem: Problem, reading: Reading) -> Reply:
        """The reply to a request that is refused, with the documented error or the example of one that it prefers.

        A preference for a success is passed over: what is refused does not become one.
        """
        accept = reading.headers.get("accept", "")
        problem = replace(problem, path=reading.prefix + reading.request.path)
        if "prefer" not in reading.headers and not reading.preferences:
            return self.refuse(problem, accept)
        wish = wish_of(reading.headers.get("prefer", ""), reading.preferences)
        status, definition = self._wished(wish.code) if wish.code else (0, None)
        if definition is None or status < 400:
            wish = replace(wish, code="")
            status, definition = self._error_with(wish.example, problem.status)
        if definition is None:
            return self.refuse(problem, accept)
        if not wish.example:
            return _granted(self.refuse(replace(problem, status=status), accept), wish)
        answer = self._reply(definition, status, accept, wish)
        if isinstance(answer, Problem):
            return generated(answer)
        return replace(_granted(answer, wish), refused_for=problem.violations, tailored=None)

    def _error_with(self, example: str, status: int) -> tuple[int, ResponseDefinition | None]:
        """The status and the documented error that has an example; that of a status goes before others."""
        first = self.operation.response_for(status)
        errors = [(own_status(self.operation, each), each) for each in self.operation.responses if each is not first]
        for code, definition in (*([(status, first)] if first is not None else []), *errors):
            if code >= 400 and any(named.name == example for each in definition.content for named in each.examples):
                return code, definition
        return 0, None

    def _made(
        self, definition: ResponseDefinition, status: int, body_format: BodyFormat | None, wish: Wish, accept: str
    ) -> Reply | Problem:
        media_type, example = body_format.media_type.text if body_format is not None else "", wish.example
        key = (definition.status, status, media_type, example, wish.dynamic, wish.seed)
        reply = self.made.get(key)
        if reply is None:
            if is_on_loop():
                raise Slow
            from tallystick.examples.samples import Unsatisfiable  # a start makes no replies
            from tallystick.mock.responders.writing import usual_reply, write_reply
            from tallystick.mock.tailoring.errors import truthful
            from tallystick.mock.tailoring.tailoring import tailored_by

            try:
                settings = self.settings.wished(wish.dynamic, wish.seed)
                if self.operation.method == "GET" and body_format is not None and not example:
                    reply = usual_reply(self.operation, definition, status, body_format, settings)
                else:
                    reply = write_reply(self.operation, definition, status, body_format, example, settings)
                if status >= 400 and body_format is not None:
                    problem = Problem(status, _reason(definition, status))
                    reply = truthful(self.operation, body_format, reply, problem, keeps_texts=bool(example))
                elif not example:  # one that is asked for by its name is sent as it stands
                    tailored = tailored_by(self.contract, self.operation, definition, body_format, settings, reply)
                    reply = replace(reply, tailored=tailored)
            except Unsatisfiable as error:
                detail = f"the example {example!r} is not served: {error.reason} ({error.place}); leave out --examples"
                reply = Problem(404, detail)
            if wish.seed is None and not wish.code:
                self.made[key] = reply  # there are no more than the contract has responses and examples
            else:
                size = 0 if isinstance(reply, Problem) else _WEIGHT * len(reply.response.body)
                ROOM.keep(self.made, key, reply, size + _OVERHEAD)
        return reply if body_format is None or isinstance(reply, Problem) else _sent_as(reply, body_format, accept)


def _granted(reply: Reply, wish: Wish) -> Reply:
    """A reply that says which preferences it grants, and that it depends on them (RFC 7240, sections 2 and 3)."""
    preferences = applied(wish)
    if not preferences:
        return reply
    varies = ", ".join([*(value for name, value in reply.response.headers if name == "vary"), "Prefer"])
    kept = [field for field in reply.response.headers if field[0] not in ("vary", "preference-applied")]
    headers = (*kept, ("vary", varies), ("preference-applied", preferences))
    return replace(reply, response=reply.response._replace(headers=headers), granted=preferences)


def _documented_accept(header: Parameter) -> Callable[[str], bool]:
    """A function that says whether a value of `Accept`, or a member of its list, fits the definition of the header."""
    read, schema = text_reader(header), header.described

    def fits(text: str) -> bool:
        value, fault = read(text)
        return not fault and (schema is None or schema.is_valid(value, Direction.REQUEST))

    def any_fits(accept: str) -> bool:
        types = [accepted.media_type for accepted in accepted_ranges(accept)]
        return any(map(fits, (accept, *(each.text for each in types), *(each.name for each in types))))

    return any_fits


def _sent_as(reply: Reply, body_format: BodyFormat, accept: str) -> Reply:
    """A reply whose media type is documented as a range, under the type of that range which is liked best."""
    media_type = body_format.media_type
    if not media_type.is_range or media_type.kind is MediaKind.MULTIPART:
        return reply
    from tallystick.examples.media_files import file_of  # seldom needed

    name = concrete_type(media_type, accept).text
    headers = tuple((key, name if key == "content-type" else value) for key, value in reply.response.headers)
    body, wanted = reply.response.body, file_of(parse_media_type(name).name)
    if wanted is not None and body == file_of(concrete_type(media_type).name):
        body = wanted
    tailored = reply.tailored
    return replace(
        reply,
        response=reply.response._replace(headers=headers, body=body),
        tailored=(lambda reading: _sent_as(tailored(reading), body_format, accept)) if tailored is not None else None,
    )


def _reason(definition: ResponseDefinition, status: int) -> str:
    """What a documented error says where nothing is wrong but that it was asked for."""
    is_exact = definition.status == str(status) and "\n" not in definition.description.strip()
    return (definition.description.strip() if is_exact else "") or phrase_of(status) or "the documented error"


def _names(names: Iterable[str]) -> str:
    return ", ".join(dict.fromkeys(names))
