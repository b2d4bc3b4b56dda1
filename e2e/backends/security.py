"""Certificates and users for servers that accept nobody without them; made anew for each folder."""

import secrets
from dataclasses import dataclass, field
from pathlib import Path

from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.serialization import pkcs12

from e2e.certificates import Authority

_DAYS = 30


@dataclass
class Security:
    """One user with a password and, with `tls`, a CA and a server certificate for 127.0.0.1 and localhost.

    Cassandra makes its only user itself, so that one has a name and a password of its own.
    """

    folder: Path
    tls: bool = True
    user: str = "parley"
    password: str = field(default_factory=lambda: secrets.token_urlsafe(18))
    cassandra_user: str = "cassandra"
    cassandra_password: str = "cassandra"  # noqa: S105 - what Cassandra itself sets
    store_password: str = field(default_factory=lambda: secrets.token_urlsafe(18))

    @property
    def ca_file(self) -> Path:
        """What clients trust."""
        return self.folder / "ca.pem"

    @property
    def certificate_file(self) -> Path:
        """The servers' certificate."""
        return self.folder / "server.pem"

    @property
    def key_file(self) -> Path:
        """Its key."""
        return self.folder / "server.key"

    @property
    def keystore_file(self) -> Path:
        """Both for servers in Java, as PKCS #12."""
        return self.folder / "server.p12"

    def make(self) -> "Security":
        """Write the files."""
        if not self.tls:
            return self
        self.folder.mkdir(parents=True, exist_ok=True)
        authority = Authority("Parley test CA", _DAYS)
        server = authority.server("localhost", ["localhost", "127.0.0.1"])
        self.ca_file.write_bytes(authority.own.certificate_pem)
        self.certificate_file.write_bytes(server.certificate_pem)
        self.key_file.write_bytes(server.key_pem)
        encryption = serialization.BestAvailableEncryption(self.store_password.encode())
        store = pkcs12.serialize_key_and_certificates(
            b"server", server.key, server.certificate, [authority.own.certificate], encryption
        )
        self.keystore_file.write_bytes(store)
        return self
