"""What a session is after the provider has answered. Pure."""

from dataclasses import replace
from datetime import datetime

from extauthz.oidc.claims import OF_THE_SIGN_IN, FlatClaims, beyond, first
from extauthz.oidc.refresh import Refreshed
from extauthz.oidc.signed_in import SignedIn
from extauthz.refresh.due import PROFILE_EVERY, renewal_of
from session_store.records import KnownSession


def with_tokens(known: KnownSession, refreshed: Refreshed, now: datetime) -> KnownSession:
    """The session with new tokens, and with the claims of a new ID token; the profile is due now."""
    session = known.session
    claims = session.claims if refreshed.claims is None else _merged(session.claims, refreshed.claims)
    renewal = renewal_of(refreshed.tokens, refreshed.claims or {}, now)
    return replace(
        known,
        session=replace(
            session,
            tokens=refreshed.tokens,
            claims=claims,
            provider_session=first(claims, "sid") or session.provider_session,
            renewal=replace(renewal, profile_due=now if renewal.profile_due or session.renewal.profile_due else None),
        ),
    )


def with_profile(known: KnownSession, profile: FlatClaims | None, now: datetime) -> KnownSession:
    """The session with a new profile; None where the provider has none to give."""
    session = known.session
    ends = session.tokens.access_expires
    profile_due = None if profile is None else now + PROFILE_EVERY
    if profile_due and session.renewal.tokens_due is None and ends and ends <= profile_due:
        profile_due = None
    renewal = replace(session.renewal, profile_due=profile_due, failures=0)
    if profile is None:
        return replace(known, session=replace(session, renewal=renewal))
    user = SignedIn(session.issuer, session.user_id, session.claims, profile, session.tokens).user
    return KnownSession(replace(session, renewal=renewal, claims=beyond(profile, session.claims)), user)


def _merged(before: FlatClaims, claims: FlatClaims) -> FlatClaims:
    """New claims, and the old ones about the sign-in: a later ID token need not repeat them."""
    return {**{name: before[name] for name in OF_THE_SIGN_IN if name in before}, **claims}
