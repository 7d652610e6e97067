"""The token endpoint: a code becomes tokens, once (RFC 6749 section 4.1.3, RFC 7636 section 4.5)."""

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from access_model.model import IdentityProvider
from access_model.secret import Secret
from extauthz.oidc.attempt import Attempt
from extauthz.oidc.discovery import ProviderMetadata
from extauthz.oidc.errors import NotTrusted, ProviderUnavailable, Reason
from extauthz.oidc.http import Exchange, HttpRequest, HttpResponse
from session_store.records import Tokens

HTTP_OK = 200
HTTP_TOO_MANY = 429
LONGEST_LIFETIME = timedelta(days=3650)


@dataclass(frozen=True, slots=True)
class TokenResponse:
    """What the token endpoint gave; the ID token is unverified."""

    access_token: str = field(repr=False)
    """For userinfo."""
    unverified_id_token: str = field(repr=False)
    """The ID token as it came; empty where a refresh gave none."""
    refresh_token: str | None = field(repr=False)
    """For later, if the provider gave one."""
    expires_in: timedelta | None
    """How long the access token lasts, if the provider said so."""

    def tokens(self, now: datetime) -> Tokens:
        """The tokens as the store keeps them."""
        return Tokens(
            access_token=Secret.of(self.access_token),
            refresh_token=Secret.of(self.refresh_token) if self.refresh_token else None,
            id_token=Secret.of(self.unverified_id_token) if self.unverified_id_token else None,
            access_expires=None if self.expires_in is None else now + self.expires_in,
        )


def redeem_code(
    provider: IdentityProvider, metadata: ProviderMetadata, attempt: Attempt, code: str
) -> Exchange[TokenResponse]:
    """Redeem a code; raises `NotTrusted`. Sent once: a code that may have arrived must not be sent again."""
    response = yield HttpRequest(
        "POST",
        metadata.token_endpoint,
        form=(
            ("grant_type", "authorization_code"),
            ("code", code),
            ("redirect_uri", attempt.redirect_uri),
            ("code_verifier", attempt.code_verifier),
        ),
        client_auth=metadata.client_auth(provider),
    )
    return read_token_response(response)


def read_token_response(response: HttpResponse, *, id_token_required: bool = True) -> TokenResponse:
    """Read the response; unknown members are ignored. Raises `NotTrusted` or `ProviderUnavailable`."""
    if response.status >= 500 or response.status == HTTP_TOO_MANY:
        raise ProviderUnavailable(f"the provider's token endpoint answered {response.status}")
    answer = response.json_object()
    if response.status != HTTP_OK or answer is None:
        raise _refusal(response.status, answer or {})
    if str(answer.get("token_type", "")).lower() != "bearer":
        raise NotTrusted(Reason.TOKEN_RESPONSE, f"the provider gave tokens of type `{answer.get('token_type')}`")
    return TokenResponse(
        access_token=_text(answer, "access_token"),
        unverified_id_token=_text(answer, "id_token") if id_token_required or answer.get("id_token") else "",
        refresh_token=_text(answer, "refresh_token") if answer.get("refresh_token") else None,
        expires_in=_lifetime(answer.get("expires_in")),
    )


def _refusal(status: int, answer: dict[str, Any]) -> NotTrusted:
    error = answer.get("error")
    if error == "invalid_grant":
        return NotTrusted(Reason.CODE, "the provider refused the code: it was used, too old, or not for this client")
    if error in {"invalid_client", "unauthorized_client"}:
        return NotTrusted(
            Reason.CLIENT,
            f"the provider refused this client (`{error}`); check `idp_client_id` and `idp_client_secret`; where they "
            "are right, docs/configuration.md tells of `idp_client_authentication` and `idp_client_assertion_audience`",
        )
    return NotTrusted(Reason.TOKEN_RESPONSE, f"the provider's token endpoint answered {status} with error `{error}`")


def _text(answer: dict[str, Any], name: str) -> str:
    value = answer.get(name)
    if not isinstance(value, str) or not value or not value.isascii() or not value.isprintable():
        raise NotTrusted(Reason.TOKEN_RESPONSE, f"the provider's token response has no `{name}`")
    return value


def _lifetime(value: object) -> timedelta | None:
    """Seconds, which some providers send as text; anything odd counts as not said."""
    try:
        seconds = int(str(value))
    except ValueError:
        return None
    return min(timedelta(seconds=seconds), LONGEST_LIFETIME) if 0 <= seconds < 2**31 else None
