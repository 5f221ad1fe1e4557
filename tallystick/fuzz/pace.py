"""What makes a run quicker and changes nothing in it: what Schemathesis makes again as it was is kept.

Where an operation can use what earlier responses brought, its strategies are built anew for each case, since those
values are built into them. Here they are built anew when such a value has come or gone. And the collector of cyclic
garbage looks less often through all that a run keeps.
"""

from __future__ import annotations

import functools
import gc
import operator
import threading
from collections.abc import Callable, Iterable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from typing import Any

import hypothesis.strategies
from schemathesis import __version__
from schemathesis.core import transport
from schemathesis.core.parameters import ParameterLocation
from schemathesis.generation.feedback import NO_FEEDBACK
from schemathesis.generation.jsonschema import strategy as objects
from schemathesis.specs.openapi import checks
from schemathesis.specs.openapi.adapter import parameters, responses

_READ = "4.32."
"""The releases of Schemathesis whose code was read for this; any other is left to its own pace."""
_KEPT = 4
"""How many strategies are kept for one purpose: each fifth draw is also offered the document's own examples."""
_MOST_MEMBERS = 2_000
"""How many picks of an object's members are kept."""
_THRESHOLDS = (2_000, 10, 100)
"""Python's own are (700, 10, 10), for programs that do not keep all that they have done."""


@contextmanager
def quickened() -> Iterator[None]:
    """A run at its best pace, for as long as the block lasts."""
    thresholds = gc.get_threshold()
    gc.set_threshold(*_THRESHOLDS)
    try:
        with ExitStack() as stack:
            for owner, name, quicker in _replaced() if __version__.startswith(_READ) else ():
                stack.enter_context(_replacing(owner, name, quicker))
            yield
    finally:
        gc.set_threshold(*thresholds)


def _replaced() -> Iterator[tuple[Any, str, Any]]:
    """Whose functions are replaced, by name, and by what."""
    strategies = _Strategies()
    for owner in (parameters.OpenApiParameterSet, parameters.OpenApiBody):
        yield owner, "get_strategy", strategies.keeping(owner.get_strategy)
    yield objects, "st", _Members(hypothesis.strategies)
    expand = functools.cache(transport.expand_status_code)  # `2XX` is a hundred numbers, four times a response
    for user in (transport, responses, checks):
        yield user, "expand_status_code", expand


@contextmanager
def _replacing(owner: Any, name: str, by: Any) -> Iterator[None]:
    before = getattr(owner, name)
    setattr(owner, name, by)
    try:
        yield
    finally:
        setattr(owner, name, before)


@dataclass(frozen=True, slots=True)
class _Basis:
    """What a strategy is built from that may change in a run."""

    settings: Any
    deleted: int
    """How many captured resources have been deleted so far."""
    captured: dict[str, tuple[Any, ...]]

    def is_as(self, other: _Basis) -> bool:
        """Whether nothing has changed; a captured resource never does, so that it is compared by identity."""
        return (
            self.settings == other.settings
            and self.deleted == other.deleted
            and all(
                len(resources) == len(other.captured[name]) and all(map(operator.is_, resources, other.captured[name]))
                for name, resources in self.captured.items()
            )
        )


class _Strategies(threading.local):
    """The strategies that a worker has had built, by what they are for, and what is built from at the moment."""

    def __init__(self) -> None:
        self.kept: dict[tuple[Any, ...], list[tuple[_Basis, Any, Any]]] = {}
        self.basis: _Basis | None = None

    def keeping(self, build: Callable[..., Any]) -> Callable[..., Any]:
        """The method that builds a strategy, as one that builds none twice."""

        def get_strategy(
            owner: Any,
            target: Any,
            generation: Any,
            mode: Any,
            exclude: Iterable[str] = (),
            feedback: Any = NO_FEEDBACK,
            mix_examples: bool = True,
        ) -> Any:
            without = frozenset(exclude)
            named = {"exclude": without} if without else {}

            def built() -> Any:
                return build(owner, target, generation, mode, feedback=feedback, mix_examples=mix_examples, **named)

            source = feedback.extra_data_source
            settings = parameters._strategy_cache_key(generation, feedback, mix_examples)
            if source is None or settings is None or target.label not in source.consumer_labels:
                return built()  # Schemathesis keeps it itself
            purpose = (id(owner), target.label, mode, without)
            basis = self.basis_of(settings, source, target.label, owner.location)
            kept = self.kept.get(purpose, [])
            for then, strategy, _ in kept:
                if then.is_as(basis):
                    return strategy
            outer, self.basis = self.basis, basis
            try:
                strategy = built()
            finally:
                self.basis = outer
            # The owner is kept, too, as it is known by its id.
            self.kept[purpose] = [(basis, strategy, owner), *kept[: _KEPT - 1]]
            return strategy

        return get_strategy

    def basis_of(self, settings: Any, source: Any, label: str, location: ParameterLocation) -> _Basis:
        """What there is to build from for one place of an operation; to ask counts as a draw, as building does."""
        if not isinstance(source.repository, _Repository):
            source.repository = _Repository(source.repository, self)
        names = {
            requirement.resource_name
            for (operation, place, _), requirement in source.requirements.items()
            if operation == label and place == location
        }
        captured = {name: tuple(source.repository.iter_instances(name)) for name in names}
        return _Basis(settings, len(source._tombstoned), captured)


class _Repository:
    """Schemathesis's captured resources; what is built sees those that it will be compared by."""

    def __init__(self, captured: Any, strategies: _Strategies) -> None:
        self._captured = captured
        self._strategies = strategies

    def __getattr__(self, name: str) -> Any:
        return getattr(self._captured, name)

    def iter_instances(self, resource_name: str) -> tuple[Any, ...]:
        """The captured resources of a name."""
        basis = self._strategies.basis
        if basis is not None and resource_name in basis.captured:
            return basis.captured[resource_name]
        instances: tuple[Any, ...] = self._captured.iter_instances(resource_name)
        return instances


class _Members:
    """Hypothesis's strategies, for the module that asks anew for those of an object's members for each it draws."""

    def __init__(self, strategies: Any) -> None:
        self._strategies = strategies
        self._kept: dict[tuple[tuple[str, int], ...], Any] = {}

    def __getattr__(self, name: str) -> Any:
        return getattr(self._strategies, name)

    def fixed_dictionaries(self, mapping: dict[str, Any], **named: Any) -> Any:
        """The strategy of a dictionary, which holds those of its members: their ids stay their own while it is kept."""
        if named:
            return self._strategies.fixed_dictionaries(mapping, **named)
        members = tuple((key, id(strategy)) for key, strategy in mapping.items())
        kept = self._kept.get(members)
        if kept is None:
            if len(self._kept) >= _MOST_MEMBERS:
                self._kept.clear()
            kept = self._kept[members] = self._strategies.fixed_dictionaries(mapping)
        return kept
