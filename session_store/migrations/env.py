"""Alembic's entry: runs on the connection, and inside the transaction, that `revisions` hands over."""

from alembic import context

from session_store.sql.tables import metadata

context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=metadata,
    transactional_ddl=True,  # true for SQLite too, since our own BEGIN comes before the DDL
    render_as_batch=True,  # SQLite alters a table by copying it
)
with context.begin_transaction():
    context.run_migrations()
