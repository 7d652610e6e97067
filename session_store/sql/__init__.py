"""The SQL store: SQLAlchemy on SQLite or PostgreSQL."""
