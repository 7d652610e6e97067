"""The whole Check service, from Envoy's bytes to Envoy's bytes, around a memory store and a clock that stands still."""

import itertools
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from typing import Any

import httpx

from access_model.load import load
from access_model.model import AccessModel
from access_model.secret import Secret
from extauthz.adapters.provider_client import ProviderClient
from extauthz.assertion.ring import SigningRing
from extauthz.check import Check
from extauthz.grpc_check import CheckService
from extauthz.pages import Pages
from extauthz.purpose_keys import PurposeKeys
from extauthz.services import Current, Services
from extauthz.session_cookie import issue_handle
from extauthz.web.app import create_app
from session_store.key_generation import generate_signing_key
from session_store.memory import InMemoryStore
from session_store.records import KnownSession, Session, Tokens, User
from session_store.repository import StoreUnavailable
from tests.extauthz.grpc_check.requests import answered, check_request, is_allowed, set_headers

NOW = datetime(2026, 11, 22, 12, tzinfo=UTC)
ISSUER = "https://id.example.com"
AUTH, APP, OPEN, PLAIN = "auth.example.com", "app.example.com", "open.example.com", "plain.example.com"
COOKIE = "__Host-_pomerium"
RING = SigningRing.from_records([generate_signing_key(NOW)])
PAGES = Pages()
BROWSER = (("accept", "text/html"), ("sec-fetch-mode", "navigate"))
ACCESS_TOKEN, REFRESH_TOKEN = "the-access-token-of-alice", "the-refresh-token-of-alice"

CONFIGURATION = """
authenticate_service_url: https://auth.example.com
address: 127.0.0.1:8443
shared_secret: c2VjcmV0LW9mLTMyLWJ5dGVzLWZvci10aGUtdGVzdHM=
idp_provider: oidc
idp_provider_url: https://id.example.com
idp_client_id: client
idp_client_secret: a-client-secret
pass_identity_headers: true
jwt_claims_headers: {X-Email: email, X-Department: department}
routes:
- {from: 'https://app.example.com', prefix: /public/, to: 'http://a:1', allow_public_unauthenticated_access: true}
- {from: 'https://app.example.com', path: /status, to: 'http://a:1', allow_public_unauthenticated_access: true}
- {from: 'https://app.example.com', regex: '.*\\.css', to: 'http://a:1', allow_public_unauthenticated_access: true}
- {from: 'https://app.example.com', regex: '/api/.*/status', to: 'http://a', allow_public_unauthenticated_access: true}
- {from: 'https://app.example.com', path: /admin, to: 'http://b:2', allowed_users: [nobody], show_error_details: true}
- {from: 'https://app.example.com', to: 'http://b:2', allowed_users: [alice]}
- {from: 'https://open.example.com', to: 'http://c:3', allow_public_unauthenticated_access: true}
- from: https://plain.example.com
  to: http://d:4
  allow_any_authenticated_user: true
  pass_identity_headers: false
  set_request_headers:
    Authorization: Bearer ${pomerium.access_token}
    X-Signed: ${pomerium.jwt}
    X-Copied: ${pomerium.request.headers["Cookie"]}
"""

ALICE = User(ISSUER, "alice", "alice@example.com", True, "Alice", {"department": ("research",)})
BOB = User(ISSUER, "bob", "bob@example.com", True, "Bob")


@dataclass
class Store(InMemoryStore):
    """A memory store that can be down, and counts what it is asked."""

    down: bool = False
    broken: bool = False
    lookups: int = 0
    touches: int = 0

    async def find_by_handle(self, token_hash: bytes, host: str, now: datetime) -> KnownSession | None:
        """Count, and fail if told to."""
        self.lookups += 1
        if self.broken:
            raise LookupError("a bug in the store")
        if self.down:
            raise StoreUnavailable("session store file `x` is gone")
        return await super().find_by_handle(token_hash, host, now)

    async def touch(self, session_id: str, now: datetime, idle_end: datetime | None = None) -> None:
        """Count."""
        self.touches += 1
        await super().touch(session_id, now, idle_end)


def a_model() -> AccessModel:
    """The configuration above."""
    return load(CONFIGURATION, source="test.yaml", environment={}, read_file=lambda name: name.encode()).model


MODEL = a_model()


@dataclass
class World:
    """The service under test and what surrounds it."""

    store: Store = field(default_factory=Store)
    model: AccessModel = MODEL
    now: datetime = NOW
    site: Callable[[httpx.Request], httpx.Response] = lambda _: httpx.Response(500)
    count: Any = field(default_factory=lambda: itertools.count(1))
    check: Check = field(init=False)

    def __post_init__(self) -> None:
        provider = ProviderClient(lambda: self.now, httpx.MockTransport(self._provider))
        services = Services(self.current, self.store, provider, lambda: self.now, self.entropy)
        self.check = Check(services, PAGES, create_app(services, PAGES))

    def current(self) -> Current:
        """The view of this moment."""
        return Current(self.model, RING, PurposeKeys.derive(Secret.of(b"s" * 32)))

    def _provider(self, request: httpx.Request) -> httpx.Response:
        return self.site(request)

    def entropy(self, size: int) -> bytes:
        """Bytes that differ each time and are the same in every run."""
        stream = sha256(str(next(self.count)).encode()).digest()
        return (stream * (size // len(stream) + 1))[:size]

    async def sign_in(self, user: User = ALICE, host: str = APP) -> str:
        """Write a session with a handle for a host; returns the cookie's value."""
        session = Session(
            id=f"session-of-{user.id}",
            user_id=user.id,
            issuer=user.issuer,
            provider_id="main",
            created=self.now,
            last_seen=self.now,
            expires=self.now + timedelta(hours=14),
            claims={"amr": ("pwd",)},
            tokens=Tokens(access_token=Secret.of(ACCESS_TOKEN), refresh_token=Secret.of(REFRESH_TOKEN)),
        )
        issued = issue_handle(session, host, self.model.cookie, self.entropy(32), self.now)
        await self.store.save_sign_in(session, user, issued.handle)
        return issued.set_cookie.partition(";")[0].partition("=")[2]

    async def ask(self, data: bytes) -> Any:
        """Send a serialised `CheckRequest`; returns the response."""
        return answered(await CheckService(self.check).check(data))

    async def get(self, target: str = "/", *fields: tuple[str, bytes | str], **envoy: Any) -> Any:
        """Ask about a GET; the route is Envoy's where `route_id` says so, else found by host and path."""
        return await self.ask(check_request(target, *fields, **envoy))


def session_cookie(value: str) -> tuple[str, str]:
    """The header that presents a session cookie."""
    return ("cookie", f"{COOKIE}={value}")


def status(response: Any) -> int:
    """What the client gets: the status of a denial, or 200 for a pass."""
    return 0 if is_allowed(response) else int(response.denied_response.status.code)


def upstream_headers(response: Any) -> dict[str, str]:
    """What a pass sets, by name."""
    assert is_allowed(response), response
    headers = set_headers(response.ok_response.headers)
    assert len(dict(headers)) == len(headers)
    return dict(headers)


def removed_headers(response: Any) -> Sequence[str]:
    """What a pass removes."""
    assert is_allowed(response), response
    removed = list(response.ok_response.headers_to_remove)
    assert not set(removed) & upstream_headers(response).keys()
    return removed


def answer_headers(response: Any) -> dict[str, str]:
    """What a denial carries, by name."""
    return dict(set_headers(response.denied_response.headers))
