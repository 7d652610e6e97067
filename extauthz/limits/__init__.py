"""How often one client may try what costs us or others: sign-ins, orders to sign out, tokens that open nothing."""

from extauthz.limits.buckets import Attempt, Buckets
from extauthz.limits.client import EXTERNAL_ADDRESS, client_of, read_address
from extauthz.limits.limits import Limits, TooManyAttempts, presented_token

__all__ = [
    "EXTERNAL_ADDRESS",
    "Attempt",
    "Buckets",
    "Limits",
    "TooManyAttempts",
    "client_of",
    "presented_token",
    "read_address",
]
