"""Looking at the session store on behalf of a command."""

import secrets
from datetime import datetime

from access_model.keys import Purpose, derive_key
from ostiary.installation import Installation
from session_store.open import open_store
from session_store.records import KnownSession
from session_store.sealing import Sealer


async def find_session(installation: Installation, session_id: str, now: datetime) -> KnownSession | None:
    """The live session with this public id. Raises `StoreError` or `StateUnusable`."""
    sealer = Sealer.single(derive_key(installation.shared_secret(), Purpose.STORE_AT_REST))
    store = await open_store(installation.store_url, sealer=sealer, entropy=secrets.token_bytes)
    try:
        return await store.find_session(session_id, now)
    finally:
        await store.close()
