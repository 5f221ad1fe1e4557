"""A request as a curl line that works when it is pasted into a POSIX shell, without showing a secret."""

from __future__ import annotations

import base64
import binascii
import json
import shlex
from collections.abc import Mapping, Sequence

from tallystick.nouns.exchange import Request
from tallystick.nouns.json_pointer import to_keys
from tallystick.nouns.media_type import parse_media_type
from tallystick.nouns.printing import inline
from tallystick.reports.curl_form import FormWords, form_words

_WRITTEN_BY_CURL = frozenset(("host", "content-length", "transfer-encoding", "connection", "accept-encoding"))
"""Header fields that curl writes itself."""
_ESCAPED = b"'#:"
"""Characters that are written in octal, too: a quote ends the word, the others may command a CI service."""
_NOTHING: Mapping[str, str] = {}
_LONGEST_WORD = 5
"""Secrets up to this length are not looked for inside of other texts: ordinary words may contain them."""


def curl(
    request: Request,
    origin: str,
    secrets: Mapping[str, str] = _NOTHING,
    insecure: bool = False,
    ca_file: str = "",
    variables: Mapping[str, str] = _NOTHING,
) -> str:
    """The line that sends a request to an origin (`http://127.0.0.1:4010`) and shows the whole response.

    `secrets` maps a value that must not be shown to the environment variable that holds it; of basic
    credentials the value is `user:password`. Bytes that cannot be pasted literally go through `printf`. With `insecure`
    curl does not verify the server's certificate, or it does so by the certificate of a CA in a file. `variables` maps
    a text in the request to the variable of the shell that has the value in its place.
    """
    url = origin + request.path + (f"?{request.query}" if request.query else "")
    hidden = {**long_secrets(secrets), **variables}
    words = ["curl", "-i", *(["-k"] if insecure else []), *(["--cacert", quoted(ca_file)] if ca_file else [])]
    if request.method == "HEAD":
        words.append("--head")
    elif request.method != ("POST" if request.body else "GET"):
        words += ["-X", quoted(request.method)]
    literal_url = url
    for text in variables:
        literal_url = literal_url.replace(text, "")
    if any(letter in literal_url for letter in "[]{}"):
        words.append("-g")
    if any(segment in (".", "..") for segment in request.path.split("/")):
        words.append("--path-as-is")
    words.append(quoted(url, hidden))
    form = _form(request, hidden)
    for name, value in request.headers:
        if name not in _WRITTEN_BY_CURL and not (form is not None and name == "content-type"):
            words += _header(name, value, {**secrets, **variables})
    if not request.body:
        return " ".join(words)
    if form is not None:
        return " ".join([*([f"printf {_octal(form.file)} |"] if form.file is not None else []), *words, *form.words])
    if not any(name == "content-type" for name, _ in request.headers):
        words += ["-H", "Content-Type:"]
    if _is_literal(request.body) or any(text.encode() in request.body for text in hidden):
        return " ".join([*words, "--data-raw", quoted(request.body, hidden)])
    return " ".join([f"printf {_octal(request.body)} |", *words, "--data-binary", "@-"])


def _form(request: Request, hidden: Mapping[str, str]) -> FormWords | None:
    """The words for a body of parts; None where curl would write other bytes than those between the boundaries."""
    content_types = [value for name, value in request.headers if name == "content-type"]
    if len(content_types) != 1 or not request.body:
        return None
    if any(text.encode() in request.body for text in hidden):
        return None
    return form_words(request.body, parse_media_type(content_types[0]), _is_literal, quoted)


def capturing(line: str, captures: Sequence[tuple[str, str, str]]) -> str:
    """A curl line that also keeps values of the response in variables: each has a name, and a JSON Pointer or a header.

    The response is shown all the same. Of `Location` the last segment is kept.
    """
    if len(captures) == 1 and not captures[0][2]:
        name, pointer, _ = captures[0]
        return f"{name}=$({line.replace('curl -i ', 'curl -sS ', 1)} | tee /dev/stderr | jq -r {_jq(pointer)})"
    lines = [f"response=$({line.replace('curl -i ', 'curl -sSi ', 1)})", "printf '%s\\n' \"$response\""]
    for name, pointer, header in captures:
        if header:
            field = "".join(f"[{letter.upper()}{letter}]" if letter.isalpha() else letter for letter in header)
            end = r".*/\([^/?#[:space:]]*\).*" if header == "location" else r"\([^[:space:]]*\).*"
            taken = f"sed -n 's,^{field}: *{end},\\1,p'"
        else:
            taken = f"sed '1,/^[[:space:]]*$/d' | jq -r {_jq(pointer)}"
        lines.append(f'{name}=$(printf %s "$response" | {taken})')
    return "; ".join(lines)


def _jq(pointer: str) -> str:
    """The filter of jq that leads where a JSON Pointer does."""
    words = ""
    for key in to_keys(pointer):
        is_name = key.isidentifier() and key.isascii()
        words += f"[{key}]" if key.isdecimal() else f".{key}" if is_name else f"[{json.dumps(key)}]"
    return shlex.quote(words if words.startswith(".") else f".{words}")


def _header(name: str, value: str, secrets: Mapping[str, str]) -> list[str]:
    scheme, _, token = value.partition(" ")
    if name == "authorization" and scheme.lower() == "basic":
        try:
            user = base64.b64decode(token, validate=True).decode()
        except (binascii.Error, ValueError):
            user = ""
        if user in secrets:
            return ["-u", f'"${secrets[user]}"']
    field_name = "-".join(part.capitalize() for part in name.split("-"))
    return ["-H", quoted(f"{field_name}: {value}" if value else f"{field_name};", secrets)]


def long_secrets(secrets: Mapping[str, str]) -> dict[str, str]:
    """The secrets, with their variables, that can be told from other words inside of a text."""
    return {value: name for value, name in secrets.items() if len(value) > _LONGEST_WORD}


def quoted(text: str | bytes, secrets: Mapping[str, str] = _NOTHING) -> str:
    """A text (as latin-1) or bytes as one word of a shell; its variable replaces a secret."""
    raw = text.encode("latin-1", "replace") if isinstance(text, str) else text
    for value, name in secrets.items():
        before, secret, after = raw.partition(value.encode("latin-1", "replace"))
        if secret:
            rest = quoted(after, secrets) if after else ""
            return (quoted(before, secrets) if before else "") + f'"${name}"' + rest
    if _is_literal(raw):
        return shlex.quote(raw.decode())
    return f'"$(printf {_octal(raw)})"'


def _is_literal(raw: bytes) -> bool:
    try:
        text = raw.decode()
    except UnicodeDecodeError:
        return False
    return "\t" not in text and inline(text) == text


def _octal(raw: bytes) -> str:
    """Bytes as the quoted format of printf(1): those that are not plain ASCII as three octal digits.

    So is a dash at the beginning, which would be an option.
    """
    special = {0x25: "%%", 0x5C: "\\\\"}
    text = "".join(
        special.get(byte) or (chr(byte) if 0x20 <= byte < 0x7F and byte not in _ESCAPED else f"\\{byte:03o}")
        for byte in raw
    )
    return "'" + (f"\\055{text[1:]}" if text.startswith("-") else text) + "'"
