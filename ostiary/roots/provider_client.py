"""What speaks to identity providers, with the key that proves who we are."""

from collections.abc import Callable

from access_model.keys import Purpose, derive_key
from access_model.secret import Secret
from extauthz.adapters.client_key import ClientKey
from extauthz.adapters.provider_client import ProviderClient
from ostiary.roots.clock import utc_now


def provider_client(secret: Secret, authorities: Callable[[], str]) -> ProviderClient:
    """The client of an installation, by its shared secret, and whom it trusts besides; close it at the end."""
    key = ClientKey.derived(derive_key(secret, Purpose.CLIENT_KEY))
    return ProviderClient(utc_now, client_key=key, authorities=authorities)
