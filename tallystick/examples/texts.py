"""Words that people read: names of things, titles, sentences, in English; sentences in other languages are Faker's."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace

from tallystick.examples.draws import Draw
from tallystick.examples.fake import fake

_TITLES = (
    "Getting started", "Summer in the city", "A short history of maps", "The long way home", "Notes from the garden",
    "Working together", "Winter light", "How bridges are built", "Letters from the coast", "Seven quiet mornings",
    "Under the old oak", "What the river knows",
)  # fmt: skip
_SENTENCES = (
    "A short text that says what this is about.",
    "Everything is ready, and the first results look good.",
    "This was checked twice before it was sent.",
    "Please read the notes below before you begin.",
    "It works as expected, and takes a few minutes.",
    "More details will follow next week.",
    "A simple choice for small teams and large ones alike.",
    "The team met on Monday and agreed on the next steps.",
    "Made with care, and delivered within three days.",
    "One of the most popular choices of this season.",
)
_QUALITIES = ("Classic", "Compact", "Walnut", "Linen", "Steel", "Ceramic", "Cotton", "Oak", "Copper", "Travel")
_PRODUCTS = ("Desk Lamp", "Backpack", "Coffee Mug", "Notebook", "Chair", "Water Bottle", "Headphones", "Wall Clock")
_PETS = ("Bella", "Max", "Luna", "Charlie", "Milo", "Daisy", "Rocky", "Coco", "Oscar", "Ruby")
_DISHES = ("Tomato Soup", "Mushroom Risotto", "Caesar Salad", "Cheeseburger", "Apple Pie", "Pumpkin Curry", "Lemonade")
_EVENTS = ("Spring Workshop", "Evening Concert", "Open Day", "Photography Tour", "Annual Conference", "Book Reading")
_SLUGS = (
    "payments-api", "web-frontend", "data-pipeline", "mobile-app", "search-service", "design-system", "image-resizer",
    "mail-worker", "billing-core", "docs-site",
)  # fmt: skip
_TAGS = ("featured", "new", "popular", "sale", "limited", "seasonal", "gift", "outdoor")
_CATEGORIES = ("Books", "Garden", "Kitchen", "Electronics", "Toys", "Sports", "Music", "Travel")
_TEAMS = ("Platform", "Design", "Marketing", "Support", "Research", "Sales", "Finance", "Operations")
_ROLES = ("member", "editor", "viewer", "admin")
_PERMISSIONS = ("read", "write", "admin", "read")
_STATES = ("active", "pending", "completed")
_COLOUR_NAMES = ("teal", "navy", "olive", "coral", "indigo", "crimson", "gold", "slate")
_COLOURS = ("#1f77b4", "#ff7f0e", "#2ca02c", "#d62728", "#9467bd", "#8c564b", "#17becf", "#bcbd22")
_GENRES = ("jazz", "indie rock", "ambient", "folk", "hip hop", "classical", "electronic", "soul")
_ERRORS = (
    "The request could not be completed.",
    "A required value is missing.",
    "The item was not found.",
)
_BRANDS = ("Visa", "Mastercard", "American Express")
_WORDS = ("garden", "journey", "coffee", "bridge", "morning", "letter", "window", "summer")


def one_of(values: Sequence[str]) -> Callable[[Draw], str]:
    """A maker that takes the values in turn."""
    return lambda draw: draw.next(values)


def one_for_each_name(values: Sequence[str]) -> Callable[[Draw], str]:
    """A maker that takes the values in turn, and others for other names in the same object."""
    return lambda draw: draw.next(values, draw.name)


def faked(method: str) -> Callable[[Draw], str]:
    """A maker of what a method of Faker makes in the locale."""
    return lambda draw: fake(draw.style.locale, method, draw.number(f"{method} {draw.owner}"))


def _in_english(values: Sequence[str], method: str) -> Callable[[Draw], str]:
    """A maker that takes the values in turn in English, and asks Faker in other languages."""
    english, other = one_for_each_name(values), faked(method)
    return lambda draw: (english if draw.style.locale.startswith("en") else other)(draw)


phrase = _in_english(_TITLES, "sentence")
sentence = _in_english(_SENTENCES, "sentence")
category, team, event = one_of(_CATEGORIES), one_of(_TEAMS), one_of(_EVENTS)
pet, dish, genre, tag, slug = one_of(_PETS), one_of(_DISHES), one_of(_GENRES), one_of(_TAGS), one_of(_SLUGS)
role, permission, status = one_of(_ROLES), one_of(_PERMISSIONS), one_of(_STATES)
colour, colour_name, error, card_brand, word = map(one_of, (_COLOURS, _COLOUR_NAMES, _ERRORS, _BRANDS, _WORDS))
company, job = faked("company"), faked("job")


def title(draw: Draw) -> str:
    """The title of something: the same one under whatever name."""
    return phrase(replace(draw, name=""))


def product(draw: Draw) -> str:
    """The name of a product."""
    return f"{draw.next(_QUALITIES)} {draw.pick(_PRODUCTS, 'product')}"


def paragraph(draw: Draw) -> str:
    """A few sentences."""
    if not draw.style.locale.startswith("en"):
        return fake(draw.style.locale, "paragraph", draw.number("paragraph"))
    return " ".join(sentence(draw.later(number)) for number in range(3))


def numbered(draw: Draw) -> str:
    """What the name says, and a number that tells it from others: `widget mode 1`."""
    what = draw.name or draw.owner or "text"
    return f"{what} {draw.which + draw.style.seed + 1}"


def numbered_thing(draw: Draw) -> str:
    """What the thing is, and its number: `Tax rate 1`."""
    what = " ".join((draw.owner or draw.name or "thing").split()[-2:])
    return f"{what[:1].upper()}{what[1:]} {draw.which + draw.style.seed + 1}"


def kind_name(draw: Draw) -> str:
    """The kind of the object, as programs write it: `tax_rate`."""
    return "_".join((draw.owner or draw.name).split()) or "default"


def class_name(draw: Draw) -> str:
    """The kind of the object, as classes are named: `TaxRate`."""
    return "".join(word.capitalize() for word in draw.owner.split()) or "Default"
