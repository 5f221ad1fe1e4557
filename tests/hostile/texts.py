"""Texts that have done harm somewhere: as a key, a name, a value or the name of a file."""

from __future__ import annotations

from random import Random

ALARM = "tallystick.hostile"
"""The audit event that a payload raises where it is run as Python."""
PAYLOAD = f"__import__('sys').audit('{ALARM}')"

BREAKOUTS = (
    f'"""\n{PAYLOAD}\n"""',
    f"'''\n{PAYLOAD}\n'''",
    f'"+{PAYLOAD}+"',
    f"'+{PAYLOAD}+'",
    f"\n{PAYLOAD}\n",
    f"\r{PAYLOAD}\r#",
    f"\x0c\n{PAYLOAD}",
    f"\u2028{PAYLOAD}\u2029",
    f"\x85{PAYLOAD}",
    f'\\"""\n{PAYLOAD}\n#',
    f"{{{PAYLOAD}}}",
    f"{{{{{PAYLOAD}}}}}",
    f"{{% print({PAYLOAD}) %}}",
    f"x: int = {PAYLOAD}\n",
    f"# noqa\n{PAYLOAD}",
    f"\\N{{NULL}}\n{PAYLOAD}",
    "\\",
    '\\"',
    "\\u0022\\u0022\\u0022",
    "\\x",
    "\\N{x}",
)
"""Texts that leave a literal, a comment or a template of Python, and then do something."""
CONTROLS = (
    "\x00",
    "a\x00b",
    "\x1b[31mred\x1b[0m",
    "\x1b]0;title\x07",
    "\x1b]8;;http://example.com\x1b\\link\x1b]8;;\x1b\\",
    "\x9b31m",
    "\x07\x08\x7f",
    "back\x08\x08\x08\x08space",
    "up\x0bdown\x0c",
    "\r",
    "one\r\ntwo",
    "one\ntwo",
    "\u0085next",
    "\u2028line\u2029paragraph",
    "\u202eesrever\u202c",
    "\ufeffbom",
    "\u200bzero",
    "".join(map(chr, range(1, 32))),
    "".join(map(chr, range(127, 160))),
)
COMMANDS = (
    "\n::error::pwned",
    "\r::add-mask::a",
    "::stop-commands::x",
    "\n::set-output name=a::b",
    "x\n::warning file=a,line=1::b",
    "::error::%0A::error::x",
    "##[error]x",
    "\n##vso[task.setvariable variable=a]b",
    "\n##teamcity[buildStatus text='x']",
    "\u2028::error::x",
    "\x0b::error::x",
)
"""Texts that command a service that reads the log of a run."""
MARKUP = (
    "]]>",
    "<![CDATA[",
    "<!-- x --",
    "<!DOCTYPE x [<!ENTITY a 'b'>]>",
    "&amp;&lt;&#0;&a;",
    "<script>alert(1)</script>",
    "\ufffe\uffff",
    "'; DROP TABLE x;--",
    "$(touch x)`touch x`${HOME}",
    "%s%n%d%x",
    "%00%0d%0aX: y",
    "%",
    "%zz",
    "{",
    "}",
    "{}",
    "{0}",
    "{a",
    "{{a}}",
    "[/red]",
    "~1~0~2",
    "#/",
    "../../../../etc/passwd",
    "/etc/passwd",
    "C:\\x",
    "http://[",
    "http://[::1",
    "//",
    "?",
    "#",
    "a b",
    " ",
    "",
    "\t",
    "$ref",
    "'",
    '"',
    "`",
    ";",
    ",",
    ":",
    "@",
    "*",
    "&",
    "!",
    "|",
    "-",
    ".",
    "..",
)
PYTHON = tuple(
    "class None True self cls __init__ __class__ __dict__ __root__ __pydantic_validator__ model_config model_fields"
    " model_dump model_validate validate json copy schema construct dict fields BaseModel Field RootModel Annotated"
    " Literal Optional Any str int float bool bytes list type object property super print len isinstance datetime date"
    " time UUID Enum StrEnum TypeAdapter ConfigDict BODIES annotations import from lambda async await match case _ __"
    " __all__ __name__ __file__ __builtins__ pydantic typing enum mro name value _value_ __members__ 1 1a a-b a.b"
    " A a_ _a __a a__b"
    " \u00aa \ufb01 \u00b5 \u0130 \u0131 \u00df \u01c6 \u540d\u524d \u2126 \U0001d41a \u00e9 e\u0301 \U0001f642"
    " a\u00a0b".split(" ")
)
"""Names that mean something to Python, to Pydantic, or to the modules that are generated."""
SURROGATES = ("\ud800", "\udc00", "a\udfffb", "\ud83d", "\udc80")
"""Halves of characters: JSON can write them, and no encoding can."""
RESERVED = tuple(
    "Tallystick-Violations tallystick-mock Content-Length content-type Transfer-Encoding Connection Host Set-Cookie"
    " Date Server Upgrade Expect Trailer TE Keep-Alive Content-Encoding Accept Accept-Encoding Authorization Cookie"
    " Location Access-Control-Allow-Origin :status :path HTTP/1.1".split(" ")
)
"""Names of header fields that mean something to a server, or are the mock's own."""

_GROUPS = (BREAKOUTS, CONTROLS, COMMANDS, MARKUP, PYTHON, SURROGATES, RESERVED)


def hostile_text(draw: Random) -> str:
    """A text of any group; now and then two in one, many times the same, or any characters."""
    chance = draw.random()
    text = draw.choice(draw.choice(_GROUPS))
    if chance < 0.1:
        return text + draw.choice(draw.choice(_GROUPS))
    if chance < 0.15:
        return text * draw.choice((10, 300, 5000))
    if chance < 0.25:
        return "".join(chr(draw.choice((draw.randrange(128), draw.randrange(0x3000)))) for _ in range(12))
    if chance < 0.3:
        return "".join(chr(draw.randrange(0x110000)) for _ in range(6))
    return text


def file_name(draw: Random) -> bytes:
    """A name that a file can have, its suffix one of those of documents."""
    suffix = draw.choice((b".yaml", b".yml", b".json"))
    chance = draw.random()
    if chance < 0.1:
        return b"\xff\xfe\x80" + suffix
    if chance < 0.15:
        return b"n" * 240 + suffix
    text = hostile_text(draw).replace("\x00", "\\0").replace("/", "\u2215")
    raw = text.encode("utf-8", "surrogatepass")[:200]
    return (raw if raw.strip(b".") else b"dots" + raw) + suffix
