"""Signing in, across two hosts.

    route host           authenticate host                     identity provider
    ──────────           ─────────────────                     ─────────────────
    begin_sign_in ─────▶ open_sign_in ── no session ──────────▶ authorization request
                          │ session      finish ◀──────────────  authorization response
                          ▼                │ session, cookie
    land ◀──── ticket ── open ◀────────────┘
     │ cookie
     ▼ what was asked for, over the hosts that it depends on (`join`)

`open_sign_in`, `finish`, `land` and `join` answer with values; an unavailable store is raised (`StoreUnavailable`).
"""

from extauthz.sign_in.choosing import ProviderChoice
from extauthz.sign_in.companions import join
from extauthz.sign_in.finishing import finish
from extauthz.sign_in.landing import land
from extauthz.sign_in.opening import open_sign_in

__all__ = ["ProviderChoice", "finish", "join", "land", "open_sign_in"]
