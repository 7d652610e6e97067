"""One application with a memory store, a clock that stands still, and a provider that signs Alice in."""

import itertools
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from typing import Any
from urllib.parse import parse_qs

import httpx
from joserfc import jwt
from joserfc.jwk import ECKey

from access_model.external_data import NO_DATA, ExternalData
from access_model.model import (
    AccessModel,
    AssertionSettings,
    CookieSettings,
    EnvoySettings,
    IdentityProvider,
    Listener,
    Origin,
    PathMatch,
    Route,
    Target,
)
from access_model.policy import Policy
from access_model.secret import Secret
from extauthz.adapters.provider_client import ProviderClient
from extauthz.assertion.ring import SigningRing
from extauthz.pages import Pages
from extauthz.purpose_keys import PurposeKeys
from extauthz.services import Current, Services
from extauthz.session_cookie import issue_handle
from extauthz.web.app import create_app
from session_store.key_generation import generate_signing_key
from session_store.memory import InMemoryStore
from session_store.records import Session, Tokens, User
from session_store.repository import SessionStore

NOW = datetime(2026, 11, 22, 12, tzinfo=UTC)
APP, OTHER, AUTH = "app.example.com", "other.example.com", "auth.example.com"
ISSUER = "https://id.example.com"
COOKIE = "__Host-_pomerium"
BROWSER = {"accept": "text/html", "sec-fetch-mode": "navigate", "sec-fetch-site": "none", "x-request-id": "req-1"}
FORM = {**BROWSER, "content-type": "application/x-www-form-urlencoded"}
RING = SigningRing.from_records([generate_signing_key(NOW)])
KEYS = PurposeKeys.derive(Secret.of(b"s" * 32))
PAGES = Pages()
PROVIDER_KEY = ECKey.generate_key("P-256", auto_kid=True)
METADATA = {
    "issuer": ISSUER,
    "authorization_endpoint": f"{ISSUER}/authorize",
    "token_endpoint": f"{ISSUER}/token",
    "jwks_uri": f"{ISSUER}/jwks",
    "end_session_endpoint": "https://logout.example.com/end?tenant=1",
    "id_token_signing_alg_values_supported": ["ES256"],
}
ALICE = User(
    issuer=ISSUER,
    id="alice",
    email="alice@example.com",
    email_verified=True,
    name="Alice",
    claims={"department": ("research",), "groups": ("staff", "ops")},
)


def a_route(host: str, port: int = 8443, **changes: Any) -> Route:
    """A route of a whole host."""
    return Route(
        id=f"route-{host}",
        name=host,
        origin=Origin("https", host, port),
        match=PathMatch("prefix", "/"),
        targets=(Target("http", "127.0.0.1", 9000),),
        target_path="",
        policy=Policy(),
        public=False,
        **changes,
    )


def a_model(**changes: Any) -> AccessModel:
    """Two applications and an authenticate host, all on port 8443."""
    settings: dict[str, Any] = {
        "revision": "r1",
        "source": "test.yaml",
        "listener": Listener("127.0.0.1", 8443, insecure=False, certificates=()),
        "authenticate": Origin("https", AUTH, 8443),
        "provider": IdentityProvider("main", "oidc", ISSUER, "client", None, ("openid",)),
        "cookie": CookieSettings(COOKIE, None, True, True, "lax", timedelta(hours=14)),
        "assertion": AssertionSettings("x-pomerium-jwt-assertion", None),
        "shared_secret": None,
        "cookie_secret": None,
        "store_url": "memory://",
        "services": None,
        "envoy": EnvoySettings(None, None, "info", None),
        "routes": (a_route(APP, claim_headers={"X-Department": "department"}), a_route(OTHER)),
    }
    return AccessModel(**{**settings, **changes})


def provider_answer(request: httpx.Request) -> httpx.Response:
    """A provider that signs Alice in with any code, which it takes for the nonce too, so that it remembers nothing."""
    match request.url.path:
        case "/.well-known/openid-configuration":
            return httpx.Response(200, json=METADATA)
        case "/jwks":
            return httpx.Response(200, json={"keys": [PROVIDER_KEY.as_dict(private=False)]})
        case "/token":
            (code,) = parse_qs(request.content.decode())["code"]
            return httpx.Response(200, json={"token_type": "Bearer", "access_token": "at", "id_token": _id_token(code)})
    return httpx.Response(404)


def _id_token(nonce: str) -> str:
    issued = int(NOW.timestamp())
    claims = {"iss": ISSUER, "sub": "alice", "aud": "client", "iat": issued, "exp": issued + 60, "nonce": nonce}
    return jwt.encode({"alg": "ES256", "kid": PROVIDER_KEY.kid}, {**claims, "name": "Alice"}, PROVIDER_KEY)


@dataclass(slots=True)
class World:
    """The application under test and what surrounds it."""

    model: AccessModel = field(default_factory=a_model)
    store: SessionStore = field(default_factory=InMemoryStore)
    now: datetime = NOW
    data: ExternalData = NO_DATA
    _count: Any = field(default_factory=lambda: itertools.count(1))
    provider: ProviderClient = field(init=False)
    services: Services = field(init=False)
    client: httpx.AsyncClient = field(init=False)

    def __post_init__(self) -> None:
        self.provider = ProviderClient(lambda: self.now, httpx.MockTransport(provider_answer))
        services = self.services = Services(
            current=lambda: Current(self.model, RING, KEYS, self.data),
            store=self.store,
            provider=self.provider,
            clock=lambda: self.now,
            entropy=self.entropy,
        )
        transport = httpx.ASGITransport(create_app(services, PAGES))
        self.client = httpx.AsyncClient(transport=transport, headers=BROWSER)

    def entropy(self, size: int) -> bytes:
        """Bytes that differ each time and are the same in every run."""
        stream = sha256(str(next(self._count)).encode()).digest()
        return (stream * (size // len(stream) + 1))[:size]

    async def sign_in(self, host: str = APP, user: User = ALICE, **changes: Any) -> dict[str, str]:
        """Write a session with a handle for a host; returns the headers that present its cookie."""
        name = self.entropy(8).hex()
        session = Session(
            id=f"session-{name}",
            user_id=user.id,
            issuer=user.issuer,
            provider_id="main",
            created=self.now,
            last_seen=self.now,
            expires=self.now + timedelta(hours=14),
            claims=changes.pop("claims", {"amr": ("pwd", "otp")}),
            provider_session=changes.pop("provider_session", ""),
            device=changes.pop("device", ""),
            address=changes.pop("address", ""),
            tokens=Tokens(id_token=Secret.of("the-id-token"), refresh_token=Secret.of("the-refresh-token")),
        )
        issued = issue_handle(session, host, self.model.cookie, self.entropy(32), self.now)
        await self.store.save_sign_in(session, user, issued.handle)
        return {"cookie": issued.set_cookie.partition(";")[0]}

    async def get(self, path: str, host: str = APP, **headers: str) -> httpx.Response:
        """Ask as a browser would."""
        return await self.send("GET", path, host, headers)

    async def send(
        self, method: str, path: str, host: str = APP, headers: Any = None, content: str | bytes = b""
    ) -> httpx.Response:
        """Send one request without following redirects."""
        return await self.client.request(method, f"http://{host}{path}", headers=headers, content=content)

    async def close(self) -> None:
        """Release clients."""
        await self.client.aclose()
        await self.provider.aclose()
