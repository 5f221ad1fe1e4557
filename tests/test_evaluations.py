"""How often schemas are applied to a value is counted in a time that does not grow with the square of a chain."""

from __future__ import annotations

from collections.abc import Mapping

from tallystick.nouns.json_value import JSON
from tallystick.schemas.evaluations import Evaluations

LONG = 2_000


def counted(schemas: Mapping[str, JSON]) -> tuple[Evaluations, int]:
    """The evaluations of some schemas that refer to one another by name, and how many references were followed."""
    followed = 0

    def target_of(schema: Mapping[str, JSON]) -> JSON:
        nonlocal followed
        followed += 1
        return schemas[str(schema["$ref"])]

    return Evaluations(schemas.values(), target_of), followed


def test_a_circle_of_references_is_followed_once() -> None:
    """However many schemas there are in it, each leads to the same one, and the circle is known as one."""
    circle = {str(number): {"$ref": str((number + 1) % LONG)} for number in range(LONG)}
    evaluations, followed = counted(circle)
    assert evaluations.is_circular
    assert followed <= 2 * LONG


def test_a_chain_of_references_is_followed_once() -> None:
    """Each schema in it is applied as often as the one at its end."""
    chain: dict[str, JSON] = {str(number): {"$ref": str(number + 1)} for number in range(LONG)}
    evaluations, followed = counted({**chain, str(LONG): {"allOf": [{"type": "string"}, {"maxLength": 3}]}})
    assert (evaluations.is_circular, evaluations.most) == (False, 3)
    assert followed <= 2 * LONG
