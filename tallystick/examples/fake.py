"""The one door to Faker: imported when the first value of its kinds is made, as that takes a while."""

from __future__ import annotations

import importlib.util
import threading
from functools import lru_cache
from inspect import signature
from pathlib import Path
from typing import TYPE_CHECKING

from tallystick.examples.draws import FEW
from tallystick.nouns.errors import UsageError
from tallystick.nouns.words import unknown

if TYPE_CHECKING:
    from faker import Generator

_PROVIDERS = (
    "address", "automotive", "bank", "color", "company", "credit_card", "currency", "date_time", "geo", "internet",
    "isbn", "job", "lorem", "person", "phone_number", "user_agent",
)  # fmt: skip
"""The parts of Faker that are loaded; none of their methods makes anything large without arguments."""
_LOCK = threading.Lock()
"""A generator is seeded and asked as one act, since values are made in several threads."""


@lru_cache(maxsize=16)
def _generator(locale: str) -> Generator:
    from faker.factory import Factory

    return Factory.create(locale, providers=[f"faker.providers.{name}" for name in _PROVIDERS])


_FEW = {
    "first_name": ("Ada", "Grace", "Alan", "Katherine", "Edsger", "Barbara"),
    "last_name": ("Lovelace", "Hopper", "Turing", "Johnson", "Dijkstra", "Liskov"),
    "company": ("Northwind Ltd", "Larch Systems", "Quayside Foods"),
    "job": ("Carpenter", "Translator", "Engineer"),
    "city": ("Boston", "Portland", "Denver"),
    "administrative_unit": ("Maine", "Oregon", "Colorado"),
    "state_abbr": ("ME", "OR", "CO"),
    "street_address": ("48 Mill Lane", "7 Orchard Road", "301 Station Avenue"),
    "address": ("48 Mill Lane, Portland, ME 04101",),
    "building_number": ("48", "7", "301"),
    "postcode": ("04101", "97201", "80202"),
}
"""What is made in the locale `FEW`; other methods make a word."""


@lru_cache(maxsize=8192)
def fake(locale: str, method: str, number: int) -> str:
    """What a method of Faker (`city`) makes in a locale, always the same for a number."""
    if locale == FEW:
        few = _FEW.get(method, ("word",))
        return few[number % len(few)]
    with _LOCK:
        generator = _generator(locale)
        generator.seed_instance(number)
        value = getattr(generator, method)()
    return " ".join(str(value).split())


def has_method(locale: str, method: str) -> bool:
    """Whether a provider of Faker makes something by a method in a locale, without arguments."""
    maker = vars(_generator(locale)).get(method) if locale != FEW and not method.startswith("_") else None
    if not callable(maker):
        return False
    needed = [each for each in signature(maker).parameters.values() if each.default is each.empty]
    return all(each.kind in (each.VAR_POSITIONAL, each.VAR_KEYWORD) for each in needed)


def locale_of(name: str) -> str:
    """Faker's name of a locale: `de_DE` for `de`, `de-de` and `de_DE`. Raises `UsageError` for one that it lacks."""
    known = _locales()
    wanted = name.replace("-", "_").lower()
    likely = (wanted, f"{wanted}_{wanted}", f"{wanted}_us")
    for locale in known:
        if locale.lower() in likely:
            return locale
    others = [each for each in known if "_" not in wanted and each.lower().startswith(f"{wanted}_")]
    if others:
        return others[0]
    raise UsageError(unknown("locale", name, known))


def _locales() -> list[str]:
    """The locales of people, which are folders of Faker's: it is not imported for them."""
    spec = importlib.util.find_spec("faker")
    folders = spec.submodule_search_locations if spec is not None else None
    names = [each.name for folder in folders or () for each in Path(folder, "providers", "person").iterdir()]
    return sorted(name for name in names if len(name) > 4 and name[2:3] == "_" and not name.startswith("_"))
