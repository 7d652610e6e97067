"""Verifying an assertion the way an application does: with the published keys and nothing else of ours."""

import base64
import json
import time
from typing import Any

from cryptography.hazmat.primitives.asymmetric.ec import ECDSA, SECP256R1, EllipticCurvePublicNumbers
from cryptography.hazmat.primitives.asymmetric.utils import encode_dss_signature
from cryptography.hazmat.primitives.hashes import SHA256

from tests.harness.stack import Stack
from tests.harness.upstream import Recorded

ASSERTION = "x-pomerium-jwt-assertion"


def assertion_of(request: Recorded) -> str:
    """The one assertion that reached the upstream."""
    token = request.value(ASSERTION)
    assert token, f"no assertion reached the upstream: {request.headers}"
    return token


def verified_claims(stack: Stack, token: str, host: str) -> dict[str, Any]:
    """The claims of an assertion, after every check that an application should make, with the keys of this moment."""
    with stack.program() as program:
        keys = program.get(stack.url(host, "/.well-known/pomerium/jwks.json")).json()["keys"]
    return verified_with(keys, token, host)


def verified_with(keys: list[dict[str, str]], token: str, host: str) -> dict[str, Any]:
    """The same with keys (members of a JWK Set) that were asked for before. ES256 by hand (RFC 7518, 3.4)."""
    header_part, payload_part, signature_part = token.split(".")
    header = json.loads(_decode(header_part))
    assert set(header) == {"alg", "kid", "typ"}
    assert (header["alg"], header["typ"]) == ("ES256", "JWT")
    (jwk,) = [key for key in keys if key["kid"] == header["kid"]]
    numbers = EllipticCurvePublicNumbers(_number(jwk["x"]), _number(jwk["y"]), SECP256R1())
    signature = _decode(signature_part)
    der = encode_dss_signature(int.from_bytes(signature[:32], "big"), int.from_bytes(signature[32:], "big"))
    numbers.public_key().verify(der, f"{header_part}.{payload_part}".encode(), ECDSA(SHA256()))
    claims: dict[str, Any] = json.loads(_decode(payload_part))
    assert claims["aud"] == host
    assert claims["iss"] == host
    assert claims["iat"] <= time.time() + 1 < claims["exp"]
    assert claims["exp"] - claims["iat"] == 300
    return claims


def key_id(token: str) -> str:
    """The `kid` of an assertion."""
    return str(json.loads(_decode(token.partition(".")[0]))["kid"])


def _decode(part: str) -> bytes:
    return base64.urlsafe_b64decode(part + "=" * (-len(part) % 4))


def _number(part: str) -> int:
    return int.from_bytes(_decode(part), "big")
