"""The bad server itself: it is as bad as each mode says, and goes when it is stopped."""

from __future__ import annotations

import socket

from support import bad_server


def raw_reply(number: int) -> bytes:
    """The first bytes that a port answers with."""
    with socket.create_connection(("127.0.0.1", number), 5) as sock:
        sock.sendall(b"GET / HTTP/1.1\r\nHost: a\r\n\r\n")
        return sock.recv(65_536)


def test_each_mode_has_a_port_and_answers_as_it_says() -> None:
    """The modes run at the same time, each on a port of its own, and a port is closed when the block is left."""
    with bad_server.started(("sound", "close", "redirect-other")) as ports:
        assert len({port.number for port in ports.values()}) == len(ports) == 4
        assert raw_reply(ports["sound"].number) == bad_server.SOUND
        assert raw_reply(ports["close"].number) == b""
        other = f"Location: http://localhost:{ports['other'].number}/".encode()
        assert other in raw_reply(ports["redirect-other"].number)
        assert ports["sound"].heads == [b"GET / HTTP/1.1\r\nHost: a"]
        assert not ports["other"].heads
    with socket.socket() as sock:
        assert sock.connect_ex(("127.0.0.1", ports["sound"].number))


def test_all_modes_start() -> None:
    """Every mode has a port."""
    with bad_server.started() as ports:
        assert set(ports) == set(bad_server.MODES)
