"""The schema's history, and the way from any of its revisions to the newest (Alembic)."""
