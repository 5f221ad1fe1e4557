"""What `tallystick fuzz` tries: which operations, how much of it, and what it takes for right."""

from __future__ import annotations

import random
from typing import TypedDict

import click

from tallystick.cli.option_groups import OptionGroup


class CaseOptions(TypedDict):
    """The options of this module, by click's names."""

    include: tuple[str, ...]
    exclude: tuple[str, ...]
    expect: tuple[str, ...]
    rules: tuple[str, ...]
    given: tuple[str, ...]
    seed: int | None
    max_examples: int | None
    max_time: int | None
    allow_partial: bool
    workers: int


case_options = OptionGroup(
    "What is tried",
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
    click.option("--seed", type=click.IntRange(0), help="Repeats a run: the same cases in the same order."),
    click.option("--max-examples", type=click.IntRange(1), metavar="N", help="Cases made up per operation (100)."),
    click.option("--max-time", type=click.IntRange(1), metavar="SECONDS", help="Stop after that long."),
    click.option(
        "--allow-partial", is_flag=True, help="End with 0, not 4, where the time was up before all was tried."
    ),
    click.option("--workers", type=click.IntRange(1, 64), default=1, help="Operations tested at the same time."),
)


def seed_of(options: CaseOptions) -> int:
    """The seed that was given, else one of chance."""
    return options["seed"] if options["seed"] is not None else random.SystemRandom().randrange(2**32)
