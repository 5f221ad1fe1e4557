"""Requests and responses without the secrets of the user's, as reports keep them."""

from __future__ import annotations

import base64
import binascii
from collections.abc import Mapping

from tallystick.nouns.exchange import Exchange, Headers, Request
from tallystick.reports.curl import long_secrets

_AUTHORIZATION = ("authorization", "cookie", "proxy-authorization")


def without_secrets(request: Request, secrets: Mapping[str, str]) -> tuple[Request, bool]:
    """A request without the fields that have a secret, and whether there was one.

    Who sends it again adds its own. In a path or a body the name of the variable stands for a secret.
    """
    headers = tuple(field for field in request.headers if not _has_secret(*field, secrets))
    fields = request.query.split("&") if request.query else []
    kept = [field for field in fields if hidden_text(field, secrets) == field]
    is_authorized = len(headers) < len(request.headers) or len(kept) < len(fields)
    path, body = hidden_text(request.path, secrets), hidden_bytes(request.body, secrets)
    return Request(request.method, path, "&".join(kept), headers, body), is_authorized


def hidden_exchange(exchange: Exchange, secrets: Mapping[str, str]) -> Exchange:
    """An exchange in which the name of a variable stands for each secret."""
    request, response = exchange
    shown = Request(
        request.method,
        hidden_text(request.path, secrets),
        hidden_text(request.query, secrets),
        _hidden_fields(request.headers, secrets),
        hidden_bytes(request.body, secrets),
    )
    if response is None:
        return Exchange(shown)
    body = hidden_bytes(response.body, secrets)
    return Exchange(shown, response._replace(headers=_hidden_fields(response.headers, secrets), body=body))


def _hidden_fields(headers: Headers, secrets: Mapping[str, str]) -> Headers:
    return tuple(
        (name, f"${secrets_variable(name, value, secrets)}" if _has_secret(name, value, secrets) else value)
        for name, value in headers
    )


def secrets_variable(name: str, value: str, secrets: Mapping[str, str]) -> str:
    """The name of the variable that holds the secret in a header field."""
    for secret, variable in secrets.items():
        if secret in value or secret == _basic(name, value):
            return variable
    return ""


def _has_secret(name: str, value: str, secrets: Mapping[str, str]) -> bool:
    """Whether a header field has a secret: a short one counts only where credentials stand, or as the whole value."""
    known = secrets if name in _AUTHORIZATION else {**long_secrets(secrets), **{s: s for s in secrets if s == value}}
    return any(secret in value for secret in known) or _basic(name, value) in secrets


def _basic(name: str, value: str) -> str:
    """The user and the password of basic credentials, "" for anything else."""
    scheme, _, token = value.partition(" ")
    if name not in _AUTHORIZATION or scheme.lower() != "basic":
        return ""
    try:
        return base64.b64decode(token, validate=True).decode()
    except (binascii.Error, ValueError):
        return ""


def hidden_text(text: str, secrets: Mapping[str, str]) -> str:
    """A text in which a variable stands for each secret; a short one stays, since other words may contain it."""
    for value, name in long_secrets(secrets).items():
        text = text.replace(value, f"${name}")
    return text


def hidden_bytes(raw: bytes, secrets: Mapping[str, str]) -> bytes:
    """The same for bytes."""
    for value, name in long_secrets(secrets).items():
        raw = raw.replace(value.encode(), f"${name}".encode())
    return raw
