"""One sealed, short-lived cookie per sign-in attempt, so that many tabs can sign in at once.

A cookie is named after its attempt and opens under that name, on that host, for ten minutes. A browser that abandons
attempts does not drown in them: with a new one, the oldest beyond twelve are deleted, and so is what does not open.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

from access_model.model import CookieSettings, SameSite
from extauthz.cookies import Pairs, SetCookie, prefixed, sole_value
from extauthz.sealed_text import open_text, seal_text
from session_store.sealing import bind

LIFETIME = timedelta(minutes=10)
MAX_OUTSTANDING = 12
MAX_DELETIONS = 24
"""Per response, which has to stay within what proxies accept; the rest goes with the next attempt."""

_ATTEMPT = re.compile(r"[A-Za-z0-9_-]{43}")
_CREATED = "created"


@dataclass(frozen=True, slots=True)
class AttemptCookies:
    """The attempt cookies of one kind on one host."""

    kind: str
    """Beginning of their names, without `__Host-`."""
    host: str
    """Folded host they open on."""
    key: bytes = field(repr=False)
    """AEAD key of this kind."""
    settings: CookieSettings
    """Tells whether this deployment's cookies are secure."""
    same_site: SameSite = "lax"
    """`none` where the provider answers with a form that is posted across sites."""

    def plant(
        self, attempt: str, value: Mapping[str, Any], presented: Pairs, nonce: bytes, now: datetime
    ) -> tuple[str, ...]:
        """The `Set-Cookie` headers that begin an attempt and drop what is too much.

        `attempt` is 43 characters of base64url; `presented` are the request's cookies.
        """
        if not _ATTEMPT.fullmatch(attempt):
            raise ValueError("an attempt is named by 32 bytes in base64url")
        sealed = seal_text(self.key, {**value, _CREATED: now.timestamp()}, self._place(attempt), nonce)
        cookie = self._cookie(attempt, sealed, LIFETIME)
        return (cookie.header(), *map(self.delete, self._superfluous(attempt, presented, now)))

    def open(self, attempt: str, presented: Pairs, now: datetime) -> dict[str, Any] | None:
        """What was sealed for an attempt; None when there is no such cookie, several, or one that is too old."""
        if not _ATTEMPT.fullmatch(attempt):
            return None
        text = sole_value(presented, self._name(attempt))
        value = None if text is None else open_text(self.key, text, self._place(attempt))
        return value if value is not None and _created(value) + LIFETIME > now else None

    def delete(self, attempt: str) -> str:
        """The `Set-Cookie` header that ends an attempt."""
        return self._cookie(attempt, "", timedelta(0)).header()

    def _superfluous(self, begun: str, presented: Pairs, now: datetime) -> list[str]:
        """Attempts to drop, so that with the new one no more than `MAX_OUTSTANDING` remain."""
        start = self._name("")
        others = {name[len(start) :] for name, _ in presented if name.startswith(start)} - {begun}
        named = sorted(attempt for attempt in others if _ATTEMPT.fullmatch(attempt))
        ages = {attempt: value for attempt in named if (value := self.open(attempt, presented, now)) is not None}
        youngest = sorted(ages, key=lambda attempt: _created(ages[attempt]), reverse=True)[: MAX_OUTSTANDING - 1]
        return [attempt for attempt in named if attempt not in youngest][:MAX_DELETIONS]

    def _cookie(self, attempt: str, value: str, max_age: timedelta) -> SetCookie:
        # Browsers take `SameSite=None` with `Secure` alone.
        same_site = self.same_site if self.settings.secure else "lax"
        return SetCookie(self._name(attempt), value, max_age, secure=self.settings.secure, same_site=same_site)

    def _name(self, attempt: str) -> str:
        return prefixed(self.kind + attempt, self.settings)

    def _place(self, attempt: str) -> bytes:
        return bind(self.kind, self.host, attempt)


def _created(value: Mapping[str, Any]) -> datetime:
    return datetime.fromtimestamp(value[_CREATED], UTC)
