"""Makes a session due for renewal without waiting for its tokens to end."""

from datetime import UTC, datetime, timedelta

from sqlalchemy import create_engine, insert, make_url, select, text, update

from session_store.sql.tables import changes, sessions


def make_due(store_url: str, email: str, *, ended: timedelta = timedelta(seconds=1)) -> list[str]:
    """Let the access tokens of all sessions of this address have ended so long ago, and tell every process.

    Returns the ids of the sessions.
    """
    url = make_url(store_url)
    postgresql = url.get_backend_name() == "postgresql"
    engine = create_engine(url.set(drivername="postgresql+psycopg") if postgresql else url)
    now = datetime.now(UTC)
    past = now - ended
    with engine.begin() as connection:
        owned = "SELECT id FROM users WHERE email = :email"
        users = connection.execute(text(owned), {"email": email}).scalars().all()
        ids = list(connection.execute(select(sessions.c.id).where(sessions.c.user_id.in_(users))).scalars())
        connection.execute(update(sessions).where(sessions.c.id.in_(ids)).values(tokens_due=past, access_expires=past))
        for session_id in ids:
            connection.execute(insert(changes).values(kind="session_changed", subject=session_id, at=now))
        if postgresql:
            connection.execute(text("SELECT pg_notify('ostiary_changes', '')"))
    engine.dispose()
    return ids
