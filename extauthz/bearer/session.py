"""The session of one request that a bearer token speaks for: never stored, and found by no cookie. Pure."""

from datetime import datetime
from hashlib import sha256
from uuid import UUID

from access_model.secret import Secret
from extauthz.bearer.remembered import GOOD_FOR
from extauthz.oidc.vouched import Vouched
from session_store.records import KnownSession, Session

ID_BYTES = 16


def session_of(vouched: Vouched, token: Secret, now: datetime) -> KnownSession:
    """Whom the token speaks for, as policies, assertion and header templates see it.

    Its id is the same for every request with that token, and tells nothing about it.
    """
    who = vouched.who
    session = Session(
        id=str(UUID(bytes=sha256(b"ostiary bearer session\0" + token.reveal()).digest()[:ID_BYTES], version=4)),
        user_id=who.subject,
        issuer=who.issuer,
        provider_id=vouched.provider_id,
        created=now,
        last_seen=now,
        expires=vouched.expires or now + GOOD_FOR,
        claims=who.claims,
        provider_session=who.provider_session,
        tokens=who.tokens,
    )
    return KnownSession(session, who.user)
