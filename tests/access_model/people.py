"""Who asks, in tests of policies."""

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from access_model.facts import Identity, RequestFacts
from access_model.policy import PolicyInput

NOW = datetime(2030, 1, 1, tzinfo=UTC)
REQUEST = RequestFacts("GET", "https", "app.example.com", "app.example.com", "/", "/", "")
STRANGER = PolicyInput(REQUEST, None, NOW)


def asked_by(
    user_id: str = "alice-id", *, email: str = "alice@example.com", email_verified: bool | None = None, **claims: Any
) -> PolicyInput:
    """What is asked when this person asks; claims are those of the user."""
    return PolicyInput(REQUEST, person(user_id, email, email_verified, user_claims=claims), NOW)


def person(
    user_id: str = "alice-id",
    email: str = "alice@example.com",
    email_verified: bool | None = None,
    *,
    user_claims: Mapping[str, tuple[str, ...]] | None = None,
    session_claims: Mapping[str, tuple[str, ...]] | None = None,
) -> Identity:
    """Somebody signed in."""
    return Identity(
        user_id,
        "session-1",
        email,
        email_verified,
        user_claims=user_claims or {},
        session_claims=session_claims or {},
    )
