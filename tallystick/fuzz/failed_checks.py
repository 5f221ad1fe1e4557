"""Failures of Schemathesis's checks, in nouns of ours: the facts, without Schemathesis's wording."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class ServerFailed:
    """A request was answered with a server error."""

    status: int


@dataclass(frozen=True, slots=True)
class InvalidAccepted:
    """A request that breaks the contract was accepted."""


@dataclass(frozen=True, slots=True)
class CredentialsIgnored:
    """A request without credentials (`is_bare`), or with made-up ones, was not refused.

    Drawn ones (`is_drawn`) show nothing: values are drawn from the literals in the code of an application, too, and so
    may be credentials that it knows.
    """

    status: int
    is_bare: bool
    is_drawn: bool = False


@dataclass(frozen=True, slots=True)
class ValidRefused:
    """A request that keeps the contract was refused."""


@dataclass(frozen=True, slots=True)
class MethodUnsupported:
    """A method that the contract does not document was not refused with 405 and an `Allow` header."""

    method: str
    reason: str
    """`wrong_status`, or `missing_allow_header` where the status is right."""


@dataclass(frozen=True, slots=True)
class AllowDiffers:
    """An `Allow` header does not list the documented methods."""

    value: str
    missing: tuple[str, ...]
    undocumented: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class CreatedLost:
    """What one operation created, another does not find."""

    created_by: str
    missed_by: str


@dataclass(frozen=True, slots=True)
class DeletedFound:
    """What one operation deleted, another still finds."""

    deleted_by: str
    found_by: str


@dataclass(frozen=True, slots=True)
class LeftToJudge:
    """A fact about the status, the headers, the media type or the body of a response: the judge alone decides on it.

    It stands where it is about a body that the judge does not read.
    """

    is_of_value: bool = False
    """Whether it says that the value of a body or of a header is wrong."""


Cause = (
    ServerFailed
    | InvalidAccepted
    | CredentialsIgnored
    | ValidRefused
    | MethodUnsupported
    | AllowDiffers
    | CreatedLost
    | DeletedFound
    | LeftToJudge
    | None
)
"""The fact; None if only Schemathesis's message is known."""


@dataclass(frozen=True, slots=True)
class FailedCheck:
    """A check of Schemathesis that failed; `rule` is its name with hyphens."""

    rule: str
    title: str
    message: str
    operation: str
    """The label of the operation that Schemathesis blames; "" for the one that its case was made for."""
    cause: Cause = None
