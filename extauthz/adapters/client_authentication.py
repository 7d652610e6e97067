"""How this client authenticates itself at the provider's token endpoint (RFC 6749 section 2.3)."""

from collections.abc import Callable
from dataclasses import dataclass, field
from urllib.parse import quote_plus, urlencode

from authlib.oauth2.auth import ClientAuth

from access_model.model import IdentityProvider
from extauthz.oidc.http import HttpRequest

ASSERTION = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"
FORM = "application/x-www-form-urlencoded"


@dataclass(frozen=True, slots=True)
class Outgoing:
    """A request ready to be sent."""

    headers: dict[str, str] = field(repr=False)
    """Header name to value."""
    body: bytes = field(repr=False)
    """The body; empty for none."""


def authenticate(
    request: HttpRequest, provider: IdentityProvider, assertion: Callable[[str, str], str] | None = None
) -> Outgoing:
    """Turn an exchange's request into headers and body, with the client's credentials where it asks for them.

    `assertion` makes a client assertion out of client id and audience, for `private_key_jwt`.
    """
    headers, form = dict(request.headers), request.form
    headers.setdefault("Accept", "application/json")  # GitHub answers with a form otherwise
    if request.client_auth in ("client_secret_post", "private_key_jwt", "none"):
        # They all name the client, as a pushed authorization request does, and a parameter must not be repeated.
        form = tuple((name, value) for name, value in form if name != "client_id")
    if request.client_auth == "private_key_jwt":
        if assertion is None:
            raise ValueError("there is no key for private_key_jwt")
        # Never the token endpoint's address at another endpoint: metadata could name one that is somebody else's.
        audience = request.url if provider.assertion_audience == "endpoint" else provider.issuer
        proof = assertion(provider.client_id, audience)
        form += (("client_id", provider.client_id), ("client_assertion_type", ASSERTION), ("client_assertion", proof))
    body = urlencode(form)
    if form:
        headers["Content-Type"] = FORM
    if request.client_auth not in (None, "private_key_jwt"):
        client = ClientAuth(*_credentials(request, provider), request.client_auth)
        _, headers, body = client.prepare(request.method, request.url, headers, body)
    return Outgoing(headers, body.encode())


def _credentials(request: HttpRequest, provider: IdentityProvider) -> tuple[str, str]:
    secret = provider.client_secret.reveal_text() if provider.client_secret else ""
    if request.client_auth == "client_secret_basic":
        # RFC 6749 section 2.3.1: both are form-encoded before they are joined by a colon; Authlib joins them as given.
        return quote_plus(provider.client_id), quote_plus(secret)
    return provider.client_id, secret
