"""The lenient server as a WSGI application: `flask --app tests.defects.lenient.app run`."""

from __future__ import annotations

import json

from flask import Flask, Response
from werkzeug.exceptions import HTTPException
from werkzeug.routing import BaseConverter, ValidationError

from tests.defects.altering import altered_wsgi
from tests.defects.lenient import books, others
from tests.defects.lenient.checks import Refusal
from tests.defects.lenient.keeping import Database
from tests.defects.switch import on


class NumberConverter(BaseConverter):
    """A number in a path; whatever else stands there, or is out of bounds, is a path to nothing (404)."""

    regex = "-?[0-9]+"

    def to_python(self, value: str) -> int:
        number = int(value[:12])
        if not 1 <= number <= 2147483647 or str(number) != value:
            raise ValidationError
        return number


def problem(status: int, title: str, headers: dict[str, str]) -> Response:
    """A refusal as the contract has it."""
    text = json.dumps({"title": title, "status": status, "detail": "See the contract."})
    return Response(text, status, headers, content_type="application/problem+json")


def create_app() -> Flask:
    """A server with a database of its own, and the defect that is on."""
    app = Flask(__name__)
    app.url_map.converters["number"] = NumberConverter
    app.logger.disabled = True
    database = Database()

    @app.errorhandler(Refusal)
    def refused(refusal: Refusal) -> Response:
        return problem(refusal.status, refusal.title, refusal.headers)

    @app.errorhandler(HTTPException)
    def of_the_framework(error: HTTPException) -> Response:
        response = error.get_response()
        if response.status_code < 400:
            return Response(status=response.status_code, headers=dict(response.headers))
        headers = {name: value for name, value in response.headers.items() if name in ("Allow", "Location")}
        if on("405 has no Allow"):
            headers.pop("Allow", None)
        return problem(error.code or 500, error.name, headers)

    books.routes(app, database)
    others.routes(app, database)
    app.wsgi_app = altered_wsgi(app.wsgi_app)  # type: ignore[method-assign]
    return app


app = create_app()
