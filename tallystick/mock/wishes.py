"""What a request asks of its reply, beside what its operation says: the header `Prefer` (RFC 7240)."""

from __future__ import annotations

import re
from dataclasses import dataclass

_PREFERENCE = re.compile(r'(?:"[^"]*"|[^,;"])+')


@dataclass(frozen=True, slots=True)
class Wish:
    """What a request's `Prefer` (RFC 7240) asks for: a documented status, a named example; "" where it does not."""

    code: str = ""
    example: str = ""

    def __bool__(self) -> bool:
        return bool(self.code or self.example)


NO_WISH = Wish()


def wish_of(prefer: str) -> Wish:
    """Read the wish from the `Prefer` of a request (several fields joined); other preferences are ignored."""
    if not prefer:
        return NO_WISH
    preferences: dict[str, str] = {}
    for preference in _PREFERENCE.findall(prefer):
        name, _, value = preference.partition("=")
        preferences.setdefault(name.strip().lower(), value.strip().strip('"'))
    return Wish(preferences.get("code", ""), preferences.get("example", ""))
