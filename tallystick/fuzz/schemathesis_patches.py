"""What replaces functions of Schemathesis, to make a run faster and change nothing in it.

These functions are no documented seams, so the adapter imports this module under a guard, and only under the releases
whose code was read. If an operation can use values of earlier responses, Schemathesis builds its strategies anew for
each case, since those values are part of them. Here they are kept, and built anew only when such a value was added or
removed.
"""

from __future__ import annotations

import functools
import operator
import threading
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, NamedTuple, Protocol

import hypothesis.strategies
from schemathesis.core import deserialization, transport
from schemathesis.generation.feedback import NO_FEEDBACK
from schemathesis.generation.jsonschema import strategy as object_strategies
from schemathesis.specs.openapi import checks
from schemathesis.specs.openapi.adapter import parameters, responses
from yaml import YAMLError

from tallystick.fuzz.replacements import Replacement

if TYPE_CHECKING:
    from schemathesis.config import GenerationConfig
    from schemathesis.core.parameters import ParameterLocation
    from schemathesis.generation import GenerationMode
    from schemathesis.generation.feedback import FeedbackSources
    from schemathesis.resources.repository import ResourceInstance, ResourceRepository
    from schemathesis.specs.openapi.extra_data_source import OpenApiExtraDataSource

Strategy = hypothesis.strategies.SearchStrategy[Any]

_KEPT_STRATEGIES = 4
"""How many strategies are kept for one purpose: each fifth draw is also offered the document's own examples."""
_MAX_DICTIONARIES = 2_000


def replacements() -> Iterator[Replacement]:
    """What is replaced for a run; raises `AttributeError` if Schemathesis has no such function any more."""
    strategies = KeptStrategies(parameters._strategy_cache_key)
    for owner in (parameters.OpenApiParameterSet, parameters.OpenApiBody):
        yield Replacement(owner, "get_strategy", strategies.keeping(owner.get_strategy))
    yield Replacement(object_strategies, "st", DictionaryStrategies(hypothesis.strategies))
    expand = functools.cache(transport.expand_status_code)  # `2XX` is a hundred numbers, four times a response
    for module in (transport, responses, checks):
        yield Replacement(module, "expand_status_code", expand)
    yield Replacement(deserialization, "deserialize_response", telling(deserialization.deserialize_response))


def telling(deserialize: Callable[..., object]) -> Callable[..., object]:
    """A function that reads a body, and says of YAML that it cannot be read what it says of JSON: a `ValueError`.

    The body of a response is cut when it is recorded, and one of YAML would end the run.
    """

    @functools.wraps(deserialize)
    def deserialized(*arguments: Any, **named: Any) -> object:
        try:
            return deserialize(*arguments, **named)
        except YAMLError as error:
            raise ValueError(f"no YAML: {error}") from error

    return deserialized


class Labelled(Protocol):
    """An operation that strategies are built for."""

    @property
    def label(self) -> str: ...


class Located(Protocol):
    """What builds strategies: a body, or the parameters of one location."""

    @property
    def location(self) -> ParameterLocation: ...


@dataclass(frozen=True, slots=True)
class _Basis:
    """What a strategy is built from that may change in a run."""

    settings: object
    deleted: int
    """How many captured resources have been deleted so far."""
    captured: dict[str, tuple[ResourceInstance, ...]]

    def is_same_as(self, other: _Basis) -> bool:
        """Whether nothing has changed; a captured resource never does, so that it is compared by identity."""
        return (
            self.settings == other.settings
            and self.deleted == other.deleted
            and all(
                len(resources) == len(other.captured[name]) and all(map(operator.is_, resources, other.captured[name]))
                for name, resources in self.captured.items()
            )
        )


class _Kept(NamedTuple):
    """A strategy that was built; its owner is kept with it, since a purpose names that by its id."""

    basis: _Basis
    strategy: Strategy
    owner: Located


class KeptStrategies(threading.local):
    """The strategies that a worker has built, by their purpose, and the basis of the one that is being built."""

    def __init__(self, settings_key: Callable[[GenerationConfig, FeedbackSources, bool], object]) -> None:
        self.settings_key = settings_key
        self.kept: dict[tuple[int, str, GenerationMode, frozenset[str]], list[_Kept]] = {}
        self.basis: _Basis | None = None

    def keeping(self, build: Callable[..., Strategy]) -> Callable[..., Strategy]:
        """Wraps a method that builds strategies, so that it builds none twice."""

        def get_strategy(
            owner: Located,
            target: Labelled,
            generation: GenerationConfig,
            mode: GenerationMode,
            exclude: Iterable[str] = (),
            feedback: FeedbackSources = NO_FEEDBACK,
            mix_examples: bool = True,
        ) -> Strategy:
            excluded = frozenset(exclude)
            options = {"exclude": excluded} if excluded else {}
            build_new = functools.partial(
                build, owner, target, generation, mode, feedback=feedback, mix_examples=mix_examples, **options
            )
            source: OpenApiExtraDataSource | None = feedback.extra_data_source  # type: ignore[assignment] # of OpenAPI
            settings = self.settings_key(generation, feedback, mix_examples)
            if source is None or settings is None or target.label not in source.consumer_labels:
                return build_new()  # Schemathesis keeps it itself
            basis = self.basis_of(settings, source, target.label, owner.location)
            kept = self.kept.get((id(owner), target.label, mode, excluded), [])
            for entry in kept:
                if entry.basis.is_same_as(basis):
                    return entry.strategy
            strategy = self.built_from(basis, build_new)
            self.kept[id(owner), target.label, mode, excluded] = [
                _Kept(basis, strategy, owner),
                *kept[: _KEPT_STRATEGIES - 1],
            ]
            return strategy

        return get_strategy

    def built_from(self, basis: _Basis, build_new: Callable[[], Strategy]) -> Strategy:
        """A new strategy, which sees exactly the captured resources of its basis."""
        outer, self.basis = self.basis, basis
        try:
            return build_new()
        finally:
            self.basis = outer

    def basis_of(
        self, settings: object, source: OpenApiExtraDataSource, label: str, location: ParameterLocation
    ) -> _Basis:
        """What a strategy for one location of an operation is built from; asking counts as a draw, as building does."""
        if not isinstance(source.repository, _Repository):
            source.repository = _Repository(source.repository, self)  # type: ignore[assignment] # has all that it has
        names = {
            requirement.resource_name
            for (operation, place, _), requirement in source.requirements.items()
            if operation == label and place == location
        }
        captured = {name: tuple(source.repository.iter_instances(name)) for name in names}
        return _Basis(settings, len(source._tombstoned), captured)


class _Repository:
    """Schemathesis's captured resources; a strategy that is being built sees those of its basis."""

    def __init__(self, captured: ResourceRepository, strategies: KeptStrategies) -> None:
        self._captured = captured
        self._strategies = strategies

    def __getattr__(self, name: str) -> Any:
        return getattr(self._captured, name)

    def iter_instances(self, resource_name: str) -> tuple[ResourceInstance, ...]:
        """The captured resources of a name."""
        basis = self._strategies.basis
        if basis is not None and resource_name in basis.captured:
            return basis.captured[resource_name]
        return self._captured.iter_instances(resource_name)


class DictionaryStrategies:
    """Hypothesis's module of strategies, for the one module that builds dictionaries anew for each object."""

    def __init__(self, strategies: Any) -> None:
        self._strategies = strategies
        self._kept: dict[tuple[tuple[str, int], ...], Strategy] = {}

    def __getattr__(self, name: str) -> Any:
        return getattr(self._strategies, name)

    def fixed_dictionaries(self, mapping: dict[str, Strategy], **options: object) -> Strategy:
        """The strategy of a dictionary; it holds those of its members, so their ids stay theirs while it is kept."""
        if options:
            with_options: Strategy = self._strategies.fixed_dictionaries(mapping, **options)
            return with_options
        members = tuple((key, id(strategy)) for key, strategy in mapping.items())
        kept = self._kept.get(members)
        if kept is None:
            if len(self._kept) >= _MAX_DICTIONARIES:
                self._kept.clear()
            kept = self._kept[members] = self._strategies.fixed_dictionaries(mapping)
        return kept
