"""What tests of the demo's application share: keys, assertions, and how to ask it."""

import base64
import json
import time
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import httpx
from joserfc import jws
from joserfc.jwk import ECKey, Key, RSAKey

from tests.harness.key_server import KeyServer
from tests.harness.verify_app import VerifyApp

HOST = "verify.localhost"
HEADER = "x-pomerium-jwt-assertion"
EC = ECKey.generate_key("P-256", {"kid": "ec", "use": "sig", "alg": "ES256"})
RSA = RSAKey.generate_key(2048, {"kid": "rsa", "use": "sig", "alg": "RS256"})


@dataclass(frozen=True, slots=True)
class Asked:
    """The application, and the keys it believes in."""

    app: VerifyApp
    keys: KeyServer

    def send(self, *tokens: str, path: str = "/json", accept: str = "*/*", host: str = HOST) -> httpx.Response:
        headers = [("host", f"{host}:8443"), ("accept", accept), *((HEADER, token) for token in tokens)]
        return httpx.get(self.app.url + path, headers=headers, trust_env=False)

    def failed(self, *tokens: str, host: str = HOST) -> list[str]:
        """Return the names of the checks that failed; the verdict must agree with them."""
        answer = self.send(*tokens, host=host).json()
        failed = [check["name"] for check in answer["checks"] if not check["ok"]]
        assert answer["valid"] is (not failed)
        return failed


def token(key: Key = EC, header: Mapping[str, Any] | None = None, body: bytes | None = None, **claims: object) -> str:
    now = int(time.time())
    usual = {"iss": HOST, "aud": HOST, "iat": now, "exp": now + 300, "sub": "alice", "email": "alice@example.com"}
    protected = {"alg": "ES256", "kid": "ec", "typ": "JWT", **(header or {})}
    payload = json.dumps({**usual, **claims}).encode() if body is None else body
    return jws.serialize_compact(protected, payload, key, algorithms=["ES256", "RS256"])


def text(value: bytes) -> str:
    return base64.urlsafe_b64encode(value).decode().rstrip("=")


def part(value: object) -> str:
    return text(json.dumps(value).encode())
