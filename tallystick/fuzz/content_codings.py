"""The bodies of responses as they are judged: without their content codings, and why one is not judged."""

from __future__ import annotations

import re
from itertools import accumulate

from tallystick.fuzz.body_faults import BodyFault, too_deep, too_large
from tallystick.fuzz.rules import RESPONSE_UNREAD
from tallystick.nouns import budgets
from tallystick.wire.codings import CodingError, DecodedTooLargeError, decode_body, decoders

_REGISTERED = frozenset(("aes128gcm", "br", "compress", "dcb", "dcz", "exi", "pack200-gzip", "x-compress", "zstd"))
"""The content codings of IANA's registry that are not always known here."""
_WHITESPACE = b"\t\n\r"
_STRING = re.compile(rb'"(?:[^"\\]|\\.)*"', re.DOTALL)
_BINARY = re.compile(rb"(?!\xff\xfe|\xfe\xff|[\s\0\xef\xbb\xbf]*[\[{])[^\0]{0,1024}\0")
"""How what is neither JSON nor YAML begins: an image has brackets, too, which mean nothing."""
_STEPS = {ord("["): 1, ord("{"): 1, ord("]"): -1, ord("}"): -1}
_NO_BRACKETS = bytes(set(range(256)) - set(_STEPS))


def judged_body(beginning: bytes, size: int, content_encoding: str) -> tuple[bytes, BodyFault | None]:
    """The body that is judged, and the fault of one that is not.

    `beginning` is the body as it came, of which only as much is needed as is judged; `size` is its whole length.
    """
    if size > budgets.FUZZ_BODY_BYTES:
        return beginning[: budgets.FUZZ_RECORDED_BYTES], too_large()
    body, fault = without_codings(beginning, content_encoding)
    if fault is None and _is_deep(body) and _is_deep(_STRING.sub(b"", body)) and not _BINARY.match(body):
        return b"", too_deep()  # Schemathesis dies of the beginning, too
    return body, fault


def _is_deep(body: bytes) -> bool:
    """Whether a body has too many brackets within each other, as if those in strings were such."""
    brackets = body.translate(None, _NO_BRACKETS)
    return len(brackets) > budgets.FUZZ_VALUE_DEPTH < max(accumulate(map(_STEPS.__getitem__, brackets)))


def without_codings(body: bytes, content_encoding: str) -> tuple[bytes, BodyFault | None]:
    """The body without the codings that `Content-Encoding` lists; as it came, with the fault, if it has not those."""
    if not body or not content_encoding:
        return body, None
    for name in (name.strip().lower() for name in content_encoding.split(",")):
        if name not in ("", "identity") and name not in decoders():
            return body, _fault_of_unknown(name, body)
    try:
        return decode_body(body, content_encoding, budgets.FUZZ_BODY_BYTES), None
    except DecodedTooLargeError as error:
        return body, BodyFault(f"{error}, and is not judged", is_of_server=False, rule=RESPONSE_UNREAD)
    except CodingError as error:
        return body, BodyFault(str(error), is_of_server=True)


def _fault_of_unknown(name: str, body: bytes) -> BodyFault:
    if name not in _REGISTERED:
        return BodyFault(f"{name[:40]!r} is no content coding (RFC 9110, section 8.4.1)", is_of_server=True)
    if all(byte >= 32 or byte in _WHITESPACE for byte in body) and _is_utf_8(body):
        return BodyFault(f"the body is not {name}: it is plain text", is_of_server=True)
    return BodyFault(f"bodies coded as {name} cannot be read here, so they are not judged", is_of_server=False)


def _is_utf_8(body: bytes) -> bool:
    try:
        body.decode()
    except UnicodeDecodeError:
        return False
    return True
