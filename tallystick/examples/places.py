"""Places: countries with their codes, currencies and languages, addresses, coordinates."""

from __future__ import annotations

from collections.abc import Callable
from functools import lru_cache
from typing import NamedTuple

from tallystick.examples.draws import Draw
from tallystick.examples.fake import fake


class Country(NamedTuple):
    """A country: its name, its codes, what its people pay with and speak, its time zone, and its capital."""

    name: str
    code: str
    code3: str
    currency: str
    currency_name: str
    language: str
    language_name: str
    zone: str
    capital: str
    latitude: str
    longitude: str

    @property
    def locale(self) -> str:
        """Its language as spoken there, as BCP 47 writes it."""
        return f"{self.language}-{self.code}"


_ROWS = """United States;US;USA;USD;US Dollar;en;English;America/New_York;Washington;38.9072;-77.0369
Germany;DE;DEU;EUR;Euro;de;German;Europe/Berlin;Berlin;52.52;13.405
Japan;JP;JPN;JPY;Japanese Yen;ja;Japanese;Asia/Tokyo;Tokyo;35.6762;139.6503
Brazil;BR;BRA;BRL;Brazilian Real;pt;Portuguese;America/Sao_Paulo;Brasília;-15.7939;-47.8828
United Kingdom;GB;GBR;GBP;Pound Sterling;en;English;Europe/London;London;51.5072;-0.1276
France;FR;FRA;EUR;Euro;fr;French;Europe/Paris;Paris;48.8566;2.3522
Canada;CA;CAN;CAD;Canadian Dollar;en;English;America/Toronto;Ottawa;45.4215;-75.6972
Kenya;KE;KEN;KES;Kenyan Shilling;sw;Swahili;Africa/Nairobi;Nairobi;-1.2921;36.8219
Spain;ES;ESP;EUR;Euro;es;Spanish;Europe/Madrid;Madrid;40.4168;-3.7038
Australia;AU;AUS;AUD;Australian Dollar;en;English;Australia/Sydney;Canberra;-35.2809;149.13
Italy;IT;ITA;EUR;Euro;it;Italian;Europe/Rome;Rome;41.9028;12.4964
India;IN;IND;INR;Indian Rupee;hi;Hindi;Asia/Kolkata;New Delhi;28.6139;77.209
Norway;NO;NOR;NOK;Norwegian Krone;no;Norwegian;Europe/Oslo;Oslo;59.9139;10.7522
Portugal;PT;PRT;EUR;Euro;pt;Portuguese;Europe/Lisbon;Lisbon;38.7223;-9.1393
Mexico;MX;MEX;MXN;Mexican Peso;es;Spanish;America/Mexico_City;Mexico City;19.4326;-99.1332
Switzerland;CH;CHE;CHF;Swiss Franc;de;German;Europe/Zurich;Bern;46.948;7.4474
Netherlands;NL;NLD;EUR;Euro;nl;Dutch;Europe/Amsterdam;Amsterdam;52.3676;4.9041
Poland;PL;POL;PLN;Polish Zloty;pl;Polish;Europe/Warsaw;Warsaw;52.2297;21.0122
Sweden;SE;SWE;SEK;Swedish Krona;sv;Swedish;Europe/Stockholm;Stockholm;59.3293;18.0686
South Korea;KR;KOR;KRW;South Korean Won;ko;Korean;Asia/Seoul;Seoul;37.5665;126.978"""

COUNTRIES = tuple(Country(*row.split(";")) for row in _ROWS.splitlines())
_PARTS_OF_ADDRESS = ("city", "street", "postal code", "zip", "zip code", "postcode", "line 1", "address 1", "state")


@lru_cache(maxsize=16)
def _home(locale: str) -> Country:
    """The country of a locale."""
    return next((country for country in COUNTRIES if country.code == locale[3:]), COUNTRIES[0])


def country(draw: Draw) -> Country:
    """The country of an object: that of the locale for addresses, and for what has people or prices."""
    if draw.owner.endswith(("country", "currency", "language", "locale", "region", "zone")):
        return draw.next(COUNTRIES)
    return _home(draw.style.locale) if draw.has(*_PARTS_OF_ADDRESS) else draw.pick(COUNTRIES, "country")


def country_s(part: Callable[[Country], str]) -> Callable[[Draw], str]:
    """A maker of a fact of a country."""
    return lambda draw: part(country(draw))


def country_code(draw: Draw) -> str:
    """A country's code, of three letters where the contract says so."""
    described = draw.description.lower()
    is_long = any(word in described for word in ("alpha-3", "alpha3", "three-letter", "three letter", "3-letter"))
    return country(draw).code3 if is_long else country(draw).code


def currency(draw: Draw) -> str:
    """The code of a currency, in lower case where the contract says so: that of the locale, but where rows are some."""
    is_row = draw.owner.endswith(("currency", "country", "rate"))
    code = (draw.next(COUNTRIES) if is_row else _home(draw.style.locale)).currency
    return code.lower() if "lowercase" in draw.description.lower() else code


def language(draw: Draw) -> str:
    """The code of a language: that of the locale, but where rows are languages."""
    is_row = draw.owner.endswith(("language", "translation", "locale"))
    return (draw.next(COUNTRIES) if is_row else _home(draw.style.locale)).language


def locale(draw: Draw) -> str:
    """A locale, as BCP 47 writes it."""
    return _home(draw.style.locale).locale


def of_address(method: str) -> Callable[[Draw], str]:
    """A maker of a part of an address, by Faker's method."""
    return lambda draw: fake(draw.style.locale, method, draw.number(f"{method} {draw.owner}"))


def state(draw: Draw) -> str:
    """A state, a province or the like; a city's name where the locale has none."""
    try:
        return fake(draw.style.locale, "administrative_unit", draw.number("state"))
    except AttributeError:
        return fake(draw.style.locale, "city", draw.number("state"))


def state_code(draw: Draw) -> str:
    """The code of a state."""
    try:
        return fake(draw.style.locale, "state_abbr", draw.number("state"))
    except AttributeError:
        return state(draw)[:2].upper()


def second_line(draw: Draw) -> str:
    """The second line of an address."""
    return f"Apt. {draw.number('second line') % 90 + 1}"


def coordinate(is_latitude: bool) -> Callable[[Draw], float]:
    """A maker of one coordinate of a place near a town; both of an object are of the same place."""

    def make(draw: Draw) -> float:
        town = draw.pick(COUNTRIES, "coordinates")
        near = draw.number("latitude" if is_latitude else "longitude") % 2000 / 10_000 - 0.1
        return round(float(town.latitude if is_latitude else town.longitude) + near, 4)

    return make
