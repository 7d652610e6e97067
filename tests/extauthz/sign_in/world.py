"""Two route hosts, an authenticate host, a provider made by hand, and browsers that walk between them."""

import itertools
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from typing import Any
from urllib.parse import parse_qs, parse_qsl, urlsplit

import httpx

from access_model.model import (
    AccessModel,
    AssertionSettings,
    CookieSettings,
    EnvoySettings,
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
from extauthz.cookies import parse_cookie_header
from extauthz.purpose_keys import PurposeKeys
from extauthz.services import Current, Services
from extauthz.session_cookie import token_hash
from extauthz.sign_in import ProviderChoice, finish, join, land, open_sign_in
from extauthz.sign_in_link import begin_sign_in_at
from extauthz.sign_out import AskFirst, SignedOut, sign_out, signed_out
from extauthz.web_request import Failure, Redirect, WebRequest
from session_store.key_generation import generate_signing_key
from session_store.memory import InMemoryStore
from session_store.records import KnownSession, Session
from tests.extauthz.oidc.fake_provider import ISSUER, JWKS, discovery, provider, token
from tests.harness.cookies import CookieJar

NOW = datetime(2026, 3, 1, 12, 0, tzinfo=UTC)
APP, OTHER, AUTH = "app.example.com", "other.example.com", "auth.example.com"
SESSION_COOKIE = "__Host-_pomerium"
RING = SigningRing.from_records([generate_signing_key(NOW)])
KEYS = PurposeKeys.derive(Secret.of(b"s" * 32))

Outcome = Redirect | Failure | AskFirst | SignedOut | ProviderChoice
Pairs = Sequence[tuple[str, str]]

USE_CASES: Mapping[str, Callable[[Services, Current, WebRequest], Awaitable[Outcome]]] = {
    "/.pomerium/sign_in": open_sign_in,
    "/oauth2/callback": finish,
    "/oauth2/callback/partners": finish,
    "/.pomerium/callback/": land,
    "/.pomerium/join": join,
    "/.pomerium/sign_out": sign_out,
    "/.pomerium/signed_out": signed_out,
}


def cookie_settings(**changed: Any) -> CookieSettings:
    fields: dict[str, Any] = {
        "name": SESSION_COOKIE,
        "domain": None,
        "http_only": True,
        "secure": True,
        "same_site": "lax",
        "expire": timedelta(hours=14),
    }
    return CookieSettings(**{**fields, **changed})


def a_route(scheme: Any, host: str, port: int) -> Route:
    return Route(
        id=f"route-{host}",
        name=host,
        origin=Origin(scheme, host, port),
        match=PathMatch("prefix", "/"),
        targets=(Target("http", "127.0.0.1", 9000),),
        target_path="",
        policy=Policy(),
        public=False,
    )


def a_model(**changed: Any) -> AccessModel:
    fields: dict[str, Any] = {
        "revision": "r1",
        "source": "test.yaml",
        "listener": Listener("127.0.0.1", 443, insecure=False, certificates=()),
        "authenticate": Origin("https", AUTH, 443),
        "provider": provider(),
        "cookie": cookie_settings(),
        "assertion": AssertionSettings("x-pomerium-jwt-assertion", None),
        "shared_secret": None,
        "cookie_secret": None,
        "store_url": "memory://",
        "services": None,
        "envoy": EnvoySettings(None, None, "info", None),
        "routes": (
            a_route("https", APP, 443),
            a_route("https", OTHER, 8443),
            a_route("http", "plain.example.com", 80),
            a_route("https", "*.wild.example.com", 443),
        ),
    }
    return AccessModel(**{**fields, **changed})


def a_session(**changed: Any) -> Session:
    fields: dict[str, Any] = {
        "id": "session-1",
        "user_id": "alice",
        "issuer": ISSUER,
        "provider_id": "main",
        "created": NOW,
        "last_seen": NOW,
        "expires": NOW + timedelta(hours=14),
        "claims": {},
    }
    return Session(**{**fields, **changed})


@dataclass(slots=True)
class Site:
    """The provider's web site. A code is `user/nonce`, so that it remembers nothing."""

    issuer: str = ISSUER
    down: bool = False
    claims: dict[str, Any] = field(default_factory=dict)
    """Claims of the next ID tokens that differ from good ones."""
    discovery: dict[str, Any] = field(default_factory=discovery)
    requests: list[httpx.Request] = field(default_factory=list)

    def __call__(self, request: httpx.Request) -> httpx.Response:
        self.requests.append(request)
        if self.down:
            raise httpx.ConnectError("down")
        match request.url.path:
            case "/.well-known/openid-configuration":
                return httpx.Response(200, json=self.discovery)
            case "/jwks":
                return httpx.Response(200, json=JWKS)
            case "/token":
                user, _, nonce = parse_qs(request.content.decode())["code"][0].partition("/")
                tokens = {"token_type": "Bearer", "access_token": f"at-{user}", "refresh_token": "rt", "expires_in": 60}
                return httpx.Response(200, json={**tokens, "id_token": self._id_token(user, nonce)})
            case "/userinfo":
                user = request.headers["authorization"].removeprefix("Bearer at-")
                return httpx.Response(200, json={"sub": user, "email": f"{user}@example.com"})
        return httpx.Response(200, json={})

    def _id_token(self, user: str, nonce: str) -> str:
        moment = int(NOW.timestamp())
        good = {"iss": self.issuer, "aud": "ostiary", "sub": user, "nonce": nonce, "iat": moment, "exp": moment + 300}
        return token({**good, **self.claims})

    def asked(self, path: str) -> list[httpx.Request]:
        return [request for request in self.requests if request.url.path == path]


class World:
    """Everything around the use cases; time moves by hand."""

    def __init__(self, model: AccessModel | None = None) -> None:
        self.now = NOW
        self.model = model or a_model()
        self.site = Site()
        self.sites: dict[str, Site] = {}
        self.store = InMemoryStore()
        self._count = itertools.count(1)
        self.services = Services(
            current=lambda: self.current,
            store=self.store,
            provider=ProviderClient(lambda: self.now, httpx.MockTransport(self._site)),
            clock=lambda: self.now,
            entropy=self.entropy,
        )

    @property
    def current(self) -> Current:
        return Current(self.model, RING, KEYS)

    def entropy(self, size: int) -> bytes:
        stream = sha256(str(next(self._count)).encode()).digest()
        return (stream * 2)[:size]

    def _site(self, request: httpx.Request) -> httpx.Response:
        return self.sites.get(request.url.host, self.site)(request)

    def browser(self) -> "Browser":
        return Browser(self)

    async def close(self) -> None:
        await self.services.provider.aclose()


@dataclass(slots=True)
class Browser:
    """One browser, with a strict jar. Each step answers one request, and keeps its cookies."""

    world: World
    jar: CookieJar = field(default_factory=CookieJar)

    def begin(self, target: str = "/", host: str = APP) -> str:
        """Ask a route's host for something, as a stranger: the sign-in link."""
        world = self.world
        cookies = self._cookies(f"https://{host}/")
        sent = begin_sign_in_at(world.current, host, target, cookies=cookies, entropy=world.entropy, now=world.now)
        self._store(f"https://{host}/", sent)
        return sent.location

    async def visit(
        self, url: str, *, method: str = "GET", form: Pairs = (), headers: Mapping[str, str] | None = None
    ) -> Outcome:
        """Send one request to an endpoint of ours."""
        parts = urlsplit(url)
        request = WebRequest(
            method=method,
            scheme=parts.scheme,
            host=parts.hostname or "",
            path=parts.path,
            query=parts.query,
            params=(*parse_qsl(parts.query, keep_blank_values=True), *form),
            cookies=self._cookies(url),
            headers={name: (value,) for name, value in (headers or {}).items()},
        )
        outcome = await USE_CASES[parts.path](self.world.services, self.world.current, request)
        self._store(url, outcome)
        return outcome

    async def to_provider(self, target: str = "/", host: str = APP) -> dict[str, str]:
        """Go as far as the provider: the parameters of the authorization request."""
        return authorization(await self.visit(self.begin(target, host)))

    async def follow(self, url: str) -> Outcome:
        """Follow redirects between our own endpoints to the last answer."""
        outcome = await self.visit(url)
        while isinstance(outcome, Redirect) and urlsplit(outcome.location).path in USE_CASES:
            outcome = await self.visit(outcome.location)
        return outcome

    async def sign_in(self, user: str = "alice", target: str = "/", host: str = APP) -> Outcome:
        """The whole way, through the provider."""
        return await self.follow(answer(await self.to_provider(target, host), user))

    async def session(self, host: str = APP) -> KnownSession | None:
        """The session that this browser's cookie opens on a host."""
        value = dict(self._cookies(f"https://{host}/")).get(self.world.model.cookie.name)
        found = value and await self.world.store.find_by_handle(token_hash(value), host, self.world.now)
        return found or None

    async def user(self, host: str = APP) -> str | None:
        known = await self.session(host)
        return known.session.user_id if known else None

    def names(self, host: str, kind: str) -> list[str]:
        """Names of this browser's cookies of a kind."""
        return [name for name, _ in self._cookies(f"https://{host}/") if kind in name]

    def _cookies(self, url: str) -> tuple[tuple[str, str], ...]:
        header = self.jar.header(url, self.world.now.timestamp())
        return parse_cookie_header([header] if header else [])

    def _store(self, url: str, outcome: Outcome) -> None:
        self.jar.store(url, getattr(outcome, "set_cookies", ()), self.world.now.timestamp())
        assert self.jar.rejected == []


def authorization(outcome: Outcome) -> dict[str, str]:
    """Parameters of the authorization request that a redirect leads to."""
    assert isinstance(outcome, Redirect), outcome
    assert outcome.location.startswith(f"{ISSUER}/authorize?")
    return dict(parse_qsl(urlsplit(outcome.location).query))


def answer(asked: Mapping[str, str], user: str = "alice") -> str:
    """The provider's good answer to an authorization request, as the URL of our callback."""
    return str(httpx.URL(asked["redirect_uri"], params=good_params(asked, user)))


def good_params(asked: Mapping[str, str], user: str = "alice") -> list[tuple[str, str]]:
    return [("code", f"{user}/{asked['nonce']}"), ("state", asked["state"]), ("iss", ISSUER)]
