"""What speaks to identity providers, with the key that proves who we are."""

from access_model.keys import Purpose, derive_key
from access_model.secret import Secret
from extauthz.adapters.client_key import ClientKey
from extauthz.adapters.provider_client import ProviderClient
from ostiary.roots.clock import utc_now


def provider_client(secret: Secret) -> ProviderClient:
    """The client of an installation, by its shared secret; close it at the end."""
    return ProviderClient(utc_now, client_key=ClientKey.derived(derive_key(secret, Purpose.CLIENT_KEY)))
