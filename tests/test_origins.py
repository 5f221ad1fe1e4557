"""What may change a running mock: this machine, and no page of a foreign site."""

from __future__ import annotations

import socket
from pathlib import Path

import pytest
from support.running import PETS, running

from tallystick.mock.origins import why_refused
from tallystick.mock.serving.reach import who_can_reach
from tallystick.mock.serving.server import bind

LOOPBACK = "127.0.0.1"


def refused(host: str | None, origin: str = "", site: str = "", bound: str = LOOPBACK) -> str:
    """Why a request is refused whose header fields are given; "" where it is not."""
    fields = [("Host", host), ("Origin", origin), ("Sec-Fetch-Site", site)]
    return why_refused(tuple((name, value) for name, value in fields if value), bound, ["Mock.Example.org"])


@pytest.mark.parametrize(
    ("host", "bound"),
    [
        ("127.0.0.1:4010", LOOPBACK),
        ("127.0.0.1", LOOPBACK),
        ("127.1.2.3:4010", LOOPBACK),
        ("localhost:4010", LOOPBACK),
        ("LOCALHOST", LOOPBACK),
        ("localhost.:4010", LOOPBACK),
        ("mock.localhost:4010", LOOPBACK),
        ("[::1]:4010", LOOPBACK),
        ("[::ffff:127.0.0.1]:4010", LOOPBACK),
        ("mock:4010", "0.0.0.0"),
        ("my_mock:4010", "0.0.0.0"),
        ("192.168.1.5:4010", "0.0.0.0"),
        ("[fe80::1]:4010", "::"),
        ("192.168.1.5:4010", "192.168.1.5"),
        ("build.example.com:4010", "build.example.com"),
        ("mock.example.org", "0.0.0.0"),
        ("127.0.0.1:80", "0.0.0.0"),
    ],
)
def test_a_host_that_is_ours_is_let_in(host: str, bound: str) -> None:
    """Loopback, the address that is listened on, names without a dot and names that are given lead here."""
    assert refused(host, bound=bound) == ""


@pytest.mark.parametrize(
    ("host", "bound"),
    [
        (None, LOOPBACK),
        ("evil.example", LOOPBACK),
        ("evil.example:4010", "0.0.0.0"),
        ("127.0.0.1.evil.example:4010", LOOPBACK),
        ("localhost.evil.example", LOOPBACK),
        ("evillocalhost.example", LOOPBACK),
        ("4010.127-0-0-1.nip.example", LOOPBACK),
        ("192.168.1.5:4010", LOOPBACK),
        ("192.168.1.6:4010", "192.168.1.5"),
        ("127.1", LOOPBACK),
        ("2130706433", LOOPBACK),
        ("0x7f000001", LOOPBACK),
        ("evil.example.", LOOPBACK),
        ("localhost@evil.example", LOOPBACK),
        ("evil.example/localhost", LOOPBACK),
        ("evil.example#localhost", LOOPBACK),
        ("localhost:x", LOOPBACK),
        ("localhost:99999", LOOPBACK),
        ("[::1", LOOPBACK),
        ("[]", LOOPBACK),
        (":4010", LOOPBACK),
        ("127.0.0.1, evil.example", LOOPBACK),
        ("mock.example.org.evil.example", LOOPBACK),
    ],
)
def test_a_host_that_may_be_rebound_is_refused(host: str | None, bound: str) -> None:
    """A name of somebody else may lead here by DNS rebinding, whatever the page's origin seems to be."""
    assert refused(host, bound=bound)
    assert refused(host, origin=f"http://{host}", site="same-origin", bound=bound)


@pytest.mark.parametrize(
    ("host", "origin", "site"),
    [
        ("localhost:4010", "", ""),
        ("localhost:4010", "", "none"),
        ("localhost:4010", "", "same-origin"),
        ("localhost:4010", "http://localhost:4010", "same-origin"),
        ("localhost:4010", "http://localhost:3000", "same-site"),
        ("localhost:4010", "http://127.0.0.1:3000", "cross-site"),
        ("[::1]:4010", "http://[::1]:4010", "same-origin"),
        ("mock:4010", "http://mock:4010", ""),
        ("mock", "http://mock:80", ""),
        ("mock:443", "https://mock", ""),
        ("mock.example.org", "https://mock.example.org", "same-origin"),
    ],
)
def test_a_page_of_our_own_is_let_in(host: str, origin: str, site: str) -> None:
    """What no page sends, what a page of the server sends, and what a page of this machine sends is allowed."""
    assert refused(host, origin, site) == ""


@pytest.mark.parametrize(
    ("host", "origin", "site"),
    [
        ("localhost:4010", "http://evil.example", ""),
        ("localhost:4010", "https://evil.example", "cross-site"),
        ("localhost:4010", "http://localhost.evil.example", ""),
        ("localhost:4010", "http://evil.example:4010", "same-origin"),
        ("localhost:4010", "null", "cross-site"),
        ("localhost:4010", "file://", ""),
        ("localhost:4010", "chrome-extension://abcdef", ""),
        ("localhost:4010", "http://localhost:4010/path", ""),
        ("localhost:4010", "http://localhost:x", ""),
        ("localhost:4010", "http://[::1", ""),
        ("localhost:4010", "//localhost:4010", ""),
        ("localhost:4010", "", "cross-site"),
        ("localhost:4010", "", "same-site"),
        ("localhost:4010", "", "something-new"),
        ("mock:4010", "http://mock:3000", "same-site"),
        ("mock:4010", "http://app:3000", "cross-site"),
        ("mock:4010", "http://localhost:3000", ""),
        ("0.0.0.0:4010", "http://evil.example", "cross-site"),
    ],
)
def test_a_page_of_a_foreign_site_is_refused(host: str, origin: str, site: str) -> None:
    """A simple request of a page elsewhere is refused by where it comes from."""
    assert refused(host, origin, site, bound="0.0.0.0")


def test_what_is_there_twice_is_refused() -> None:
    """Of two values of a header nobody can say which one the browser meant."""
    host = ("host", "localhost")
    origin = ("origin", "http://localhost")
    assert why_refused((host, origin), LOOPBACK) == ""
    assert why_refused((host, host), LOOPBACK)
    assert why_refused((host, origin, origin), LOOPBACK)
    assert why_refused((host, ("sec-fetch-site", "none"), ("sec-fetch-site", "none")), LOOPBACK)


def reach(host: str) -> str:
    """What is said of who can reach a socket that listens on an address."""
    with bind(host, 0)[0] as listener:
        return who_can_reach(listener)


def test_only_what_others_can_reach_is_told() -> None:
    """Nothing is said of this machine alone; of all its addresses, where they are."""
    assert reach("127.0.0.1") == reach("localhost") == ""
    said = reach("0.0.0.0")
    assert said.startswith("everyone in the networks of this machine can call it")
    assert said.endswith("; --host 127.0.0.1 keeps it to this machine")


@pytest.mark.skipif(not socket.has_ipv6, reason="this system has no IPv6")
def test_addresses_are_told_as_urls(monkeypatch: pytest.MonkeyPatch) -> None:
    """Each address of this machine is one that can be typed into a browser."""
    monkeypatch.setattr("tallystick.mock.serving.reach.own_address", lambda _, elsewhere: elsewhere)
    said = reach("::")
    assert "at http://192.0.2.1:" in said
    assert " and http://[2001:db8::1]:" in said
    monkeypatch.setattr("tallystick.mock.serving.reach.own_address", lambda *_: "")
    assert reach("0.0.0.0").startswith("everyone in the networks of this machine can call it; ")


def test_one_address_is_told_by_itself() -> None:
    """An address that is not this machine's own is named."""

    class Listener:
        """A socket on an address of documentation, which no test can listen on."""

        family = socket.AF_INET

        def getsockname(self) -> tuple[str, int]:
            return "192.0.2.5", 4010

    assert who_can_reach(Listener()) == (  # type: ignore[arg-type]  # what is asked of a socket here
        "everyone who reaches 192.0.2.5 can call it; --host 127.0.0.1 keeps it to this machine"
    )


def test_the_mock_says_at_start_who_can_reach_it(tmp_path: Path) -> None:
    """With `--host 0.0.0.0` the second line says so, and names that only some network knows are answered."""
    (tmp_path / "pets.yaml").write_text(PETS)
    with running("pets.yaml", "-p", "0", "-q", "--host", "0.0.0.0", cwd=tmp_path) as mock:
        assert mock.read_until("everyone in the networks")[1].startswith("everyone in the networks of this machine")
        with socket.create_connection(("127.0.0.1", int(mock.origin.rpartition(":")[2])), timeout=10) as connection:
            connection.sendall(b"GET /pets HTTP/1.1\r\nHost: mock.some.network:4010\r\n\r\n")
            assert connection.recv(1000).startswith(b"HTTP/1.1 200 ")
