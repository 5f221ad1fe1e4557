"""What an application of the mock is asked for."""

from __future__ import annotations

from dataclasses import dataclass, replace

from tallystick.examples.samples import ExampleUse


@dataclass(frozen=True, kw_only=True, slots=True)
class MockSettings:
    """The settings of one mock; each is a flag of `tallystick mock` by the same name."""

    cors: bool = True
    """Web pages of any origin may call."""

    stateful: bool = False
    """What was deleted is gone: where a 404 is documented, a request for it gets that until it is created again."""

    handlers: str = ""
    """The user's own module or package (`shop.handlers`) whose functions answer for some operations."""

    errors: bool = False
    """A reply that breaks the contract is refused with a 500; otherwise it is sent, and says what it breaks."""

    examples: ExampleUse = "mend"
    """What is done with an example that breaks its schema: it is mended and served, served as it is, or passed over."""

    dynamic: bool = False
    """Values are generated from schemas even where there are examples."""

    base_path: str = ""
    """Where the contracts are served (`/v1`), and not at the root."""

    items: int | None = None
    """How many rows the list of a reply has where neither the request nor the contract says; None for ten."""

    def wished(self, dynamic: bool | None) -> MockSettings:
        """The settings of a reply whose request has wishes of its own."""
        return self if dynamic is None else replace(self, dynamic=dynamic)


DEFAULTS = MockSettings()
