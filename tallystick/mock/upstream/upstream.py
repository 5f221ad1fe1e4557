"""An upstream as the proxy knows it: its address, its connections, how long it is waited for."""

from __future__ import annotations

import ssl
from dataclasses import dataclass
from functools import cached_property

from tallystick.files.kinds import reason
from tallystick.mock.settings import MockSettings
from tallystick.mock.upstream.address import Address, read_address
from tallystick.mock.upstream.agreement import HTTP1, versions
from tallystick.mock.upstream.fields import Surroundings, pseudonym
from tallystick.mock.upstream.pool import Pool
from tallystick.nouns.errors import UsageError


@dataclass(frozen=True)
class Upstream:
    """One upstream, with the settings that its connections are made by."""

    address: Address
    pool: Pool
    timeout_seconds: float

    @cached_property
    def pseudonym(self) -> bytes:
        """The name of this proxy in `Via`."""
        return pseudonym(self.address.url)

    @cached_property
    def base_path(self) -> bytes:
        """What stands before each path at the upstream."""
        return self.address.base_path.encode()

    @cached_property
    def authority(self) -> bytes:
        """The `Host` of the upstream."""
        return self.address.authority.encode()

    def around(self, client: str, scheme: str) -> Surroundings:
        """What the fields of a request say beside those of its client."""
        return Surroundings(self.authority, self.pseudonym, client.encode(), scheme.encode())


def upstream_of(settings: MockSettings, pools: dict[tuple[object, ...], Pool]) -> Upstream | None:
    """The upstream that settings name, None where they name none; `pools` has the connections to each, and keeps them.

    Raises `UsageError` for a URL or a file of certificates that cannot be used.
    """
    if not settings.upstream:
        return None
    address = read_address(settings.upstream)
    key = address._replace(base_path=""), settings.upstream_ca, settings.upstream_insecure
    pool = pools.get(key)
    if pool is None:
        pool = pools[key] = Pool(address)
        if address.scheme == "https":
            pool.tls, pool.tls_of_http1 = _tls(settings, versions()), _tls(settings, [HTTP1])
    return Upstream(address, pool, settings.upstream_timeout)


def _tls(settings: MockSettings, offered: list[str]) -> ssl.SSLContext:
    """How HTTPS is spoken with an upstream, which chooses one of the versions of HTTP that are offered to it.

    Its certificate is judged by the system's authorities, unless told.
    """
    if not settings.upstream_ca:
        context = ssl.create_default_context()
    else:
        try:
            context = ssl.create_default_context(cafile=settings.upstream_ca)
        except ssl.SSLError:
            fact = "no certificates in it; a file of certificates in PEM was expected"
            raise UsageError(f"--upstream-ca {settings.upstream_ca}: {fact}") from None
        except OSError as error:
            raise UsageError(f"--upstream-ca {settings.upstream_ca}: cannot be read: {reason(error)}") from None
    context.set_alpn_protocols(offered)
    if settings.upstream_insecure:
        context.check_hostname = False
        context.verify_mode = ssl.CERT_NONE
    return context
