"""Puts the upstreams that the settings name behind the operations of a mock, before the first request."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from tallystick.mock.compat import compat_of
from tallystick.mock.gate import GatedOperation
from tallystick.mock.memory import Memory, Switch
from tallystick.mock.overrides.responder import Overridden
from tallystick.mock.responders.examples import Replies
from tallystick.mock.roles import Listener, Note, OperationRoles
from tallystick.mock.routes import normal_base_path
from tallystick.mock.settings import MockSettings
from tallystick.mock.upstream.operation import ProxiedOperation
from tallystick.mock.upstream.unrouted import Unrouted
from tallystick.mock.upstream.upstream import Upstream, upstream_of
from tallystick.nouns.contract import Operation

_HANDLER = "handler"
"""The kind of the roles of the user's own functions, which are asked before an upstream."""


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

    def operation(
        self,
        operation: Operation,
        roles: Sequence[OperationRoles],
        listeners: Sequence[Listener],
        settings: MockSettings,
        replies: Replies,
        override: Overridden,
        overriding: Switch,
        note: Callable[[Note], None] | None,
    ) -> GatedOperation:
        """An operation with the upstream that its settings name; the gate's own where they name none."""
        upstream = self._of(settings)
        if upstream is None:
            return GatedOperation(operation, roles, listeners, settings, replies, override, overriding, note)
        others = [each for each in roles if each.kind != _HANDLER]
        handlers = [each.responder for each in roles if each.kind == _HANDLER and each.responder is not None]
        proxied = ProxiedOperation(operation, others, listeners, settings, replies, override, overriding, note)
        return proxied.behind(upstream, handlers)

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
