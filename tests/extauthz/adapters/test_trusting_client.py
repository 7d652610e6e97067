"""Providers with a certificate of a private authority: believed as soon as, and as long as, it is configured."""

import asyncio
import json
import ssl
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path

import pytest

from extauthz.adapters.provider_client import ProviderClient
from extauthz.adapters.trusting_client import tls_context
from extauthz.oidc.errors import ProviderUnavailable
from session_store.records import Tokens
from tests.extauthz.oidc.fake_provider import ISSUER, NOW, attempt, discovery, provider
from tests.harness.certificates import ServerCertificate, make_certificate
from tests.harness.ports import LOOPBACK

HOST = "localhost"


@dataclass(slots=True)
class Site:
    """A provider behind TLS; it knows its discovery document and no more."""

    port: int = 0
    held: asyncio.Event = field(default_factory=asyncio.Event)
    """Set: it answers."""
    asked: asyncio.Queue[None] = field(default_factory=asyncio.Queue)
    """One for each request."""
    open_connections: int = 0

    @property
    def issuer(self) -> str:
        return f"https://{HOST}:{self.port}"

    async def left_alone(self) -> None:
        """Wait until nobody is connected."""
        async with asyncio.timeout(5):
            while self.open_connections:
                await asyncio.sleep(0)

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.open_connections += 1
        document = json.dumps(discovery()).replace(ISSUER, self.issuer).encode()
        head = f"HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: {len(document)}\r\n\r\n"
        try:
            while await reader.readuntil(b"\r\n\r\n"):
                self.asked.put_nowait(None)
                await self.held.wait()
                writer.write(head.encode() + document)
                await writer.drain()
        except (asyncio.IncompleteReadError, ConnectionError):
            writer.close()
        finally:
            self.open_connections -= 1


@pytest.fixture(scope="module")
def certificate(tmp_path_factory: pytest.TempPathFactory) -> ServerCertificate:
    return make_certificate(tmp_path_factory.mktemp("provider"), [HOST])


@asynccontextmanager
async def site(certificate: ServerCertificate) -> AsyncIterator[Site]:
    made = Site()
    made.held.set()
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate.chain, certificate.key)
    server = await asyncio.start_server(made.serve, LOOPBACK, 0, ssl=context)
    made.port = server.sockets[0].getsockname()[1]
    try:
        yield made
    finally:
        server.close()


async def test_an_authority_counts_from_the_next_request_on(certificate: ServerCertificate, tmp_path: Path) -> None:
    authority = certificate.authority.read_text()
    stranger = make_certificate(tmp_path, [HOST]).authority.read_text()
    now, trusted = NOW, ""
    async with site(certificate) as there:
        client = ProviderClient(lambda: now, authorities=lambda: trusted)
        for trusted in ("", stranger, stranger + authority, stranger):
            now += timedelta(hours=25)  # what was fetched before is forgotten
            if authority in trusted:
                url = await client.authorize(provider(issuer=there.issuer), attempt())
                assert url.startswith(f"{there.issuer}/authorize?")
            else:
                with pytest.raises(ProviderUnavailable):
                    await client.authorize(provider(issuer=there.issuer), attempt())
        assert there.asked.qsize() == 1
        await client.aclose()
        await client.aclose()


async def test_a_request_under_way_is_answered_and_its_connection_then_closed(certificate: ServerCertificate) -> None:
    authority = certificate.authority.read_text()
    trusted = authority
    async with site(certificate) as there:
        there.held.clear()
        client = ProviderClient(lambda: NOW, authorities=lambda: trusted)
        waiting = asyncio.create_task(client.authorize(provider(issuer=there.issuer), attempt()))
        await there.asked.get()
        trusted = ""
        with pytest.raises(ProviderUnavailable):
            await client.revoke_at_once(provider(issuer=f"https://{HOST}:{there.port}/other"), Tokens(None, None, None))
        there.held.set()
        assert (await waiting).startswith(there.issuer)
        await there.left_alone()
        await client.aclose()


async def test_a_connection_that_rests_is_closed_when_others_are_trusted(certificate: ServerCertificate) -> None:
    authority = certificate.authority.read_text()
    trusted = authority
    async with site(certificate) as there:
        client = ProviderClient(lambda: NOW, authorities=lambda: trusted)
        await client.authorize(provider(issuer=there.issuer), attempt())
        assert there.open_connections == 1
        trusted = ""
        with pytest.raises(ProviderUnavailable):
            await client.authorize(provider(issuer=f"{there.issuer}/other"), attempt())
        await there.left_alone()
        await client.aclose()


def test_the_authorities_of_the_public_stay_trusted(certificate: ServerCertificate) -> None:
    before, after = (tls_context(pem).cert_store_stats()["x509_ca"] for pem in ("", certificate.authority.read_text()))
    assert before > 50
    assert after == before + 1
