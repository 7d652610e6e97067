"""The tables, in SQL that SQLite and PostgreSQL share. `session_store.migrations` creates them."""

from datetime import UTC, datetime

from sqlalchemy import (
    JSON,
    BigInteger,
    Boolean,
    Column,
    DateTime,
    Dialect,
    ForeignKey,
    ForeignKeyConstraint,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    Table,
    Text,
    TypeDecorator,
)

metadata = MetaData()


class UtcDateTime(TypeDecorator[datetime]):
    """A moment with its zone: kept as UTC, given back as UTC, refused without a zone."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:  # noqa: ARG002 - given by SQLAlchemy
        """Python to database. SQLite keeps no zone, so everything is UTC before it goes there."""
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError("a time without a zone cannot be stored")
        return value.astimezone(UTC)

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:  # noqa: ARG002 - given by SQLAlchemy
        """Database to Python."""
        if value is None:
            return None
        return value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)


users = Table(
    "users",
    metadata,
    Column("issuer", Text, primary_key=True),
    Column("id", Text, primary_key=True),
    Column("email", Text, nullable=False),
    Column("email_verified", Boolean),
    Column("name", Text, nullable=False),
    Column("claims", JSON, nullable=False),
)

sessions = Table(
    "sessions",
    metadata,
    Column("id", Text, primary_key=True),
    Column("issuer", Text, nullable=False),
    Column("user_id", Text, nullable=False),
    Column("provider_id", Text, nullable=False),
    Column("provider_session", Text, nullable=False),
    Column("created", UtcDateTime, nullable=False),
    Column("last_seen", UtcDateTime, nullable=False),
    Column("expires", UtcDateTime, nullable=False),
    Column("claims", JSON, nullable=False),
    Column("access_token", LargeBinary),  # the three tokens are sealed
    Column("refresh_token", LargeBinary),
    Column("id_token", LargeBinary),
    Column("access_expires", UtcDateTime),
    Column("version", Integer, nullable=False),
    Column("idle_end", UtcDateTime),
    Column("tokens_due", UtcDateTime),
    Column("profile_due", UtcDateTime),
    Column("renewal_failures", Integer, nullable=False, server_default="0"),
    Column("device", Text, nullable=False, server_default=""),
    Column("address", Text, nullable=False, server_default=""),
    Column("renewing_until", UtcDateTime),  # somebody has the sole right to renew it until then
    ForeignKeyConstraint(["issuer", "user_id"], ["users.issuer", "users.id"], name="fk_sessions_users"),
    Index("ix_sessions_user", "issuer", "user_id"),
    Index("ix_sessions_provider_session", "issuer", "provider_session"),
    Index("ix_sessions_expires", "expires"),
    Index("ix_sessions_idle_end", "idle_end"),
    Index("ix_sessions_tokens_due", "tokens_due"),
    Index("ix_sessions_profile_due", "profile_due"),
)

handles = Table(
    "handles",
    metadata,
    Column("token_hash", LargeBinary, primary_key=True),
    Column(
        "session_id", Text, ForeignKey("sessions.id", name="fk_handles_sessions", ondelete="CASCADE"), nullable=False
    ),
    Column("host", Text, nullable=False),
    Column("created", UtcDateTime, nullable=False),
    Index("ix_handles_session", "session_id"),
)

used_once = Table(
    "used_once",
    metadata,
    Column("purpose", Text, primary_key=True),
    Column("value_hash", LargeBinary, primary_key=True),
    Column("expires", UtcDateTime, nullable=False),
    Index("ix_used_once_expires", "expires"),
)

signing_keys = Table(
    "signing_keys",
    metadata,
    Column("kid", Text, primary_key=True),
    Column("private_pem", LargeBinary, nullable=False),  # sealed
    Column("created", UtcDateTime, nullable=False),
    Column("signs_from", UtcDateTime),
    Column("withdrawn", UtcDateTime),
)

changes = Table(
    "changes",
    metadata,
    Column("sequence", BigInteger().with_variant(Integer, "sqlite"), primary_key=True),
    Column("kind", Text, nullable=False),
    Column("subject", Text, nullable=False),
    Column("at", UtcDateTime, nullable=False),
    Index("ix_changes_at", "at"),
    sqlite_autoincrement=True,  # a number is never given twice, not even after a purge
)

leases = Table(
    "leases",
    metadata,
    Column("name", Text, primary_key=True),
    Column("holder", Text, nullable=False),
    Column("until", UtcDateTime, nullable=False),
)
