"""`client_certificate`: true for certain client certificates."""

import base64
import binascii
import re
from collections.abc import Callable, Collection
from dataclasses import dataclass

from access_model.client_certificate import CertificateNames, read_certificate
from access_model.policy.data import Data, DataInvalid, Given, mapping_of, texts_of
from access_model.policy.matching import In, TextMatch, read_text_match
from access_model.policy.reasons import Reason
from access_model.policy.tree import Dependencies, PolicyInput, Verdict, judged

_KINDS: dict[str, Callable[[CertificateNames], Collection[str]]] = {
    "fingerprint": lambda names: (names.fingerprint,),
    "spki_hash": lambda names: (names.spki_hash,),
    "san_email": lambda names: names.emails,
    "san_dns": lambda names: names.dns_names,
    "san_uri": lambda names: names.uris,
}
_EXAMPLE = "{san_email: alice@example.com}"
_FINGERPRINT = re.compile(r"[0-9a-f]{64}")
_SHA256_BYTES = 32


@dataclass(frozen=True, slots=True)
class ClientCertificate:
    """Compares the leaf of the connection's client certificate; several tests must all pass.

    To let somebody in, the certificate must be trusted as well: anyone can write any name into one of their own. To
    keep somebody out, it need not be.
    """

    tests: tuple[tuple[str, TextMatch], ...]
    """Kind of name and the test that one of these names must pass."""
    must_be_trusted: bool = True
    """Whether a certificate that is not trusted passes no test."""

    name = "client_certificate"

    @classmethod
    def read(cls, given: Given) -> "ClientCertificate":
        """Read `{fingerprint, spki_hash, san_email, san_dns, san_uri}`. Raises `DataInvalid`."""
        written = mapping_of(given.data, tuple(_KINDS), _EXAMPLE)
        return cls(tuple((kind, _test(kind, value)) for kind, value in written.items()), given.opens)

    @property
    def data(self) -> str:
        """The tests, for people."""
        return " and ".join(f"{kind} {test}" for kind, test in self.tests)

    @property
    def depends_on(self) -> Dependencies:
        """The client certificate."""
        return Dependencies.CERTIFICATE

    def evaluate(self, asked: PolicyInput) -> Verdict:
        """Compare the certificate; one that cannot be read passes no test."""
        presented = asked.request.client_certificate
        if presented is None:
            return judged(False, Reason.CLIENT_CERTIFICATE_REQUIRED)
        if self.must_be_trusted and not presented.trusted:
            return judged(False, Reason.INVALID_CLIENT_CERTIFICATE)
        names = read_certificate(presented.pem)
        holds = names is not None and all(
            any(test.matches(value) for value in _KINDS[kind](names)) for kind, test in self.tests
        )
        return judged(holds, Reason.CLIENT_CERTIFICATE_OK if holds else Reason.CLIENT_CERTIFICATE_UNAUTHORIZED)


def _test(kind: str, value: Data) -> TextMatch:
    match kind:
        case "fingerprint":
            return In(frozenset(_fingerprint(text) for text in texts_of(value, kind)))
        case "spki_hash":
            return In(frozenset(_spki_hash(text) for text in texts_of(value, kind)))
    return read_text_match(value, kind)


def _fingerprint(text: str) -> str:
    plain = text.replace(":", "").lower()
    if _FINGERPRINT.fullmatch(plain) is None:
        remedy = "write the SHA-256 of the certificate: 64 hex digits, with or without colons"
        raise DataInvalid("bad-fingerprint", f"`{text}` is not a SHA-256 fingerprint", remedy, at=("fingerprint",))
    return plain


def _spki_hash(text: str) -> str:
    try:
        digest = base64.b64decode(text, validate=True)
    except binascii.Error:
        digest = b""
    if len(digest) != _SHA256_BYTES:
        remedy = "write the SHA-256 of the public key in base64: 44 characters"
        raise DataInvalid("bad-spki-hash", f"`{text}` is not a SHA-256 in base64", remedy, at=("spki_hash",))
    return base64.b64encode(digest).decode()
