"""The rotation of the keys that sign assertions. Pure.

A key is published from the moment it is kept: first as the next one, which signs nothing yet, then as the current one,
then as a previous one. Because there always is a next key, verifiers know it long before it signs, and an exchange in
a hurry need not wait for their caches. A replica that has not heard of an exchange yet signs with a key that is still
published; so replicas need not change over at the same moment.
"""

from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import datetime, timedelta

from extauthz.assertion.claims import LIFETIME
from session_store.records import KeyPhase, SigningKey

JWKS_MAX_AGE = timedelta(seconds=60)
"""How long verifiers may keep the published keys without asking again."""
HEARD_WITHIN = timedelta(minutes=4)
"""How long a replica may take to learn what is kept; as a rule it is half a second."""
SHOWN_BEFORE = JWKS_MAX_AGE + HEARD_WITHIN
"""How long a key must have been published before it signs."""
SHOWN_AFTER = HEARD_WITHIN + LIFETIME + timedelta(minutes=1) + JWKS_MAX_AGE
"""How long a key stays published behind its exchange: the last replica signs with it, what that signed runs out by
the clock of a verifier that is a minute slow, and so does what is cached."""

_ORDER = (KeyPhase.CURRENT, KeyPhase.NEXT, KeyPhase.PREVIOUS)


def signing_order(keys: Sequence[SigningKey]) -> Sequence[SigningKey]:
    """The key that signs before all others; within a phase as they came."""
    return sorted(keys, key=lambda key: _ORDER.index(key.phase))


def may_sign_from(keys: Sequence[SigningKey]) -> datetime | None:
    """When the next key will have been shown for long enough; None where there is none."""
    key = _in_phase(keys, KeyPhase.NEXT)
    return None if key is None else key.created + SHOWN_BEFORE


def kept_up(
    keys: Sequence[SigningKey], now: datetime, fresh: Callable[[], SigningKey], period: timedelta | None
) -> Sequence[SigningKey]:
    """The keys as they should be now: one current, one next, none whose time is up.

    The current one is exchanged when it has signed for `period` (None: never). `fresh` makes a key.
    """
    current = _in_phase(keys, KeyPhase.CURRENT)
    due = current is not None and period is not None and (current.signs_from or now) + period <= now
    return exchanged(keys, now, fresh) if due else _complete(keys, now, fresh)


def exchanged(
    keys: Sequence[SigningKey], now: datetime, fresh: Callable[[], SigningKey], *, leaked: bool = False
) -> Sequence[SigningKey]:
    """The keys with the next one signing, if it was shown for long enough; otherwise as `kept_up` without a period.

    What the current one has signed goes on to verify until it runs out; not so where the key has `leaked`.
    """
    ready = may_sign_from(keys)
    if ready is None or ready > now:
        return _complete(keys, now, fresh)
    withdrawn = now if leaked else now + SHOWN_AFTER
    return _complete([_moved_on(key, now, withdrawn) for key in keys], now, fresh)


def _complete(keys: Sequence[SigningKey], now: datetime, fresh: Callable[[], SigningKey]) -> Sequence[SigningKey]:
    """Without those whose time is up; with a current one, if need be the next one, and with a next one."""
    kept = [key for key in keys if key.withdrawn is None or key.withdrawn > now]
    if _in_phase(kept, KeyPhase.CURRENT) is None:
        first = _in_phase(kept, KeyPhase.NEXT) or fresh()
        kept = [key for key in kept if key.kid != first.kid] + [replace(first, signs_from=now)]
    return kept if _in_phase(kept, KeyPhase.NEXT) else [*kept, fresh()]


def _moved_on(key: SigningKey, now: datetime, withdrawn: datetime) -> SigningKey:
    match key.phase:
        case KeyPhase.NEXT:
            return replace(key, signs_from=now)
        case KeyPhase.CURRENT:
            return replace(key, withdrawn=withdrawn)
        case KeyPhase.PREVIOUS:
            return key


def _in_phase(keys: Sequence[SigningKey], phase: KeyPhase) -> SigningKey | None:
    return next((key for key in keys if key.phase is phase), None)
