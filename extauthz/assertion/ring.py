"""The keys that sign assertions: minting, checking and publishing. Pure.

JWS compact serialisation (RFC 7515), ES256 for P-256 keys and RS256 for RSA keys. A key's `kid` is the lower-case hex
SHA-256 of its RFC 7638 thumbprint.
"""

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from hashlib import sha256
from typing import Self

from joserfc import jws
from joserfc.errors import JoseError

from access_model.secret import Secret
from extauthz.assertion.signing_key import AssertionKey, SigningKeyInvalid, read_keys
from session_store.records import SigningKey

LEEWAY_SECONDS = 60
MEDIA_TYPE = "JWT"


class AssertionInvalid(Exception):
    """A token that is not a valid assertion of ours; the message says why and repeats nothing of the token."""

    code = "assertion-invalid"


@dataclass(frozen=True, slots=True)
class SigningRing:
    """All keys of one moment: the first signs, all are published and verify."""

    keys: tuple[AssertionKey, ...]
    """At least one; the first signs."""
    jwks_json: bytes
    """The JWK Set of the public keys (RFC 7517), as served."""
    etag: str
    """Strong entity tag of `jwks_json`, quotes included (RFC 9110 section 8.8.3)."""

    @classmethod
    def of(cls, keys: Iterable[AssertionKey]) -> Self:
        """Build the ring; a key given twice counts once. Raises `SigningKeyInvalid` when there is none."""
        unique = tuple({key.kid: key for key in keys}.values())
        if not unique:
            raise SigningKeyInvalid("no signing key: assertions cannot be signed")
        published = json.dumps({"keys": [key.public_jwk() for key in unique]}, separators=(",", ":")).encode()
        return cls(unique, published, f'"{sha256(published).hexdigest()}"')

    @classmethod
    def from_pem(cls, text: Secret) -> Self:
        """Read one or several private keys from PEM, or from PEM in base64. Raises `SigningKeyInvalid`."""
        return cls.of(read_keys(text))

    @classmethod
    def from_records(cls, records: Sequence[SigningKey]) -> Self:
        """Read the keys that the store keeps, in their order. Raises `SigningKeyInvalid`."""
        return cls.of(key for record in records for key in read_keys(record.private_pem))

    def jwks(self) -> dict[str, list[dict[str, str]]]:
        """The JWK Set of the public keys."""
        return {"keys": [key.public_jwk() for key in self.keys]}

    def sign(self, claims: Mapping[str, object]) -> str:
        """Sign claims with the first key; returns the compact serialisation."""
        key = self.keys[0]
        header = {"alg": key.algorithm, "kid": key.kid, "typ": MEDIA_TYPE}
        payload = json.dumps(claims, separators=(",", ":")).encode()
        return jws.serialize_compact(header, payload, key.private, algorithms=[key.algorithm])

    def verify(self, token: str, now: datetime) -> Mapping[str, object]:
        """The claims of an assertion that one of our keys signed and that is good at `now` (60 s leeway).

        The algorithm is the key's, whatever the token says. Issuer and audience are the caller's to judge.
        Raises `AssertionInvalid`.
        """
        key = self._key_of(token)
        try:
            verified = jws.deserialize_compact(token, key.private, algorithms=[key.algorithm])
            claims = json.loads(verified.payload)
        except (JoseError, ValueError) as invalid:
            raise AssertionInvalid("the signature does not verify") from invalid
        if not isinstance(claims, dict):
            raise AssertionInvalid("the payload is not an object")
        _require_current(claims, now.timestamp())
        return claims

    def _key_of(self, token: str) -> AssertionKey:
        try:
            header = jws.extract_compact(token.encode()).headers()
        except (JoseError, ValueError) as malformed:
            raise AssertionInvalid("not a compact JWS") from malformed
        if header.get("typ") != MEDIA_TYPE:
            raise AssertionInvalid("of another type")
        for key in self.keys:
            if key.kid == header.get("kid"):
                return key
        raise AssertionInvalid("signed by an unknown key")


def _require_current(claims: Mapping[str, object], now: float) -> None:
    issued, expires = claims.get("iat"), claims.get("exp")
    # bool is an int to Python and no number to JSON
    if type(issued) is not int or type(expires) is not int:
        raise AssertionInvalid("`iat` and `exp` must be integers")
    if expires <= now - LEEWAY_SECONDS:
        raise AssertionInvalid("expired")
    if issued > now + LEEWAY_SECONDS:
        raise AssertionInvalid("issued in the future")
