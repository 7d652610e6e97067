"""The ticket: carries a finished sign-in from the authenticate host to a route's host.

What travels in the URL is never a credential, since URLs end up in histories and logs: a ticket is sealed, good once,
for a minute, on one host, in the one browser that holds the secret behind the binding.
"""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from extauthz.sealed_text import open_text, seal_text
from session_store.sealing import bind

LIFETIME = timedelta(seconds=60)
ID_BYTES = 16


@dataclass(frozen=True, slots=True)
class Ticket:
    """One admission of a session to one host."""

    id: str
    """Names the ticket, so that it is used once."""
    session_id: str
    """The session to admit."""
    host: str
    """Folded host it is good for."""
    binding: str
    """Hash of the secret that the browser has to hold."""
    expires: datetime
    """When it ends."""


def seal_ticket(ticket: Ticket, key: bytes, nonce: bytes) -> str:
    """The ticket as text for a URL."""
    value: dict[str, Any] = {
        "id": ticket.id,
        "session": ticket.session_id,
        "binding": ticket.binding,
        "expires": ticket.expires.timestamp(),
    }
    return seal_text(key, value, _place(ticket.host), nonce)


def open_ticket(text: str, host: str, key: bytes, now: datetime) -> Ticket | None:
    """The ticket in a URL; None when it is none, is for another host, or has ended."""
    value = open_text(key, text, _place(host))
    if value is None:
        return None
    expires = datetime.fromtimestamp(value["expires"], UTC)
    return Ticket(value["id"], value["session"], host, value["binding"], expires) if now < expires else None


def _place(host: str) -> bytes:
    return bind("sign-in ticket", host)
