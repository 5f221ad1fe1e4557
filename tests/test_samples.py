"""A sample is a documented example that fits its schema, or else a generated value."""

from __future__ import annotations

from typing import Any

from support.values import RESPONSE, TEXT, WHOLE, body_format, closed, parameter, schema

from tallystick.examples.samples import Sample, body_sample, generate, parameter_sample, valid_examples


def test_the_contract_is_not_touched() -> None:
    """A value that comes from an example may be changed without changing the contract."""
    wanted = schema({"type": "object", "example": {"a": [1]}})
    generate(wanted, RESPONSE)["a"].append(2)
    assert generate(wanted, RESPONSE) == {"a": [1]}


def test_only_an_example_that_fits_is_a_sample() -> None:
    """A documented example that breaks its schema is passed over; the next, or a generated value, is used."""
    examples = {"broken": {"value": {"a": "x"}}, "sound": {"value": {"a": 1}, "summary": "One"}}
    given_both = body_format(schema=closed(a=WHOLE), examples=examples)
    assert body_sample(given_both, RESPONSE) == Sample({"a": 1}, "sound", given_both.examples[1].place)
    assert [sample.origin for sample in valid_examples(given_both, RESPONSE)] == ["sound"]
    broken = body_format(schema=closed(a=WHOLE), example={"a": "x"})
    sample = body_sample(broken, RESPONSE)
    assert sample is not None
    assert (sample.value, sample.origin) == ({"a": 1}, "generated")


def test_a_sample_needs_an_example_or_a_schema() -> None:
    """Where a media type says nothing of its values there is no sample; with an `itemSchema` it is a list."""
    assert body_sample(body_format(), RESPONSE) is None
    stream = body_sample(body_format(version="3.2.0", itemSchema=closed(id=WHOLE)), RESPONSE)
    assert stream is not None
    assert stream.value == [{"id": 1}, {"id": 2}, {"id": 3}]


def test_the_text_of_an_example_is_kept() -> None:
    """An example given as the text on the wire is judged as what it says, and keeps its text."""
    written = {"text": {"serializedValue": '{"a": 1}'}, "bad": {"serializedValue": '{"a": "x"}'}}
    samples = list(valid_examples(body_format(version="3.2.0", schema=closed(a=WHOLE), examples=written), RESPONSE))
    assert [(sample.value, sample.serialized) for sample in samples] == [({"a": 1}, b'{"a": 1}')]


def test_a_parameter_has_a_value() -> None:
    """A parameter's own example is used where it fits, and a path's is not empty; else its schema makes a value."""

    def value(**fields: Any) -> Any:
        sample = parameter_sample(parameter(**fields))
        return sample and sample.value

    assert value(**{"in": "query", "name": "limit", "schema": {"type": "integer", "maximum": 50}}) == 20
    assert value(**{"in": "query", "name": "limit", "schema": WHOLE, "example": 3}) == 3
    assert value(**{"in": "query", "name": "limit", "schema": WHOLE, "example": "x"}) == 20
    assert value(**{"in": "path", "name": "id", "schema": TEXT, "example": ""})
    content = {"application/json": {"schema": closed(a=WHOLE)}}
    assert value(**{"in": "query", "name": "q", "content": content}) == {"a": 1}
    assert value(**{"in": "query", "name": "q"}) is None
