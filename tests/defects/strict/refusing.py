"""How the strict server refuses: problems, the methods of a path, and who may do what."""

import json
from collections.abc import Awaitable, Callable
from typing import Annotated, Any

from fastapi import FastAPI, Header, HTTPException, Request, Response
from fastapi.exceptions import RequestValidationError
from fastapi.routing import APIRoute
from starlette.exceptions import HTTPException as AnyHTTPException
from starlette.routing import Match

from tests.defects import stock
from tests.defects.switch import on

PROBLEM = "application/problem+json"


class StrictRequest(Request):
    """A request whose body is JSON as RFC 8259 has it, without NaN and Infinity."""

    async def json(self) -> Any:
        def refuse(name: str) -> None:
            raise json.JSONDecodeError(f"{name} is no JSON", name, 0)

        try:
            return json.loads(await self.body(), parse_constant=refuse)
        except (UnicodeDecodeError, RecursionError) as error:
            if on("deeply nested JSON is a server error") and isinstance(error, RecursionError):
                raise HTTPException(500, "Internal Server Error") from error
            raise json.JSONDecodeError(str(error), "", 0) from error


class StrictRoute(APIRoute):
    """A route whose requests are strict ones."""

    def get_route_handler(self) -> Callable[[Request], Awaitable[Response]]:
        handle = super().get_route_handler()

        async def handle_strictly(request: Request) -> Response:
            scope = request.scope
            if on("any media type is taken") and scope["method"] in ("POST", "PUT"):
                headers = [field for field in scope["headers"] if field[0] != b"content-type"]
                is_form = b"form" in dict(scope["headers"]).get(b"content-type", b"")
                scope = scope if is_form else {**scope, "headers": [*headers, (b"content-type", b"application/json")]}
            return await handle(StrictRequest(scope, request.receive))

        return handle_strictly


def json_response(value: object, status: int = 200, headers: dict[str, str] | None = None) -> Response:
    """A response in JSON of ASCII alone, so that half of a surrogate pair is no fault in it."""
    return Response(json.dumps(value), status, headers, "application/json")


def problem(status: int, title: str, headers: dict[str, str] | None = None) -> Response:
    """A refusal as the contract has it."""
    return Response(json.dumps({"title": title, "status": status}), status, headers, PROBLEM)


def refuse_by_the_contract(app: FastAPI) -> None:
    """Has the application's refusals be problems, and 405 name all methods of its path."""

    @app.exception_handler(AnyHTTPException)
    async def refused(_: Request, error: AnyHTTPException) -> Response:
        return problem(error.status_code, str(error.detail), dict(error.headers or {}))

    @app.exception_handler(405)
    async def not_allowed(request: Request, _: Exception) -> Response:
        scope = request.scope
        methods: set[str] = set()
        for route in app.routes:
            if isinstance(route, APIRoute) and route.matches(scope)[0] is not Match.NONE:
                methods |= route.methods or set()
        headers = {} if on("405 has no Allow") else {"Allow": ", ".join(sorted(methods))}
        return problem(405, "Method Not Allowed", headers)

    @app.exception_handler(RequestValidationError)
    async def invalid(_: Request, error: RequestValidationError) -> Response:
        errors = [{name: each[name] for name in ("type", "loc", "msg")} for each in error.errors()]
        if on("a body that is not JSON is a server error") and any(each["type"] == "json_invalid" for each in errors):
            return problem(500, "Internal Server Error")
        return json_response({"detail": errors}, 422)


def takes(media_type: str) -> Callable[..., None]:
    """A dependency that refuses bodies of any other media type."""

    def require(content_type: Annotated[str, Header()] = "") -> None:
        if on("any media type is taken") and media_type == "application/json":
            return
        if content_type.partition(";")[0].strip().lower() != media_type:
            raise HTTPException(415, f"Expected {media_type}")

    return require


def _challenge(status: int, scheme: str) -> HTTPException:
    return HTTPException(status, "Unknown credentials", {"WWW-Authenticate": scheme})


def librarian(request: Request) -> None:
    """A dependency that wants a librarian's token."""
    if on("a book is added without a token") and request.method == "POST" and request.url.path == "/books":
        return
    scheme, _, token = request.headers.get("authorization", "").partition(" ")
    if scheme.lower() != "bearer" or not token.strip():
        raise _challenge(403 if on("403 for a missing token") else 401, "Bearer")
    if on("any token is good") or token.strip() == stock.TOKEN:
        return
    raise _challenge(403 if on("403 for an unknown token") else 401, "Bearer")


def desk(request: Request) -> None:
    """A dependency that wants a key of the desk."""
    if on("a member is removed without a key") and request.method == "DELETE":
        return
    key = request.headers.get("x-api-key", "")
    if key == stock.GUEST_KEY:
        raise HTTPException(403, "This key may not do that")
    if key != stock.DESK_KEY and not (key and on("any key is good")):
        raise _challenge(401, "Key")
