"""The credentials of an operation compared, and how they are got."""

from __future__ import annotations

from tallystick.diff.changes import Changes
from tallystick.diff.documents import members_at
from tallystick.diff.exchanges import Pair, request_witness
from tallystick.examples.requests import Given
from tallystick.nouns.contract import Contract, SecurityRequirement
from tallystick.nouns.json_value import JSON
from tallystick.rules.exchange.security import describe

_FIELDS = ("flows", "flow", "authorizationUrl", "tokenUrl", "scopes", "openIdConnectUrl")
"""The fields of a security scheme that say how credentials are got; what they are, the requests themselves show."""


class Security:
    """Compares the credentials of one operation."""

    def __init__(self, pair: Pair, changes: Changes) -> None:
        self.pair = pair
        self.changes = changes

    def compare(self) -> None:
        old, new = self.pair.old.security, self.pair.new.security
        if _requirements(old) == _requirements(new):
            self.scopes()
            return
        message = f"security: {_described(old)} before, {_described(new)} now"
        places = self.pair.old.place.at("security"), self.pair.new.place.at("security")
        for rule, pair in (
            ("request-security-narrowed", self.pair),
            ("request-security-widened", Pair(self.pair.new, self.pair.old)),
        ):
            for index in range(max(len(pair.old.security), 1)):
                witness = request_witness(pair, Given(requirement=index), "", "credentials-")
                if witness is not None:
                    self.changes.add(rule, self.pair.label, "security", message, *places, witness, (rule, message))
                    return

    def scopes(self) -> None:
        def scopes(requirements: tuple[SecurityRequirement, ...]) -> set[str]:
            return {scope for requirement in requirements for scheme in requirement for scope in scheme.scopes}

        old, new = scopes(self.pair.old.security), scopes(self.pair.new.security)
        places = self.pair.old.place.at("security"), self.pair.new.place.at("security")
        for rule, names, verb in (
            ("request-scope-added", new - old, "needed"),
            ("request-scope-removed", old - new, "needed no more"),
        ):
            for name in sorted(names):
                message = f"security: the scope {name!r} is {verb}"
                self.changes.add(rule, self.pair.label, "security", message, *places, None, (rule, name))


def compare_schemes(old: Contract, new: Contract, changes: Changes) -> None:
    """Add what has changed in the way to credentials: flows, addresses, and the scopes that there are."""
    for name, scheme in old.security_schemes.items():
        other = new.security_schemes.get(name)
        if other is None or (scheme.kind, scheme.scheme) != (other.kind, other.scheme):
            continue  # told at the operations that need it
        before, after = members_at(old, scheme.place), members_at(new, other.place)
        fields = [field for field in _FIELDS if _told(before.get(field)) != _told(after.get(field))]
        if fields and old.dialect.version_field == new.dialect.version_field:
            message = f"the security scheme {name} has other {' and '.join(fields)}"
            changes.add("security-scheme-changed", "", "security", message, scheme.place, other.place)


def _told(value: JSON) -> JSON:
    """A value without the descriptions of scopes."""
    if not isinstance(value, dict):
        return value
    scopes = value.get("scopes")
    told = {key: _told(item) for key, item in value.items()}
    if isinstance(scopes, dict):
        told["scopes"] = [*sorted(scopes)]
    return told


def _requirements(requirements: tuple[SecurityRequirement, ...]) -> set[frozenset[tuple[str, ...]]]:
    def meaning(requirement: SecurityRequirement) -> frozenset[tuple[str, ...]]:
        return frozenset((each.kind, each.location, each.name.lower(), each.scheme) for each in requirement)

    return {meaning(requirement) for requirement in requirements if requirement} | (
        {frozenset[tuple[str, ...]]()} if not requirements or () in requirements else set()
    )


def _described(requirements: tuple[SecurityRequirement, ...]) -> str:
    texts = [" and ".join(map(describe, requirement)) or "no credentials" for requirement in requirements]
    return " or ".join(dict.fromkeys(texts)) or "no credentials"
