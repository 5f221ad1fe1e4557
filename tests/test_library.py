"""References are followed within a document, to files of its folder and, where the user allows it, beyond."""

from __future__ import annotations

import socket
import threading
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest

from tallystick.documents.fetch import fetch
from tallystick.documents.library import Node, load
from tallystick.nouns.errors import NotFollowedError, UnreadableError, UsageError


def written(folder: Path, **files: str) -> Node:
    """The root of `main` among some files, whose names stand with `__` for a slash; each is YAML."""
    for name, content in files.items():
        file = folder / f"{name.replace('__', '/')}.yaml"
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(content)
    return load(folder / "main.yaml")


def target(node: Node, ref: str) -> Any:
    """The value that a reference standing in a node leads to."""
    return node.target(ref).value


def test_a_pointer_leads_into_the_same_document(tmp_path: Path) -> None:
    """Keys are unescaped as URI and as JSON Pointer, lists are entered by index, and nothing means the whole."""
    root = written(tmp_path, main="a: {b/c: [x, {y~z: 1}]}\n'{d}': 2\n'': 3\nü: 4\n")
    assert target(root, "#/a/b~1c/1/y~0z") == 1
    assert target(root, "#/%7Bd%7D") == 2
    assert target(root, "#/") == 3
    assert target(root, "#/%C3%BC") == 4
    assert target(root, "#") is root.value


@pytest.mark.parametrize(
    "pointer", ["#/b", "#/a/0", "#/a/b/x", "#/a/b/2", "#/a/b/-1", "#/a/b/01x", "#nowhere", "#/a/b/0/c"]
)
def test_a_pointer_to_nothing_says_so_at_its_line(pointer: str, tmp_path: Path) -> None:
    """The message has the file and line of the reference, and what it looks for."""
    root = written(tmp_path, main=f"a: {{b: [1, 2]}}\nc:\n  $ref: '{pointer}'\n")
    with pytest.raises(UnreadableError, match="leads nowhere") as error:
        root.raw("c").follow()
    assert (error.value.file, error.value.line) == (str(tmp_path / "main.yaml"), 2)
    assert f"the reference {pointer} leads nowhere" in error.value.fact


def test_references_lead_from_file_to_file(tmp_path: Path) -> None:
    """Each is relative to the file that it stands in, and a chain is followed to its end."""
    root = written(
        tmp_path,
        main="a: {$ref: parts/one.yaml#/x}\nb: {$ref: ./parts/two.yaml}\nback: {$ref: parts/one.yaml#/back}\nz: end\n",
        parts__one="x: {$ref: two.yaml}\nback: {$ref: ../main.yaml#/z}\n",
        parts__two="here: true\n",
    )
    assert root.raw("a").follow().value == {"here": True}
    assert root.raw("back").follow().value == "end"
    assert root.raw("b").follow().place.file == str(tmp_path / "parts" / "two.yaml")
    assert len(root.library.documents) == 3


def test_a_circle_of_references_ends(tmp_path: Path) -> None:
    """References that lead only to one another are an error, and not a hang."""
    root = written(tmp_path, main="a: {$ref: '#/b'}\nb: {$ref: '#/c'}\nc: {$ref: '#/a'}\nd: {$ref: '#/d'}\n")
    for key in "abcd":
        with pytest.raises(UnreadableError, match="leads back to itself"):
            root.raw(key).follow()


def test_anchors_and_embedded_resources_are_found(tmp_path: Path) -> None:
    """`$anchor`, `$dynamicAnchor` and `$id` name schemas, and a reference inside a resource is relative to it."""
    root = written(
        tmp_path,
        main=(
            "outer:\n  $anchor: name\n  v: 1\ninner:\n  $id: https://example.com/inner\n"
            "  name: {$anchor: name, v: 2}\n  own: {v: 3, $dynamicAnchor: node}\n  ref: {}\n"
        ),
    )
    inside = root.raw("inner", "ref")
    assert target(root, "#name")["v"] == 1
    assert target(inside, "#name")["v"] == 2
    assert target(inside, "#/own")["v"] == 3
    assert target(root, "https://example.com/inner#node")["v"] == 3
    assert target(inside, "inner#/own")["v"] == 3
    assert target(root, "https://example.com/inner")["$id"] == "https://example.com/inner"


def test_a_file_that_is_not_there_is_named(tmp_path: Path) -> None:
    """The reference and the file are both in the message; a folder is no file."""
    root = written(tmp_path, main="a: 1\n", folder__x="b: 1\n")
    with pytest.raises(
        UnreadableError, match=r"the reference none\.yaml cannot be read: .*none\.yaml: there is no such"
    ):
        root.target("none.yaml")
    with pytest.raises(UnreadableError, match="this is a directory"):
        root.target("folder")


def test_a_broken_file_is_told_at_its_own_line(tmp_path: Path) -> None:
    """What is wrong in another file is said with that file's line."""
    root = written(tmp_path, main="a: 1\n", other="b: 1\nb: 2\n")
    with pytest.raises(UnreadableError) as error:
        root.target("other.yaml#/b")
    assert str(error.value) == f"{tmp_path}/other.yaml:2: duplicate key 'b'; a key may stand only once in an object"


def test_references_stay_in_the_folder(tmp_path: Path) -> None:
    """Neither dots nor an absolute path nor a symbolic link lead out, unless the folder is allowed."""
    home = tmp_path / "home"
    outside = tmp_path / "outside.yaml"
    outside.write_text("secret: 1\n")
    root = written(home, main="a: 1\n")
    (home / "link.yaml").symlink_to(outside)
    for ref in ("../outside.yaml", f"{outside}", f"file://{outside}", "link.yaml", "%2e%2e/outside.yaml"):
        with pytest.raises(NotFollowedError, match="leaves the contract's folder; allow it with --allow-ref"):
            root.target(ref)
    allowed = load(home / "main.yaml", [str(tmp_path)])
    for ref in ("../outside.yaml#/secret", "link.yaml#/secret"):
        assert target(allowed, ref) == 1


@contextmanager
def serving(replies: Mapping[str, tuple[int, str]]) -> Iterator[tuple[str, list[str]]]:
    """A server on 127.0.0.1 with a reply for each path; yields its URL and the paths that were asked for."""
    asked: list[str] = []

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            asked.append(self.path)
            status, body = replies.get(self.path, (404, "nothing here"))
            self.send_response(status)
            if 300 <= status < 400:
                self.send_header("Location", body)
            self.end_headers()
            self.wfile.write(body.encode())

        def log_message(self, *_: object) -> None:
            """Says nothing."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}", asked
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


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
        with pytest.raises(UnreadableError, match="cannot be fetched: Not Found"):
            root.target(f"{url}/none.yaml")
        with pytest.raises(UnreadableError, match="it redirects to localhost; allow that with --allow-ref localhost"):
            root.target(f"{url}/away")
        assert target(root, f"{url}/here#/b") == 1
    with pytest.raises(UnreadableError, match=r"cannot be fetched: .*refused"):
        root.target(f"{url}/there?again")
    with pytest.raises(UnreadableError, match="neither a file nor a web address"):
        root.target("ftp://127.0.0.1/a")


def test_a_path_is_shown_as_the_user_knows_it(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The file is named as it was given, and those that it refers to relative to the working folder."""
    written(tmp_path / "api", main="a: {$ref: parts/x.yaml}\n", parts__x="b: 1\n")
    monkeypatch.chdir(tmp_path)
    root = load("api/main.yaml")
    assert str(root.raw("a").place) == "api/main.yaml:1"
    assert str(root.raw("a").follow().place) == "api/parts/x.yaml:1"


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"[1, 2]\n", ":1: not an OpenAPI document: an object was expected at the top"),
        (b"5\n", ":1: not an OpenAPI document: an object was expected at the top"),
        (b"a: 1\nb: \xe9\n", ":2: not text in UTF-8: byte 0xe9 at offset 8"),
        (b"\xff\xfea\x00:\x00 \x00\x00\xd8", ":1: not text in UTF-16: byte 0x00 at offset 8"),
    ],
)
def test_what_is_no_document_is_said(content: bytes, said: str, tmp_path: Path) -> None:
    """A document is text in UTF-8 or UTF-16 with an object at the top."""
    file = tmp_path / "x.yaml"
    file.write_bytes(content)
    with pytest.raises(UnreadableError) as error:
        load(file)
    assert str(error.value) == f"{file}{said}"


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16"])
def test_the_encodings_of_the_web_are_read(encoding: str, tmp_path: Path) -> None:
    """UTF-8 with and without its mark, and UTF-16 with it."""
    file = tmp_path / "x.yaml"
    file.write_bytes("name: Zoë 🐈\n".encode(encoding))
    assert load(file).value == {"name": "Zoë 🐈"}


def test_a_node_gives_its_members(tmp_path: Path) -> None:
    """Members are followed or as they stand; what is not there, or of another type, has a default."""
    root = written(tmp_path, main="a: {$ref: '#/b'}\nb: {s: x, f: true, n: 5}\nl: [{$ref: '#/b'}, 2]\n")
    followed, raw = root.get("a"), root.raw("a")
    assert followed is not None
    assert (followed.path, raw.path, root.get("none"), raw.reference) == (("b",), ("a",), None, "#/b")
    assert (followed.string("s"), followed.string("n", "no"), followed.flag("f"), followed.flag("s", True)) == (
        "x",
        "no",
        True,
        True,
    )
    assert [key for key, _ in root.items()] == ["a", "b", "l"]
    assert [node.path for _, node in root.raw("l").items()] == [("b",), ("l", "1")]
    assert [node.path for _, node in root.raw("l").raw_items()] == [("l", "0"), ("l", "1")]
    assert list(root.raw("l", "1").items()) == []
    with pytest.raises(KeyError):
        root.raw("b", "none")


@pytest.mark.parametrize(
    ("ref", "said"),
    [
        ("http://[bad/x", "is no URI"),
        ("http://a:99999/x", "is no URI"),
        ("http://\u2100.example/x", "is no URI"),
        ("a\0b.yaml", "names no file"),
        ("a%00b.yaml", "names no file"),
        ("loop.yaml", "names no file"),
        ("#/a/" + "9" * 5000, "leads nowhere"),
    ],
)
def test_a_reference_that_is_no_address_is_told_at_its_line(ref: str, said: str, tmp_path: Path) -> None:
    """Whatever a `$ref` says, it is an error of that reference, and not of the whole document."""
    root = written(tmp_path, main="a: [1]\nb: {}\n")
    (tmp_path / "loop.yaml").symlink_to(tmp_path / "loop.yaml")
    with pytest.raises(UnreadableError, match=said) as error:
        root.raw("b").target(ref)
    assert (error.value.file, error.value.line) == (str(tmp_path / "main.yaml"), 2)
    assert "\0" not in str(error.value)


def test_an_id_that_is_no_address_names_nothing(tmp_path: Path) -> None:
    """What stands in such a resource is still relative to what is around it."""
    root = written(tmp_path, main="a: {$id: 'http://[bad', b: {$id: part/, c: 1}}\n", part__x="here: 1\n")
    assert target(root.raw("a", "b", "c"), "x.yaml#/here") == 1


def test_a_file_of_another_host_is_not_one_of_this_machine(tmp_path: Path) -> None:
    """The host in a reference counts, except where it is this one."""
    root = written(tmp_path, main="a: 1\n", other="b: 1\n")
    assert target(root, f"file://localhost{tmp_path}/other.yaml#/b") == 1
    for ref in (f"//host{tmp_path}/other.yaml", f"file://host{tmp_path}/other.yaml"):
        with pytest.raises(UnreadableError, match=rf"a file of the host host; .* such as https://host{tmp_path}/other"):
            root.target(ref)


def test_the_folder_that_would_allow_a_reference_is_the_one_behind_a_link(tmp_path: Path) -> None:
    """A symbolic link out of the contract's folder is read when the folder that the message names is allowed."""
    root = written(tmp_path / "home", main="a: 1\n")
    (tmp_path / "outside.yaml").write_text("b: 1\n")
    (tmp_path / "home" / "link.yaml").symlink_to(tmp_path / "outside.yaml")
    with pytest.raises(NotFollowedError) as error:
        root.target("link.yaml")
    named = error.value.fact.rpartition("--allow-ref ")[2]
    assert named == str(tmp_path)
    assert target(load(tmp_path / "home" / "main.yaml", [named]), "link.yaml#/b") == 1


@pytest.mark.parametrize("template", ["127.0.0.1", "127.0.0.1:{port}", "http://127.0.0.1", "http://127.0.0.1:{port}/"])
def test_a_host_is_allowed_as_a_whole_or_at_one_port(template: str, tmp_path: Path) -> None:
    """A host may be written as the beginning of an address, too."""
    (tmp_path / "main.yaml").write_text("a: 1\n")
    with serving({"/a": (200, "b: 1")}) as (url, _):
        root = load(tmp_path / "main.yaml", [template.format(port=url.rpartition(":")[2])])
        assert target(root, f"{url}/a#/b") == 1


def test_another_port_than_the_allowed_one_is_not_asked(tmp_path: Path) -> None:
    """A port that is named is the only one; the port of the scheme need not be written in the reference."""
    (tmp_path / "main.yaml").write_text("a: 1\n")
    library = load(tmp_path / "main.yaml", ["a.example:443", "[::1]:80", "B.example"]).library
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


@contextmanager
def answering(*chunks: bytes, pause: float = 0) -> Iterator[tuple[str, list[bytes]]]:
    """A server on 127.0.0.1 that answers each connection with some bytes, a pause after each; its URL, and what it was
    sent."""
    sent: list[bytes] = []
    stopped = threading.Event()
    listener = socket.create_server(("127.0.0.1", 0))

    def serve() -> None:
        while True:
            connection, _ = listener.accept()
            with connection:
                if stopped.is_set():
                    return
                sent.append(connection.recv(4096))
                with suppress(OSError):
                    for chunk in chunks:
                        connection.sendall(chunk)
                        stopped.wait(pause)

    thread = threading.Thread(target=serve)
    thread.start()
    try:
        yield f"http://127.0.0.1:{listener.getsockname()[1]}/a", sent
    finally:
        stopped.set()
        socket.create_connection(listener.getsockname()).close()
        thread.join()
        listener.close()


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
