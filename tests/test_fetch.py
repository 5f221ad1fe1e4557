"""Documents are fetched where the user allows it; what cannot be fetched says why."""

from __future__ import annotations

import time
from pathlib import Path

import pytest
from support.files import target, written
from support.web import answering, serving

from tallystick.documents.fetch import fetch
from tallystick.documents.library import Library, load
from tallystick.nouns.errors import NotFollowedError, UnreadableError, UsageError


def test_nothing_is_fetched_unasked(tmp_path: Path) -> None:
    """A remote reference is refused with what would allow it, and no request is sent."""
    root = written(tmp_path, main="a: 1\n")
    with (
        serving({}) as (url, asked),
        pytest.raises(NotFollowedError, match="not fetched; allow it with --allow-ref 127"),
    ):
        root.target(f"{url}/a.yaml")
    assert asked == []


def test_a_host_that_is_allowed_is_asked_once(tmp_path: Path) -> None:
    """What was fetched is kept, and its own references are relative to where it came from."""
    (tmp_path / "main.yaml").write_text("a: 1\n")
    root = load(tmp_path / "main.yaml", ["127.0.0.1"])
    replies = {"/x/a.yaml": (200, "b: {$ref: b.json}\n"), "/x/b.json": (200, '{"c": 1}')}
    with serving(replies) as (url, asked):
        for _ in range(2):
            assert root.target(f"{url}/x/a.yaml#/b").follow().value == {"c": 1}
    assert asked == ["/x/a.yaml", "/x/b.json"]


def test_what_cannot_be_fetched_says_why(tmp_path: Path) -> None:
    """A status, a connection that is refused and a redirect to another host are each told."""
    (tmp_path / "main.yaml").write_text("a: 1\n")
    root = load(tmp_path / "main.yaml", ["127.0.0.1"])
    with serving({"/away": (302, "http://localhost:1/a"), "/here": (302, "/there"), "/there": (200, "b: 1")}) as (
        url,
        _,
    ):
        with pytest.raises(UnreadableError, match="cannot be fetched: 404 Not Found"):
            root.target(f"{url}/none.yaml")
        with pytest.raises(UnreadableError, match="it redirects to localhost; allow that with --allow-ref localhost"):
            root.target(f"{url}/away")
        assert target(root, f"{url}/here#/b") == 1
    with pytest.raises(UnreadableError, match=r"cannot be fetched: .*refused"):
        root.target(f"{url}/there?again")
    with pytest.raises(UnreadableError, match="neither a file nor a web address"):
        root.target("ftp://127.0.0.1/a")


@pytest.mark.parametrize("template", ["127.0.0.1", "127.0.0.1:{port}", "http://127.0.0.1", "http://127.0.0.1:{port}/"])
def test_a_host_is_allowed_as_a_whole_or_at_one_port(template: str, tmp_path: Path) -> None:
    """A host may be written as the beginning of an address, too."""
    (tmp_path / "main.yaml").write_text("a: 1\n")
    with serving({"/a": (200, "b: 1")}) as (url, _):
        root = load(tmp_path / "main.yaml", [template.format(port=url.rpartition(":")[2])])
        assert target(root, f"{url}/a#/b") == 1


def test_another_port_than_the_allowed_one_is_not_asked(tmp_path: Path) -> None:
    """A port that is named is the only one; the port of the scheme need not be written in the reference."""
    library = Library(tmp_path, ["a.example:443", "[::1]:80", "B.example"])
    asked = {
        "https://a.example/x": True,
        "https://A.example:443/x": True,
        "http://a.example/x": False,
        "https://a.example:444/x": False,
        "http://[::1]/x": True,
        "http://[::1]:81/x": False,
        "http://b.example:81/x": True,
        "https://c.example/x": False,
    }
    assert {uri: library.may_ask(uri) for uri in asked} == asked


@pytest.mark.parametrize(
    "name", ["/no/such/folder", "no/folder", "127.0.0.1:99999", "https://a/b", "a b", "ftp://", ""]
)
def test_what_is_allowed_must_be_a_folder_or_a_host(name: str, tmp_path: Path) -> None:
    """A name that could match nothing is refused, and not taken in silence."""
    (tmp_path / "main.yaml").write_text("a: 1\n")
    with pytest.raises(UsageError, match=f"--allow-ref {name}: "):
        load(tmp_path / "main.yaml", [name])


@pytest.mark.parametrize(
    ("answer", "said"),
    [
        (b"nonsense\r\n\r\n", "the answer is not HTTP"),
        (b"HTTP/1.1 302 Found\r\nLocation: http://[x/\r\n\r\n", "it leads to what is no web address"),
        (b"HTTP/1.1 302 Found\r\nLocation: http://127.0.0.1:99999/\r\n\r\n", "it leads to what is no web address"),
        (
            b"HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nb: 1\n",
            "it ended after 5 bytes, 4 short of its Content-Length",
        ),
        (b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n9\r\nb: 1\n", "the answer is not HTTP: Incomplete"),
        (b"HTTP/1.1 200 OK\r\n\r\nb: \xff\n", "it is not text in UTF-8"),
        (
            b"HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\n\r\n\x1f",
            "it is sent in the coding gzip, which was not asked for; `curl --compressed` undoes it",
        ),
    ],
)
def test_a_bad_answer_is_told_and_not_asked_for_again(answer: bytes, said: str, tmp_path: Path) -> None:
    """What a host answers is never a fault of this program's; a second reference has the same error at once."""
    (tmp_path / "main.yaml").write_text("a: 1\n")
    root = load(tmp_path / "main.yaml", ["127.0.0.1"])
    with answering(answer) as (url, sent):
        for ref in (url, f"{url}#/b"):
            with pytest.raises(UnreadableError, match=f"cannot be fetched: {said}"):
                root.target(ref)
        assert len(sent) == 1


def test_a_document_that_was_fetched_and_is_none_is_not_asked_for_again(tmp_path: Path) -> None:
    """A page that cannot be parsed is told with its own address and line each time."""
    (tmp_path / "main.yaml").write_text("a: 1\n")
    root = load(tmp_path / "main.yaml", ["127.0.0.1"])
    with serving({"/a": (200, "b: 1\nb: 2\n")}) as (url, asked):
        for _ in range(2):
            with pytest.raises(UnreadableError, match=f"{url}/a:2: duplicate key"):
                root.target(f"{url}/a")
    assert asked == ["/a"]


def test_a_slow_answer_ends() -> None:
    """The time is that of the whole, however steadily the bytes come."""
    drip = [b"HTTP/1.1 200 OK\r\n", *(b"X-%d: 1\r\n" % number for number in range(1000))]
    with answering(*drip, pause=0.05) as (url, _):
        began = time.monotonic()
        with pytest.raises(OSError, match=r"it took longer than 0\.3 seconds"):
            fetch(url, lambda _: True, seconds=0.3)
        assert time.monotonic() - began < 5
