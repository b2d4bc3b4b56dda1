"""Certificates and users for servers that accept nobody without them; made anew for each folder."""

import datetime as dt
import ipaddress
import secrets
from dataclasses import dataclass, field
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import pkcs12
from cryptography.x509.oid import NameOID

_DAYS = 30


@dataclass
class Security:
    """A CA, a server certificate for 127.0.0.1 and localhost, and one user with a password.

    Cassandra makes its only user itself, so that one has a name and a password of its own.
    """

    folder: Path
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
        self.folder.mkdir(parents=True, exist_ok=True)
        ca_key, key = ec.generate_private_key(ec.SECP256R1()), ec.generate_private_key(ec.SECP256R1())
        ca_name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "Parley test CA")])
        ca = _certificate(ca_name, ca_key, ca_name, ca_key, authority=True)
        name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "localhost")])
        server = _certificate(name, key, ca_name, ca_key, authority=False)
        self.ca_file.write_bytes(ca.public_bytes(serialization.Encoding.PEM))
        self.certificate_file.write_bytes(server.public_bytes(serialization.Encoding.PEM))
        private = key.private_bytes(
            serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
        )
        self.key_file.write_bytes(private)
        encryption = serialization.BestAvailableEncryption(self.store_password.encode())
        store = pkcs12.serialize_key_and_certificates(b"server", key, server, [ca], encryption)
        self.keystore_file.write_bytes(store)
        return self


def _certificate(
    subject: x509.Name,
    key: ec.EllipticCurvePrivateKey,
    issuer: x509.Name,
    issuer_key: ec.EllipticCurvePrivateKey,
    *,
    authority: bool,
) -> x509.Certificate:
    now = dt.datetime.now(dt.UTC)
    addresses = [x509.DNSName("localhost"), x509.IPAddress(ipaddress.ip_address("127.0.0.1"))]
    builder = (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(issuer)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - dt.timedelta(minutes=5))
        .not_valid_after(now + dt.timedelta(days=_DAYS))
        .add_extension(x509.BasicConstraints(ca=authority, path_length=None), critical=True)
    )
    if not authority:
        builder = builder.add_extension(x509.SubjectAlternativeName(addresses), critical=False)
    return builder.sign(issuer_key, hashes.SHA256())
