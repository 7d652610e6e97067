"""Refusals: who is sent to sign in, who is told no, and in the form that this client reads."""

from extauthz.refusals.client_kind import ClientKind, classify
from extauthz.refusals.refusal import (
    Refusal,
    bad_request,
    certificate_wanted,
    conflicting_credentials,
    forbidden,
    insufficient_authentication,
    invalid_token,
    no_such_route,
    too_many_attempts,
    unauthenticated,
    unavailable,
)
from extauthz.refusals.refuse import keep_crawlers_out, redirect, refuse

__all__ = [
    "ClientKind",
    "Refusal",
    "bad_request",
    "certificate_wanted",
    "classify",
    "conflicting_credentials",
    "forbidden",
    "insufficient_authentication",
    "invalid_token",
    "keep_crawlers_out",
    "no_such_route",
    "redirect",
    "refuse",
    "too_many_attempts",
    "unauthenticated",
    "unavailable",
]
