"""The findings of a fuzz run as a file of tests for pytest: each fails as long as its finding is there."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping

from tallystick.nouns.exchange import Request
from tallystick.nouns.printing import visible
from tallystick.nouns.rule import Scope
from tallystick.reports.findings import headline
from tallystick.reports.results import FuzzResult, ReportedFinding, Step

_TOKEN = re.compile(r"\{\{(\w+?)(\|number)?\}\}")
_HEAD = '''"""{title}

Each test fails as long as its finding is there. `API_URL` is where the API is, and `API_HEADERS` (a JSON object) what
every request has that has credentials.
"""

import json
import os

import requests

import tallystick

URL = os.environ.get("API_URL", {url})
CREDENTIALS = json.loads(os.environ.get("API_HEADERS", "{{}}"))
CONTRACT = tallystick.read_contract({contract})


def send(method, path, headers=(), body=b"", credentials=False):
    fields = {{**dict(headers), **(CREDENTIALS if credentials else {{}})}}
    return requests.request(method, URL + path, headers=fields, data=body, allow_redirects=False, timeout=30)


def broken(label, response, base_path={base_path}):
    """What a response breaks of the contract: the rules, each with its place."""
    operation = next(each for each in CONTRACT if each.label == label)
    sent = response.request
    path, _, query = sent.path_url.removeprefix(base_path).partition("?")
    body = sent.body.encode() if isinstance(sent.body, str) else sent.body or b""
    fields = tuple((name.lower(), value) for name, value in sent.headers.items())
    request = tallystick.Request(sent.method, path, query, fields, body)
    headers = tuple((name.lower(), value) for name, value in response.headers.items())
    answer = tallystick.Response(response.status_code, headers, response.content)
    violations = tallystick.judge(operation, tallystick.Exchange(request, answer))
    return [str(violation) for violation in violations if violation.where.startswith("response.")]
'''


def fuzz(result: FuzzResult) -> str:
    """A module with one test for each finding; those that need several responses compared are left to `replay`."""
    scheme, _, rest = result.url.partition("://")
    host, slash, path = rest.partition("/")
    head = _HEAD.format(
        title=_docstring(f"{result.title or result.name}: {headline(result)}"),
        url=_literal(f"{scheme}://{host}"),
        contract=_literal(result.file),
        base_path=_literal(slash + path if path else ""),
    )
    of_sequences = {rule.id for rule in result.rules if rule.scope is Scope.SEQUENCE} - set(result.assertions)
    names = set[str]()
    tests = [
        "\n".join(_test(finding, names, result.assertions)) + "\n"
        for finding in result.errors
        if finding.steps and finding.rule not in of_sequences and all(step.request for step in finding.steps)
    ]
    return "\n\n".join([head, *tests])


def _test(finding: ReportedFinding, names: set[str], assertions: Mapping[str, str]) -> Iterator[str]:
    yield f"def {_name(finding, names)}():"
    yield f'    """{_docstring(f"{finding.rule}: {finding.message} ({finding.place})")}"""'
    for step in finding.steps:
        assert step.request is not None  # `fuzz` leaves out the others
        yield f"    response = {_call(step.request, step)}"
        for name, pointer, header in step.captures:
            yield f"    {name} = {_taken(pointer, header)}"
    assertion = assertions.get(finding.rule, f"assert not broken({_literal(finding.subject)}, response)")
    yield f"    {assertion}"


def _name(finding: ReportedFinding, names: set[str]) -> str:
    words = re.sub(r"\W+", "_", f"{finding.subject}_{finding.rule}".lower(), flags=re.ASCII).strip("_")
    name, number = f"test_{words}", 2
    while name in names:
        name, number = f"test_{words}_{number}", number + 1
    names.add(name)
    return name


def _call(request: Request, step: Step) -> str:
    target = request.path + (f"?{request.query}" if request.query else "")
    arguments = [_literal(request.method), _filled(target)]
    if request.headers:
        arguments.append(f"headers={[tuple(field) for field in request.headers]!r}")
    if request.body:
        arguments.append(f"body={_body(request.body)}")
    if step.is_authorized:
        arguments.append("credentials=True")
    return f"send({', '.join(arguments)})"


def _filled(text: str) -> str:
    """A text in which names stand for values, as an expression of Python."""
    if not _TOKEN.search(text):
        return _literal(text)
    pieces, end = [], 0
    for token in _TOKEN.finditer(text):
        pieces += [_literal(text[end : token.start()]), f"str({token[1]})"]
        end = token.end()
    return " + ".join([*pieces, _literal(text[end:])])


def _body(body: bytes) -> str:
    text = body.decode("latin-1")
    if not _TOKEN.search(text):
        return repr(body)
    numbered = re.sub(r'"(\{\{\w+\|number\}\})"', r"\1", text)
    return f"({_filled(numbered)}).encode('latin-1')"


def _taken(pointer: str, header: str) -> str:
    if header == "location":
        return 'response.headers["location"].rstrip("/").rpartition("/")[2]'
    if header:
        return f"response.headers[{_literal(header)}]"
    keys = "".join(f"[{key if key.isdecimal() else _literal(key)}]" for key in pointer.split("/")[1:])
    return f"response.json(){keys}"


def _literal(text: str) -> str:
    """A text as Python writes it, in ASCII."""
    return json.dumps(text) if text.isascii() and text.isprintable() else ascii(text)


def _docstring(text: str) -> str:
    return visible(" ".join(text.split())).replace("\\", "\\\\").replace('"""', "'''").rstrip('"')
