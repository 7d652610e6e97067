"""Shells around what is not ours: identity providers."""
