"""A visit of the page, as the function of its path sees it, and what that can give back."""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from urllib.parse import quote, urlencode

from starlette.types import ASGIApp

from tallystick.mock.asgi import ReadHeaders
from tallystick.mock.memory import Memory
from tallystick.mock.problem import Problem
from tallystick.mock.roles import Reply
from tallystick.mock.routes import Routes
from tallystick.mock.sessions import MARK
from tallystick.nouns.exchange import Headers, Response

Fields = Mapping[str, list[str]]
"""The values of each name in a query or in a form."""


@dataclass(frozen=True, slots=True)
class Visit:
    """A request for a page, which the guard has let in."""

    memory: Memory
    app: ASGIApp
    """The mock, to be asked as by any client."""
    routes: Routes
    """Where the operations of the mock are."""
    method: str
    path: str
    """The path below that of the control API: `/page/journal`."""
    root: str
    """What stands before the path: `/_tallystick`, or `/~name/_tallystick` in a session that the path names."""
    mark: str
    """What names the session in the root: `/~name`, or "" where nothing there does."""
    session: str
    query: Fields
    form: Fields
    """The body; empty where it is no form."""
    headers: ReadHeaders
    scheme: str
    let_in: Callable[[str], Headers]
    """The header fields of a reply that lets the browser into the page below another root."""
    is_part: bool
    """Whether htmx asks for a part of the page, to put it into the one that is shown."""

    def asked(self, name: str) -> str:
        """The value of a name in the query; "" where there is none."""
        return self.query.get(name, [""])[-1]

    def sent(self, name: str) -> str:
        """The value of a name in the form; "" where there is none."""
        return self.form.get(name, [""])[-1]

    def url(self, path: str, **query: object) -> str:
        """The URL of a page or of a call of the control API in this session; what is "" or None is left out."""
        fields = {name: value for name, value in query.items() if value not in ("", None)}
        return f"{self.root}{path}" + (f"?{urlencode(fields)}" if fields else "")

    def in_session(self, name: str, path: str) -> str:
        """The URL of a page in another session, "" for the shared one."""
        bare = self.root.replace(self.mark, "", 1) if self.mark else self.root
        return f"{MARK}{quote(name)}{bare}{path}" if name else f"{bare}{path}"

    @property
    def outside(self) -> str:
        """What stands before the paths of the contracts for clients of this session: "" or `/~name`."""
        return f"{MARK}{quote(self.session)}" if self.session else ""

    @property
    def origin(self) -> str:
        """The origin by which the browser knows the mock."""
        return f"{self.scheme}://{self.headers.by_name.get('host', 'localhost')}"


@dataclass(frozen=True, slots=True)
class Html:
    """A page: a template with values for its names.

    `part` is the block of the template that htmx asks for in place of the whole page.
    """

    template: str
    values: Mapping[str, object] = field(default_factory=dict)
    part: str = "main"
    status: int = 200
    headers: Headers = ()


@dataclass(frozen=True, slots=True)
class Stream:
    """A response without end, until the browser closes it: server-sent events."""

    chunks: AsyncIterator[bytes]


Page = Callable[[Visit], Awaitable["Html | Stream | Reply"]]
"""Answers the visits of one path; it may raise `LostError`, and the errors of stores."""


class LostError(Exception):
    """A visit asks for what is not there, or for what cannot be done; the problem says why."""

    def __init__(self, problem: Problem) -> None:
        super().__init__(problem.detail)
        self.problem = problem


def lost(status: int, detail: str) -> LostError:
    """The error of a visit that cannot be answered."""
    return LostError(Problem(status, detail))


def see(url: str, headers: Headers = ()) -> Reply:
    """A reply that leads the browser to another page, after a form was sent."""
    return Reply(Response(303, (("location", url), *headers)), "page")


def unmarked(prefix: str) -> str:
    """What stood before the path of a request, without what named its session there."""
    return "".join(f"/{segment}" for segment in prefix.split("/")[1:] if not f"/{segment}".startswith(MARK))
