"""A rule on what a response says of the server's inside: stack traces, paths of files, SQL, pages for debugging."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from urllib.parse import unquote_plus

from tallystick.nouns import budgets
from tallystick.nouns.json_value import JSON
from tallystick.nouns.rule import Rule, Scope
from tallystick.nouns.schema import Schema
from tallystick.nouns.violation import Severity
from tallystick.resources.lists.vocabulary import spelled
from tallystick.rules.sequence import declared
from tallystick.rules.sequence.history import History
from tallystick.rules.sequence.relation import Relation, SequenceCheck
from tallystick.rules.sequence.seen import Seen
from tallystick.schemas.messages import shown as shown_value

INTERNALS_LEAKED = Rule(
    "internals-leaked",
    Severity.ERROR,
    Scope.SEQUENCE,
    "A response says nothing of the server's inside: no stack trace, path of a file, SQL, or secret.",
)

_TRACES = re.compile(
    r"Traceback \(most recent call last\)"
    r"|File \\?\"[^\"\n]{1,300}\.py\\?\", line \d+"
    r"|\bat [\w.$<>]{1,200}\([\w$]{1,100}\.(?:java|kt|scala):\d+\)"
    r"|\bat [^\n\\]{1,200} in [^\n]{1,300}\.cs:line \d+"
    r"|\bat [^\n\\]{1,200}\([^\n()]{1,300}\.(?:js|ts|mjs|cjs):\d+:\d+\)"
    r"|\.php(?:\(\d+\)| on line \d+)"
    r"|goroutine \d+ \[\w+\]:"
    r"|\.rb:\d+:in [`']"
)
"""The traces of the usual languages."""
_STATEMENTS = re.compile(
    r"SQLSTATE\[\w+\]|\bORA-\d{5}\b"
    r"|\b(?:sqlite3|psycopg2?|pymysql|MySQLdb|sqlalchemy)\.[\w.]{0,60}(?:Error|Exception|exc)\b"
    r"|You have an error in your SQL syntax|\bsyntax error at or near \\?\"|UNIQUE constraint failed: \w+\.\w+"
    r"|\bno such (?:table|column): \w+|\bSELECT\s[^;]{1,300}?\sFROM\s+\w+|\bINSERT\s+INTO\s+\w+\s*\("
    r"|\bDELETE\s+FROM\s+\w+\s|\bUPDATE\s+\w+\s+SET\s+\w+\s*="
)
_PAGES = re.compile(r"Werkzeug Debugger|DEBUG = True|__debugger__|Symfony Exception|Whoops\\\\|django\.core\.handlers")
_FILES = re.compile(
    r"(?<![\w./:])/(?:home|usr|var|opt|srv|root|Users|etc|app|workspace)/(?:[\w.@+-]+/)+[\w.@+-]+\.(?:py|rb|js|ts|php|java|go|so|jar|conf|db|sqlite3?)\b"
    r"|\b[A-Z]:\\\\?(?:[\w .-]+\\\\?)+[\w .-]+\.(?:py|cs|dll|exe|js|php|java|config)\b"
)
_SECRETS = frozenset(
    "password passwordhash hashedpassword passwordsalt salt pwhash passwd secretkey privatekey stack stacktrace "
    "traceback sql sqlquery sastinstancestate sainstancestate".split()
)
"""Members that a response has by mistake, where the contract does not declare them."""
_DEEPEST, _MOST_ROWS = 3, 20


def internals(history: History) -> Iterator[Relation]:
    """Responses that say what stands inside the server; what the request itself said is not from there."""
    for seen in history.seen:
        response = seen.exchange.response
        if response is None or not (response.body or response.headers):
            continue
        for where, fact in _leaks(seen):
            definition = seen.reading.definition
            place = definition.place if definition is not None else seen.operation.place
            violation = INTERNALS_LEAKED.violation(where, place, fact)
            yield Relation(violation, seen.operation.label, (seen.index,))
            break


def _leaks(seen: Seen) -> Iterator[tuple[str, str]]:
    response, sent = seen.exchange.response, _sent_text(seen)
    if response is None:
        return
    text = response.body[: budgets.FUZZ_RECORDED_BYTES].decode("utf-8", "replace")
    is_error = seen.status >= 400
    in_any = [(_TRACES, "a stack trace"), (_PAGES, "a page for debugging")]
    in_error = [*in_any, (_STATEMENTS, "SQL"), (_FILES, "the path of a file")]
    in_header = [*in_any, (_STATEMENTS, "SQL")]
    texts = [("response.body", text)] + [(f"response.header.{name}", value) for name, value in response.headers]
    for where, each in texts:
        for pattern, kind in in_error if is_error else in_any if where == "response.body" else in_header:
            match = pattern.search(each)
            if match is not None and match[0] not in sent and not (where.endswith("location")):
                yield where, f"it shows {kind}: {shown_value(match[0])}"
    if not is_error and seen.reading.response_body.format is not None:
        schema = seen.reading.response_body.format.schema
        yield from _secrets(seen.response_value, schema, "response.body", 0)


def _sent_text(seen: Seen) -> str:
    request = seen.exchange.request
    texts = [unquote_plus(request.path), unquote_plus(request.query), request.body.decode("utf-8", "replace")]
    return "\n".join([*texts, *(value for _, value in request.headers)])


def _secrets(value: object, schema: Schema | None, where: str, depth: int) -> Iterator[tuple[str, str]]:
    """The members that the contract does not declare, and that are called as what nobody is to see."""
    if depth > _DEEPEST or schema is None:
        return
    if isinstance(value, list):
        for row in value[:_MOST_ROWS]:
            yield from _secrets(row, declared.items(schema), f"{where}/*", depth + 1)
    if isinstance(value, dict):
        members: Mapping[str, JSON] = value
        own = declared.members(schema)
        for name, member in members.items():
            if name in own:
                yield from _secrets(member, own[name], f"{where}/{name}", depth + 1)
            elif own and spelled(name) in _SECRETS and member not in (None, "", [], {}):
                yield f"{where}/{name}", "the contract does not declare it, and nobody outside is to see it"


CHECKS = (SequenceCheck(internals, (INTERNALS_LEAKED,), is_alone=True),)
