"""Leaving: RP-Initiated Logout 1.0 and token revocation (RFC 7009)."""

from urllib.parse import urlencode

from access_model.model import IdentityProvider
from extauthz.oidc.discovery import ProviderMetadata, discover
from extauthz.oidc.errors import NotTrusted, Reason
from extauthz.oidc.http import Exchange, HttpRequest
from session_store.records import Tokens

HTTP_OK = 200


def end_session_url(
    provider: IdentityProvider, tokens: Tokens, post_logout_redirect_uri: str, state: str
) -> Exchange[str | None]:
    """Where the browser ends the provider's session too; None where the provider has no such endpoint.

    The URL carries the ID token as `id_token_hint`, as the standard has it: an expired or soon expiring statement to
    this client about who was signed in, which is no credential here or at the provider.
    """
    metadata = yield from discover(provider)
    endpoint = metadata.end_session_endpoint or _unannounced_endpoint(provider, metadata)
    if endpoint is None:
        return None
    hint = {"id_token_hint": tokens.id_token.reveal_text()} if tokens.id_token else {}
    back = {"post_logout_redirect_uri": post_logout_redirect_uri, "state": state}
    match provider.kind:
        case "cognito":
            query = {"client_id": provider.client_id, "logout_uri": post_logout_redirect_uri}
        case "auth0" if metadata.end_session_endpoint is None:
            query = {"client_id": provider.client_id, "returnTo": post_logout_redirect_uri}
        case _:
            query = {**hint, "client_id": provider.client_id, **back}
    return f"{endpoint}{'&' if '?' in endpoint else '?'}{urlencode(query)}"


def _unannounced_endpoint(provider: IdentityProvider, metadata: ProviderMetadata) -> str | None:
    """Logout endpoints that providers have, without saying so in their metadata."""
    match provider.kind:
        case "auth0":
            return f"{provider.issuer}v2/logout"
        case "cognito":
            return metadata.authorization_endpoint.removesuffix("/oauth2/authorize") + "/logout"
        case _:
            return None


def revoke_tokens(provider: IdentityProvider, tokens: Tokens) -> Exchange[bool]:
    """Ask the provider to revoke refresh and access token; whether it has, as far as it can.

    What counts is the refresh token, where there is one. Access tokens end soon, and some cannot be revoked.
    """
    metadata = yield from discover(provider)
    if metadata.revocation_endpoint is None:
        return False
    statuses = []
    for hint, token in (("refresh_token", tokens.refresh_token), ("access_token", tokens.access_token)):
        if token is not None:
            response = yield HttpRequest(
                "POST",
                metadata.revocation_endpoint,
                form=(("token", token.reveal_text()), ("token_type_hint", hint)),
                client_auth=metadata.client_auth(provider),
            )
            statuses.append(response.status)
    if statuses and statuses[0] != HTTP_OK:
        raise NotTrusted(Reason.CLIENT, f"the provider answered {statuses[0]} when a token was to be revoked")
    return bool(statuses)
