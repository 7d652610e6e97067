"""What a `Check` answers, before it is encoded: let the request pass, or send this page instead."""

from dataclasses import dataclass, field

from extauthz.pages import Page
from extauthz.stream_watch import NOBODY, Opened


@dataclass(frozen=True, slots=True)
class Pass:
    """The request goes on to the upstream, changed like this. No name is in both lists: Envoy removes after it sets."""

    set_headers: tuple[tuple[str, str], ...] = field(default=(), repr=False)
    """Headers to set, replacing what the client sent; lower-case names."""
    remove_headers: tuple[str, ...] = ()
    """Headers to remove; lower-case names."""
    opened: Opened = NOBODY
    """By whose right; for who watches over what lasts."""


Answer = Pass | Page
