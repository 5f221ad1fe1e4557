"""Masks what nobody should read in an export: credentials and cookies."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from functools import partial
from urllib.parse import unquote_plus

from tallystick.nouns.contract import Contract
from tallystick.nouns.exchange import Exchange, Headers, Request
from tallystick.wire.values import decode

MASK = "***"

_CREDENTIALS = frozenset(("authorization", "proxy-authorization"))
_USUAL_KEYS = frozenset(("x-api-key", "api-key", "x-auth-token", "x-access-token"))
"""Header fields that have credentials where no contract says so."""
_COOKIE = re.compile(r"(^|;\s*)([^=;\s][^=;]*=|)[^;]+")
_FIRST_COOKIE = re.compile(r"^([^=;]*=|)[^;]+")
_URL_FIELD = re.compile(r"([?&#]|\\u0026)([^=&#>\s\"']{1,100})=([^&#>\s\"'\\]*)")
"""A field in the query or the fragment of a URL; some programs write `\\u0026` in JSON."""
_PATH_FIELD = re.compile(r"(;|%3[Bb])([^;=/?#&%\s\"'<>\\]{1,100})=([^;/?#&\s\"'<>\\]*)")
"""A parameter of a path segment (RFC 3986, section 3.3), as servers of Java have sessions: `/cart;jsessionid=1`."""
_PATH_CHARACTERS = 300
"""How far the beginning of a path is looked for before such a parameter."""
_URL_BREAK = re.compile(r"[\s\"'<>]")
_URL_USER = re.compile(r"(\bhttps?://|\w://(?=[^/?#@\s]{0,300}:))[^/?#@\s\\\"'<>]{1,500}@")
"""Who asks, and by which password, in a URL; a name alone is one of HTTP, where it may be a token."""

_SECRET = re.compile(
    r"(?!.*(?:page|next|prev|previous|continuation|continue|cursor|pagination|paging|sync|delta|skip|scroll|start|resume"
    r"|sequence|idempotency|first|last|per|max|stop|eos|bos|pad)token$).*token"
    r"|(?!accesscontrol).*(?:password|passwd|passphrase|passcode|secret|secretkey|privatekey|apikey|accesskey|authkey"
    r"|subscriptionkey|credentials?)"
    r"|(?:j|php)?sess(?:ion)?id|(?:device|auth|authorization)code|codeverifier|(?:client|saml)assertion|samlresponse"
    r"|(?:x)?(?:amz)?signature|sig|jwt|authorization|proxyauthorization|cvv|cvc|ssn|pwd|otp"
)
"""Names that look secret, in small letters and without dashes: not `page_token`, which says where a list goes on."""
_OF_OAUTH = frozenset(("code", "state", "assertion", "nonce", "sessionstate", "usercode", "sid"))
"""Names of secrets of OAuth 2.0 and OpenID Connect that mean something else anywhere else."""
_OF_PATHS = frozenset(("sid",))
"""Names of secrets that mean nothing else as a parameter of a path segment."""
_SIGNS_OF_OAUTH = frozenset(("granttype", "redirecturi", "responsetype", "codechallenge", "codeverifier"))
"""Names that say that a query, a form or an object is one of these (RFC 6749, 7523, 7636)."""
_BOTH_ARE_A_SIGN = frozenset(("code", "state"))
"""What leads back from a login has both (RFC 6749, section 4.1.2); an address as JSON may have them, too."""
_URL_END = re.compile(r"[?#][^\s\"'<>]+")
_JSON_SIGN = re.compile(rb'"(?:grant_?type|redirect_?uri|code_?verifier)"\s*+:', re.IGNORECASE)
_JSON_MEMBER = re.compile(
    rb'("([^"\\]{1,100})"\s*+:\s*+)'
    rb'(?:"(?:[^"\\]++|\\.)*+"|(\[)\s*+(?:"(?:[^"\\]++|\\.)*+"[\s,]*+)++\]|(-?\d[\d.eE+-]*+))'
)
"""A member that is a text, a list of texts or a number, which becomes 0."""
_FORM_FIELD = re.compile(rb"((?:^|&)([^=&\s]{1,100})=)[^&\s]*")
_XML_ELEMENT = re.compile(
    rb"(<(?:[\w.-]{1,50}:)?([\w.-]{1,100})(?:\s[^<>]{0,500})?>)"
    rb"(?:[^<>]+|<!\[CDATA\[[^\]]{0,300}+\]\]>)(?=</)"
)
_XML_ATTRIBUTE = re.compile(rb"""(\s(?:[\w.-]{1,50}:)?([\w.-]{1,100})=)(?:"[^"<]*"|'[^'<]*')""")
_PART_NAME = re.compile(rb';\s*+name="?((?<=")[^"]{1,100}|[^";\s]{1,100})')
_BINARY = b"\x00"


class Secrets:
    """What is secret: credentials where the contracts have some, and what has a secret name.

    `headers` are the names of header fields (in lower case), `query` those of query fields. `names` are more names of
    any kind; with an exclamation mark before it, one that is no secret though it looks like one (`!*` for all).
    """

    def __init__(self, contracts: Iterable[Contract], names: Iterable[str] = ()) -> None:
        schemes = [scheme for contract in contracts for scheme in _schemes(contract)]
        listed = [name.strip() for name in names]
        self._hidden = frozenset(_spelled(name) for name in listed if not name.startswith("!"))
        self._shown = frozenset("*" if name == "!*" else _spelled(name) for name in listed if name.startswith("!"))
        headers = _CREDENTIALS | _USUAL_KEYS | {name.lower() for where, name in schemes if where == "header"}
        self.headers = frozenset(name for name in headers if not self._is_shown(name))
        query = {"access_token", *(name for where, name in schemes if where == "query")}
        self.query = frozenset(name for name in query if not self._is_shown(name))

    def _is_shown(self, name: str) -> bool:
        return bool(self._shown) and ("*" in self._shown or _spelled(name) in self._shown)

    def is_secret(self, name: str) -> bool:
        """Whether a name is one of a secret, wherever it stands."""
        spelled = _spelled(name)
        if spelled in self._hidden:
            return True
        return _SECRET.fullmatch(spelled) is not None and not self._is_shown(name)

    def header(self, name: str, value: str) -> str:
        """The value of a header field without its secrets."""
        if name in self.headers or (name not in _CREDENTIALS and self.is_secret(name)):
            scheme, blank, _ = value.partition(" ")
            return f"{scheme} {MASK}" if blank and name in _CREDENTIALS else MASK
        if name in ("cookie", "set-cookie") and self._is_shown(name):
            return value
        if name == "cookie":
            return _COOKIE.sub(rf"\1\2{MASK}", value)
        if name == "set-cookie":
            return _FIRST_COOKIE.sub(rf"\1{MASK}", value)
        return self.in_urls(value)

    def in_urls(self, text: str) -> str:
        """A text without the secrets in the URLs that it has: who asks, and fields of queries and fragments."""
        if "://" in text and "*" not in self._shown:
            text = _URL_USER.sub(rf"\1{MASK}@", text)
        if "code=" in text or "state=" in text or "grant_type=" in text:
            text = _URL_END.sub(lambda end: self._without_login(end[0]), text)
        if ";" in text or "%3" in text:
            text = _PATH_FIELD.sub(self._field_of_path_in_text, text)
        return _URL_FIELD.sub(self._field_of_url, text) if "=" in text else text

    def in_url(self, url: str) -> str:
        """The URL of a request without the secrets of its path and query."""
        path, mark, query = url.partition("?")
        return f"{self.in_path(path)}{mark}{self.in_query(query)}"

    def in_path(self, path: str) -> str:
        """A raw path without the values of secret parameters of its segments."""
        return _PATH_FIELD.sub(self._field_of_path, path)

    def of_path(self, path: str) -> Iterator[tuple[str, str]]:
        """The names and the values of secret parameters in a raw path."""
        return ((name, value) for _, name, value in _PATH_FIELD.findall(path) if self._is_in_path(name))

    def _is_in_path(self, name: str) -> bool:
        return self.is_secret(name) or (_spelled(name) in _OF_PATHS and not self._is_shown(name))

    def _field_of_path(self, field: re.Match[str]) -> str:
        return f"{field[1]}{field[2]}={MASK}" if self._is_in_path(field[2]) else field[0]

    def _field_of_path_in_text(self, field: re.Match[str]) -> str:
        """A parameter of a path, masked where it is secret; what only looks like one in a program stays."""
        if not self._is_in_path(field[2]):
            return field[0]
        before = field.string[max(0, field.start() - _PATH_CHARACTERS) : field.start()]
        begun = _URL_BREAK.split(before)[-1]
        is_path = "/" in begun or len(begun) == field.start()
        return f"{field[1]}{field[2]}={MASK}" if is_path else field[0]

    def _without_login(self, fields: str) -> str:
        """A query or fragment, with its mark, without what only a login knows; any other one as it is."""
        names = {_spelled(name) for _, name, _ in _URL_FIELD.findall(fields)}
        if not (names & _SIGNS_OF_OAUTH or names >= _BOTH_ARE_A_SIGN):
            return fields
        return _URL_FIELD.sub(
            lambda field: f"{field[1]}{field[2]}={MASK}" if self._is_of_login(field[2]) else field[0], fields
        )

    def _is_of_login(self, name: str) -> bool:
        return _spelled(name) in _OF_OAUTH and not self._is_shown(name)

    def _field_of_url(self, field: re.Match[str]) -> str:
        return f"{field[1]}{field[2]}={MASK}" if self._is_in_query(field[2]) else field[0]

    def _is_in_query(self, raw: str) -> bool:
        """Whether the field of a query that has this name, as it stands there, is a secret."""
        name = decode(raw, plus=True)[0]
        return name in self.query or self.is_secret(name)

    def fields(self, headers: Headers) -> Headers:
        """Header fields without their secrets."""
        return tuple((name, self.header(name, value)) for name, value in headers)

    def in_query(self, query: str) -> str:
        """A raw query without the values of its secrets."""
        if not query:
            return query
        query = self._without_login(f"?{query}")[1:]
        pieces = [piece.partition("=") for piece in query.split("&")]
        return "&".join(
            f"{name}={MASK}" if equals and self._is_in_query(name) else f"{name}{equals}{value}"
            for name, equals, value in pieces
        )

    def in_body(self, body: bytes) -> bytes:
        """A body of JSON, XML, a form or parts without the texts whose names are those of secrets."""
        if not body or _BINARY in body[:1000]:
            return body
        body = self.in_urls(body.decode("latin-1")).encode("latin-1")
        body = _JSON_MEMBER.sub(partial(self._member, is_login=_JSON_SIGN.search(body) is not None), body)
        first = body.lstrip()[:1]
        if first == b"<":
            return _XML_ATTRIBUTE.sub(self._attribute, _XML_ELEMENT.sub(self._text, body))
        if body.startswith(b"--"):
            return b"\r\n--".join(map(self._part, body.split(b"\r\n--")))
        if first in b'{["':
            return body
        body = self._without_login(f"?{body.decode('latin-1')}")[1:].encode("latin-1")
        return _FORM_FIELD.sub(self._text, body)

    def _member(self, member: re.Match[bytes], is_login: bool) -> bytes:
        masked = b'["***"]' if member[3] else b"0" if member[4] else b'"***"'
        name = member[2].decode("utf-8", "replace")
        return member[1] + masked if self.is_secret(name) or (is_login and self._is_of_login(name)) else member[0]

    def _part(self, part: bytes) -> bytes:
        head, blank, _ = part.partition(b"\r\n\r\n")
        name = _PART_NAME.search(head)
        is_masked = blank and name is not None and self.is_secret(name[1].decode("utf-8", "replace"))
        return head + blank + b"***" if is_masked else part

    def _attribute(self, attribute: re.Match[bytes]) -> bytes:
        return attribute[1] + b'"***"' if self.is_secret(attribute[2].decode("utf-8", "replace")) else attribute[0]

    def _text(self, text: re.Match[bytes]) -> bytes:
        name = unquote_plus(text[2].decode("utf-8", "replace"))
        return text[1] + b"***" if self.is_secret(name) else text[0]

    def request(self, request: Request) -> Request:
        """A request without its secrets; those in its body are told by the names of their members."""
        path, query = self.in_path(request.path), self.in_query(request.query)
        headers, body = self.fields(request.headers), self.in_body(request.body)
        return request._replace(path=path, query=query, headers=headers, body=body)

    def exchange(self, exchange: Exchange) -> Exchange:
        """An exchange without its secrets."""
        request, response = exchange
        if response is not None:
            response = response._replace(headers=self.fields(response.headers), body=self.in_body(response.body))
        return Exchange(self.request(request), response)

    def hides(self, where: str) -> bool:
        """Whether a place in a request (`header.X-Key`, `query.key`, `cookie.a`, `body/password`) has a secret."""
        location, _, name = where.partition(".")
        if location == "header":
            return name.lower() in (*self.headers, "cookie", "set-cookie") or self.is_secret(name)
        if where.startswith("body/"):
            return any(self.is_secret(step) for step in where.split("/")[1:])
        return location == "cookie" or (location == "query" and (name in self.query or self.is_secret(name)))


def _spelled(name: str) -> str:
    """A name in small letters, without what stands between its words; of `user[name]`, the inner one."""
    name = name.removesuffix("[]").removesuffix("]").rpartition("[")[2]
    return name.lower().lstrip("!").replace("-", "").replace("_", "").replace(".", "").replace(" ", "")


def _schemes(contract: Contract) -> list[tuple[str, str]]:
    """Where the schemes of a contract have their keys, and the names there."""
    schemes = [*contract.security_schemes.values()]
    schemes += [scheme for operation in contract for requirement in operation.security for scheme in requirement]
    return [(scheme.location, scheme.name) for scheme in schemes if scheme.location]
