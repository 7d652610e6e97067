"""The login state: what the authenticate host remembers, sealed in the browser, while it is at the provider."""

from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any, Self

from access_model.model import ROUTE_CLIENT, AccessModel, IdentityProvider, SameSite
from extauthz.attempt_cookies import AttemptCookies
from extauthz.cookies import STATE_COOKIE, Pairs
from extauthz.oidc.attempt import Attempt
from extauthz.purpose_keys import PurposeKeys
from extauthz.sign_in_link import Destination
from extauthz.step_up import demand_of, parameters

CALLBACK_PATH = "/oauth2/callback"


@dataclass(frozen=True, slots=True)
class LoginState:
    """One sign-in under way."""

    attempt: Attempt
    """What the protocol needs."""
    provider_id: str
    """Which configured provider was asked."""
    destination: Destination
    """Where the person wanted to go; checked when it was written, and again when it is used."""
    began: datetime
    """When the browser was sent to the provider."""


@dataclass(frozen=True, slots=True)
class LoginStates:
    """The login states of a browser, one cookie each."""

    cookies: AttemptCookies = field(repr=False)
    """Where they are kept."""

    @classmethod
    def of(cls, model: AccessModel, keys: PurposeKeys) -> Self:
        """Those of the authenticate host."""
        posted = any(each.request_params.get("response_mode") == "form_post" for each in model.providers)
        same_site: SameSite = "none" if posted else "lax"
        return cls(AttemptCookies(STATE_COOKIE, model.authenticate.host, keys.login_state, model.cookie, same_site))

    def plant(self, login: LoginState, presented: Pairs, nonce: bytes) -> tuple[str, ...]:
        """The `Set-Cookie` headers that remember a sign-in."""
        value = {
            "issuer": login.attempt.issuer,
            "redirect_uri": login.attempt.redirect_uri,
            "nonce": login.attempt.nonce,
            "verifier": login.attempt.code_verifier,
            "provider": login.provider_id,
            "return_to": login.destination.url,
            "binding": login.destination.binding,
            "program_for": login.destination.program_for,
            "step_up": parameters(login.attempt.demand) if login.attempt.demand else {},
        }
        return self.cookies.plant(login.attempt.state, value, presented, nonce, login.began)

    def open(self, state: str, presented: Pairs, now: datetime) -> LoginState | None:
        """The sign-in of a `state`; None when this browser did not begin it, or more than ten minutes ago."""
        value = self.cookies.open(state, presented, now)
        return None if value is None else _login_state(state, value)

    def delete(self, state: str) -> str:
        """The `Set-Cookie` header that forgets a sign-in."""
        return self.cookies.delete(state)


def _login_state(state: str, value: dict[str, Any]) -> LoginState:
    attempt = Attempt(
        state=state,
        issuer=value["issuer"],
        redirect_uri=value["redirect_uri"],
        nonce=value["nonce"],
        code_verifier=value["verifier"],
        demand=demand_of(value["step_up"]),
    )
    began = datetime.fromtimestamp(value["created"], UTC)
    destination = Destination(value["return_to"], value["binding"], value["program_for"])
    return LoginState(attempt, value["provider"], destination, began)


def callback_path(model: AccessModel, provider: IdentityProvider) -> str:
    """Where a provider sends its answers: a path of its own, so that none can pass for another (RFC 9700 4.4.2.2).

    Clients of single routes are at the provider at the top of the file, and have its path.
    """
    is_top = provider == model.provider or provider.id.startswith(ROUTE_CLIENT)
    return CALLBACK_PATH if is_top else f"{CALLBACK_PATH}/{provider.id}"
