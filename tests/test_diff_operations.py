"""What a diff says of operations, parameters, media types, statuses, headers and credentials."""

from __future__ import annotations

from datetime import date
from textwrap import dedent, indent

import pytest
from support.asking import contract

from tallystick.diff.run import compare
from tallystick.diff.table import TABLE
from tallystick.nouns.change import Change, Grade, Way

TODAY = date(2026, 1, 1)
NOT_MIRRORED = frozenset(
    "operation-removed-after-sunset operation-deprecated-without-sunset request-default-added "
    "request-encoding-replaced".split()
)
"""Rules that are told of a change whichever way it goes, or of one half of a pair that another rule has."""


def changes(old: str, new: str) -> list[Change]:
    """The changes between two versions of `GET /pets`."""
    return compare(contract(whole(old), "old"), contract(whole(new), "new"), TODAY)


def whole(text: str) -> str:
    head = "paths:\n  /pets:\n    get:\n"
    parts = dedent(text).strip().split("\n---\n")
    return head + indent(parts[0], " " * 6) + "\n" + "\n".join(parts[1:])


OK = "responses: {'200': {description: Pets}}"
SCHEMES = "---\ncomponents: {securitySchemes: {key: {type: apiKey, in: header, name: X-Key}}}"
JSON_PETS = "responses: {'200': {description: Pets, content: {application/json: {schema: {type: string}}}}}"
CASES = {
    "request-required-parameter-added": (
        OK,
        f"parameters: [{{name: q, in: query, required: true, schema: {{type: string}}}}]\n{OK}",
    ),
    "request-optional-parameter-added": (OK, f"parameters: [{{name: q, in: query, schema: {{type: string}}}}]\n{OK}"),
    "request-parameter-became-required": (
        f"parameters: [{{name: q, in: query, schema: {{type: string}}}}]\n{OK}",
        f"parameters: [{{name: q, in: query, required: true, schema: {{type: string}}}}]\n{OK}",
    ),
    "request-parameter-style-changed": (
        f"parameters: [{{name: q, in: query, schema: {{type: array, items: {{type: string}}}}}}]\n{OK}",
        f"parameters: [{{name: q, in: query, explode: false, schema: {{type: array, items: {{type: string}}}}}}]\n{OK}",
    ),
    "request-default-changed": (
        f"parameters: [{{name: q, in: query, schema: {{type: string, default: a}}}}]\n{OK}",
        f"parameters: [{{name: q, in: query, schema: {{type: string, default: b}}}}]\n{OK}",
    ),
    "request-security-narrowed": (f"{OK}\n{SCHEMES}", f"security: [{{key: []}}]\n{OK}\n{SCHEMES}"),
    "response-error-status-added": (OK, "responses: {'200': {description: Pets}, '404': {description: None}}"),
    "response-success-status-removed": (
        "responses: {'200': {description: Pets}, '202': {description: Later}}",
        OK,
    ),
    "response-body-removed": (JSON_PETS, OK),
    "response-success-status-added": (OK, "responses: {'2XX': {description: Pets}}"),
    "request-parameter-empty-value-changed": (
        f"parameters: [{{name: q, in: query, allowEmptyValue: true, schema: {{type: integer}}}}]\n{OK}",
        f"parameters: [{{name: q, in: query, schema: {{type: integer}}}}]\n{OK}",
    ),
    "response-media-type-removed": (JSON_PETS, JSON_PETS.replace("application/json", "application/xml")),
    "response-required-header-removed": (
        "responses: {'200': {description: Pets, headers: {X-Total: {required: true, schema: {type: integer}}}}}",
        "responses: {'200': {description: Pets, headers: {X-Total: {schema: {type: integer}}}}}",
    ),
    "operation-id-changed": (f"operationId: a\n{OK}", f"operationId: b\n{OK}"),
    "operation-id-removed": (f"operationId: a\n{OK}", OK),
    "operation-sunset-earlier": (
        f"deprecated: true\nx-sunset: '2030-01-01'\n{OK}",
        f"deprecated: true\nx-sunset: '2029-01-01'\n{OK}",
    ),
    "operation-stability-decreased": (f"x-stability-level: stable\n{OK}", f"x-stability-level: beta\n{OK}"),
    "request-parameter-deprecated-changed": (
        f"parameters: [{{name: q, in: query, schema: {{type: string}}}}]\n{OK}",
        f"parameters: [{{name: q, in: query, deprecated: true, schema: {{type: string}}}}]\n{OK}",
    ),
    "response-link-changed": (
        "responses: {'200': {description: Pets, links: {one: {operationId: a}}}}",
        "responses: {'200': {description: Pets, links: {one: {operationId: b}}}}",
    ),
    "response-media-type-widened": (JSON_PETS, JSON_PETS.replace("application/json", "application/*")),
    "server-variable-changed": (
        f"servers: [{{url: 'https://{{r}}.test', variables: {{r: {{default: eu, enum: [eu, us]}}}}}}]\n{OK}",
        f"servers: [{{url: 'https://{{r}}.test', variables: {{r: {{default: eu, enum: [eu]}}}}}}]\n{OK}",
    ),
    "server-scheme-removed": (
        f"servers: [{{url: 'https://a.test'}}]\n{OK}",
        f"servers: [{{url: 'http://a.test'}}]\n{OK}",
    ),
    "callback-removed": (f"callbacks: {{done: {{'{{$request.body#/url}}': {{post: {{}}}}}}}}\n{OK}", OK),
    "operation-deprecated-without-sunset": (OK, f"deprecated: true\n{OK}"),
}


@pytest.mark.parametrize("rule", CASES)
def test_a_change_of_an_operation(rule: str) -> None:
    """Each change of an operation is told by its rule, and not the other way round."""
    old, new = CASES[rule]
    assert rule in {change.rule for change in changes(old, new)}
    row = TABLE[rule]
    if row.mirror and rule != "response-success-status-added":  # that a range became smaller is told of no status
        assert row.mirror in {change.rule for change in changes(new, old)}


def test_a_removed_operation_has_a_request_as_its_witness() -> None:
    """An operation that is gone is breaking, with a request that nothing answers; after its sunset it is not."""
    other = "paths: {/dogs: {get: {responses: {'200': {description: Dogs}}}}}"
    (removed, added) = compare(contract(whole(OK), "old"), contract(other, "new"), TODAY)
    assert (removed.rule, added.rule) == ("operation-removed", "operation-added")
    assert removed.witness is not None
    assert removed.witness.exchange.request.path == "/pets"
    ended = whole(f"deprecated: true\nx-sunset: '2025-12-31'\n{OK}")
    rules = [change.rule for change in compare(contract(ended, "old"), contract(other, "new"), TODAY)]
    assert rules == ["operation-removed-after-sunset", "operation-added"]


def test_each_rule_has_its_mirror() -> None:
    """A rule for a change has one for the opposite change, and a rule on requests has one on responses."""
    for row in TABLE.values():
        if row.mirror:
            assert TABLE[row.mirror].mirror == row.id
        elif not row.id.endswith("-changed"):
            assert row.id in NOT_MIRRORED
    for row in TABLE.values():
        if row.id.endswith(("-narrowed", "-widened")) and "security" not in row.id:
            other = Way.RESPONSE if row.way is Way.REQUEST else Way.REQUEST
            assert row.id.replace(row.way, other, 1) in TABLE


def test_harm_is_breaking_and_its_opposite_is_not() -> None:
    """No pair of mirrored rules is breaking on both sides."""
    for row in TABLE.values():
        if row.mirror and row.grade is Grade.BREAKING:
            assert TABLE[row.mirror].grade is not Grade.BREAKING
