"""An example whose value is in a file of its own (`externalValue`) is served, under the rules of references."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from support.asking import asker, header
from support.checking import checked, lines
from support.commands import written
from support.web import serving

from tallystick.contracts.read import read_contract
from tallystick.nouns.contract import Contract

PNG = b"\x89PNG\r\n\x1a\n\xff"
FILES: dict[str, str | bytes] = {
    "a.json": '{"n": 1}\n',
    "wrong.json": '{"n": "x"}',
    "a.xml": "<a><n>2</n></a>",
    "a.csv": "n\n3\n",
    "a.png": PNG,
}
FORMATS = {
    "application/json": "{type: object, properties: {n: {type: integer}}}",
    "application/xml": "{type: object, xml: {name: a}, properties: {n: {type: integer}}}",
    "text/csv": "{type: string}",
    "image/png": "{type: string, format: binary}",
}


def contract_with(folder: Path, media_type: str, address: str, *allow: str) -> Contract:
    """A contract whose one response has an example of a media type at an address, beside some files."""
    for name, content in FILES.items():
        (folder / name).write_bytes(content.encode() if isinstance(content, str) else content)
    written(folder.parent, "outside.json", '{"n": 4}')
    content = (
        f"{{'{media_type}': {{schema: {FORMATS[media_type]}, examples: {{e: {{$ref: '#/components/examples/E'}}}}}}}}"
    )
    file = written(
        folder,
        "x.yaml",
        "openapi: 3.0.3\ninfo: {title: x, version: '1'}\npaths:\n  /a:\n    get:\n      operationId: a\n"
        f"      responses: {{'200': {{description: A, content: {content}}}}}\n"
        f"components: {{examples: {{E: {{externalValue: '{address}'}}}}}}\n",
    )
    return read_contract(file, allow)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A folder for a contract, in one that the test has to itself."""
    (tmp_path / "api").mkdir()
    return tmp_path / "api"


@pytest.mark.parametrize(
    ("media_type", "name"),
    [("application/json", "a.json"), ("application/xml", "./a.xml"), ("text/csv", "a.csv"), ("image/png", "a.png")],
)
def test_the_bytes_of_the_file_are_served(media_type: str, name: str, folder: Path) -> None:
    """Whatever the media type, also as the reply to a request that wishes for nothing."""
    ask = asker(contract_with(folder, media_type, name))
    for wish in ({"Prefer": "example=e"}, {}):
        reply = ask("GET /a", wish)
        assert (reply.status, header(reply, "content-type")) == (200, media_type)
        assert reply.body == (folder / name).read_bytes()


def test_a_file_that_does_not_fit_the_schema_is_mended(folder: Path) -> None:
    """It is an example like any other: it is mended where it breaks, and the reply says so."""
    ask = asker(contract_with(folder, "application/json", "wrong.json"))
    for wish in ({}, {"Prefer": "example=e"}):
        reply = ask("GET /a", wish)
        assert (reply.status, list(json.loads(reply.body))) == (200, ["n"])
        assert "example-mended" in header(reply, "tallystick-violations")


def test_what_is_not_there_is_told(folder: Path) -> None:
    """A missing file, and a folder, is a part of the contract that could not be read."""
    for address, fact in (("none.json", "there is no such file"), (".", "this is a directory")):
        contract = contract_with(folder, "application/json", address)
        (part,) = contract.unreadable_parts
        assert part.message.startswith(f"the externalValue {address} cannot be read: ")
        assert fact in part.message
        (message,) = lines(checked(folder / "x.yaml"))
        assert message.startswith("x.yaml:8: unreadable-part: the externalValue ")
        assert b"no example 'e'" in asker(contract)("GET /a", {"Prefer": "example=e"}).body


def test_what_is_elsewhere_is_read_only_where_it_is_allowed(folder: Path) -> None:
    """A file outside of the folder and a page are left alone, and nothing is said of them."""
    outside = contract_with(folder, "application/json", "../outside.json")
    assert (outside.unreadable_parts, outside.operations[0].responses[0].content[0].examples) == ((), ())
    allowed = contract_with(folder, "application/json", "../outside.json", str(folder.parent))
    assert asker(allowed)("GET /a").body == b'{"n": 4}'
    with serving({"/a.json": (200, '{"n": 5}')}) as (url, asked):
        contract_with(folder, "application/json", f"{url}/a.json")
        assert asked == []
        assert (
            asker(contract_with(folder, "application/json", f"{url}/a.json", "127.0.0.1"))("GET /a").body == b'{"n": 5}'
        )


def test_each_value_is_fetched_once_whatever_its_bytes(tmp_path: Path) -> None:
    """A picture need not be text, and neither it nor one that is missing is asked for again at its next use."""
    responses = "".join(
        f"        '20{number}': {{description: A, content: {{image/png: {{schema: {FORMATS['image/png']}, examples: "
        f"{{e: {{$ref: '#/components/examples/E'}}, f: {{$ref: '#/components/examples/F'}}}}}}}}}}\n"
        for number in range(3)
    )
    with serving({"/a.png": (200, PNG)}) as (url, asked):
        file = written(
            tmp_path,
            "x.yaml",
            "openapi: 3.0.3\ninfo: {title: x, version: '1'}\npaths:\n  /a:\n    get:\n      responses:\n"
            f"{responses}components:\n  examples:\n    E: {{externalValue: '{url}/a.png'}}\n"
            f"    F: {{externalValue: '{url}/b.png'}}\n",
        )
        contract = read_contract(file, ["127.0.0.1"])
    assert sorted(asked) == ["/a.png", "/b.png"]
    assert [part.message.partition(": ")[2] for part in contract.unreadable_parts] == ["404 Not Found"]
    assert asker(contract)("GET /a").body == PNG
