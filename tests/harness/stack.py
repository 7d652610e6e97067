"""Everything together: identity provider, upstreams, the demo's application, and Ostiary before them."""

import base64
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import httpx

from tests.harness import parts
from tests.harness.certificates import ServerCertificate, make_certificate
from tests.harness.identity_provider import ALICE, DEMO_USERS, Client, IdentityProvider, User, identity_provider
from tests.harness.loopback import local_client
from tests.harness.ostiary_process import Ostiary, ostiary
from tests.harness.ports import LOOPBACK, free_port
from tests.harness.raw_http import RawResponse, send_raw
from tests.harness.upstream import Upstream, recording_upstream
from tests.harness.verify_app import VerifyApp, verify_app
from tests.harness.web_client import WebClient, login, web_client

AUTHENTICATE = "authenticate.localhost"
VERIFY = "verify.localhost"
"""Leads to the demo's application; anyone who is signed in."""
APP = "app.localhost"
"""Leads to the recording upstream `app`; everyone at example.com (Alice and Bob)."""
OTHER = "other.localhost"
"""Leads to the recording upstream `other`; Alice alone."""
PUBLIC = "public.localhost"
"""Leads to the recording upstream `app`; anyone at all."""
HOSTS = [AUTHENTICATE, VERIFY, APP, OTHER, PUBLIC]
StartProvider = Callable[..., AbstractContextManager[IdentityProvider]]
"""Starts an identity provider, with the arguments of `identity_provider`."""


@dataclass(frozen=True, slots=True)
class Stack:
    """A running whole. All its hosts are names under `.localhost` on one TLS port."""

    port: int
    """TCP port of Envoy's listener."""
    certificate: ServerCertificate
    """What the listener presents, and the authority to trust."""
    provider: IdentityProvider
    """Who people sign in with."""
    app: Upstream
    """Upstream of `app.localhost` and `public.localhost`."""
    other: Upstream
    """Upstream of `other.localhost`."""
    verify: VerifyApp
    """Upstream of `verify.localhost`."""
    ostiary: Ostiary
    """The proxy."""
    config: Mapping[str, Any]
    """The configuration it runs on."""

    def url(self, host: str, path: str = "/") -> str:
        """Return the URL of `path` on one of the hosts."""
        return f"https://{host}:{self.port}{path}"

    @contextmanager
    def client(self) -> Iterator[WebClient]:
        """Open a browser without a window, nobody signed in."""
        with web_client(self.certificate.authority) as client:
            yield client

    @contextmanager
    def signed_in(self, user: User = ALICE, host: str = APP) -> Iterator[WebClient]:
        """Open a browser without a window in which `user` has just signed in on `host`."""
        with self.client() as client:
            page = login(client, self.url(host), user.email, user.password)
            assert page.url.host == host, f"login ended at {page.url}: {page.status_code}\n{page.text[:2000]}"
            yield client

    def program(self) -> httpx.Client:
        """Return a plain HTTP client: no cookies kept on its behalf, no redirects followed."""
        return local_client(self.certificate.authority)

    def raw(self, host: str, data: bytes) -> RawResponse:
        """Send bytes as they are over TLS with the SNI `host` and read one response."""
        return send_raw(self.port, data, server_name=host, authority=self.certificate.authority)


@dataclass(frozen=True, slots=True)
class Surroundings:
    """All of a stack but the proxy itself. The fields are those of `Stack`."""

    port: int
    certificate: ServerCertificate
    provider: IdentityProvider
    app: Upstream
    other: Upstream
    verify: VerifyApp
    config: Mapping[str, Any]

    def around(self, proxy: Ostiary) -> Stack:
        """Return the stack with `proxy` in its middle."""
        return Stack(self.port, self.certificate, self.provider, self.app, self.other, self.verify, proxy, self.config)


@contextmanager
def running_stack(
    folder: Path,
    *,
    routes: Sequence[Mapping[str, Any]] = (),
    settings: Mapping[str, Any] | None = None,
    token_lifetimes: Mapping[str, int] | None = None,
    users: Sequence[User] = DEMO_USERS,
    start_provider: StartProvider = identity_provider,
) -> Iterator[Stack]:
    """Run the whole on free ports, with everything it writes in `folder`. For the arguments see `surroundings`."""
    parts.envoy()
    with (
        surroundings(
            folder,
            routes=routes,
            settings=settings,
            token_lifetimes=token_lifetimes,
            users=users,
            start_provider=start_provider,
        ) as world,
        ostiary(folder, world.config) as proxy,
    ):
        yield world.around(proxy)


@contextmanager
def surroundings(
    folder: Path,
    *,
    routes: Sequence[Mapping[str, Any]] = (),
    settings: Mapping[str, Any] | None = None,
    token_lifetimes: Mapping[str, int] | None = None,
    users: Sequence[User] = DEMO_USERS,
    start_provider: StartProvider = identity_provider,
) -> Iterator[Surroundings]:
    """Run what a proxy needs around it, and make its configuration.

    `routes` come before the standard ones, `settings` are top-level keys that override the generated ones. In both,
    texts may say `{port}`, `{app}`, `{other}`, `{verify}` and `{provider}` for the listener's port, the upstreams' URLs
    and the provider's issuer.
    """
    port = free_port()
    further = {urlsplit(route["from"].replace("{port}", str(port))).hostname or "" for route in routes}
    certificate = make_certificate(folder, [*HOSTS, *sorted(further - set(HOSTS))])
    origin = f"https://{AUTHENTICATE}:{port}"
    client = Client(
        redirect_uris=(f"{origin}/oauth2/callback",),
        post_logout_redirect_uris=(f"{origin}/.pomerium/signed_out",),
        metadata={
            "backchannel_logout_uri": f"{origin}/.pomerium/backchannel_logout",
            "backchannel_logout_session_required": True,
        },
    )
    with ExitStack() as running:
        provider = running.enter_context(
            start_provider(
                folder, client, users=users, token_lifetimes=token_lifetimes, authority=certificate.authority
            )
        )
        app, other = (running.enter_context(recording_upstream()) for _ in range(2))
        verify = running.enter_context(verify_app(folder, authority=certificate.authority, public_hosts=[VERIFY]))
        names = {"port": str(port), "app": app.url, "other": other.url, "verify": verify.url}
        names["provider"] = provider.issuer
        config = _config(folder, port, certificate, provider)
        config["routes"] = [*_filled(routes, names), *_filled(_ROUTES, names)]
        config |= _filled(settings or {}, names)
        yield Surroundings(port, certificate, provider, app, other, verify, config)


_ROUTES: list[dict[str, Any]] = [
    {"from": f"https://{VERIFY}:{{port}}", "to": "{verify}", "allow_any_authenticated_user": True},
    {"from": f"https://{APP}:{{port}}", "to": "{app}", "allowed_domains": ["example.com"]},
    {"from": f"https://{OTHER}:{{port}}", "to": "{other}", "allowed_users": [ALICE.email]},
    {"from": f"https://{PUBLIC}:{{port}}", "to": "{app}", "allow_public_unauthenticated_access": True},
]


def _config(folder: Path, port: int, certificate: ServerCertificate, provider: IdentityProvider) -> dict[str, Any]:
    return {
        "address": f"{LOOPBACK}:{port}",
        "authenticate_service_url": f"https://{AUTHENTICATE}:{port}",
        "certificates": [{"cert": str(certificate.chain), "key": str(certificate.key)}],
        "shared_secret": base64.b64encode(b"the shared secret of every test!").decode(),
        "cookie_secret": base64.b64encode(b"the cookie secret of every test!").decode(),
        "idp_provider": "oidc",
        "idp_provider_url": provider.issuer,
        "idp_client_id": provider.client.client_id,
        "idp_client_secret": provider.client.client_secret,
        "pass_identity_headers": True,
        "jwt_claims_headers": {"X-Email": "email", "X-Groups": "groups"},
        "session_store_url": f"sqlite:///{folder / 'sessions.sqlite3'}",
        # all of a test's people share one address
        "sign_in_rate_limit": {"requests": 1_000_000},
        "token_failure_rate_limit": {"requests": 1_000_000},
        "envoy": {"concurrency": 1},
    }


def _filled(value: Any, names: Mapping[str, str]) -> Any:
    """Return `value` with `{name}` replaced in every text; `${...}` templates have other names and stay."""
    match value:
        case str():
            for name, text in names.items():
                value = value.replace(f"{{{name}}}", text)
            return value
        case Mapping():
            return {key: _filled(one, names) for key, one in value.items()}
        case list() | tuple():
            return [_filled(one, names) for one in value]
        case _:
            return value
