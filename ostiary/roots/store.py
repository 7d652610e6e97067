"""The session store of an installation, opened with the keys that its secrets lead to."""

import secrets
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager

from access_model.keys import Purpose, derive_key
from ostiary.installation import Installation
from session_store.open import open_store
from session_store.repository import SessionStore
from session_store.sealing import Sealer


def _nobody(_session_id: str) -> None:
    """Nobody listens."""


@asynccontextmanager
async def store_of(installation: Installation, heard: Callable[[str], None] = _nobody) -> AsyncIterator[SessionStore]:
    """Open the store for the time of the block. Raises `StoreError`, `StateUnusable`; for `heard` see `open_store`."""
    roots = [installation.shared_secret()]
    if installation.model.previous_shared_secret is not None:
        roots.append(installation.model.previous_shared_secret)
    sealer = Sealer.ring(*(derive_key(root, Purpose.STORE_AT_REST) for root in roots))
    store = await open_store(installation.store_url, sealer=sealer, entropy=secrets.token_bytes, heard=heard)
    try:
        yield store
    finally:
        await store.close()
