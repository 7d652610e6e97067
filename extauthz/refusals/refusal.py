"""What a refusal says, whatever its form. Nothing here tells a stranger more than the status does."""

import math
import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from http import HTTPStatus

RETRY_SECONDS = 5
CERTIFICATE_WANTED = 495
"""No status of a standard: nginx made it up for client certificates, and others took it over."""
_QUOTABLE = re.compile(r"[ !#-\[\]-~]*")
"""What may stand between quotes in a header as it is (RFC 9110 section 5.6.4)."""
Details = tuple[tuple[bool, str], ...]
"""Criteria as people write them, and whether each held."""


@dataclass(frozen=True, slots=True)
class Refusal:
    """One refusal."""

    status: int
    """HTTP status; every form derives its own code from it."""
    error: str
    """Stable word for programs."""
    title: str
    """Headline for people."""
    message: str
    """Sentence for people: what happened, what to do."""
    sign_in_url: str = ""
    """Where a person signs in; only with 401."""
    challenge: str = ""
    """Value of `WWW-Authenticate`; only with 401."""
    details: Details = ()
    """Each criterion and whether it held, where the route shows them."""
    retry_after: int = 0
    """Seconds after which another try makes sense; 0 where nobody can tell."""


def unauthenticated(host: str, sign_in_url: str, *, invalid_token: bool = False) -> Refusal:
    """Nobody is signed in, and this client cannot be redirected.

    `host` is folded; `invalid_token` says that a token was presented and opens nothing (RFC 6750 section 3.1).
    """
    error = ', error="invalid_token"' if invalid_token else ""
    return Refusal(
        HTTPStatus.UNAUTHORIZED,
        "unauthenticated",
        "Sign in to continue",
        "This address is protected, and nobody is signed in.",
        sign_in_url,
        f'Bearer realm="{host}"{error}',
    )


def insufficient_authentication(host: str, sign_in_url: str, wanted: Mapping[str, str]) -> Refusal:
    """Somebody is signed in, but not well enough; `wanted` are parameters of the sign-in that would be (RFC 9470)."""
    told = {name: value for name, value in wanted.items() if name != "prompt" and _QUOTABLE.fullmatch(value)}
    parameters = "".join(f', {name}="{value}"' for name, value in told.items())
    return Refusal(
        HTTPStatus.UNAUTHORIZED,
        "insufficient-authentication",
        "Sign in once more",
        "This address wants a stronger or a more recent sign-in than yours.",
        sign_in_url,
        f'Bearer realm="{host}", error="insufficient_user_authentication"{parameters}',
    )


def conflicting_credentials(host: str) -> Refusal:
    """The request carries two authorizations; who it speaks for would depend on the reader."""
    return Refusal(
        HTTPStatus.UNAUTHORIZED,
        "conflicting-credentials",
        "Two credentials",
        "The request carries more than one Authorization header. Send one.",
        challenge=f'Bearer realm="{host}", error="invalid_request"',
    )


def invalid_token(host: str) -> Refusal:
    """A bearer token was presented that opens nothing here (RFC 6750 section 3.1)."""
    return Refusal(
        HTTPStatus.UNAUTHORIZED,
        "invalid-token",
        "This token opens nothing",
        "The bearer token has ended, was revoked, or is not meant for this address. Get another one.",
        challenge=f'Bearer realm="{host}", error="invalid_token"',
    )


def forbidden(details: Details = ()) -> Refusal:
    """The user is known, and may not."""
    return Refusal(
        HTTPStatus.FORBIDDEN,
        "forbidden",
        "Not for this account",
        "You are signed in, but this account may not open this address. Ask whoever runs it for access.",
        details=details,
    )


def certificate_wanted(details: Details = (), *, presented: bool) -> Refusal:
    """The client has shown no certificate, or one that is not trusted; why not is the operator's to know."""
    if presented:
        return Refusal(
            CERTIFICATE_WANTED,
            "invalid-client-certificate",
            "Certificate not accepted",
            "The certificate that your browser or program showed is not accepted here. It may have expired, or be the"
            " wrong one: choose another, or ask whoever runs this address.",
            details=details,
        )
    return Refusal(
        CERTIFICATE_WANTED,
        "client-certificate-required",
        "Certificate needed",
        "This address opens to clients that show a certificate, and yours showed none. Ask whoever runs it for one.",
        details=details,
    )


def no_such_route() -> Refusal:
    """Nothing is served there."""
    return Refusal(HTTPStatus.NOT_FOUND, "no-such-route", "Nothing here", "No application is served at this address.")


def bad_request(message: str) -> Refusal:
    """The request can be read in more than one way; `message` says how, lower case and without full stop."""
    return Refusal(
        HTTPStatus.BAD_REQUEST,
        "bad-request",
        "This request is ambiguous",
        f"It was not passed on: {message}.",
    )


def unavailable() -> Refusal:
    """We cannot tell who asks or whether they may."""
    return Refusal(
        HTTPStatus.SERVICE_UNAVAILABLE,
        "unavailable",
        "Try again in a moment",
        "It cannot be checked right now who may open this address, so nobody may. This mends itself.",
        retry_after=RETRY_SECONDS,
    )


def too_many_attempts(wait: timedelta) -> Refusal:
    """This client has tried too often lately (RFC 6585 section 4); `wait` is how long until the next try."""
    seconds = max(1, math.ceil(wait.total_seconds()))
    return Refusal(
        HTTPStatus.TOO_MANY_REQUESTS,
        "too-many-attempts",
        "Too many attempts",
        f"There were too many attempts from your network. Try again in {seconds} second{'' if seconds == 1 else 's'}.",
        retry_after=seconds,
    )
