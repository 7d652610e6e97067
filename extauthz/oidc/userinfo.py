"""The userinfo endpoint (OpenID Connect Core, section 5.3)."""

import hmac
from typing import Any

from extauthz.oidc.discovery import ProviderMetadata
from extauthz.oidc.errors import AccessTokenRefused, NotTrusted, ProviderUnavailable, Reason
from extauthz.oidc.http import Exchange, HttpRequest

HTTP_OK = 200
HTTP_UNAUTHORIZED = 401
HTTP_TOO_MANY = 429


def fetch_userinfo(metadata: ProviderMetadata, access_token: str, subject: str) -> Exchange[dict[str, Any]]:
    """Claims about the user of the ID token; empty where the provider has no such endpoint. Raises `NotTrusted`."""
    if metadata.userinfo_endpoint is None:
        return {}
    headers = {"Authorization": f"Bearer {access_token}", "Accept": "application/json"}
    response = yield HttpRequest("GET", metadata.userinfo_endpoint, headers=headers)
    if response.status >= 500 or response.status == HTTP_TOO_MANY:
        raise ProviderUnavailable(f"the provider's userinfo endpoint answered {response.status}")
    if response.status == HTTP_UNAUTHORIZED:
        raise AccessTokenRefused(Reason.USERINFO, "the provider's userinfo endpoint refuses the access token")
    claims = response.json_object()
    if response.status != HTTP_OK or claims is None:
        raise NotTrusted(
            Reason.USERINFO,
            f"the provider's userinfo endpoint answered {response.status} `{response.content_type}`, not a JSON object",
        )
    # Without this, a provider's mix-up of access tokens would give one user the claims of another.
    named = claims.get("sub")
    if not isinstance(named, str) or not hmac.compare_digest(named.encode(), subject.encode()):
        raise NotTrusted(Reason.USERINFO_SUBJECT, "the provider's userinfo is about somebody else than the ID token")
    return claims
