"""A local certificate authority: made once, kept in a folder, and its server certificates.

For a laptop, where no public authority vouches for `*.localhost`. Whoever trusts `ca.pem` in a browser trusts everyone
who can read `ca-key.pem`: so the folder is the owner's alone, and a leaf is valid for no longer than browsers accept
(CA/Browser Forum Baseline Requirements, section 6.3.2).
"""

import os
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from ipaddress import ip_address
from pathlib import Path

from cryptography import x509
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

AUTHORITY_LIFETIME = timedelta(days=3650)
AUTHORITY_RENEWAL = timedelta(days=400)
LEAF_LIFETIME = timedelta(days=397)
LEAF_RENEWAL = timedelta(days=30)
CLOCK_SKEW = timedelta(hours=1)
LOOPBACK_NAMES = ("127.0.0.1", "::1", "localhost")

AUTHORITY, AUTHORITY_KEY = "ca.pem", "ca-key.pem"
LEAF, LEAF_KEY = "server.pem", "server-key.pem"


class LocalCaUnusable(Exception):
    """A file of the authority cannot be read or written as such. Nothing was overwritten."""

    code = "local-ca-unusable"


@dataclass(frozen=True, slots=True)
class ServerCertificate:
    """A server certificate of the local authority."""

    chain_pem: str
    """Leaf, then authority, PEM."""
    key_pem: bytes = field(repr=False)
    """The leaf's private key, PEM (PKCS #8, unencrypted)."""
    authority: Path
    """Certificate of the authority, PEM: what clients must trust."""
    expires: datetime
    """End of the leaf's validity; ask again a month before."""


@dataclass(frozen=True, slots=True)
class _Pair:
    certificate: x509.Certificate
    key: ec.EllipticCurvePrivateKey = field(repr=False)


def local_certificate(folder: Path, hosts: Iterable[str], now: datetime) -> ServerCertificate:
    """Return a certificate for `hosts` (names, `*.` wildcards, addresses) and for loopback, made if there is none.

    `now` is timezone-aware. The kept leaf serves again until a month before its end, as long as it names the same hosts
    and comes from the kept authority; the authority is kept until its rest is shorter than a leaf's life.
    Raises LocalCaUnusable when a kept file cannot be read or the folder cannot be written.
    """
    names = sorted({*hosts, *LOOPBACK_NAMES})
    try:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        folder.chmod(0o700)
        authority = _authority(folder, now)
        leaf = _leaf(folder, authority, names, now)
    except (OSError, ValueError, TypeError) as error:
        raise LocalCaUnusable(
            f"the local certificate authority in `{folder}` cannot be used: {error}; "
            "repair the folder, or remove it so that a new one is made, which browsers must then trust anew"
        ) from error
    return ServerCertificate(
        chain_pem=(_pem(leaf.certificate) + _pem(authority.certificate)).decode(),
        key_pem=_key_pem(leaf.key),
        authority=folder / AUTHORITY,
        expires=leaf.certificate.not_valid_after_utc,
    )


def _authority(folder: Path, now: datetime) -> _Pair:
    kept = _read(folder / AUTHORITY, folder / AUTHORITY_KEY)
    if kept is not None and kept.certificate.not_valid_after_utc - now > AUTHORITY_RENEWAL:
        return kept
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, f"Ostiary local authority {now:%Y-%m-%d}")])
    certificate = (
        _builder(name, name, key.public_key(), now, AUTHORITY_LIFETIME)
        .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
        .add_extension(_usage(signs_certificates=True), critical=True)
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(key.public_key()), critical=False)
        .sign(key, hashes.SHA256())
    )
    return _keep(_Pair(certificate, key), folder / AUTHORITY, folder / AUTHORITY_KEY)


def _leaf(folder: Path, authority: _Pair, names: list[str], now: datetime) -> _Pair:
    kept = _read(folder / LEAF, folder / LEAF_KEY)
    if kept is not None and _still_good(kept.certificate, authority.certificate, names, now):
        return kept
    key = ec.generate_private_key(ec.SECP256R1())
    subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "Ostiary local server")])
    issuer = authority.certificate
    certificate = (
        _builder(subject, issuer.subject, key.public_key(), now, LEAF_LIFETIME - CLOCK_SKEW)
        .add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
        .add_extension(_usage(signs_certificates=False), critical=True)
        .add_extension(x509.ExtendedKeyUsage([ExtendedKeyUsageOID.SERVER_AUTH]), critical=False)
        .add_extension(x509.SubjectAlternativeName(list(map(_general_name, names))), critical=False)
        .add_extension(x509.AuthorityKeyIdentifier.from_issuer_public_key(authority.key.public_key()), critical=False)
        .sign(authority.key, hashes.SHA256())
    )
    return _keep(_Pair(certificate, key), folder / LEAF, folder / LEAF_KEY)


def _still_good(leaf: x509.Certificate, authority: x509.Certificate, names: list[str], now: datetime) -> bool:
    if leaf.not_valid_after_utc - now <= LEAF_RENEWAL or leaf.not_valid_before_utc > now:
        return False
    try:
        leaf.verify_directly_issued_by(authority)
        alternatives = leaf.extensions.get_extension_for_class(x509.SubjectAlternativeName).value
    except (InvalidSignature, ValueError, TypeError, x509.ExtensionNotFound):
        return False
    return list(alternatives) == list(map(_general_name, names))


def _builder(
    subject: x509.Name, issuer: x509.Name, key: ec.EllipticCurvePublicKey, now: datetime, lifetime: timedelta
) -> x509.CertificateBuilder:
    return (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(issuer)
        .public_key(key)
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - CLOCK_SKEW)
        .not_valid_after(now + lifetime)
    )


def _usage(*, signs_certificates: bool) -> x509.KeyUsage:
    return x509.KeyUsage(
        digital_signature=not signs_certificates,
        key_cert_sign=signs_certificates,
        crl_sign=signs_certificates,
        content_commitment=False,
        key_encipherment=False,
        data_encipherment=False,
        key_agreement=False,
        encipher_only=False,
        decipher_only=False,
    )


def _general_name(host: str) -> x509.GeneralName:
    try:
        return x509.IPAddress(ip_address(host))
    except ValueError:
        return x509.DNSName(host)


def _read(certificate: Path, key: Path) -> _Pair | None:
    """Read a kept pair; None when there is none. Raises ValueError for a pair that does not fit or is not ours."""
    try:
        pems = certificate.read_bytes(), key.read_bytes()
    except FileNotFoundError:
        return None
    private = serialization.load_pem_private_key(pems[1], password=None)
    if not isinstance(private, ec.EllipticCurvePrivateKey):
        raise ValueError(f"`{key}` is no elliptic curve key")
    pair = _Pair(x509.load_pem_x509_certificate(pems[0]), private)
    if pair.certificate.public_key() != private.public_key():
        raise ValueError(f"`{key}` is not the key of `{certificate}`")
    return pair


def _keep(pair: _Pair, certificate: Path, key: Path) -> _Pair:
    # The old certificate goes first: a crash in between leaves no pair, never one that does not fit.
    certificate.unlink(missing_ok=True)
    _write(key, _key_pem(pair.key), 0o600)
    _write(certificate, _pem(pair.certificate), 0o644)
    return pair


def _write(path: Path, content: bytes, mode: int) -> None:
    """Replace a file as a whole; at no moment does it exist with wider permissions."""
    new = path.with_name(f"{path.name}.new")
    new.unlink(missing_ok=True)
    descriptor = os.open(new, os.O_WRONLY | os.O_CREAT | os.O_EXCL, mode)
    with os.fdopen(descriptor, "wb") as file:
        file.write(content)
    new.replace(path)


def _pem(certificate: x509.Certificate) -> bytes:
    return certificate.public_bytes(serialization.Encoding.PEM)


def _key_pem(key: ec.EllipticCurvePrivateKey) -> bytes:
    return key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
