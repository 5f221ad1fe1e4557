"""The parts of a contract that exchanges touch: operations, statuses, media types, parameters, members, and so on."""

from __future__ import annotations

from enum import StrEnum
from typing import NamedTuple


class Kind(StrEnum):
    """The kinds of parts, in the order in which they are told; each is the plural that a table has."""

    OPERATION = "operations"
    STATUS = "statuses"
    REQUEST_TYPE = "request media types"
    RESPONSE_TYPE = "response media types"
    PARAMETER = "parameters"
    HEADER = "response headers"
    REQUEST_MEMBER = "request members"
    RESPONSE_MEMBER = "response members"
    EXAMPLE = "request examples"
    LINK = "links"


class Part(NamedTuple):
    """One part of a contract.

    `subject` is the label of its operation, of a member the schema that declares it (`Pet`, `POST /pets body`). `name`
    is what the subject calls it: `404`, `query.limit`, `tag`; "" for an operation itself.
    """

    kind: Kind
    subject: str
    name: str = ""

    def __str__(self) -> str:
        if self.kind in (Kind.REQUEST_MEMBER, Kind.RESPONSE_MEMBER):
            return f"{self.subject}.{self.name}"
        return f"{self.subject} {self.name}".rstrip()
