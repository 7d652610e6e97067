"""Renewal of sessions: when it is due, how often it is tried, and that one process does it at a time."""
