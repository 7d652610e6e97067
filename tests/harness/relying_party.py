"""A minimal OpenID relying party for tests of the provider: it builds requests and reads answers, no more."""

import base64
import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import parse_qs, quote, urlsplit

import httpx

from tests.harness.identity_provider import IdentityProvider, User
from tests.harness.web_client import WebClient, login

VERIFIER = "a-code-verifier-of-at-least-43-characters-0123456789"
CHALLENGE = base64.urlsafe_b64encode(hashlib.sha256(VERIFIER.encode()).digest()).decode().rstrip("=")


@dataclass(frozen=True, slots=True)
class RelyingParty:
    """One client of the provider."""

    provider: IdentityProvider
    """Where it signs people in."""
    discovery: Mapping[str, Any]
    """The provider's metadata."""

    @property
    def redirect_uri(self) -> str:
        return self.provider.client.redirect_uris[0]

    def authorization(self, **changes: str | None) -> dict[str, str]:
        """Return the parameters of an authorization request; a change of None removes one."""
        usual = {
            "client_id": self.provider.client.client_id,
            "response_type": "code",
            "redirect_uri": self.redirect_uri,
            "scope": "openid profile email offline_access",
            "state": "the-state",
            "nonce": "the-nonce",
            "code_challenge": CHALLENGE,
            "code_challenge_method": "S256",
        }
        return {name: value for name, value in {**usual, **changes}.items() if value is not None}

    def authorization_url(self, **changes: str | None) -> str:
        return str(httpx.URL(self.discovery["authorization_endpoint"], params=self.authorization(**changes)))

    def sign_in(self, client: WebClient, user: User, **changes: str | None) -> dict[str, str]:
        """Sign in with the form and return the parameters that came back to the redirect URI."""
        return returned(login(client, self.authorization_url(**changes), user.email, user.password))

    def redeem(self, code: str, **changes: str) -> httpx.Response:
        form = {"grant_type": "authorization_code", "code": code, "redirect_uri": self.redirect_uri}
        return self.post("token_endpoint", {**form, "code_verifier": VERIFIER, **changes})

    def refresh(self, token: str) -> httpx.Response:
        return self.post("token_endpoint", {"grant_type": "refresh_token", "refresh_token": token})

    def post(self, endpoint: str, form: Mapping[str, str]) -> httpx.Response:
        """Post a form to one of the provider's endpoints with HTTP Basic client authentication."""
        client = self.provider.client
        # RFC 6749 section 2.3.1: both are form-encoded first.
        basic = f"{quote(client.client_id, safe='')}:{quote(client.client_secret, safe='')}"
        headers = {"authorization": f"Basic {base64.b64encode(basic.encode()).decode()}"}
        return httpx.post(self.discovery[endpoint], data=dict(form), headers=headers, trust_env=False)

    def get(self, endpoint: str, access_token: str = "") -> httpx.Response:
        headers = {"authorization": f"Bearer {access_token}"} if access_token else {}
        return httpx.get(self.discovery[endpoint], headers=headers, trust_env=False)


def returned(page: httpx.Response) -> dict[str, str]:
    """Return the query of the URL a login ended at; each parameter came once."""
    query = parse_qs(urlsplit(str(page.url)).query)
    assert all(len(values) == 1 for values in query.values()), query
    return {name: values[0] for name, values in query.items()}
