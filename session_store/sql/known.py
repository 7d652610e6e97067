"""Sessions with their users, read from rows: their tokens opened, what has ended left out."""

from datetime import datetime

import structlog
from sqlalchemy import RowMapping, select

from session_store.records import KnownSession, Tokens
from session_store.sealing import UnsealFailed
from session_store.sql import rows
from session_store.sql.rows import Vault
from session_store.sql.tables import sessions, users

log = structlog.get_logger(__name__)

KNOWN = select(sessions, users).join(users)
"""A session with its user."""


def known_session(row: RowMapping, vault: Vault, now: datetime) -> KnownSession | None:
    """The session of a row of `KNOWN`, unless it has ended or its tokens do not open."""
    tokens = _tokens(row, vault)
    known = None if tokens is None else KnownSession(rows.session_of(row, tokens), rows.user_of(row))
    return known if known and known.session.ends > now else None


def ended_session(row: RowMapping, vault: Vault) -> KnownSession:
    """What a session was; without its tokens where they do not open."""
    return KnownSession(rows.session_of(row, _tokens(row, vault) or Tokens()), rows.user_of(row))


def _tokens(row: RowMapping, vault: Vault) -> Tokens | None:
    """The tokens of a session's row; None when they were sealed with another secret, or were tampered with."""
    try:
        return rows.tokens_of(row, vault)
    except UnsealFailed:
        log.warning("session_not_openable", session=row[sessions.c.id])
        return None
