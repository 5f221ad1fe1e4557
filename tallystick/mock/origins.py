"""Who may use what changes the mock (`/_tallystick/...`): this machine, and no page of a foreign site.

Two ways lead a page of a foreign site to a server on this machine. By DNS rebinding its own name comes to mean the
server's address: the browser then sees no other origin, but `Host` has the page's name. A simple cross-site request (a
form, an image, a `fetch` without reading) needs no leave: `Origin` and `Sec-Fetch-Site` say where it comes from.

The mock itself refuses nobody by these rules (see docs/decisions.md). What stands behind them must not stand behind
`CrossOrigin`, which lets every page read.
"""

from __future__ import annotations

import ipaddress
from collections.abc import Collection
from urllib.parse import urlsplit

from tallystick.nouns.exchange import Headers

_DEFAULT_PORTS = {"http": 80, "https": 443}
_OWN_SITES = ("same-origin", "none")
"""Values of `Sec-Fetch-Site` of a page of the server itself, and of what the user does by hand."""

Address = ipaddress.IPv4Address | ipaddress.IPv6Address


def why_refused(headers: Headers, bound: str, names: Collection[str] = ()) -> str:
    """Why a request may not change the mock; "" where it may.

    `bound` is the address that the server listens on, `names` are further names that it is known by.
    """
    hosts, origins, sites = (_values(headers, name) for name in ("host", "origin", "sec-fetch-site"))
    if len(hosts) != 1:
        return "the request needs one Host header"
    host, port = _host_and_port(hosts[0])
    if not _is_ours(host, bound, names):
        return (
            f"the Host {hosts[0]!r} is not known here, so that a page of a foreign site may have sent the request; "
            "use localhost or the address that the mock listens on"
        )
    if len(origins) > 1 or len(sites) > 1:
        return "the request has several Origin or Sec-Fetch-Site headers"
    if origins:
        return "" if _is_own_page(origins[0], host, port) else f"the page {origins[0]!r} is of a foreign site"
    if sites and sites[0] not in _OWN_SITES:
        return f"the request comes from a page of a foreign site (Sec-Fetch-Site: {sites[0]})"
    return ""  # a browser sends an Origin with whatever may change something, so this is none, or it only reads


def _values(headers: Headers, name: str) -> list[str]:
    return [value.strip() for field, value in headers if field.lower() == name]


def _host_and_port(authority: str) -> tuple[str, int | None]:
    """The host in lower case, without brackets and the dot at its end, and the port; "" for what is no authority."""
    try:
        url = urlsplit(f"//{authority}")
        is_authority = not (url.path or url.query or url.fragment or "@" in authority)
        return ((url.hostname or "").removesuffix(".") if is_authority else ""), url.port
    except ValueError:
        return "", None


def _is_ours(host: str, bound: str, names: Collection[str]) -> bool:
    """Whether a host cannot be a name of somebody else.

    An address cannot be rebound, but must be one that the server listens on. A name without a dot (`mock`, as
    containers call each other) is nobody's in the public DNS, and `localhost` is this machine (RFC 6761, section 6.3).
    """
    if not host:
        return False
    address = address_of(host)
    if address is not None:
        listening = address_of(bound)
        return address.is_loopback or listening is None or listening.is_unspecified or address == listening
    last = host.rpartition(".")[2]
    if last.isdigit() or last.startswith("0x"):  # a way to write an address that no browser sends
        return False
    is_local = last == "localhost" or "." not in host
    return is_local or host in {name.lower() for name in (bound, *names)}


def _is_own_page(origin: str, host: str, port: int | None) -> bool:
    """Whether a page is the server's own, or of this machine where the server is asked for on it."""
    try:
        page = urlsplit(origin)
        page_host, page_port = (page.hostname or "").removesuffix("."), page.port
    except ValueError:
        return False
    if page.scheme not in _DEFAULT_PORTS or not page_host or page.path or page.query or page.fragment:
        return False
    default = _DEFAULT_PORTS[page.scheme]
    is_same = page_host == host and (page_port or default) == (port or default)
    return is_same or (is_this_machine(page_host) and is_this_machine(host))


def is_of_same_origin(headers: Headers) -> bool:
    """Whether a request comes from a page of the very origin that it is for, or from no page at all.

    Other ports of this machine are other origins here: a browser sends them the cookies of its host all the same.
    """
    hosts, origins, sites = (_values(headers, name) for name in ("host", "origin", "sec-fetch-site"))
    if len(hosts) != 1 or any(site not in _OWN_SITES for site in sites):
        return False
    return all(origin.lower() in (f"http://{hosts[0].lower()}", f"https://{hosts[0].lower()}") for origin in origins)


def is_link_from_elsewhere(method: str, headers: Headers) -> bool:
    """Whether a browser opens a page because its user followed a link of another site.

    It gets a tab of its own, which that site can neither read nor frame. Browsers alone can send these fields.
    """
    sites, modes, ends = (_values(headers, f"sec-fetch-{name}") for name in ("site", "mode", "dest"))
    is_from_elsewhere = len(sites) == 1 and sites[0] not in _OWN_SITES
    return method == "GET" and is_from_elsewhere and modes == ["navigate"] and ends == ["document"]


def is_this_machine(host: str) -> bool:
    """Whether a host is a loopback address or a name for one."""
    address = address_of(host)
    return address.is_loopback if address is not None else host.rpartition(".")[2] == "localhost"


def address_of(host: str) -> Address | None:
    """The IP address that a host is, without a zone; None for a name."""
    try:
        address = ipaddress.ip_address(host.partition("%")[0])
    except ValueError:
        return None
    return getattr(address, "ipv4_mapped", None) or address
