"""Signing in with GitHub, which speaks OAuth 2.0 alone: no ID token, no issuer, no nonce.

What proves that the code was asked for here is PKCE and the state; who the user is, its API says.
"""

import json
from datetime import datetime
from typing import Any

from access_model.model import IdentityProvider
from access_model.secret import Secret
from extauthz.oidc.attempt import Attempt
from extauthz.oidc.claims import flatten
from extauthz.oidc.discovery import ProviderMetadata
from extauthz.oidc.errors import NotTrusted, ProviderUnavailable, Reason
from extauthz.oidc.http import Exchange, HttpRequest, HttpResponse
from extauthz.oidc.signed_in import SignedIn
from session_store.records import Tokens

HTTP_OK = 200


def finish_github(
    provider: IdentityProvider, metadata: ProviderMetadata, attempt: Attempt, code: str, now: datetime
) -> Exchange[SignedIn]:
    """Redeem the code and ask who it is; raises `NotTrusted`."""
    token, expires_in, refresh_token = yield from _redeem(provider, metadata, attempt, code)
    assert metadata.userinfo_endpoint is not None
    user = _object((yield _api(metadata.userinfo_endpoint, token)))
    addresses = yield _api(f"{metadata.userinfo_endpoint}/emails", token)
    number = user.get("id")
    if isinstance(number, bool) or not isinstance(number, int):
        raise NotTrusted(Reason.USERINFO, "GitHub names no user: the answer of its API has no `id`")
    profile = {
        "sub": str(number),
        "name": user.get("name") or user.get("login"),
        "preferred_username": user.get("login"),
        "picture": user.get("avatar_url"),
        **_primary_address(addresses),
    }
    access_expires = None if expires_in is None else datetime.fromtimestamp(now.timestamp() + expires_in, now.tzinfo)
    tokens = Tokens(Secret.of(token), Secret.of(refresh_token) if refresh_token else None, None, access_expires)
    return SignedIn(metadata.issuer, str(number), flatten({"sub": str(number)}), flatten(profile), tokens)


def _redeem(
    provider: IdentityProvider, metadata: ProviderMetadata, attempt: Attempt, code: str
) -> Exchange[tuple[str, int | None, str | None]]:
    response = yield HttpRequest(
        "POST",
        metadata.token_endpoint,
        headers={"Accept": "application/json"},
        form=(("code", code), ("redirect_uri", attempt.redirect_uri), ("code_verifier", attempt.code_verifier)),
        client_auth=metadata.client_auth(provider),
    )
    answer = _object(response)  # errors come with status 200
    token = answer.get("access_token")
    if not isinstance(token, str) or not token or str(answer.get("token_type", "")).lower() != "bearer":
        raise NotTrusted(Reason.CODE, f"GitHub gave no token for the code: `{str(answer.get('error'))[:100]}`")
    expires_in, refresh_token = answer.get("expires_in"), answer.get("refresh_token")
    return (
        token,
        expires_in if isinstance(expires_in, int) else None,
        refresh_token if isinstance(refresh_token, str) else None,
    )


def _api(url: str, token: str) -> HttpRequest:
    headers = {"Authorization": f"Bearer {token}", "Accept": "application/vnd.github+json"}
    return HttpRequest("GET", url, headers=headers)


def _object(response: HttpResponse) -> dict[str, Any]:
    if response.status >= 500:
        raise ProviderUnavailable(f"GitHub answered {response.status}")
    answer = response.json_object()
    if response.status != HTTP_OK or answer is None:
        raise NotTrusted(Reason.USERINFO, f"GitHub answered {response.status} where a JSON object was wanted")
    return answer


def _primary_address(response: HttpResponse) -> dict[str, Any]:
    """The primary address with GitHub's word on it; nothing where the user keeps addresses to themselves."""
    try:
        listed = json.loads(response.body) if response.status == HTTP_OK else []
    except (ValueError, RecursionError):
        listed = []
    entries = [each for each in listed if isinstance(each, dict)] if isinstance(listed, list) else []
    primary = next((each for each in entries if each.get("primary") is True and isinstance(each.get("email"), str)), {})
    return {"email": primary["email"], "email_verified": primary.get("verified") is True} if primary else {}
