"""People whose sessions are written into the store behind the services' back, and their requests."""

import base64
import os
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from typing import Any

import httpx

from access_model.keys import Purpose, derive_key
from access_model.secret import Secret
from extauthz.session_cookie import token_hash
from session_store.open import open_store
from session_store.records import Handle, Session, User
from session_store.repository import SessionStore
from session_store.sealing import Sealer
from tests.harness.stack import APP, Stack

COOKIE = "__Host-_pomerium"


@asynccontextmanager
async def store_of(config: Mapping[str, Any], url: str) -> AsyncIterator[SessionStore]:
    """Open the store of a configuration, as one more process would."""
    secret = Secret.of(base64.b64decode(config["shared_secret"]))
    sealer = Sealer.single(derive_key(secret, Purpose.STORE_AT_REST))
    opened = await open_store(url, sealer=sealer, entropy=os.urandom)
    try:
        yield opened
    finally:
        await opened.close()


async def sign_in(store: SessionStore, name: str) -> str:
    """Write a session of somebody at example.com; returns the header that presents its cookie."""
    now = datetime.now(UTC)
    user = User("https://id.example", name, f"{name}@example.com", True)
    token = base64.urlsafe_b64encode(os.urandom(32)).rstrip(b"=").decode()
    session = Session(name, name, user.issuer, "main", now, now, now + timedelta(hours=1), {})
    await store.save_sign_in(session, user, Handle(token_hash(token), name, APP, now))
    return f"{COOKIE}={token}"


async def ask(client: httpx.AsyncClient, stack: Stack, cookie: str) -> int:
    """The status of one request to `APP`."""
    answer = await client.get(stack.url(APP), headers={"cookie": cookie, "accept": "application/json"})
    return answer.status_code
