"""The ext_authz service of one process: the gRPC `Check`, the web endpoints, and what they share."""

import asyncio
import secrets
from collections.abc import AsyncIterator, Coroutine, Iterator
from contextlib import AsyncExitStack, asynccontextmanager, nullcontext, suppress
from dataclasses import dataclass, field, replace
from functools import partial
from typing import Any

import structlog

from access_model.external_data import ExternalData
from access_model.model import AccessModel
from access_model.secret import Secret
from access_model.succession import succeeding
from extauthz.check import Check
from extauthz.device import device_of
from extauthz.grpc_check.server import serve_check
from extauthz.grpc_check.service import CheckService
from extauthz.grpc_check.watch_service import WatchService
from extauthz.pages import Pages
from extauthz.purpose_keys import PurposeKeys
from extauthz.services import Current, Services
from extauthz.session_memory import SessionMemory
from extauthz.stream_watch import until_over
from extauthz.web.app import create_app
from extauthz.workers import key_rotation, purge, renewal
from extauthz.workers.change_feed import ChangeFeed
from extauthz.workers.key_rotation import KeyRotation
from extauthz.workers.lease import Lease
from extauthz.workers.purge import PurgeWorker
from extauthz.workers.renewal import RenewalWorker
from ostiary.configuration import ConfigurationFile
from ostiary.external_data import data_files
from ostiary.installation import Installation
from ostiary.roots.clock import utc_now
from ostiary.roots.external_data import read_data
from ostiary.roots.provider_client import provider_client
from ostiary.roots.reload import Commit
from ostiary.roots.signing import signing_ring
from ostiary.roots.store import store_of
from service_kit.addresses import Address, TcpAddress
from service_kit.mutual_tls import MutualTls
from service_kit.watching import watching
from service_kit.web_server import serve_web
from session_store.key_generation import generate_signing_key
from session_store.open import waker_of
from session_store.repository import SessionStore, StoreUnavailable

KEYS_SECONDS = 60.0
"""How long nobody looks at the signing keys where nobody is told."""
HOLDER_BYTES = 8

log = structlog.get_logger(__name__)


@dataclass(slots=True)
class DecisionService:
    """The running service."""

    current: Current
    """What requests are answered with now."""
    store: SessionStore
    """Sessions, and the signing key where the operator configured none."""
    secret: Secret
    """Root of the derived keys."""
    file: ConfigurationFile
    """Where names of data files begin."""
    data_wanted: asyncio.Event = field(default_factory=asyncio.Event)
    """Set when external data is to be read again."""
    keys_wanted: asyncio.Event = field(default_factory=asyncio.Event)
    """Set when the signing keys are to be read again."""

    async def prepare(self, model: AccessModel) -> Commit:
        """Make ready for `model`; once committed, the next request is answered with it, those under way are not."""
        data = await read_data(self.file, model, self.current.data)
        prepared = await _current(succeeding(model, self.current.model), self.secret, self.store, data)

        def commit() -> None:
            self.current = prepared
            self.data_wanted.set()
            self.keys_wanted.set()

        return commit

    async def follow_data(self) -> None:
        """Read external data whenever its files change, until cancelled. What cannot be read changes nothing."""
        while True:
            files = data_files(self.file, self.current.model)
            async with watching(files, self.data_wanted.set) if files else nullcontext():
                # What changed before the watch began was not seen; reading once more costs little.
                self.data_wanted.set()
                while data_files(self.file, self.current.model) == files:
                    await self.data_wanted.wait()
                    self.data_wanted.clear()
                    await self.read_data()

    async def read_data(self) -> None:
        """Read external data; the next request is answered with it."""
        model = self.current.model
        if not model.external_data:
            return
        data = await read_data(self.file, model, self.current.data)
        if self.current.model is model and data != self.current.data:
            self.current = replace(self.current, data=data)
            log.info("external_data_read", sources=len(model.external_data))

    async def follow_keys(self) -> None:
        """Read the signing keys whenever they may have changed, until cancelled."""
        while True:
            with suppress(TimeoutError):
                async with asyncio.timeout(KEYS_SECONDS):
                    await self.keys_wanted.wait()
            self.keys_wanted.clear()
            try:
                await self.read_keys()
            except StoreUnavailable as error:
                log.info("signing_keys_unread", reason=str(error), meaning="those that are known go on signing")

    async def read_keys(self) -> None:
        """Read the signing keys; the next assertion is signed with them. Raises `StoreUnavailable`."""
        model = self.current.model
        signing = await signing_ring(model, self.store)
        if self.current.model is model and signing.keys != self.current.signing.keys:
            self.current = replace(self.current, signing=signing)
            log.info("signing_keys_read", signs=signing.keys[0].kid, published=len(signing.keys))


@asynccontextmanager
async def decision_service(
    installation: Installation, *, check: Address, web: Address, tls: MutualTls | None = None
) -> AsyncIterator[DecisionService]:
    """Serve `Check` on one address and the web endpoints on another while the block runs.

    With `tls` on TCP ports; a Unix socket is for its owner alone and needs none.
    """
    secret = installation.shared_secret()
    memory = SessionMemory()
    async with AsyncExitStack() as parts:
        store = await parts.enter_async_context(store_of(installation, memory.forget))
        await asyncio.to_thread(device_of, "")  # reads its rules, which would keep the first sign-in waiting
        data = await read_data(installation.file, installation.model)
        current = await _current(installation.model, secret, store, data)
        service = DecisionService(current, store, secret, installation.file)
        provider = provider_client(secret, lambda: service.current.model.authorities_pem)
        parts.push_async_callback(provider.aclose)
        services = Services(lambda: service.current, store, provider, utc_now, secrets.token_bytes, memory)
        parts.push_async_callback(services.renewals.settle)
        pages = Pages()
        app = create_app(services, pages)
        web_tls = tls.web_context() if tls and isinstance(web, TcpAddress) else None
        await parts.enter_async_context(serve_web(app, web, web_tls))
        credentials = tls.grpc_credentials() if tls and isinstance(check, TcpAddress) else None
        decisions, watch = CheckService(Check(services, pages, app)), WatchService(partial(until_over, services))
        await parts.enter_async_context(serve_check(decisions, check, credentials, watch))
        feed = ChangeFeed(store, waker_of(store), memory, utc_now, service.keys_wanted.set)
        following = (feed.run(), service.follow_data(), service.follow_keys())
        for worker in (*following, *_chores(service, services)):
            parts.callback(asyncio.create_task(worker).cancel)
        yield service


def _chores(service: DecisionService, services: Services) -> Iterator[Coroutine[Any, Any, None]]:
    """What one process does for all that share the store."""
    store, holder = service.store, secrets.token_hex(HOLDER_BYTES)

    def lease(chore: str) -> Lease:
        return Lease(store, chore, holder, utc_now)

    yield RenewalWorker(store, services.renewals, lease(renewal.CHORE), utc_now).run()
    yield PurgeWorker(lease(purge.CHORE)).run()
    yield KeyRotation(lease(key_rotation.CHORE), lambda: service.current.model.assertion, generate_signing_key).run()


async def _current(model: AccessModel, secret: Secret, store: SessionStore, data: ExternalData) -> Current:
    return Current(model, await signing_ring(model, store), PurposeKeys.derive(secret, model.cookie_secret), data)
