"""How this client authenticates itself at the provider's token endpoint (RFC 6749 section 2.3)."""

from dataclasses import dataclass, field
from urllib.parse import quote_plus, urlencode

from authlib.oauth2.auth import ClientAuth

from access_model.model import IdentityProvider
from extauthz.oidc.http import HttpRequest

FORM = "application/x-www-form-urlencoded"


@dataclass(frozen=True, slots=True)
class Outgoing:
    """A request ready to be sent."""

    headers: dict[str, str] = field(repr=False)
    """Header name to value."""
    body: bytes = field(repr=False)
    """The body; empty for none."""


def authenticate(request: HttpRequest, provider: IdentityProvider) -> Outgoing:
    """Turn an exchange's request into headers and body, with the client's credentials where it asks for them."""
    headers, body = dict(request.headers), urlencode(request.form)
    if request.form:
        headers["Content-Type"] = FORM
    if request.client_auth is not None:
        client = ClientAuth(*_credentials(request, provider), request.client_auth)
        _, headers, body = client.prepare(request.method, request.url, headers, body)
    return Outgoing(headers, body.encode())


def _credentials(request: HttpRequest, provider: IdentityProvider) -> tuple[str, str]:
    secret = provider.client_secret.reveal_text() if provider.client_secret else ""
    if request.client_auth == "client_secret_basic":
        # RFC 6749 section 2.3.1: both are form-encoded before they are joined by a colon; Authlib joins them as given.
        return quote_plus(provider.client_id), quote_plus(secret)
    return provider.client_id, secret
