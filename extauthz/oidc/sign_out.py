"""Leaving: RP-Initiated Logout 1.0 and token revocation (RFC 7009)."""

from urllib.parse import urlencode

from access_model.model import IdentityProvider
from extauthz.oidc.discovery import discover
from extauthz.oidc.http import Exchange, HttpRequest
from session_store.records import Tokens


def end_session_url(
    provider: IdentityProvider, tokens: Tokens, post_logout_redirect_uri: str, state: str
) -> Exchange[str | None]:
    """Where the browser ends the provider's session too; None where the provider has no such endpoint.

    The URL carries the ID token as `id_token_hint`, as the standard has it: an expired or soon expiring statement to
    this client about who was signed in, which is no credential here or at the provider.
    """
    metadata = yield from discover(provider)
    endpoint = metadata.end_session_endpoint
    if endpoint is None:
        return None
    hint = {"id_token_hint": tokens.id_token.reveal_text()} if tokens.id_token else {}
    query = urlencode(
        {
            **hint,
            "client_id": provider.client_id,
            "post_logout_redirect_uri": post_logout_redirect_uri,
            "state": state,
        }
    )
    return f"{endpoint}{'&' if '?' in endpoint else '?'}{query}"


def revoke_tokens(provider: IdentityProvider, tokens: Tokens) -> Exchange[None]:
    """Ask the provider to revoke refresh and access token; what it answers changes nothing."""
    metadata = yield from discover(provider)
    if metadata.revocation_endpoint is None:
        return
    held = (("refresh_token", tokens.refresh_token), ("access_token", tokens.access_token))
    for hint, token in held:
        if token is not None:
            yield HttpRequest(
                "POST",
                metadata.revocation_endpoint,
                form=(("token", token.reveal_text()), ("token_type_hint", hint)),
                client_auth=metadata.client_auth(provider),
            )
