"""Service accounts: identities of programs, which nobody signs in as.

An account is a session that the operator makes: it ends at a set time, is revoked like any other, and says who it is in
the assertion. Its token opens every host, and only in a header. The store keeps the token's hash alone.
"""

import base64
import uuid
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime

from extauthz.credentials import SERVICE_TOKEN
from extauthz.session_cookie import token_hash
from session_store.records import EVERY_HOST, Handle, Session, User

SERVICE_ACCOUNT = "service-account"
"""Provider, and issuer, of the sessions of service accounts."""
TOKEN_BYTES = 32
ID_BYTES = 16


@dataclass(frozen=True, slots=True)
class NewServiceAccount:
    """An account about to be written to the store."""

    session: Session
    """Its session."""
    user: User
    """Who it is."""
    handle: Handle
    """What its token opens."""
    token: str = field(repr=False)
    """The token, to be shown once."""


@dataclass(frozen=True, slots=True)
class Wanted:
    """What the operator says about a new account."""

    user_id: str
    """User id: the assertion's `sub`."""
    expires: datetime
    """When it ends."""
    email: str = ""
    """Address, which counts as verified."""
    name: str = ""
    """Display name."""
    groups: Sequence[str] = ()
    """Groups it is in."""
    description: str = ""
    """What it is for."""


def new_service_account(wanted: Wanted, account_id: bytes, secret: bytes, now: datetime) -> NewServiceAccount:
    """An account made of 16 and 32 unguessable bytes; raises `ValueError` for what cannot be one."""
    if not wanted.user_id or not wanted.user_id.isprintable():
        raise ValueError("the user id is empty or not printable")
    if wanted.expires <= now:
        raise ValueError("the end lies in the past")
    if len(secret) != TOKEN_BYTES:
        raise ValueError(f"a token is made of {TOKEN_BYTES} bytes")
    token = SERVICE_TOKEN + base64.urlsafe_b64encode(secret).rstrip(b"=").decode()
    session = Session(
        id=str(uuid.UUID(bytes=account_id, version=4)),
        user_id=wanted.user_id,
        issuer=SERVICE_ACCOUNT,
        provider_id=SERVICE_ACCOUNT,
        created=now,
        last_seen=now,
        expires=wanted.expires,
        claims={"description": (wanted.description,)} if wanted.description else {},
    )
    groups = {"groups": tuple(wanted.groups)} if wanted.groups else {}
    user = User(SERVICE_ACCOUNT, wanted.user_id, wanted.email, True if wanted.email else None, wanted.name, groups)
    return NewServiceAccount(session, user, Handle(token_hash(token), session.id, EVERY_HOST, now), token)
