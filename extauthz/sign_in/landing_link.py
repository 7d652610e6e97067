"""The link that a ticket travels in, to the host that it is for."""

from collections.abc import Mapping
from datetime import datetime
from urllib.parse import urlencode, urlsplit

from extauthz.sealed_text import NONCE_BYTES
from extauthz.services import Current, Services
from extauthz.signed_url import sign
from extauthz.ticket import ID_BYTES, LIFETIME, Ticket, seal_ticket

LANDING_PATH = "/.pomerium/callback/"
TICKET = "pomerium_session_encrypted"


def landing_url(
    services: Services,
    current: Current,
    base: str,
    params: Mapping[str, str],
    *,
    session_id: str,
    binding: str,
    now: datetime,
) -> str:
    """A new ticket that admits a session to the host of `base` (`scheme://host[:port]`), with what else is to be said.

    `binding` is the hash of the secret that the browser keeps there.
    """
    host = urlsplit(base).hostname
    assert host is not None
    ticket = Ticket(services.entropy(ID_BYTES).hex(), session_id, host, binding, now + LIFETIME)
    sealed = seal_ticket(ticket, current.keys.sign_in_ticket, services.entropy(NONCE_BYTES))
    return sign(f"{base}{LANDING_PATH}?{urlencode({TICKET: sealed, **params})}", current.keys.internal_url, now)
