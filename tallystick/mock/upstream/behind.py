"""Puts the upstreams that the settings name behind the operations of a mock, before the first request."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial

from tallystick.mock.compat import compat_of
from tallystick.mock.gate import GatedOperation
from tallystick.mock.memory import Memory
from tallystick.mock.roles import Listener
from tallystick.mock.routes import normal_base_path
from tallystick.mock.settings import MockSettings
from tallystick.mock.upstream.operation import ProxiedOperation
from tallystick.mock.upstream.unrouted import Unrouted
from tallystick.mock.upstream.upstream import Upstream, upstream_of


class Behind:
    """The upstreams behind one mock; the connections to them outlive a change of the contracts."""

    def __init__(self, memory: Memory) -> None:
        self.memory = memory
        self.upstream = self._of(memory.settings)

    def _of(self, settings: MockSettings) -> Upstream | None:
        return upstream_of(settings, self.memory.pools)

    def unrouted(self, listeners: Sequence[Listener]) -> Unrouted | None:
        """What answers where the contracts have no operation; None where the mock as a whole has no upstream."""
        settings = self.memory.settings
        if self.upstream is None:
            return None
        own_base = normal_base_path(settings.base_path)
        return Unrouted(self.upstream, listeners, compat_of(settings.compat), settings.rewrite, own_base)

    def maker(self, settings: MockSettings) -> Callable[..., GatedOperation]:
        """What makes an operation: one with the upstream that its settings name, the gate's own where they name none.

        Both take what `GatedOperation` takes.
        """
        upstream = self._of(settings)
        return GatedOperation if upstream is None else partial(ProxiedOperation, upstream)

    @property
    def summary(self) -> str:
        """The sentence that is printed at start."""
        settings = self.memory.settings
        if self.upstream is None:
            return "some operations are passed on to an upstream, as the configuration says"
        statuses = sorted(filter(str.isdecimal, settings.remock))
        states = sorted(settings.remock.difference(statuses))
        wheres = [f"is {' or '.join(states)}"] if states else []
        wheres += [f"answers {' or '.join(statuses)}"] if statuses else []
        url = self.upstream.address.url
        if not wheres:
            return f"what comes is passed on to {url}, and nothing is mocked"
        return f"what comes is passed on to {url}, and mocked where that {', or '.join(wheres)}"
