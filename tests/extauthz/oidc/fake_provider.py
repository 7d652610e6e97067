"""An identity provider made by hand, which says whatever a test wants: JOSE without the library under test."""

import base64
import hashlib
import hmac
import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any, TypeVar

from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, padding, rsa
from cryptography.hazmat.primitives.asymmetric.utils import decode_dss_signature

from access_model.model import IdentityProvider
from access_model.secret import Secret
from extauthz.oidc.attempt import Attempt, new_attempt
from extauthz.oidc.http import Exchange, HttpRequest, HttpResponse

Result = TypeVar("Result")

ISSUER = "https://id.example.com"
CLIENT_ID = "ostiary"
NOW = datetime(2026, 3, 1, 12, 0, tzinfo=UTC)
ACCESS_TOKEN = "access-1"

RSA = rsa.generate_private_key(65537, 2048)
EC = ec.generate_private_key(ec.SECP256R1())
ED = ed25519.Ed25519PrivateKey.generate()


def b64(value: bytes) -> str:
    return base64.urlsafe_b64encode(value).rstrip(b"=").decode()


def number(value: int, length: int) -> str:
    return b64(value.to_bytes(length, "big"))


def rsa_jwk(key: rsa.RSAPrivateKey, kid: str) -> dict[str, Any]:
    public = key.public_key().public_numbers()
    size = (public.n.bit_length() + 7) // 8
    return {"kty": "RSA", "kid": kid, "use": "sig", "n": number(public.n, size), "e": number(public.e, 3)}


def ec_jwk(key: ec.EllipticCurvePrivateKey, kid: str) -> dict[str, Any]:
    public = key.public_key().public_numbers()
    return {"kty": "EC", "crv": "P-256", "kid": kid, "x": number(public.x, 32), "y": number(public.y, 32)}


def ed_jwk(key: ed25519.Ed25519PrivateKey, kid: str) -> dict[str, Any]:
    raw = key.public_key().public_bytes(serialization.Encoding.Raw, serialization.PublicFormat.Raw)
    return {"kty": "OKP", "crv": "Ed25519", "alg": "EdDSA", "kid": kid, "x": b64(raw)}


JWKS = {"keys": [rsa_jwk(RSA, "rsa-1"), ec_jwk(EC, "ec-1"), ed_jwk(ED, "ed-1")]}


def rsa_pem() -> bytes:
    return RSA.public_key().public_bytes(serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo)


def _rs256(message: bytes) -> bytes:
    return RSA.sign(message, padding.PKCS1v15(), hashes.SHA256())


def _ps256(message: bytes) -> bytes:
    return RSA.sign(message, padding.PSS(padding.MGF1(hashes.SHA256()), 32), hashes.SHA256())


def _es256(message: bytes) -> bytes:
    r, s = decode_dss_signature(EC.sign(message, ec.ECDSA(hashes.SHA256())))
    return r.to_bytes(32, "big") + s.to_bytes(32, "big")


SIGNERS: Mapping[str, Callable[[bytes], bytes]] = {
    "RS256": _rs256,
    "PS256": _ps256,
    "ES256": _es256,
    "EdDSA": ED.sign,
    "HS256": lambda message: hmac.digest(rsa_pem(), message, "sha256"),
    "none": lambda message: b"",
}
KIDS = {"RS256": "rsa-1", "PS256": "rsa-1", "ES256": "ec-1", "EdDSA": "ed-1", "HS256": "rsa-1"}


def token(
    claims: Mapping[str, Any] | str, header: Mapping[str, Any] | None = None, *, signer: str | None = None
) -> str:
    """A compact JWS; `signer` signs with another algorithm than the header says."""
    full = {"alg": "RS256", **(header or {})}
    full.setdefault("kid", KIDS.get(full["alg"], "rsa-1"))
    kept = {name: value for name, value in full.items() if value is not None}
    body = claims if isinstance(claims, str) else json.dumps(claims)
    message = f"{b64(json.dumps(kept).encode())}.{b64(body.encode())}"
    return f"{message}.{b64(SIGNERS[signer or full['alg']](message.encode()))}"


def at_hash(access_token: str, algorithm: str = "RS256") -> str:
    digest = (hashlib.sha512 if algorithm == "EdDSA" else hashlib.sha256)(access_token.encode()).digest()
    return b64(digest[: len(digest) // 2])


def claims(**changed: Any) -> dict[str, Any]:
    """Good claims of an ID token; a change to None leaves the claim out."""
    moment = int(NOW.timestamp())
    good: dict[str, Any] = {
        "iss": ISSUER,
        "aud": CLIENT_ID,
        "sub": "alice",
        "nonce": attempt().nonce,
        "iat": moment,
        "exp": moment + 300,
    }
    return {name: value for name, value in {**good, **changed}.items() if value is not None}


def attempt() -> Attempt:
    return new_attempt(ISSUER, "https://auth.example.com/oauth2/callback", b"s" * 32, b"n" * 32, b"v" * 32)


def provider(**changed: Any) -> IdentityProvider:
    fields: dict[str, Any] = {
        "id": "main",
        "kind": "oidc",
        "issuer": ISSUER,
        "client_id": CLIENT_ID,
        "client_secret": Secret.of("s3cret"),
        "scopes": ("openid", "profile", "email"),
    }
    return IdentityProvider(**{**fields, **changed})


def discovery(**changed: Any) -> dict[str, Any]:
    document: dict[str, Any] = {
        "issuer": ISSUER,
        "authorization_endpoint": f"{ISSUER}/authorize",
        "token_endpoint": f"{ISSUER}/token",
        "userinfo_endpoint": f"{ISSUER}/userinfo",
        "jwks_uri": f"{ISSUER}/jwks",
        "end_session_endpoint": f"{ISSUER}/logout",
        "revocation_endpoint": f"{ISSUER}/revoke",
        "response_types_supported": ["code"],
        "code_challenge_methods_supported": ["S256"],
        "id_token_signing_alg_values_supported": ["RS256", "PS256", "ES256", "EdDSA", "HS256", "none"],
        "token_endpoint_auth_methods_supported": ["client_secret_basic", "client_secret_post"],
        "authorization_response_iss_parameter_supported": True,
    }
    return {name: value for name, value in {**document, **changed}.items() if value is not None}


def json_response(value: object, status: int = 200) -> HttpResponse:
    return HttpResponse(status, "application/json", json.dumps(value).encode())


@dataclass(slots=True)
class FakeProvider:
    """Answers requests, and keeps them."""

    id_token: str = field(default_factory=lambda: token(claims()))
    """The ID token it gives."""
    documents: dict[str, HttpResponse] = field(default_factory=dict)
    """Path to response, instead of the good one."""
    requests: list[HttpRequest] = field(default_factory=list)
    """What it was asked."""

    def answer(self, request: HttpRequest) -> HttpResponse:
        self.requests.append(request)
        path = request.url.removeprefix(ISSUER)
        return self.documents.get(path) or json_response(self._good(path))

    def _good(self, path: str) -> object:
        return {
            "/.well-known/openid-configuration": discovery(),
            "/jwks": JWKS,
            "/token": {
                "access_token": ACCESS_TOKEN,
                "token_type": "Bearer",
                "id_token": self.id_token,
                "refresh_token": "refresh-1",
                "expires_in": 3600,
            },
            "/userinfo": {"sub": "alice", "email": "alice@example.com", "email_verified": True, "name": "Alice"},
        }[path]

    @property
    def asked(self) -> list[str]:
        """Method and path of each request."""
        return [f"{request.method} {request.url.removeprefix(ISSUER)}" for request in self.requests]


def drive(exchange: Exchange[Result], fake: FakeProvider) -> Result:
    """Run an exchange to its end."""
    try:
        request = next(exchange)
        while True:
            request = exchange.send(fake.answer(request))
    except StopIteration as done:
        result: Result = done.value
        return result
