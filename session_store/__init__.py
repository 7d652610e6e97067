"""The session store: frozen records, one repository protocol, its SQL and in-memory implementations."""
