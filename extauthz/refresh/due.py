"""When a session has to be renewed. Pure."""

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta

from session_store.records import Renewal, Session, Tokens

EARLY = timedelta(minutes=1)
"""How long before their end tokens are asked for anew; of short-lived ones, the last quarter."""
PROFILE_EVERY = timedelta(minutes=10)
"""How often the user's profile is asked for."""
FIRST_PAUSE = timedelta(seconds=5)
LONGEST_PAUSE = timedelta(minutes=5)
GRACE = timedelta(hours=1)
"""How long a session goes on behind the end of its access token while the provider does not answer."""
LATE = timedelta(minutes=1)
"""What is due for longer than this is waited for."""


def renewal_of(tokens: Tokens, claims: Mapping[str, Sequence[str]], now: datetime, *, profile: bool = True) -> Renewal:
    """When tokens that came now, and a profile, are due again.

    `claims` are those of an ID token that came with them: it has an end too. Without a refresh token there is nothing
    to ask for anew, and the profile can be asked for as long as the access token lasts. `profile` is false where the
    provider has none.
    """
    ends = [end for end in (tokens.access_expires, _expiry(claims)) if end]
    tokens_due = _early(min(ends), now) if ends and tokens.refresh_token else None
    profile_due = now + PROFILE_EVERY if profile and tokens.access_token else None
    if profile_due and tokens_due is None and tokens.access_expires and tokens.access_expires <= profile_due:
        profile_due = None
    return Renewal(tokens_due, profile_due)


def put_off(renewal: Renewal, now: datetime) -> Renewal:
    """The same after a failure: what was due is due again after a pause that doubles each time."""
    pause = min(FIRST_PAUSE * 2 ** min(renewal.failures, 10), LONGEST_PAUSE)

    def later(due: datetime | None) -> datetime | None:
        return max(due, now + pause) if due else None

    return Renewal(later(renewal.tokens_due), later(renewal.profile_due), renewal.failures + 1)


def is_due(session: Session, now: datetime) -> bool:
    """Whether the provider has to be asked."""
    return session.renewal.due is not None and session.renewal.due <= now


def tokens_are_due(session: Session, now: datetime) -> bool:
    """Whether new tokens are needed, and can be had."""
    return session.renewal.tokens_due is not None and session.renewal.tokens_due <= now


def is_late(session: Session, now: datetime) -> bool:
    """Whether what is known of the session is too old to decide with before the provider was asked."""
    over = session.tokens.access_expires is not None and session.tokens.access_expires <= now
    due = session.renewal.due
    return due is not None and due <= now and (over or due + LATE <= now)


def is_beyond_grace(session: Session, now: datetime) -> bool:
    """Whether the session ends because its tokens could not be renewed for too long."""
    end = session.tokens.access_expires
    return tokens_are_due(session, now) and end is not None and end + GRACE <= now


def _early(end: datetime, now: datetime) -> datetime:
    return end - min(EARLY, max(end - now, timedelta(0)) / 4)


def _expiry(claims: Mapping[str, Sequence[str]]) -> datetime | None:
    """`exp` of an ID token that was verified, as the flat claims have it."""
    try:
        return datetime.fromtimestamp(float(claims["exp"][0]), UTC)
    except (KeyError, IndexError, ValueError, OverflowError, OSError):
        return None
