"""The authorization request: authorization code, PKCE S256, state and nonce, always."""

from urllib.parse import urlencode

from access_model.model import IdentityProvider
from extauthz import step_up
from extauthz.oidc.attempt import Attempt
from extauthz.oidc.discovery import ProviderMetadata, discover
from extauthz.oidc.errors import NotTrusted, ProviderUnavailable, Reason
from extauthz.oidc.http import Exchange, HttpRequest

HTTP_CREATED = 201


def authorize(provider: IdentityProvider, attempt: Attempt) -> Exchange[str]:
    """The URL to send the browser to; raises `NotTrusted`. The request is pushed where the provider insists."""
    metadata = yield from discover(provider)
    if metadata.requires_pushed_authorization or provider.pushed_authorization:
        return (yield from _pushed(provider, metadata, attempt))
    return authorization_url(provider, metadata, attempt)


def authorization_url(provider: IdentityProvider, metadata: ProviderMetadata, attempt: Attempt) -> str:
    """The request as a URL (RFC 6749 section 4.1.1)."""
    return _with_query(metadata.authorization_endpoint, parameters(provider, attempt))


def parameters(provider: IdentityProvider, attempt: Attempt) -> dict[str, str]:
    """The request's parameters. The operator's extra ones cannot replace those that protect it."""
    return {
        **provider.request_params,
        **(step_up.asked_of_provider(attempt.demand) if attempt.demand else {}),
        "response_type": "code",
        "client_id": provider.client_id,
        "redirect_uri": attempt.redirect_uri,
        "scope": " ".join(provider.scopes),
        "state": attempt.state,
        "nonce": attempt.nonce,
        "code_challenge": attempt.code_challenge,
        "code_challenge_method": "S256",
    }


def _pushed(provider: IdentityProvider, metadata: ProviderMetadata, attempt: Attempt) -> Exchange[str]:
    """Push the request (RFC 9126); what goes through the browser is a reference to it."""
    endpoint = metadata.pushed_authorization_request_endpoint
    if endpoint is None:
        raise NotTrusted(Reason.METADATA, "pushed authorization is wanted, but the provider names no endpoint for it")
    form = tuple(parameters(provider, attempt).items())
    response = yield HttpRequest("POST", endpoint, form=form, client_auth=metadata.client_auth(provider))
    answer = response.json_object() or {}
    request_uri = answer.get("request_uri")
    if response.status >= 500:
        raise ProviderUnavailable(f"the provider answered a pushed authorization request with {response.status}")
    if response.status != HTTP_CREATED or not isinstance(request_uri, str):
        problem = f"{response.status} with error `{answer.get('error')}`"
        raise NotTrusted(Reason.CLIENT, f"the provider answered a pushed authorization request {problem}")
    return _with_query(metadata.authorization_endpoint, {"client_id": provider.client_id, "request_uri": request_uri})


def _with_query(endpoint: str, params: dict[str, str]) -> str:
    return f"{endpoint}{'&' if '?' in endpoint else '?'}{urlencode(params)}"
