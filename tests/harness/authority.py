"""Authorities of client certificates for tests: roots, authorities below them, what they issue and what they revoke."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

HOUR = timedelta(hours=1)
Extension = tuple[x509.ExtensionType, bool]
"""An extension, and whether it is critical."""


@dataclass(frozen=True, slots=True)
class Issued:
    """A certificate with its key."""

    certificate: x509.Certificate
    """The certificate."""
    key: ec.EllipticCurvePrivateKey
    """Its private key."""

    @property
    def pem(self) -> str:
        """The certificate, PEM."""
        return self.certificate.public_bytes(serialization.Encoding.PEM).decode()

    def file(self, folder: Path, *further: "Issued") -> Path:
        """Write certificate, the authorities sent along, and the key, as one PEM file for a client."""
        path = folder / f"{self.certificate.fingerprint(hashes.SHA256()).hex()[:16]}.pem"
        key = self.key.private_bytes(
            serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
        )
        path.write_text("".join(each.pem for each in (self, *further)) + key.decode())
        return path


@dataclass(frozen=True, slots=True)
class Authority(Issued):
    """A certificate that signs others."""

    @classmethod
    def root(
        cls, name: str, *, now: datetime | None = None, key: ec.EllipticCurvePrivateKey | None = None
    ) -> "Authority":
        """Make a self-signed one, valid around `now`."""
        key = key or ec.generate_private_key(ec.SECP256R1())
        subject = _name(name)
        return cls(_signed(subject, key, subject, key, now, _authority(key, None)), key)

    def subordinate(
        self,
        name: str,
        *,
        path_length: int | None = None,
        usage: x509.KeyUsage | None = None,
        further: Sequence[Extension] = (),
    ) -> "Authority":
        """Make an authority below this one."""
        key = ec.generate_private_key(ec.SECP256R1())
        extensions = [*_authority(key, path_length, usage), self._issuer_key, *further]
        return Authority(_signed(_name(name), key, self._subject, self.key, self._middle, extensions), key)

    def issue(
        self,
        *names: x509.GeneralName,
        now: datetime | None = None,
        purpose: x509.ObjectIdentifier | None = ExtendedKeyUsageOID.CLIENT_AUTH,
        further: Sequence[Extension] = (),
    ) -> Issued:
        """Make a certificate for a client, valid an hour around `now`."""
        key = ec.generate_private_key(ec.SECP256R1())
        extensions: list[Extension] = [
            (x509.BasicConstraints(ca=False, path_length=None), True),
            self._issuer_key,
            *further,
        ]
        if purpose is not None:
            extensions.append((x509.ExtendedKeyUsage([purpose]), False))
        if names:
            extensions.append((x509.SubjectAlternativeName(names), False))
        return Issued(_signed(_name("client"), key, self._subject, self.key, now or self._middle, extensions), key)

    def revocation_list(self, *revoked: Issued, now: datetime | None = None, further: Sequence[Extension] = ()) -> str:
        """A list of what it revoked, PEM, valid an hour around `now`."""
        at = now or self._middle
        builder = (
            x509.CertificateRevocationListBuilder()
            .issuer_name(self._subject)
            .last_update(at - HOUR)
            .next_update(at + HOUR)
        )
        for each in revoked:
            entry = x509.RevokedCertificateBuilder().serial_number(each.certificate.serial_number)
            builder = builder.add_revoked_certificate(entry.revocation_date(at - HOUR).build())
        for extension, critical in further:
            builder = builder.add_extension(extension, critical)
        return builder.sign(self.key, hashes.SHA256()).public_bytes(serialization.Encoding.PEM).decode()

    @property
    def _subject(self) -> x509.Name:
        return self.certificate.subject

    @property
    def _middle(self) -> datetime:
        return self.certificate.not_valid_before_utc + HOUR

    @property
    def _issuer_key(self) -> Extension:
        return x509.AuthorityKeyIdentifier.from_issuer_public_key(self.key.public_key()), False


def _signed(
    subject: x509.Name,
    key: ec.EllipticCurvePrivateKey,
    issuer: x509.Name,
    issuer_key: ec.EllipticCurvePrivateKey,
    now: datetime | None,
    extensions: Sequence[Extension],
) -> x509.Certificate:
    at = now or datetime.now(UTC)
    builder = (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(issuer)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(at - HOUR)
        .not_valid_after(at + HOUR)
    )
    for extension, critical in extensions:
        builder = builder.add_extension(extension, critical)
    return builder.sign(issuer_key, hashes.SHA256())


def _authority(
    key: ec.EllipticCurvePrivateKey, path_length: int | None, usage: x509.KeyUsage | None = None
) -> list[Extension]:
    usual = x509.KeyUsage(
        digital_signature=False,
        key_cert_sign=True,
        crl_sign=True,
        content_commitment=False,
        key_encipherment=False,
        data_encipherment=False,
        key_agreement=False,
        encipher_only=False,
        decipher_only=False,
    )
    return [
        (x509.BasicConstraints(ca=True, path_length=path_length), True),
        (usage or usual, True),
        (x509.SubjectKeyIdentifier.from_public_key(key.public_key()), False),
    ]


def _name(common_name: str) -> x509.Name:
    return x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, common_name)])
