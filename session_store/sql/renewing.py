"""The statements of renewal: which sessions are due, who may renew one, and writing what came of it."""

from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Select, Update, func, or_, select, update

from session_store.sql.tables import sessions


def alive(now: datetime) -> ColumnElement[bool]:
    """The sessions that have not ended."""
    return (sessions.c.expires > now) & or_(sessions.c.idle_end.is_(None), sessions.c.idle_end > now)


def over(now: datetime) -> ColumnElement[bool]:
    """The sessions that have."""
    return or_(sessions.c.expires <= now, sessions.c.idle_end <= now)


def due(now: datetime, active_since: datetime, limit: int) -> Select[Any]:
    """Ids of what a worker has to renew, the earliest first."""
    profile = (sessions.c.profile_due <= now) & (sessions.c.last_seen >= active_since)
    named = alive(now) & _free(now) & or_(sessions.c.tokens_due <= now, profile)
    earliest = func.coalesce(sessions.c.tokens_due, sessions.c.profile_due)
    return select(sessions.c.id).where(named).order_by(earliest, sessions.c.id).limit(limit)


def claim(session_id: str, now: datetime, until: datetime) -> Update:
    """Take the right to renew; it hits one row, or none. The database decides between those who try at once."""
    is_due = or_(sessions.c.tokens_due <= now, sessions.c.profile_due <= now)
    claimable = (sessions.c.id == session_id) & alive(now) & _free(now) & is_due
    return update(sessions).where(claimable).values(renewing_until=until, version=sessions.c.version + 1)


def _free(now: datetime) -> ColumnElement[bool]:
    return or_(sessions.c.renewing_until.is_(None), sessions.c.renewing_until <= now)
