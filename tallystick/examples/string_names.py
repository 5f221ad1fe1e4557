"""Which strings are meant by which names; see `tallystick.examples.name_tables`."""

from __future__ import annotations

import re

from tallystick.examples import identifiers, moments, people, places, texts, web
from tallystick.examples.draws import Draw
from tallystick.examples.name_tables import Entry, NameTable
from tallystick.examples.people import person_called
from tallystick.examples.places import country_s, of_address
from tallystick.examples.texts import one_of

_PEOPLE = (
    "user|customer|client|person|people|author|owner|creator|assignee|employee|member|contact|patient|student|teacher|"
    "driver|guest|cardholder|card holder|account holder|holder|payer|payee|recipient|sender|reviewer|profile|"
    "billing details|billing|shipping|individual|committer|player|actor|admin|attendee|participant|passenger|"
    "candidate|agent|manager|artist|follower|friend|requester|approver|beneficiary|buyer|seller|shopper|subscriber|"
    "visitor|staff|card|cardholder name|doctor|nurse|instructor|speaker|organizer|narrator|character|me|signer|"
    "representative|relative|"
    "collaborator|contributor|performer|adopter|resident|tenant|worker|colleague|lead|maintainer|identity"
)
_COMPANIES = (
    "company|organization|organisation|org|business profile|business|vendor|employer|merchant|supplier|brand|"
    "manufacturer|publisher|store|shop|restaurant|institution|bank|provider|school|hospital|hotel|airline|firm|agency|enterprise|carrier|"
    "account|tenant|marketplace|producer|distributor|studio|partner|museum|insurer"
)
_SLUGS = (
    "repository|repo|project|branch|package|module|container|volume|bucket|cluster|deployment|service|pod|namespace|"
    "workflow|runner|database|table|index|collection|queue|topic|stack|server|instance|host|droplet|app|application|"
    "image|network|node|secret|config|config map|environment|pipeline|plugin|registry|snapshot|webhook|hook|function|"
    "job|task|stream|load balancer|firewall|domain|upstream|route|check|dataset|model|assistant|integration|channel|"
    "template|resource|machine|replica|shard|vpc|space|library|integration"
)
_PRODUCTS = "product|item|sku|good|variant|line item|offer|gift|order item|part|listing|plan|price"
_WORKS = (
    "album|track|song|playlist|show|episode|audiobook|chapter|movie|film|book|game|post|article|page|blog|story|issue|"
    "pull|pull request|ticket|report|course|lesson|document|note|photo|picture|video|podcast|series|discussion|thread|"
    "paper|milestone|survey|news|recording|title|todo|task|board|gist|idea|question|topic|section|magazine|comic"
)
_EVENTS = "event|exhibit|exhibition|conference|meeting|concert|workshop|webinar|class|tour|appointment|session|activity"
_ERRORS = "error|problem|failure|fault|exception|violation|validation error|last error|refusal|basic error"


def _name(draw: Draw) -> str:
    """The name of something that no row knows: a person's or a product's by what is beside it, else what it is."""
    if draw.has("email", "first name", "last name", "birthday", "login", "username", "phone", "age", "gender"):
        return people.person(draw).full
    if draw.has("price", "sku", "stock", "unit price"):
        return texts.product(draw)
    if draw.has("namespace", "labels"):
        return texts.slug(draw)
    return texts.numbered_thing(draw)


def _slug(draw: Draw) -> str:
    """The words of a title in an address; something's own short name where it has no title."""
    words = texts.title(draw) if draw.has("title", "headline") else texts.slug(draw)
    return "-".join(re.findall(r"\w+", words.lower()))


def _time(draw: Draw) -> str:
    """A moment, or how long something takes, as the words of the name say."""
    return moments.date_time(draw) if moments.is_moment(draw.name) else f"{draw.number(draw.name) % 40 + 5} min"


def _kind(draw: Draw) -> str:
    """The kind of an object, written as the API writes kinds: Kubernetes names classes."""
    return texts.class_name(draw) if draw.name == "kind" and draw.has("api version") else texts.kind_name(draw)


def _code(draw: Draw) -> str:
    return identifiers.secret(8, "23456789ABCDEFGHJKLMNPQRSTUVWXYZ")(draw)


def _full_repository_name(draw: Draw) -> str:
    return f"{people.user_name(draw)}/{texts.slug(draw)}"


def _amount_text(draw: Draw) -> str:
    return f"{draw.number('amount') % 190 + 5}.{draw.pick(('00', '50', '90', '95'), 'cents')}"


def _position(draw: Draw) -> str:
    return ",".join(str(places.coordinate(is_latitude)(draw)) for is_latitude in (True, False))


_FULL_NAME = person_called(lambda person: person.full)

_ROWS: tuple[Entry[str], ...] = (
    # people
    ("first name|given name|forename|firstname", "", person_called(lambda person: person.given)),
    ("given|first", _PEOPLE + "|name", person_called(lambda person: person.given)),
    ("last name|family name|surname|sur name|lastname|second name", "", person_called(lambda person: person.family)),
    ("family|last", _PEOPLE + "|name", person_called(lambda person: person.family)),
    ("middle name", "", person_called(lambda person: person.given[:1])),
    ("initials", "", people.initials),
    ("full name|fullname|real name|legal name|screen name|display name|friendly name|nickname", _PEOPLE, _FULL_NAME),
    ("full name", _SLUGS, _full_repository_name),
    ("full name|fullname|real name|contact name|holder name", "", _FULL_NAME),
    ("holder|author|creator|assignee|reviewer|recipient|sender|created by|updated by|modified by|"
     "attendee", "", people.bare_person),
    ("artist|actor|director|narrator|teacher|instructor|speaker|organizer|contact|payee|"
     "payer", "", people.bare_person),
    ("e mail|email|email address|e mail address|mail", "", people.email),
    ("username|user name|login|login name|nickname|nick|handle|screen name|alias", "", people.user_name),
    ("phone|telephone|phone number|telephone number|mobile|mobile number|mobile phone|fax|fax number|msisdn|"
     "cell|tel", "", people.phone),
    ("gender|sex", "", one_of(("female", "male"))),
    ("prefix|title|salutation", "person|name", one_of(("Ms.", "Mr."))),
    ("job title|job|occupation|profession|position", "", texts.job),
    ("title|position", _PEOPLE, texts.job),
    ("bio|biography|about", "", texts.sentence),
    # companies
    ("company|company name|organization|organisation|employer|vendor|merchant|manufacturer|publisher|"
     "supplier", "", texts.company),
    ("business name|legal name|org name|bank name|bank|brand name|institution|producer|studio|"
     "airline", "", texts.company),
    ("brand", "card|payment method|payment", texts.card_brand),
    ("brand", "", texts.company),
    ("department|team", "", texts.team),
    ("carrier", "", one_of(("UPS", "DHL", "FedEx"))),
    # places
    ("street|street address|address line|line 1|address 1|address line 1|street line 1|street 1|"
     "street name", "", of_address("street_address")),
    ("address", "ip|ip v 4|remote|client|server", web.ipv4),
    ("address", "email|e mail", people.email),
    ("address", "mac", web.mac),
    ("address", "contract|wallet|stake|payment|blockchain", identifiers.hexadecimal(40)),
    ("address|full address|formatted address|postal address", "", of_address("address")),
    ("line|line 2|address 2|address line 2|street line 2|street 2|apartment|suite|unit number", "", places.second_line),
    ("house number|building number|street number|"
     "house number or name", "", lambda draw: f"{draw.number('house') % 180 + 1}"),
    ("city|town|locality|hometown|municipality|place of birth|birth place|birthplace", "", of_address("city")),
    ("city name|town name", "", of_address("city")),
    ("district|county|borough|suburb", "", of_address("city")),
    ("state", "address|billing address|shipping address|location|place|city", places.state),
    ("state or province|province|state name|administrative area|state province", "", places.state),
    ("state code|province code|region code", "", places.state_code),
    ("region", "address|location|place|geo", places.state),
    ("region", "", one_of(("eu-central-1", "us-east-1", "ap-northeast-1"))),
    ("zip|zip code|zipcode|postcode|post code|postal code|postalcode|postal", "", of_address("postcode")),
    ("market|country code|country iso|iso country|country iso code|iso 2|alpha 2|cca 2", "", places.country_code),
    ("iso 3|alpha 3|cca 3", "", country_s(lambda country: country.code3)),
    ("code|iso code|abbreviation", "country", places.country_code),
    ("country", "address|billing address|shipping address|account|card|bank account|card present|"
     "legal", places.country_code),
    ("country|country name|nationality|country of origin|nation", "", country_s(lambda country: country.name)),
    ("name", "country|nation", country_s(lambda country: country.name)),
    ("name", "city|town|place|location|destination|station|stop|capital", of_address("city")),
    ("name", "state|province|region", places.state),
    ("name", "language", country_s(lambda country: country.language_name)),
    ("name", "currency", country_s(lambda country: country.currency_name)),
    ("code|iso code|alpha code", "currency", places.currency),
    ("capital", "", country_s(lambda country: country.capital)),
    ("location|place|venue|origin|destination|hometown", "", of_address("city")),
    ("currency|currency code|iso currency|currency iso|base currency", "", places.currency),
    ("symbol", "currency", one_of(("$", "€", "£", "¥"))),
    ("language|lang|language code|iso 639 1", "repository|repo|code search|code|gist file|"
     "file", one_of(("Python", "TypeScript", "Go", "Rust"))),
    ("language|lang|language code|preferred language", "", places.language),
    ("locale", "", places.locale),
    ("time zone|timezone|tz", "", country_s(lambda country: country.zone)),
    ("lat|latitude", "", lambda draw: str(places.coordinate(is_latitude=True)(draw))),
    ("lon|lng|longitude", "", lambda draw: str(places.coordinate(is_latitude=False)(draw))),
    ("coordinates|lat lng|latlng|geo|geolocation", "", _position),
    # names of things
    ("name", _PEOPLE, _FULL_NAME),
    ("name", _COMPANIES, texts.company),
    ("name", "team|department|squad|unit", texts.team),
    ("name", "pet|dog|cat|animal|puppy|kitten", texts.pet),
    ("name", _PRODUCTS, texts.product),
    ("name", _WORKS, texts.title),
    ("name", _EVENTS, texts.event),
    ("name", "dish|meal|recipe|food|menu item|burger|pizza|drink|cocktail|snack|ingredient", texts.dish),
    ("name", "tag|label|keyword|topic|hashtag", texts.tag),
    ("name", "category|genre|department|section|aisle|subcategory", texts.category),
    ("name", "role|group|permission|scope|privilege", texts.role),
    ("name", "color|colour", texts.colour_name),
    ("name", "file|attachment|document|asset|artifact|upload|media", web.file_name),
    ("name", "event type|metric|setting|property|attribute|header|variable|parameter|field|column|key", texts.word),
    ("name", "host|server|node", texts.slug),
    ("name", _SLUGS, texts.slug),
    ("name|display name|friendly name|label name|short name|long name|product name", "", _name),
    ("display name|friendly name", _SLUGS + "|"
     "" + _PRODUCTS, lambda draw: texts.slug(draw).replace("-", " ").capitalize()),
    ("product|sku name|product title", "order|cart|line item", texts.product),
    ("model|make", "car|vehicle|truck", one_of(("Corolla", "Golf", "Model 3", "Civic"))),
    ("model", "chat|completion|response|assistant|embedding|message|run|thread|image|speech|"
     "moderation", one_of(("small-1", "large-2"))),
    ("breed", "", one_of(("Labrador", "Siamese", "Beagle", "Maine Coon"))),
    ("species", "", one_of(("dog", "cat", "rabbit", "parrot"))),
    ("genre", "", texts.genre),
    # texts
    ("title|headline|subject|heading|display title", "", texts.title),
    ("subtitle|caption|tagline|slogan", "", texts.phrase),
    ("title", _PRODUCTS, texts.product),
    ("title", _ERRORS, texts.error),
    ("message|detail|details|description|reason|error|error message|error description|msg", _ERRORS, texts.error),
    ("error|error message|failure message|failure reason|error description", "", texts.error),
    ("description|summary|desc|excerpt|abstract|blurb|synopsis|short description|long description|"
     "overview", "", texts.sentence),
    ("message|comment|note|notes|remark|remarks|reason|detail|details|explanation|memo|feedback|hint|"
     "instructions|footer", "", texts.sentence),
    ("body|content|article body|markdown|long text", "", texts.paragraph),
    ("text|review|story|prompt|question|answer|lyrics|biography|transcript|markdown|body text|"
     "caption", "", texts.sentence),
    ("html|body html|html content|content html|html description", "", lambda draw: f"<p>{texts.sentence(draw)}</p>"),
    ("query|q|search|search term|keywords", "", texts.word),
    ("label", "", lambda draw: texts.numbered_thing(draw)),
    ("tag|keyword|hashtag|topic", "", texts.tag),
    ("category|section|collection|department", "", texts.category),
    ("slug|permalink|url slug", "", _slug),
    # the web
    ("gravatar id", "", identifiers.hexadecimal(32)),
    ("avatar|image|logo|photo|picture|thumbnail|icon|banner|artwork|poster|screenshot|cover image|profile image|"
     "img", "", web.picture),
    ("image uri|image src|avatar uri|src", "", web.picture),
    ("b 64 json|image b 64|image base 64|b 64 image|base 64 image|photo base 64|thumbnail base 64|avatar base 64|"
     "logo base 64", "", web.picture_in_base64),
    ("url|uri|href|link|website|web site|home page|homepage|site|web page|callback|redirect uri|webhook|"
     "permalink|src", "", web.url),
    ("self", "", web.url),
    ("next|prev|previous|first|last|related", "links|link|page|paging|pagination|metadata", web.url),
    ("urls|links|hrefs", "", web.url),
    ("image", "container|pod|service|node|task", one_of(("nginx:1.29", "postgres:17", "redis:8"))),
    ("host|host name|hostname|fqdn|server", "", web.host),
    ("domain|domain name", "", web.domain),
    ("file name|filename|file", "", web.file_name),
    ("path|directory|folder|file path|route|pathname", "", web.path),
    ("ip|ip v 4|ip address|remote addr|remote ip|ip addr|client ip", "", web.ipv4),
    ("ip v 6|ipv 6 address", "", web.ipv6),
    ("mac address|mac", "", web.mac),
    ("mime|mime type|media type|content type|mimetype", "", one_of(web.MEDIA_TYPES)),
    ("user agent|useragent|browser", "", one_of(web.AGENTS)),
    ("method|http method|verb", "request|http|route|webhook|endpoint", one_of(("GET", "POST"))),
    ("protocol|scheme", "", one_of(("https",))),
    ("extension|file extension", "", one_of(("pdf", "png", "csv"))),
    ("ref|head ref|base ref", "", one_of(("refs/heads/main", "refs/heads/feature"))),
    ("branch|default branch|master branch|head branch|base branch", "", one_of(("main",))),
    ("hash|sha|commit|commit id|etag|sha 1|tree|head sha|base sha|git hash|tx hash|block|digest|"
     "tree id", "", identifiers.hexadecimal(40)),
    ("md 5|fingerprint|checksum|e tag", "", identifiers.hexadecimal(32)),
    ("sha 256|tx|txid|transaction hash|block hash|asset", "hash|blockchain|block|"
     "transaction", identifiers.hexadecimal(64)),
    ("token|access token|refresh token|auth token|bearer token|id token|session token|csrf token|"
     "jwt", "", identifiers.secret(40)),
    ("secret|client secret|api key|apikey|private key|public key|signing secret|webhook secret|"
     "access key", "", identifiers.secret(32)),
    ("password|passphrase|passwd|"
     "pwd", "", one_of(("correct-horse-battery", "four-quiet-lanterns", "blue-paper-boats-7"))),
    ("cursor|next cursor|page token|next page token|nonce|signature|starting after|ending before|"
     "continuation", "", identifiers.secret(24)),
    ("version|ver|app version|schema version|"
     "release", "", lambda draw: f"1.{draw.which + draw.style.seed}.0"),
    ("api version", "", one_of(("v1",))),
    ("resource version", "", lambda draw: f"{draw.number('version') % 90_000 + 10_000}"),
    ("tag name|tag", "release", lambda draw: f"v1.{draw.which + draw.style.seed}.0"),
    # moments
    ("time", "", _time),
    ("at|on|date time|datetime|timestamp|time stamp|last seen|last modified|last updated|moment|"
     "instant", "", moments.date_time),
    ("created|updated|modified|expires|expiry|published|date created|date updated|deadline|when|since|until|"
     "last login", "", moments.date_time),
    ("birthday|birth day|birthdate|dob|date of birth|birth date", "", moments.day),
    ("date|day|start date|end date|due date|release date|from date|to date|valid from|valid to|arrival|"
     "departure", "", moments.day),
    ("time of day|opening time|closing time|start of day", "", moments.time_of_day),
    ("duration|length|runtime|interval", "", one_of(("PT30M", "PT1H30M", "PT45M"))),
    ("year|release year", "", lambda draw: str(moments.moment(draw).year)),
    ("month", "", lambda draw: f"{moments.moment(draw).month:02}"),
    ("weekday|day of week", "", one_of(("Monday", "Tuesday", "Wednesday", "Thursday", "Friday"))),
    # money and numbers written as strings
    ("amount|price|total|cost|balance|subtotal|fee|tax|unit amount decimal|unit price|amount decimal|paid|"
     "revenue|salary", "", _amount_text),
    ("percent|percentage|rate|ratio|score|discount", "", lambda draw: f"{draw.number('percent') % 100}"),
    ("quantity|count|qty|size", "", lambda draw: f"{draw.number(draw.name) % 9 + 1}"),
    ("last 4|last four", "", identifiers.secret(4, "0123456789")),
    ("iban", "", texts.faked("iban")),
    ("bic|swift|swift code", "", texts.faked("swift")),
    ("card number|credit card number|pan", "", one_of(("4242424242424242", "5555555555554444", "378282246310005"))),
    ("cvc|cvv|pin|security code", "", identifiers.secret(3, "0123456789")),
    ("account number|routing number|bank code|tax id|vat|vat id|vat number|registration number|"
     "sort code", "", identifiers.secret(9, "123456789")),
    ("isbn|isbn 13", "", texts.faked("isbn13")),
    ("ean|gtin|upc|barcode", "", identifiers.secret(13, "123456789")),
    ("license plate|plate number|plate", "", texts.faked("license_plate")),
    ("vin", "", texts.faked("vin")),
    ("sku", "", lambda draw: f"SKU-{draw.number('sku') % 9000 + 1000}"),
    ("number|no", "room|gate|seat|table|flat|apartment", lambda draw: f"{draw.number('room') % 400 + 101}"),
    ("number|no", "issue|page", lambda draw: f"{draw.which + 1}"),
    ("invoice number|order number|reference number|ticket number|tracking number|confirmation number|"
     "number", "", _code),
    ("code|promo code|coupon|coupon code|voucher|reference|ref no|booking reference|psp reference|pin code", "", _code),
    ("code|error code|type|decline code", _ERRORS, one_of(("invalid_request", "not_found", "missing_value"))),
    ("error code|failure code|decline code", "", one_of(("invalid_request", "not_found", "missing_value"))),
    ("reference|external reference|shopper reference", "", _code),
    # kinds and states
    ("status|state|phase|stage", "", texts.status),
    ("visibility", "", one_of(("public", "private"))),
    ("priority|severity|level|importance", "", one_of(("medium", "high", "low"))),
    ("role|role name|user role", "", texts.role),
    ("permission|scope|access|access level", "", texts.permission),
    ("gender", "", one_of(("female", "male"))),
    ("size", "product|item|variant|shirt|clothing", one_of(("M", "L", "S", "XL"))),
    ("unit|units|unit of measure|price unit|quantity unit", "", one_of(("piece",))),
    ("environment|env|stage", "", one_of(("production", "staging", "development"))),
    ("platform|os|operating system", "", one_of(("linux", "macos", "windows"))),
    ("device|device name", "", one_of(("Desktop", "Phone", "Tablet"))),
    ("color|colour|background color|text color|foreground color|hex color", "", texts.colour),
    ("color|colour", "car|vehicle|product|pet|cat|dog|variant|shirt", texts.colour_name),
    ("license|spdx id", "", one_of(("MIT", "Apache-2.0", "BSD-3-Clause"))),
    ("type|kind|object|object type|category type|class|entity type|resource type", "", _kind),
    ("namespace", "", one_of(("default",))),
    ("statement descriptor|calculated statement descriptor|doing business as", "", texts.company),
    ("funding", "card", one_of(("credit", "debit"))),
    ("direction", "", one_of(("inbound", "outbound"))),
    ("operator", "", one_of(("In", "Exists"))),
    ("action|operation", "", one_of(("create", "update", "delete"))),
    ("subdomain", "", texts.slug),
    ("working dir|cwd", "", web.path),
    ("theme|color scheme", "", one_of(("light", "dark"))),
    ("industry|sector|line of business", "", one_of(("Software", "Retail", "Logistics", "Health care"))),
    ("condition|weather|forecast|conditions", "", one_of(("Partly cloudy", "Sunny", "Light rain"))),
    ("amenity|facility", "", one_of(("Wi-Fi", "Breakfast", "Parking", "Swimming pool"))),
    ("feature|benefit|perk", "", one_of(("Free delivery", "Two years of warranty", "Made of recycled material"))),
    ("skill|technology|framework", "", one_of(("TypeScript", "Python", "Figma", "SQL"))),
    ("hobby|interest", "", one_of(("Climbing", "Chess", "Cooking", "Photography"))),
    ("material|fabric", "", one_of(("Cotton", "Oak", "Steel", "Linen"))),
    ("allergen", "", one_of(("Gluten", "Milk", "Nuts"))),
    ("ingredient", "", one_of(("Tomato", "Basil", "Olive oil", "Garlic"))),
    ("cuisine", "", one_of(("Italian", "Thai", "Mexican"))),
    ("plan|tier|subscription type", "", one_of(("pro", "free", "team"))),
    ("payment method|payment type", "order|cart|checkout", one_of(("card", "invoice", "paypal"))),
    ("next|previous|prev", "", web.url),
    ("after|before", "cursor|cursors", identifiers.secret(24)),
    ("version range|versions", "", one_of(("< 2.4.0", ">= 1.0.0, < 1.8.2"))),
    # identities
    ("undeclared", "", lambda draw: f"key{draw.turn + 1}"),
    ("node id", "", identifiers.node_id),
    ("uuid|guid", "", identifiers.uuid_text),
    ("uid", "", identifiers.uuid_text),
    ("id|ids|identifier|pk|oid|sid", "", identifiers.text_id),
    ("key", "", texts.slug),
    ("key", "api|license|access", identifiers.secret(32)),
    ("product|price|application|on behalf of|balance transaction|invoice item|checkout session|user|customer|"
     "account|charge|invoice|subscription|payment intent|payment method|order|card|refund|payout|"
     "transfer", "", identifiers.text_id),
)  # fmt: skip

STRINGS = NameTable(_ROWS)
"""The makers of strings, by name."""
