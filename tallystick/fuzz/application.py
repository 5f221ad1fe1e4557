"""An application in this process in the place of a server: found by name, and answering 500 where it raises."""

from __future__ import annotations

import importlib
import inspect
import io
import os
import sys
import traceback
from collections.abc import Awaitable, Callable, MutableMapping
from typing import Any

from anyio import to_thread

from tallystick.nouns.errors import UnreachableError, UsageError

Message = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[Message]]
Send = Callable[[Message], Awaitable[None]]

_EXPECTED = "expected MODULE:ATTRIBUTE, as in shop.main:app (or shop.main:create_app() for a factory)"


def load_application(spec: str) -> Any:
    """The application that `module:attribute` names; modules are found from the working folder first.

    Raises `UsageError` where there is none of that name, `UnreachableError` where its module cannot be imported.
    """
    module_name, colon, path = spec.partition(":")
    if not colon or not module_name or not path:
        raise UsageError(f"--app {spec}: {_EXPECTED}")
    if os.getcwd() not in sys.path:
        sys.path.insert(0, os.getcwd())
    try:
        found: Any = importlib.import_module(module_name)
    except ModuleNotFoundError as error:
        if error.name is not None and (module_name == error.name or module_name.startswith(error.name + ".")):
            raise UsageError(f"--app {spec}: there is no module {error.name!r} here; {_EXPECTED}") from None
        raise _unloadable(spec, error) from None
    except Exception as error:  # whatever the user's own module raises
        raise _unloadable(spec, error) from error
    for name in path.removesuffix("()").split("."):
        if not hasattr(found, name):
            raise UsageError(f"--app {spec}: {module_name} has no {path.removesuffix('()')!r}; {_EXPECTED}")
        found = getattr(found, name)
    if path.endswith("()"):
        try:
            found = found()
        except Exception as error:  # whatever the user's own factory raises
            raise _unloadable(spec, error) from error
    if not callable(found):
        raise UsageError(f"--app {spec}: a {type(found).__name__} is neither an ASGI nor a WSGI application")
    return found


def _unloadable(spec: str, error: Exception) -> UnreachableError:
    return UnreachableError(f"--app {spec}: cannot be loaded: {raised(error)}")


def raised(error: BaseException) -> str:
    """What was raised, and where in the last file that it went through: `KeyError: 'id' (shop/main.py:12)`."""
    text = " ".join(str(error).split())
    frames = traceback.extract_tb(error.__traceback__)
    if not frames:
        return f"{type(error).__name__}: {text}"
    return f"{type(error).__name__}: {text} ({os.path.relpath(frames[-1].filename)}:{frames[-1].lineno})"


def guarded(application: Any) -> Any:
    """The application as a server would run it, as ASGI: what it raises becomes a 500 that says what was raised."""
    called = getattr(application, "__call__", None)  # noqa: B004 - its kind is asked for, not whether there is one
    asgi = inspect.iscoroutinefunction(application) or inspect.iscoroutinefunction(called)
    inner = application if asgi else _from_wsgi(application)

    async def served(scope: Message, receive: Receive, send: Send) -> None:
        started = False

        async def sending(message: Message) -> None:
            nonlocal started
            started = True
            await send(message)

        try:
            await inner(scope, receive, sending)
        except (Exception, SystemExit) as error:  # as a server does, whatever it is
            if scope["type"] != "http":
                raise
            if not started:  # else the framework has answered for itself, and raises for the server's log
                headers = [(b"content-type", b"text/plain; charset=utf-8")]
                await send({"type": "http.response.start", "status": 500, "headers": headers})
                await send({"type": "http.response.body", "body": raised(error).encode("utf-8", "replace")})

    return served


def _from_wsgi(application: Any) -> Any:
    """A WSGI application (PEP 3333) as an ASGI one: a request is read whole, and answered in a thread."""

    async def called(scope: Message, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            raise RuntimeError("WSGI knows only HTTP")
        body, more = b"", True
        while more:
            message = await receive()
            body += message.get("body", b"")
            more = message.get("more_body", False)
        started: list[tuple[str, list[tuple[str, str]]]] = []

        def start_response(status: str, headers: list[tuple[str, str]], _: Any = None) -> Callable[[bytes], None]:
            started[:] = [(status, headers)]
            return chunks.append

        def answer() -> None:
            result = application(_environ(scope, body), start_response)
            try:
                chunks.extend(result)
            finally:
                if hasattr(result, "close"):
                    result.close()

        chunks: list[bytes] = []
        await to_thread.run_sync(answer)
        ((status, headers),) = started
        fields = [(name.lower().encode("latin-1"), value.encode("latin-1")) for name, value in headers]
        await send({"type": "http.response.start", "status": int(status.split()[0]), "headers": fields})
        content = b"" if scope["method"] == "HEAD" else b"".join(chunks)
        await send({"type": "http.response.body", "body": content})

    return called


def _environ(scope: Message, body: bytes) -> dict[str, Any]:
    host, port = scope["server"]
    environ: dict[str, Any] = {
        "REQUEST_METHOD": scope["method"],
        "SCRIPT_NAME": "",
        "PATH_INFO": scope["path"].encode("utf-8", "surrogateescape").decode("latin-1"),
        "QUERY_STRING": scope["query_string"].decode("latin-1"),
        "SERVER_NAME": host,
        "SERVER_PORT": str(port),
        "SERVER_PROTOCOL": "HTTP/1.1",
        "REMOTE_ADDR": "127.0.0.1",
        "CONTENT_LENGTH": str(len(body)) if body else "",
        "wsgi.version": (1, 0),
        "wsgi.url_scheme": scope["scheme"],
        "wsgi.input": io.BytesIO(body),
        "wsgi.errors": sys.stderr,
        "wsgi.multithread": True,
        "wsgi.multiprocess": False,
        "wsgi.run_once": False,
    }
    for raw_name, value in scope["headers"]:
        name = raw_name.decode("latin-1").upper().replace("-", "_")
        if name == "CONTENT_LENGTH":
            continue
        key = name if name == "CONTENT_TYPE" else f"HTTP_{name}"
        text = value.decode("latin-1")
        environ[key] = f"{environ[key]},{text}" if key in environ else text
    return environ
