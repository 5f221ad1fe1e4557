"""An application that is fuzzed in place of a server: loaded by name, and called as a server would call it."""

from __future__ import annotations

import inspect
from collections.abc import Callable
from typing import cast

from tallystick.fuzz.asgi import AsgiApplication, Message, Receive, Send
from tallystick.fuzz.raised import note
from tallystick.fuzz.wsgi import WsgiApplication, wsgi_as_asgi
from tallystick.nouns.errors import UsageError
from tallystick.user_code import describe_error, import_user_module, unloadable

Application = AsgiApplication | WsgiApplication

_EXPECTED = "expected MODULE:ATTRIBUTE, as in shop.main:app (or shop.main:create_app() for a factory)"


def load_application(spec: str) -> Application:
    """The application that `module:attribute` names; modules are looked for in the working folder first.

    Raises `UsageError` if there is nothing of that name, `UnreachableError` if its module cannot be imported.
    """
    module_name, colon, path = spec.partition(":")
    if not colon or not module_name or not path:
        raise UsageError(f"--app {spec}: {_EXPECTED}")
    application = _attribute(spec, import_user_module(module_name, f"--app {spec}", _EXPECTED), path.removesuffix("()"))
    if path.endswith("()"):
        factory = cast(Callable[[], object], application)
        try:
            application = factory()
        except Exception as error:  # whatever the user's own factory raises
            raise unloadable(f"--app {spec}", error) from error
    if not callable(application):
        raise UsageError(f"--app {spec}: a {type(application).__name__} is neither an ASGI nor a WSGI application")
    return cast(Application, application)


def _attribute(spec: str, module: object, path: str) -> object:
    value = module
    for name in path.split("."):
        if not hasattr(value, name):
            raise UsageError(f"--app {spec}: {spec.partition(':')[0]} has no {path!r}; {_EXPECTED}")
        value = getattr(value, name)
    return value


def with_error_responses(application: Application) -> AsgiApplication:
    """The application as a server would run it, as ASGI: an error that it raises becomes a 500 that describes it."""
    inner = _as_asgi(application)

    async def answer(scope: Message, receive: Receive, send: Send) -> None:
        started = False

        async def send_and_note(message: Message) -> None:
            nonlocal started
            started = True
            await send(message)

        try:
            await inner(scope, receive, send_and_note)
        except (Exception, SystemExit) as error:  # no error of the application ends a server
            note(error)
            if scope["type"] != "http":
                raise
            if not started:  # else the framework has responded already, and raises only for the server's log
                headers = [(b"content-type", b"text/plain; charset=utf-8")]
                await send({"type": "http.response.start", "status": 500, "headers": headers})
                await send({"type": "http.response.body", "body": describe_error(error).encode("utf-8", "replace")})

    return answer


def _as_asgi(application: Application) -> AsgiApplication:
    call = getattr(application, "__call__", None)  # noqa: B004 - its kind is asked for, not whether there is one
    if inspect.iscoroutinefunction(application) or inspect.iscoroutinefunction(call):
        return cast(AsgiApplication, application)
    return wsgi_as_asgi(cast(WsgiApplication, application))
