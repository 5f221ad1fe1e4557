"""What is replaced in Schemathesis: what would be made again as it was is kept, and nothing that has changed."""

from __future__ import annotations

import gc
from types import SimpleNamespace
from typing import Any, cast

import pytest
from hypothesis import strategies as st
from schemathesis.core import NOT_SET, deserialization, transport
from schemathesis.core.parameters import ParameterLocation
from schemathesis.generation.jsonschema import strategy as objects
from schemathesis.specs.openapi.adapter import parameters
from support.detection_api import detection_api
from support.fuzzing import fuzz

from tallystick.fuzz import schemathesis_adapter, schemathesis_patches
from tallystick.fuzz.replacements import replaced
from tallystick.fuzz.schemathesis_patches import DictionaryStrategies, KeptStrategies, replacements

BODY, PATH = ParameterLocation.BODY, ParameterLocation.PATH
TARGET = SimpleNamespace(label="POST /pets")
GENERATION = SimpleNamespace(
    codec=None, allow_x00=True, exclude_header_characters=None, allow_extra_parameters=True, dictionaries={}
)


class Captured:
    """Resources captured from responses; each fifth time the document's examples are among them."""

    def __init__(self) -> None:
        self.instances: dict[str, list[object]] = {"owner": [object()], "pet": [object()]}
        self.asked = 0

    def iter_instances(self, name: str) -> tuple[object, ...]:
        self.asked += 1
        return (*self.instances[name], *(["example"] if self.asked % 5 == 0 else []))


class Builder:
    """The method that is asked to build strategies, and what it saw when it built each."""

    def __init__(self) -> None:
        requirements = {("POST /pets", BODY, "owner"): SimpleNamespace(resource_name="owner")}
        requirements["GET /pets/{id}", PATH, "id"] = SimpleNamespace(resource_name="pet")
        self.captured = Captured()
        self.source = SimpleNamespace(
            requirements=requirements,
            consumer_labels={"POST /pets"},
            repository=self.captured,
            semantic_index=None,
            _tombstoned=set(),
        )
        self.seen: list[tuple[object, ...]] = []
        self.kept = KeptStrategies(parameters._strategy_cache_key).keeping(self.build)
        self.owner = SimpleNamespace(location=BODY)

    def build(self, *_: Any, feedback: Any, **named: Any) -> object:
        self.seen.append((*feedback.extra_data_source.repository.iter_instances("owner"), *named.get("exclude", ())))
        return object()

    def __call__(self, mode: str = "positive", generation: Any = GENERATION, **named: Any) -> object:
        feedback = SimpleNamespace(
            extra_data_source=self.source, error_feedback=None, constants_value_source=named.pop("constants", None)
        )
        return self.kept(self.owner, TARGET, generation, mode, feedback=feedback, **named)


def test_a_strategy_is_built_once_for_each_that_it_is_built_from() -> None:
    """A strategy is built with the resources alone, and with the examples, and no more as long as nothing changes."""
    builder = Builder()
    strategies = [builder() for _ in range(20)]
    (owner,) = builder.captured.instances["owner"]
    assert builder.seen == [(owner,), (owner, "example")]
    assert [strategy is strategies[0] for strategy in strategies] == [True, True, True, True, False] * 4


@pytest.mark.parametrize("change", ["captured", "replaced", "deleted", "settings", "mode", "left out", "constants"])
def test_a_strategy_is_built_anew_for_what_has_changed(change: str) -> None:
    """What comes, what goes and what is asked for otherwise are in the strategy from the next draw on."""
    builder = Builder()
    first = builder()
    asked: dict[str, Any] = {}
    if change == "captured":
        builder.captured.instances["owner"].append("another")
    elif change == "replaced":
        builder.captured.instances["owner"] = [object()]
    elif change == "deleted":
        builder.source._tombstoned.add("one")
    elif change == "settings":
        asked["generation"] = SimpleNamespace(**{**vars(GENERATION), "allow_x00": False})
    elif change == "mode":
        asked["mode"] = "negative"
    elif change == "constants":
        asked["constants"] = object()
    else:
        asked["exclude"] = ["name"]
    second = builder(**asked)
    assert second is not first
    assert builder(**asked) is second
    assert len(builder.seen) == 2
    assert builder.seen[1] == (*builder.captured.instances["owner"], *asked.get("exclude", ()))


def test_what_does_not_matter_has_nothing_built_anew() -> None:
    """A resource that the operation does not use comes without a new strategy."""
    builder = Builder()
    first = builder()
    builder.captured.instances["pet"].append(object())
    assert builder() is first


def test_members_of_an_object_are_put_together_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """The strategy of the same members in the same order is the same, and there are not more of them than said."""
    monkeypatch.setattr(schemathesis_patches, "_MAX_DICTIONARIES", 2)
    dictionaries = DictionaryStrategies(st)
    name, age = st.text(), st.integers()
    both = dictionaries.fixed_dictionaries({"name": name, "age": age})
    assert dictionaries.fixed_dictionaries({"name": name, "age": age}) is both
    assert dictionaries.fixed_dictionaries({"age": age, "name": name}) is not both
    assert dictionaries.fixed_dictionaries({"name": age}) is not dictionaries.fixed_dictionaries(
        {"name": st.integers(0, 5)}
    )
    assert dictionaries.fixed_dictionaries({"name": name}, optional={"age": age}) is not both
    assert len(dictionaries._kept) <= 2
    assert dictionaries.text is st.text


def test_a_run_builds_strategies_now_and_then() -> None:
    """A run builds the strategies of captured values a few times, and not for each of its cases."""
    built: dict[tuple[str, ...], int] = {}
    for releases in ((), schemathesis_adapter.PATCHED_RELEASES):
        with pytest.MonkeyPatch.context() as patch:
            counted = patched(patch)
            patch.setattr(schemathesis_adapter, "PATCHED_RELEASES", releases)
            outcome = fuzz(detection_api(), max_examples=30)
        assert outcome.findings == []
        assert outcome.requests > 200
        built[releases] = len(counted)
    assert built[()] > 20
    assert built[schemathesis_adapter.PATCHED_RELEASES] < built[()] / 4


def patched(patch: pytest.MonkeyPatch) -> list[int]:
    """Notes each time that captured values are built into a strategy."""
    counted: list[int] = []
    build = parameters.build_hybrid_strategy

    def counting(*args: Any, **named: Any) -> Any:
        counted.append(len(args[1]))
        return build(*args, **named)

    patch.setattr(parameters, "build_hybrid_strategy", counting)
    return counted


def test_all_is_as_before_when_a_run_has_ended() -> None:
    """What is replaced for a run is put back, whatever ends it."""

    def state() -> tuple[Any, ...]:
        methods = (parameters.OpenApiBody.get_strategy, parameters.OpenApiParameterSet.get_strategy)
        return *methods, objects.st, transport.expand_status_code

    def interrupted() -> None:
        with replaced(replacements()):
            assert all(now is not then for now, then in zip(state(), before, strict=True))
            assert transport.expand_status_code("2XX") == list(range(200, 300))
            raise KeyboardInterrupt

    before = state()
    with pytest.raises(KeyboardInterrupt):
        interrupted()
    assert state() == before


def test_the_collector_looks_as_often_as_before_when_a_run_has_ended() -> None:
    """The thresholds of the garbage collector are others during a run only."""
    seen: set[tuple[int, int, int]] = set()
    api = detection_api()

    async def application(scope: Any, receive: Any, send: Any) -> None:
        seen.add(gc.get_threshold())
        await api(scope, receive, send)

    before = gc.get_threshold()
    fuzz(application, max_examples=1)
    assert (2_000, 10, 100) in seen
    assert gc.get_threshold() == before


def test_yaml_that_was_cut_does_not_end_a_run() -> None:
    """A large response of YAML is recorded in part; that it cannot be read is a `ValueError`, as of JSON."""
    response = SimpleNamespace(content=b"a: b\nc", encoding="utf-8", _deserialized=NOT_SET, text="a: b\nc")
    for media_type in ("application/yaml", "text/yaml"):
        with replaced(replacements()), pytest.raises(ValueError, match="no YAML"):
            deserialization.deserialize_response(cast(Any, response), media_type, context=cast(Any, None))
