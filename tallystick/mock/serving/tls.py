"""The certificate of a mock that is served over HTTPS: the user's own, or one that is made for this machine."""

from __future__ import annotations

import os
import re
import shutil
import socket
import ssl
import tempfile
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import NamedTuple

from tallystick.files.kinds import reason
from tallystick.mock.origins import address_of
from tallystick.mock.serving.reach import own_address
from tallystick.nouns.errors import UnreachableError, UsageError
from tallystick.nouns.extras import lacks

_DAYS = 800
"""How long a certificate is good for; Apple's systems take none that is good for more than 825 days."""
_RENEWED_BEFORE_DAYS = 60
_CERTIFICATE, _KEY, _CA = "certificate.pem", "key.pem", "ca.pem"


class Certificate(NamedTuple):
    """The files of a certificate, of its key, and of the CA that vouches for it, "" where that is the user's matter."""

    file: str
    key_file: str
    ca_file: str = ""

    @property
    def summary(self) -> str:
        """The sentence that says how a client comes to trust the certificate, "" where that is the user's matter."""
        if not self.ca_file:
            return ""
        trusting = "curl --cacert FILE, NODE_EXTRA_CA_CERTS=FILE for Node, the settings of a browser"
        return f"who calls it has to trust the CA in {self.ca_file} ({trusting})"


def given_certificate(file: str, key_file: str) -> Certificate:
    """The certificate in a PEM file, and its key in another, or in the same; raises `UsageError` if it is no use."""
    for option, name in (("--tls-cert", file), ("--tls-key", key_file)):
        try:
            Path(name).open("rb").close()
        except OSError as error:
            raise UsageError(f"{option} {name}: cannot be read: {reason(error)}") from None
    try:
        ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER).load_cert_chain(file, key_file, password=lambda: "")
    except (ssl.SSLError, OSError, ValueError) as error:
        files = file if file == key_file else f"{file} and {key_file}"
        is_mismatch = "mismatch" in str(error).lower()
        fact = "the key is of another certificate" if is_mismatch else "no certificate and its key in PEM are there"
        raise UsageError(
            f"--tls-cert: {files}: {fact}; expected both, without a password, or --tls for one that is made here"
        ) from None
    return Certificate(file, key_file)


def own_certificate(host: str) -> Certificate:
    """A certificate for this machine under the names that a client may use, made once and kept for the next time.

    The key of its CA is thrown away, so whoever trusts the CA trusts this one certificate.
    """
    names = _names(host)
    folder = _folder() / re.sub(r"[^A-Za-z0-9.-]+", "_", "+".join(names))[:150]
    certificate = Certificate(*(str(folder / name) for name in (_CERTIFICATE, _KEY, _CA)))
    if not _is_good(certificate):
        _make(folder, names)
    return certificate


def _is_good(certificate: Certificate) -> bool:
    try:
        age_seconds = time.time() - os.stat(certificate.file).st_mtime
        ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER).load_cert_chain(certificate.file, certificate.key_file)
        ssl.create_default_context(cafile=certificate.ca_file)
    except OSError:
        return False
    return age_seconds < (_DAYS - _RENEWED_BEFORE_DAYS) * 24 * 3600


def _names(host: str) -> list[str]:
    """The names and addresses that the certificate is for."""
    names = ["localhost", "127.0.0.1", "::1"]
    address = address_of(host)
    if address is None or not address.is_unspecified:
        names.append(host)
    else:
        names += [socket.gethostname(), own_address(socket.AF_INET, "192.0.2.1")]
    return list(dict.fromkeys(name for name in names if name))


def _folder() -> Path:
    """The folder that certificates are kept in: the user's own cache, or a temporary one where there is none."""
    cache = os.environ.get("XDG_CACHE_HOME") or os.path.join(os.path.expanduser("~"), ".cache")
    folder = Path(cache, "tallystick", "tls")
    try:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    except OSError:
        return Path(tempfile.mkdtemp(prefix="tallystick-tls-"))
    return folder if os.access(folder, os.W_OK) else Path(tempfile.mkdtemp(prefix="tallystick-tls-"))


def _make(folder: Path, names: list[str]) -> None:
    """Make the files of a certificate in a folder, all at once: another mock may do the same."""
    try:
        import trustme  # slow to import, and few mocks need it
    except ImportError as error:
        files = "or give the files of a certificate with --tls-cert and --tls-key"
        raise UnreachableError(f"{lacks('tls', 'trustme', error)}; {files}") from None

    authority = trustme.CA(organization_name="tallystick mock", organization_unit_name=f"for {', '.join(names)}")
    leaf = authority.issue_cert(*names, not_after=datetime.now(UTC) + timedelta(days=_DAYS))
    new = Path(tempfile.mkdtemp(dir=folder.parent))
    authority.cert_pem.write_to_path(new / _CA)
    for number, blob in enumerate(leaf.cert_chain_pems):
        blob.write_to_path(new / _CERTIFICATE, append=number > 0)
    (new / _KEY).touch(mode=0o600)
    leaf.private_key_pem.write_to_path(new / _KEY)
    if folder.exists():
        shutil.rmtree(folder, ignore_errors=True)
    try:
        new.rename(folder)
    except OSError:  # another mock has made one in this moment
        shutil.rmtree(new, ignore_errors=True)
