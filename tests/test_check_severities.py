"""What an author must mend is an error; what does no harm here is a warning of the same rule."""

from __future__ import annotations

from pathlib import Path

import pytest
from support.checking import changed, checked

from tallystick.nouns.violation import Severity

SECOND = (
    "  /days/{b}:\n    METHOD:\n      operationId: b\n"
    "      parameters: [{name: b, in: path, required: true, schema: {}}]\n"
)
TWINS = f"paths:\n{SECOND.replace('{b}', '{a}').replace(': b', ': a').replace('METHOD', 'get')}"
RESPONSES = "      responses: {'200': {description: A day}}\n"


def severities(tmp_path: Path, document: str, rule: str) -> list[Severity]:
    """The severities of the violations of one rule in a document."""
    file = tmp_path / "days.yaml"
    file.write_text(document)
    return [violation.severity for violation in checked(file).violations if violation.rule == rule]


@pytest.mark.parametrize(("method", "severity"), [("get", Severity.ERROR), ("post", Severity.WARNING)])
def test_identical_templates_harm_where_they_share_a_method(method: str, severity: Severity, tmp_path: Path) -> None:
    """Two templates that match the same paths are an error if they have a method in common, else a warning."""
    document = changed(("paths:\n", TWINS + RESPONSES + SECOND.replace("METHOD", method) + RESPONSES))
    assert severities(tmp_path, document, "path-templates-identical") == [severity]


@pytest.mark.parametrize(
    ("part", "severity"),
    [
        ("operation", Severity.WARNING),
        ("responses", Severity.WARNING),
        ("content", Severity.WARNING),
        ("body", Severity.WARNING),
        ("nothing", Severity.ERROR),
        ("schema", Severity.ERROR),
    ],
)
def test_a_misplaced_reference_harms_where_it_is_not_followed(part: str, severity: Severity, tmp_path: Path) -> None:
    """A `$ref` that the specification does not allow is a warning if the contract is read through it."""
    (tmp_path / "parts.yaml").write_text(
        "operation: {operationId: a, responses: {'200': {description: A day}}}\n"
        "responses: {'200': {description: A day}}\n"
        "content: {text/plain: {}}\nbody: {schema: {}}\n"
    )
    texts = {
        "operation": "{$ref: 'parts.yaml#/operation'}",
        "responses": "{responses: {$ref: 'parts.yaml#/responses'}}",
        "content": "{responses: {'200': {description: A day, content: {$ref: 'parts.yaml#/content'}}}}",
        "body": "{responses: {'200': {description: A day, content: {text/plain: {$ref: 'parts.yaml#/body'}}}}}",
        "nothing": "{responses: {'200': {description: A day, content: {$ref: 'parts.yaml#/nothing'}}}}",
        "schema": "{responses: {'200': {description: A day, content: {text/plain: {$ref: '#/components/schemas/A'}}}}}",
    }
    document = changed(("paths:\n", f"paths:\n  /part:\n    get: {texts[part]}\n"))
    document += "components: {schemas: {A: {type: string}}}\n"
    assert severities(tmp_path, document, "reference-not-allowed") == [severity]
