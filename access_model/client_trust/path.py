"""The path from a client's certificate to an authority (RFC 5280 section 6).

The library follows the profile of the public web, which authorities of clients seldom do. What is taken back here is
taste: which extensions have to be there, and which of them critical. What protects stays: signatures and their
algorithms, validity, who may sign certificates, how long a path may be, purposes, names that an authority may speak
for, and that nothing critical is passed over.
"""

from collections.abc import Iterable, Sequence
from datetime import datetime

from cryptography import x509
from cryptography.x509.oid import ExtendedKeyUsageOID
from cryptography.x509.verification import Criticality, ExtensionPolicy, Policy, PolicyBuilder, VerificationError

from access_model.client_trust.trust import Trust

Path = tuple[x509.Certificate, ...]
"""The client's certificate first, an authority of the settings last."""


class NoPath(Exception):
    """There is no path; the message says why, for operators."""


def find_path(leaf: x509.Certificate, sent: Sequence[x509.Certificate], trust: Trust, now: datetime) -> Path:
    """Find the path at `now`; `sent` is what came along, which is believed only as far as a path leads through it.

    Raises `NoPath`.
    """
    if now > leaf.not_valid_after_utc:
        raise NoPath(f"it expired on {leaf.not_valid_after_utc:%Y-%m-%d %H:%M} UTC")
    if now < leaf.not_valid_before_utc:
        raise NoPath(f"it is not valid before {leaf.not_valid_before_utc:%Y-%m-%d %H:%M} UTC")
    verifier = (
        PolicyBuilder()
        .store(trust.store)
        .time(now)
        .max_chain_depth(trust.max_depth - 1)  # the library does not count the last one
        .extension_policies(ca_policy=_AUTHORITIES, ee_policy=_CLIENTS)
        .build_client_verifier()
    )
    try:
        return tuple(verifier.verify(leaf, list(sent)).chain)
    except VerificationError as error:
        raise NoPath(f"no chain leads from it to an authority of `downstream_mtls`: {error}") from None


def _is_authority(_policy: Policy, _certificate: x509.Certificate, constraints: x509.BasicConstraints) -> None:
    if not constraints.ca:
        raise ValueError("the issuer is no authority")


def _signs_certificates(_policy: Policy, _certificate: x509.Certificate, usage: x509.KeyUsage | None) -> None:
    if usage is not None and not usage.key_cert_sign:
        raise ValueError("the issuer's key may not sign certificates")


def _speaks_tls(_policy: Policy, _certificate: x509.Certificate, usage: x509.KeyUsage | None) -> None:
    """A client signs the handshake, or agrees on a key (RFC 5280 section 4.2.1.12)."""
    if usage is not None and not (usage.digital_signature or usage.key_agreement):
        raise ValueError("its key may not be used for TLS")


def _for_clients(_policy: Policy, _certificate: x509.Certificate, purposes: x509.ExtendedKeyUsage | None) -> None:
    if purposes is not None and ExtendedKeyUsageOID.CLIENT_AUTH not in purposes:
        raise ValueError("it is not for clients")


def _above_clients(_policy: Policy, _certificate: x509.Certificate, purposes: x509.ExtendedKeyUsage | None) -> None:
    wanted = (ExtendedKeyUsageOID.CLIENT_AUTH, ExtendedKeyUsageOID.ANY_EXTENDED_KEY_USAGE)
    if purposes is not None and not any(purpose in purposes for purpose in wanted):
        raise ValueError("the issuer is not for clients")


def _comparable(_policy: Policy, _certificate: x509.Certificate, constraints: x509.NameConstraints | None) -> None:
    """The library does not compare directory names, and would pass over what an authority may not speak for."""
    trees = [] if constraints is None else _trees(constraints)
    if any(isinstance(tree, x509.DirectoryName) for tree in trees):
        raise ValueError("the issuer is constrained to directory names, which are not supported")


def _trees(constraints: x509.NameConstraints) -> Iterable[x509.GeneralName]:
    return (*(constraints.permitted_subtrees or ()), *(constraints.excluded_subtrees or ()))


_ANY = Criticality.AGNOSTIC
_AUTHORITIES = (
    ExtensionPolicy.webpki_defaults_ca()
    .require_present(x509.BasicConstraints, _ANY, _is_authority)
    .may_be_present(x509.KeyUsage, _ANY, _signs_certificates)
    .may_be_present(x509.ExtendedKeyUsage, _ANY, _above_clients)
    .may_be_present(x509.NameConstraints, _ANY, _comparable)
    .may_be_present(x509.AuthorityKeyIdentifier, _ANY, None)
    .may_be_present(x509.SubjectKeyIdentifier, _ANY, None)
)
_CLIENTS = (
    ExtensionPolicy.webpki_defaults_ee()
    .may_be_present(x509.KeyUsage, _ANY, _speaks_tls)
    .may_be_present(x509.ExtendedKeyUsage, _ANY, _for_clients)
    .may_be_present(x509.SubjectAlternativeName, _ANY, None)
    .may_be_present(x509.AuthorityKeyIdentifier, _ANY, None)
)
