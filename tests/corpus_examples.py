"""The step of `make corpus` that counts the success examples that their authors wrote and that the mock serves."""

from __future__ import annotations

from dataclasses import dataclass, field

from tallystick.examples.samples import Unsatisfiable
from tallystick.mock.responders.writing import write_reply
from tallystick.nouns.contract import BodyFormat, Contract, Operation, ResponseDefinition
from tallystick.wire.choosing import own_status

LEAST_SERVED = 0.995
"""How many of the documented success examples are served, as they are or mended, of all in the corpus."""


@dataclass
class ServedExamples:
    """How many success examples are documented, how many are served as they are, how many mended, and the others."""

    documented: int = 0
    as_they_are: int = 0
    mended: int = 0
    lost: list[str] = field(default_factory=list)

    def __str__(self) -> str:
        return f"{self.as_they_are}+{self.mended}/{self.documented}"


def served_examples(contract: Contract) -> ServedExamples:
    """What becomes of each success example of a contract that is asked for by its name."""
    served = ServedExamples()
    for operation in contract:
        for definition in operation.responses:
            if definition.status[0] not in "2d":
                continue
            for body_format in definition.content:
                for name in dict.fromkeys(example.name for example in body_format.examples):
                    _serve(served, operation, definition, body_format, name)
    return served


def _serve(
    served: ServedExamples, operation: Operation, definition: ResponseDefinition, body_format: BodyFormat, name: str
) -> None:
    served.documented += 1
    where = f"{operation.label} {definition.status} {body_format.media_type.text} {name}"
    try:
        reply = write_reply(operation, definition, own_status(operation, definition), body_format, name)
    except Unsatisfiable as error:
        served.lost.append(f"{where}: {error.reason}")
        return
    if reply.violations:
        served.lost.append(f"{where}: {reply.violations[0].where}: {reply.violations[0].message}")
    elif reply.mended:
        served.mended += 1
    else:
        served.as_they_are += 1
