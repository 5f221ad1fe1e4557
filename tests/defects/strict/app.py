"""The strict server as an ASGI application: `uvicorn tests.defects.strict.app:app`."""

from __future__ import annotations

from fastapi import FastAPI

from tests.defects.altering import Asgi, altered_asgi
from tests.defects.strict import books, others
from tests.defects.strict.keeping import Library
from tests.defects.strict.refusing import refuse_by_the_contract


def create_app() -> Asgi:
    """A server with a library of its own, and the defect that is on."""
    library = Library()
    app = FastAPI(openapi_url=None, docs_url=None, redoc_url=None)
    app.include_router(books.routes(library))
    app.include_router(others.routes(library))
    refuse_by_the_contract(app)
    return altered_asgi(app)


app = create_app()
