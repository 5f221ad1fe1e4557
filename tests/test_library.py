"""References are followed within a document, to files of its folder and, where the user allows it, beyond."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest
from support.files import target, written

from tallystick.documents.library import Library, load
from tallystick.nouns.errors import NotFollowedError, UnreadableError


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
    assert len(root.document.family) == 3


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
    assert [key for key, _ in root.raw_items()] == ["a", "b", "l"]
    assert [node.path for _, node in root.readable("l")] == [("b",), ("l", "1")]
    assert [node.path for _, node in root.raw("l").raw_items()] == [("l", "0"), ("l", "1")]
    assert list(root.raw("l", "1").raw_items()) == []
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
        # Python says it, and from 3.13 on the system.
        ("loop.yaml", "names no file" if sys.version_info < (3, 13) else "Too many levels of symbolic links"),
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


def test_documents_may_be_read_while_others_are_looked_through(tmp_path: Path) -> None:
    """Whoever goes through the documents that were read is not disturbed by another thread that reads one more."""
    library = Library(tmp_path)
    first = library.add("memory:/a.yaml", "a.yaml", "{}")
    for document in first.family:
        library.add("memory:/b.yaml", "b.yaml", "{}")
        assert document is first
    assert len(first.family) == 2
