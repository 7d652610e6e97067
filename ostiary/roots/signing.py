"""The keys that sign assertions in this process: the operator's, or those that the store keeps."""

from access_model.model import AccessModel
from extauthz.assertion.ring import SigningRing
from extauthz.assertion.rotation import kept_up, signing_order
from ostiary.roots.clock import utc_now
from session_store.key_generation import generate_signing_key
from session_store.records import KeyPhase
from session_store.repository import SessionStore


async def signing_ring(model: AccessModel, store: SessionStore) -> SigningRing:
    """The configured keys, else those of the store, made at the first start. Raises `StoreUnavailable`."""
    if model.assertion.signing_key is not None:
        return SigningRing.from_pem(model.assertion.signing_key)
    kept = await store.signing_keys()
    if not any(key.phase is KeyPhase.CURRENT for key in kept):
        now = utc_now()
        kept = await store.change_signing_keys(
            lambda keys: kept_up(keys, now, lambda: generate_signing_key(now), None), now
        )
    return SigningRing.from_records(signing_order(kept))
