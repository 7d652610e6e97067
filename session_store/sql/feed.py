"""Writing to the change feed, inside the transaction of what changed."""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import insert, select
from sqlalchemy.ext.asyncio import AsyncConnection

from session_store.records import User
from session_store.sql import rows
from session_store.sql.dialects import notify, one_writer, upsert
from session_store.sql.tables import changes, sessions, users

CHANNEL = "ostiary_changes"


async def announce(connection: AsyncConnection, kind: str, subjects: Sequence[str], at: datetime) -> None:
    """Append an entry for each subject (`Change.subject`), and wake whoever waits for one on another machine."""
    if not subjects:
        return
    await one_writer(connection, changes)
    entries = [{"kind": kind, "subject": subject, "at": at} for subject in subjects]
    await connection.execute(insert(changes), entries)
    await notify(connection, CHANNEL)


async def save_user(connection: AsyncConnection, user: User) -> Sequence[str]:
    """Insert or replace a user; return the ids of their sessions if the profile is another one than before."""
    named = (users.c.issuer == user.issuer) & (users.c.id == user.id)
    before = (await connection.execute(select(users).where(named).with_for_update())).mappings().first()
    if before is not None and rows.user_of(before) == user:
        return ()
    await upsert(connection, users, rows.user_row(user))
    if before is None:
        return ()
    theirs = (sessions.c.issuer == user.issuer) & (sessions.c.user_id == user.id)
    return (await connection.execute(select(sessions.c.id).where(theirs).order_by(sessions.c.id))).scalars().all()
