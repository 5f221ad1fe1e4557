"""What `tallystick fuzz` tries: which operations, how much of it, and what it takes for right."""

from __future__ import annotations

import os
import random
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple, TypedDict

import click

from tallystick.cli.option_groups import OptionGroup
from tallystick.config import shown_path
from tallystick.nouns.errors import UsageError

if TYPE_CHECKING:
    from tallystick.config import Configuration
    from tallystick.nouns.contract import Contract


_ST_FILE = "schemathesis.toml"


class CaseOptions(TypedDict):
    """The options of this module, by click's names."""

    tier: str | None
    changed_since: str | None
    include: tuple[str, ...]
    exclude: tuple[str, ...]
    expect: tuple[str, ...]
    rules: tuple[str, ...]
    given: tuple[str, ...]
    recordings: tuple[str, ...]
    seed: int | None
    max_examples: int | None
    max_time: int | None
    allow_partial: bool
    settle: float
    max_response_time: float
    closed_world: bool
    workers: int | None
    shard: str | None
    st_args: tuple[str, ...]
    st_config: str | None


case_options = OptionGroup(
    "What is tried",
    click.option(
        "--tier",
        type=click.Choice(["pr", "nightly"]),
        help="How much: pr has the edges of each schema, and what is kept of what is written, in about a minute and "
        "with seed 1; nightly has everything, and three times the cases.",
    ),
    click.option(
        "--changed-since", metavar="REVISION", help="Only operations that a change since a git revision touches."
    ),
    click.option(
        "--include", metavar="PATTERN", multiple=True, help="Only operations whose id, path or label matches."
    ),
    click.option("--exclude", metavar="PATTERN", multiple=True, help="No operation whose id, path or label matches."),
    click.option(
        "--expect",
        metavar="[OPERATION:]STATUS",
        multiple=True,
        help="A refusal or server error that is no finding: 4xx, 503, 'createPet:409' or 'POST /pets:409,423'.",
    ),
    click.option(
        "--rule",
        "rules",
        metavar="[OPERATION:]RULE=off|warning|error",
        multiple=True,
        help="The grade of a rule: use-after-free=off, or 'GET /pets/*:response-body-schema=warning'.",
    ),
    click.option(
        "--set",
        "given",
        metavar="[OPERATION:]NAME=VALUE",
        multiple=True,
        help="The value of what nobody can guess: X-Tenant=acme, path.id=7 or 'createOrder:body.customer.id=7'.",
    ),
    click.option(
        "--recording",
        "recordings",
        metavar="TRAFFIC",
        multiple=True,
        help="Recorded traffic: the values of parameters that were accepted are tried, too.",
    ),
    click.option("--seed", type=click.IntRange(0), help="Repeats a run: the same cases in the same order."),
    click.option("--max-examples", type=click.IntRange(1), metavar="N", help="Cases made up per operation (100)."),
    click.option("--max-time", type=click.IntRange(1), metavar="SECONDS", help="Stop after that long."),
    click.option(
        "--allow-partial", is_flag=True, help="End with 0, not 4, where the time was up before all was tried."
    ),
    click.option(
        "--settle",
        type=click.FloatRange(0),
        metavar="SECONDS",
        default=0.0,
        help="How long what was written may take until it is read; a server whose reads lag behind needs some (0).",
    ),
    click.option(
        "--max-response-time",
        type=click.FloatRange(0),
        metavar="SECONDS",
        default=0.0,
        help="How long a response may take before that is a finding (as long as it takes).",
    ),
    click.option(
        "--closed-world",
        is_flag=True,
        help="A response has no members but those that its schema declares, also where the schema is open.",
    ),
    click.option(
        "--workers",
        type=click.IntRange(1, 64),
        metavar="N",
        help="Test in so many processes at a time; what is found does not depend on their number.",
    ),
    click.option(
        "--shard", metavar="K/N", help="Test one of N parts only; `tallystick report merge` joins the reports."
    ),
    click.option(
        "--st-arg",
        "st_args",
        metavar="FLAG",
        multiple=True,
        help="A flag of Schemathesis's own, as in --st-arg=--rate-limit=100/s; after its file schemathesis.toml.",
    ),
    click.option(
        "--st-config",
        metavar="FILE",
        help="Schemathesis's configuration; else schemathesis.toml here or above, up to the folder with .git.",
    ),
)


def schemathesis_file(options: CaseOptions) -> str:
    """Schemathesis's own configuration file: the one that is named, else the nearest one; "" for none."""
    named = options["st_config"]
    if named is not None:
        if not os.path.isfile(named):
            raise UsageError(f"--st-config {named}: there is no such file")
        return named
    here = Path.cwd()
    for folder in (here, *here.parents):
        if (folder / _ST_FILE).is_file():
            return str(shown_path(folder / _ST_FILE))
        if (folder / ".git").exists():
            break
    return ""


class Tier(NamedTuple):
    """How much is tried where no flag says more exactly."""

    seed: int | None = None
    """None for one of chance."""
    max_examples: int | None = None
    max_seconds: int | None = None
    phases: tuple[str, ...] = ("examples", "coverage", "fuzzing", "stateful")
    """The phases of Schemathesis."""


_TIERS = {
    "": Tier(),
    "pr": Tier(seed=1, max_seconds=80, phases=("examples", "coverage")),
    "nightly": Tier(max_examples=300),
}


def tier_of(options: CaseOptions) -> Tier:
    """How much is tried: what the tier says, and before it the flags."""
    tier = _TIERS[options["tier"] or ""]
    seed = options["seed"] if options["seed"] is not None else tier.seed
    return Tier(
        seed if seed is not None else random.SystemRandom().randrange(2**32),
        options["max_examples"] or tier.max_examples,
        options["max_time"] or tier.max_seconds,
        tier.phases,
    )


def touched_since(contract: Contract, revision: str, configuration: Configuration) -> frozenset[str]:
    """The labels of the operations that a change of the contract since a git revision touches.

    Those are all where the contract is new, or what changed is of no operation. Raises `UsageError` for a revision that
    git does not know.
    """
    from datetime import UTC, datetime

    from tallystick.diff.pairs import compared_since
    from tallystick.documents.revision import is_revision

    if not is_revision(revision):
        raise UsageError(f"--changed-since {revision}: git knows no such revision here")
    labels: set[str] = set()
    for compared in compared_since(revision, [contract.file], configuration, datetime.now(UTC).date()):
        for change in compared.changes:
            if not change.operation:
                return frozenset(operation.label for operation in contract)
            labels.update((change.operation, *change.others))
    return frozenset(operation.label for operation in contract if operation.label in labels)
