"""A form to try an operation with, made from its contract, and the request that it asks for."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import suppress
from typing import NamedTuple

from tallystick.examples.draws import FEW, Style
from tallystick.examples.requests import Given, example_body, example_credentials, example_request
from tallystick.examples.samples import Unsatisfiable, parameter_sample
from tallystick.mock.console.bodies import indented
from tallystick.mock.console.visit import Fields
from tallystick.mock.journal.why import other_replies
from tallystick.nouns.contract import BodyFormat, Operation, Parameter, SecurityScheme
from tallystick.nouns.exchange import Request
from tallystick.nouns.json_value import JSON
from tallystick.nouns.violation import Place
from tallystick.wire.negotiation import preferred_format
from tallystick.wire.write import text_of

_STYLE = Style(0, FEW)
_SHOWN_VALUE = 2_000
_LOCATIONS = ("path", "query", "querystring", "header", "cookie")
_OURS = ("host", "content-length", "transfer-encoding")
"""The header fields that are as the request needs them."""
_AS_IT_IS = "as-it-is"
"""The name in the form that asks for the example of a body which no text field can hold."""


class Field(NamedTuple):
    """One value that can be given: the name and the id of its input, what it is for, its text, and what helps."""

    name: str
    id: str
    title: str
    location: str
    value: str
    hint: str = ""
    required: bool = False
    choices: Sequence[str] = ()
    description: str = ""
    about: str = ""


class BodyField(NamedTuple):
    """The body: its media types and which of them is chosen, its text, or how large it is where it is no text."""

    media_types: Sequence[str]
    chosen: str
    text: str
    binary_bytes: int = 0
    required: bool = False
    why_none: str = ""


class Form(NamedTuple):
    """The form of an operation, filled with what was sent or with the examples of its contract."""

    parameters: Sequence[Field]
    credentials: Sequence[Field]
    alternatives: str
    body: BodyField | None
    others: Sequence[Mapping[str, str]]
    prefer: str
    extra: str


def form_of(
    operation: Operation, sent: Fields | None = None, media_type: str = "", about: Callable[[Place], str] = lambda _: ""
) -> Form:
    """The form, with the examples where nothing was sent; `about` gives what the contract says of a parameter."""
    ordered = sorted(operation.parameters, key=_order)
    parameters = [
        _parameter(each, f"value-{number}", sent)._replace(about=about(each.place))
        for number, each in enumerate(ordered)
    ]
    usual = {scheme.id for scheme in operation.security[0]} if operation.security else set()
    schemes = _schemes(operation)
    credentials = [
        Field(
            f"credentials:{scheme.id}",
            f"credentials-{number}",
            scheme.id,
            _kind(scheme),
            _sent(sent, f"credentials:{scheme.id}", example_credentials(scheme) if scheme.id in usual else ""),
            "user:password" if scheme.scheme == "basic" else "",
        )
        for number, scheme in enumerate(schemes)
        if example_credentials(scheme)
    ]
    others = [
        {name: str(value) for name, value in each.items()}
        for each in other_replies(operation)
        if isinstance(each, dict)
    ]
    body = _body(operation, sent, media_type)
    alternatives = _alternatives(operation) if len(operation.security) > 1 else ""
    return Form(
        parameters, credentials, alternatives, body, others, _sent(sent, "prefer", ""), _sent(sent, "extra", "")
    )


def request_of(operation: Operation, sent: Fields, host: str) -> Request:
    """The request that a form asks for; its path is that of the contract."""
    values: dict[tuple[str, str], JSON] = {}
    left_out: set[tuple[str, str]] = set()
    for parameter in operation.parameters:
        key = parameter.location, parameter.name
        text = _sent(sent, _name(parameter), "")
        if text:
            values[key] = _value(parameter, text)
        else:
            left_out.add(key)
    credentials = tuple(
        (scheme, text) for scheme in _schemes(operation) if (text := _sent(sent, f"credentials:{scheme.id}", ""))
    )
    given = Given(values, frozenset(left_out), _sent_body(operation, sent), credentials=credentials)
    request = example_request(operation, given=given)
    extra = [("host", host), ("accept", "*/*"), *_extra(_sent(sent, "extra", ""))]
    if prefer := _sent(sent, "prefer", ""):
        extra.append(("prefer", prefer))
    if request.body or operation.method in ("POST", "PUT", "PATCH"):
        extra.append(("content-length", str(len(request.body))))
    named = {name for name, _ in extra}
    kept = [(name, value) for name, value in request.headers if name == "cookie" or name not in named]
    return request._replace(headers=tuple((name, _in_header(value)) for name, value in (*extra, *kept)))


def _name(parameter: Parameter) -> str:
    return f"{parameter.location}:{parameter.name}"


def _order(parameter: Parameter) -> tuple[int, bool]:
    return _LOCATIONS.index(parameter.location) if parameter.location in _LOCATIONS else 9, not parameter.required


def _parameter(parameter: Parameter, id: str, sent: Fields | None) -> Field:
    """The input of a parameter: the value that an example request would have; of one that it lacks, as a hint."""
    text = ""
    with suppress(Unsatisfiable):
        sample = parameter_sample(parameter, _STYLE)
        text = text_of(sample.value)[:_SHOWN_VALUE] if sample is not None else "value"
    is_given = parameter.required or bool(parameter.examples)
    schema = parameter.described
    keywords = schema.resolved if schema is not None else {}
    choices = keywords.get("enum")
    return Field(
        _name(parameter),
        id,
        parameter.name,
        parameter.location,
        _sent(sent, _name(parameter), text if is_given else ""),
        "" if is_given else text,
        parameter.required,
        [text_of(each) for each in choices[:100]] if isinstance(choices, list) else (),
        _described(keywords),
    )


def _described(keywords: Mapping[str, JSON]) -> str:
    """The type of a value, in a few words."""
    kind = keywords.get("type", "")
    words = [" or ".join(map(str, kind)) if isinstance(kind, list) else str(kind)]
    for name, word in (
        ("format", ""),
        ("minimum", "from "),
        ("maximum", "to "),
        ("pattern", "like "),
        ("default", "default "),
    ):
        value = keywords.get(name)
        if value is not None and not isinstance(value, dict | list):
            words.append(f"{word}{text_of(value)[:60]}")
    return ", ".join(filter(None, words)) if words != ["string"] else ""


def _schemes(operation: Operation) -> Sequence[SecurityScheme]:
    """Every scheme that credentials may be given for, once."""
    return list({scheme.id: scheme for requirement in operation.security for scheme in requirement}.values())


def _kind(scheme: SecurityScheme) -> str:
    if scheme.kind == "apiKey":
        return f"API key in the {scheme.location} {scheme.name}"
    return f"HTTP {scheme.scheme}" if scheme.kind == "http" else scheme.kind


def _alternatives(operation: Operation) -> str:
    """Which credentials are enough, where there is a choice."""
    ways = [" and ".join(scheme.id for scheme in requirement) or "none" for requirement in operation.security]
    return " or ".join(dict.fromkeys(ways))


def _body(operation: Operation, sent: Fields | None, media_type: str) -> BodyField | None:
    documented = operation.request_body
    if documented is None or not documented.content:
        return None
    names = [each.media_type.text for each in documented.content]
    chosen = _format(documented.content, media_type or _sent(sent, "media_type", ""))
    if sent is not None and "body" in sent and not media_type:
        return BodyField(names, chosen.media_type.text, _sent(sent, "body", ""), 0, documented.required)
    try:
        octets, _ = example_body(chosen, _STYLE)
    except Unsatisfiable as error:
        return BodyField(names, chosen.media_type.text, "", 0, documented.required, str(error))
    text = _as_text(octets)
    if text is None:
        return BodyField(names, chosen.media_type.text, "", len(octets), documented.required)
    return BodyField(names, chosen.media_type.text, indented(text), 0, documented.required)


def _format(content: Sequence[BodyFormat], media_type: str) -> BodyFormat:
    fitting = next((each for each in content if each.media_type.text == media_type), None)
    return fitting or preferred_format(content)


def _sent_body(operation: Operation, sent: Fields) -> tuple[bytes, str]:
    """The body that a form asks for, with its `Content-Type`."""
    content = operation.request_body.content if operation.request_body is not None else ()
    if not content:
        return b"", ""
    chosen = _format(content, _sent(sent, "media_type", ""))
    octets, content_type = b"", chosen.media_type.text
    with suppress(Unsatisfiable):
        octets, content_type = example_body(chosen, _STYLE)
    if _sent(sent, _AS_IT_IS, ""):
        return octets, content_type
    text = _sent(sent, "body", "")
    if not text:
        return b"", ""
    text = text.replace("\r\n", "\n")  # as people see it; a form sends it with other line ends
    if chosen.media_type.name.startswith("multipart/"):
        text = text.replace("\n", "\r\n")
    return text.encode("utf-8", "replace"), content_type


def _as_text(octets: bytes) -> str | None:
    try:
        text = octets.decode()
    except UnicodeDecodeError:
        return None
    return None if "\x00" in text else text


def _value(parameter: Parameter, text: str) -> JSON:
    """The value of a text: an array or an object where it is one, so that the parameter's style is kept."""
    if text[0] in "[{" or parameter.content is not None:
        with suppress(ValueError, RecursionError):
            value: JSON = json.loads(text)
            return value
    return text


def _extra(text: str) -> Iterator[tuple[str, str]]:
    """Header fields, one on each line."""
    for line in text.splitlines():
        name, colon, value = line.partition(":")
        name = name.strip().lower()
        if colon and name not in _OURS and name.isascii() and name.replace("-", "").replace("_", "").isalnum():
            yield name, value.strip()


def _in_header(value: str) -> str:
    """A value that breaks no line, in the letters that a header field has."""
    text = "".join(letter for letter in value if letter >= " " or letter == "\t")
    return text.encode("latin-1", "replace").decode("latin-1")


def _sent(sent: Fields | None, name: str, default: str) -> str:
    return sent.get(name, [""])[-1] if sent is not None else default
