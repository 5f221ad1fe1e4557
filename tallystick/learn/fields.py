"""What the texts of a parameter or of a field of a form have in common."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, field

from tallystick.learn.shapes import Shape
from tallystick.nouns.json_value import JSON

_INTEGER = re.compile(r"-?(?:0|[1-9]\d{0,14})")
_NUMBER = re.compile(r"-?(?:0|[1-9]\d{0,14})(?:\.\d{1,15})?")


@dataclass(slots=True)
class Field:
    """A name that has texts: in how many requests it was, and what its texts are."""

    requests: int = 0
    is_repeated: bool = False
    shape: Shape = field(default_factory=Shape)
    kinds: set[str] = field(default_factory=lambda: {"integer", "number", "boolean"})
    first: str = ""
    is_binary: bool = False

    def add(self, texts: Sequence[str | None], times: int = 1) -> None:
        """Add the texts that the name has in a request that came so often; None stands for what is no text."""
        if not self.requests:
            self.first = texts[0] or ""
        self.requests += times
        self.is_repeated |= len(texts) > 1
        for text in texts:
            if text is None:
                self.is_binary = True
                continue
            self.shape.add(text, times)
            if not _INTEGER.fullmatch(text):
                self.kinds.discard("integer")
            if not _NUMBER.fullmatch(text):
                self.kinds.discard("number")
            if text not in ("true", "false"):
                self.kinds.discard("boolean")

    @property
    def schema(self) -> dict[str, JSON]:
        """The schema of the values."""
        own = self._of_one()
        return {"type": "array", "items": own} if self.is_repeated else own

    def _of_one(self) -> dict[str, JSON]:
        if self.is_binary:
            return {}
        for kind in ("integer", "number", "boolean"):
            if kind in self.kinds and self.requests:
                return {"type": kind}
        return self.shape.schema() or {"type": "string"}

    @property
    def example(self) -> JSON:
        """The first text, as a value of the schema."""
        value: JSON = self.first
        kind = self._of_one().get("type")
        if kind in ("integer", "number"):
            value = int(self.first) if kind == "integer" else float(self.first)
        elif kind == "boolean":
            value = self.first == "true"
        return [value] if self.is_repeated else value
