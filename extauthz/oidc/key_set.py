"""The provider's public keys (RFC 7517): which of them may have signed a token."""

from collections.abc import Mapping
from typing import Any

from joserfc.errors import JoseError
from joserfc.jwk import ECKey, OKPKey, RSAKey, import_key
from joserfc.util import urlsafe_b64decode

from extauthz.oidc.errors import KeySetUnusable, Reason
from extauthz.oidc.http import HttpResponse

PublicKey = RSAKey | ECKey | OKPKey

MIN_RSA_BITS = 2048
HTTP_OK = 200

# Nothing but the public parts is taken over: neither `x5u` nor private members nor the key's opinion on its use.
_PARTS = {"RSA": ("kty", "n", "e"), "EC": ("kty", "crv", "x", "y"), "OKP": ("kty", "crv", "x")}
_CURVES = {"ES256": "P-256", "ES384": "P-384", "ES512": "P-521", "EdDSA": "Ed25519"}


def read_key_set(response: HttpResponse) -> tuple[Mapping[str, Any], ...]:
    """The keys of a JWK Set document; raises `NotTrusted`."""
    document = response.json_object()
    keys = document.get("keys") if document and response.status == HTTP_OK else None
    if not isinstance(keys, list):
        raise KeySetUnusable(Reason.ID_TOKEN_KEY, "the provider's `jwks_uri` does not answer with a key set")
    return tuple(key for key in keys if isinstance(key, dict))


def candidates(keys: tuple[Mapping[str, Any], ...], algorithm: str, kid: str | None) -> tuple[PublicKey, ...]:
    """The keys a token of this algorithm and key id can have been signed with; empty when none fits.

    A token without a key id can be checked only where one key alone fits (OpenID Connect Core, section 10.1).
    """
    fitting = [key for key in keys if _fits(key, algorithm) and (kid is None or key.get("kid") == kid)]
    if kid is None and len(fitting) != 1:
        return ()
    imported = (_imported(key) for key in fitting)
    return tuple(key for key in imported if key is not None)


def _fits(key: Mapping[str, Any], algorithm: str) -> bool:
    return (
        key.get("kty") == _type(algorithm)
        and key.get("use", "sig") == "sig"
        and key.get("alg", algorithm) in (algorithm, _CURVES.get(algorithm))
        and key.get("crv") == _CURVES.get(algorithm)
    )


def _type(algorithm: str) -> str:
    return "OKP" if algorithm == "EdDSA" else "EC" if algorithm.startswith("ES") else "RSA"


def _imported(key: Mapping[str, Any]) -> PublicKey | None:
    try:
        parts = {part: key[part] for part in _PARTS[key["kty"]]}
        imported = None if _too_short(parts) else import_key(parts)
    except (JoseError, ValueError, TypeError, KeyError, AttributeError):
        return None
    return imported if isinstance(imported, RSAKey | ECKey | OKPKey) else None


def _too_short(parts: Mapping[str, str]) -> bool:
    """Whether an RSA key has less than the 2048 bits that RFC 7518 section 3.3 demands."""
    return parts["kty"] == "RSA" and int.from_bytes(urlsafe_b64decode(parts["n"].encode())).bit_length() < MIN_RSA_BITS
