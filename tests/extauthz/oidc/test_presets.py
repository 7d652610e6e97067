"""Each kind of provider against a small server with its peculiarities, from the configuration file to the user."""

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import parse_qs, parse_qsl, urlsplit

import httpx
import pytest

from access_model.model import IdentityProvider
from extauthz.adapters.provider_client import ProviderClient
from extauthz.oidc.attempt import Attempt, new_attempt
from extauthz.oidc.errors import Reason
from extauthz.oidc.finish import SignInRefused
from extauthz.oidc.signed_in import SignedIn
from session_store.records import Tokens
from tests.access_model.reading import ROUTE, read
from tests.extauthz.oidc.fake_provider import JWKS, NOW, token

CALLBACK = "https://authenticate.example.com/oauth2/callback"
TENANT = "11111111-2222-3333-4444-555555555555"
MOMENT = int(NOW.timestamp())


def configured(kind: str, url: str = "", **more: str) -> IdentityProvider:
    """The provider of a configuration file that says as little as may be."""
    keys = {
        "idp_provider": kind,
        "idp_provider_url": url,
        "idp_client_id": "client",
        "idp_client_secret": "s3cret",
        **more,
    }
    lines = "".join(f"{key}: {value}\n" for key, value in keys.items() if value)
    model = read(f"address: 127.0.0.1:8443\nauthenticate_service_url: https://authenticate.example.com\n{lines}{ROUTE}")
    assert model.model.provider is not None
    return model.model.provider


@dataclass
class Server:
    """A provider that refuses scopes it does not know, as most do."""

    issuer: str
    scopes: set[str] = field(default_factory=lambda: {"openid", "profile", "email"})
    """Scopes it knows."""
    base: str = ""
    """Where its endpoints are; its issuer by default."""
    metadata: Mapping[str, Any] = field(default_factory=dict)
    claims: Mapping[str, Any] = field(default_factory=dict)
    """Claims of its ID tokens."""
    userinfo: Mapping[str, Any] | None = None
    check: Callable[[Mapping[str, str]], None] = lambda _: None
    """Looks at an authorization request."""
    asked: dict[str, str] = field(default_factory=dict)
    token_requests: list[httpx.Request] = field(default_factory=list)

    def discovery(self) -> dict[str, Any]:
        base = (self.base or self.issuer).rstrip("/")
        document = {
            "issuer": self.issuer,
            "authorization_endpoint": f"{base}/authorize",
            "token_endpoint": f"{base}/token",
            "userinfo_endpoint": f"{base}/userinfo" if self.userinfo is not None else None,
            "jwks_uri": f"{base}/keys",
            "id_token_signing_alg_values_supported": ["RS256"],
            "token_endpoint_auth_methods_supported": ["client_secret_post"],
            **self.metadata,
        }
        return {name: value for name, value in document.items() if value is not None}

    def authorize(self, url: str, provider: IdentityProvider) -> list[tuple[str, str]]:
        """Answer a browser: the parameters that it brings back."""
        self.asked = dict(parse_qsl(urlsplit(url).query))
        unknown = set(self.asked["scope"].split()) - self.scopes
        if unknown:
            return [("error", "invalid_scope"), ("error_description", f"unknown: {unknown}")]
        self.check(self.asked)
        assert self.asked["client_id"] == provider.client_id
        assert self.asked["code_challenge_method"] == "S256"
        return [("code", "the-code")]

    def __call__(self, request: httpx.Request) -> httpx.Response:
        path = request.url.path
        if path.endswith("/.well-known/openid-configuration"):
            return httpx.Response(200, json=self.discovery())
        if path.endswith("/keys"):
            return httpx.Response(200, json=JWKS)
        if path.endswith("/userinfo"):
            return httpx.Response(200, json=self.userinfo)
        if path.endswith("/token"):
            return self.token(request)
        return httpx.Response(404)

    def token(self, request: httpx.Request) -> httpx.Response:
        self.token_requests.append(request)
        good = {"iss": self.issuer, "aud": "client", "sub": "u1", "nonce": self.asked["nonce"], "iat": MOMENT}
        answer = {"access_token": "at", "token_type": "Bearer", "expires_in": 3600, "refresh_token": "rt"}
        return httpx.Response(200, json={**answer, "id_token": token({**good, "exp": MOMENT + 300, **self.claims})})


async def sign_in(provider: IdentityProvider, server: Callable[[httpx.Request], httpx.Response]) -> Any:
    """The whole way, with the browser's part played by `authorize`."""
    client = ProviderClient(lambda: NOW, httpx.MockTransport(server))
    attempt = an_attempt(provider)
    try:
        url = await client.authorize(provider, attempt)
        params = server.authorize(url, provider)  # type: ignore[attr-defined]
        return await client.finish_sign_in(provider, attempt, [*params, ("state", attempt.state)])
    finally:
        await client.aclose()


def an_attempt(provider: IdentityProvider) -> Attempt:
    return new_attempt(provider.issuer, CALLBACK, b"s" * 32, b"n" * 32, b"v" * 32)


async def end_session(provider: IdentityProvider, server: Server) -> str | None:
    client = ProviderClient(lambda: NOW, httpx.MockTransport(server))
    try:
        return await client.end_session_url(provider, Tokens(), "https://authenticate.example.com/out", "st")
    finally:
        await client.aclose()


async def test_google_gives_a_refresh_token_and_knows_no_offline_access() -> None:
    def check(asked: Mapping[str, str]) -> None:
        assert (asked["access_type"], asked["prompt"]) == ("offline", "select_account consent")

    provider = configured("google")
    server = Server("https://accounts.google.com", check=check, claims={"email": "a@example.com", "hd": "example.com"})
    signed_in = await sign_in(provider, server)
    assert isinstance(signed_in, SignedIn)
    assert (signed_in.subject, signed_in.email) == ("u1", "a@example.com")
    assert signed_in.tokens.refresh_token is not None
    assert await end_session(provider, server) is None  # it has no logout endpoint


async def test_the_operators_parameters_win_over_googles_defaults() -> None:
    provider = configured("google", idp_request_params="{prompt: login}")
    assert provider.request_params == {"access_type": "offline", "prompt": "login"}


def entra(url: str) -> tuple[IdentityProvider, Server]:
    server = Server(
        "https://login.microsoftonline.com/{tenantid}/v2.0",
        base=url.removesuffix("/v2.0"),
        scopes={"openid", "profile", "email", "offline_access"},
        claims={"iss": f"https://login.microsoftonline.com/{TENANT}/v2.0", "tid": TENANT, "oid": "object-1"},
        userinfo={"sub": "u1", "email": "a@example.com"},
    )
    return configured("azure", url), server


@pytest.mark.parametrize("tenants", ["common", "organizations", "consumers"])
async def test_entra_for_many_tenants_names_the_tenant_in_the_token_alone(tenants: str) -> None:
    provider, server = entra(f"https://login.microsoftonline.com/{tenants}/v2.0")
    signed_in = await sign_in(provider, server)
    assert isinstance(signed_in, SignedIn), signed_in
    assert signed_in.issuer == f"https://login.microsoftonline.com/{TENANT}/v2.0"
    assert signed_in.subject == "object-1"
    assert server.asked["prompt"] == "select_account"


@pytest.mark.parametrize(
    "claims",
    [
        {"iss": "https://login.microsoftonline.com/evil/v2.0", "tid": TENANT},
        {"iss": f"https://evil.example/{TENANT}/v2.0", "tid": TENANT},
        {"iss": "https://login.microsoftonline.com/evil/v2.0", "tid": "evil"},
        {"iss": "https://login.microsoftonline.com//v2.0", "tid": ""},
        {"iss": "https://login.microsoftonline.com/{tenantid}/v2.0", "tid": "{tenantid}"},
        {"iss": f"https://login.microsoftonline.com/{TENANT}/v2.0"},
    ],
)
async def test_entras_tenant_and_issuer_must_fit(claims: dict[str, str]) -> None:
    provider, server = entra("https://login.microsoftonline.com/common/v2.0")
    server.claims = {"oid": "object-1", **claims}
    refused = await sign_in(provider, server)
    assert isinstance(refused, SignInRefused)
    assert refused.reason is Reason.ID_TOKEN_ISSUER


async def test_a_tenant_of_its_own_is_compared_as_it_is() -> None:
    issuer = f"https://login.microsoftonline.com/{TENANT}/v2.0"
    provider, server = entra(issuer)
    server.issuer = issuer
    assert isinstance(await sign_in(provider, server), SignedIn)
    server.issuer = "https://login.microsoftonline.com/{tenantid}/v2.0"
    assert isinstance(await _authorize(provider, server), Exception)


@pytest.mark.parametrize(
    ("more", "verified"),
    [({}, False), ({"email_verified": True}, False), ({"xms_edov": "1"}, True), ({"xms_edov": True}, True)],
)
async def test_any_tenant_can_write_any_address_so_only_entras_own_word_counts(
    more: dict[str, object], verified: bool
) -> None:
    provider, server = entra("https://login.microsoftonline.com/common/v2.0")
    server.claims = {**server.claims, "email": "boss@example.com", **more}
    signed_in = await sign_in(provider, server)
    assert isinstance(signed_in, SignedIn)
    assert signed_in.email_verified is verified


@pytest.mark.parametrize("kind", ["oidc", "okta"])
async def test_the_pattern_of_tenants_is_for_entra_alone(kind: str) -> None:
    _, server = entra("https://login.microsoftonline.com/common/v2.0")
    provider = configured(kind, "https://login.microsoftonline.com/common/v2.0")
    assert isinstance(await _authorize(provider, server), Exception)


async def _authorize(provider: IdentityProvider, server: Server) -> object:
    client = ProviderClient(lambda: NOW, httpx.MockTransport(server))
    try:
        return await client.authorize(provider, an_attempt(provider))
    except Exception as error:  # the test looks at it
        return error
    finally:
        await client.aclose()


@pytest.mark.parametrize("url", ["https://tenant.eu.auth0.com", "https://tenant.eu.auth0.com/"])
async def test_auth0_has_a_slash_that_people_forget_and_a_logout_of_its_own(url: str) -> None:
    provider = configured("auth0", url)
    server = Server("https://tenant.eu.auth0.com/", scopes={"openid", "profile", "email", "offline_access"})
    assert isinstance(await sign_in(provider, server), SignedIn)
    assert await end_session(provider, server) == (
        "https://tenant.eu.auth0.com/v2/logout?client_id=client&returnTo=https%3A%2F%2Fauthenticate.example.com%2Fout"
    )
    server.metadata = {"end_session_endpoint": "https://tenant.eu.auth0.com/oidc/logout"}
    assert "post_logout_redirect_uri" in (await end_session(provider, server) or "")


async def test_cognito_says_true_in_words_and_logs_out_its_own_way() -> None:
    domain = "https://pool.auth.eu-west-1.amazoncognito.com"
    server = Server(
        "https://cognito-idp.eu-west-1.amazonaws.com/eu-west-1_abc",
        metadata={
            "authorization_endpoint": f"{domain}/oauth2/authorize",
            "token_endpoint": f"{domain}/oauth2/token",
            "userinfo_endpoint": f"{domain}/oauth2/userInfo/userinfo",
        },
        userinfo={"sub": "u1", "email": "a@example.com", "email_verified": "true"},
    )
    provider = configured("cognito", server.issuer)
    signed_in = await sign_in(provider, server)
    assert isinstance(signed_in, SignedIn)
    assert signed_in.email_verified is True
    assert await end_session(provider, server) == (
        f"{domain}/logout?client_id=client&logout_uri=https%3A%2F%2Fauthenticate.example.com%2Fout"
    )


async def test_apple_posts_its_answer_and_has_no_userinfo() -> None:
    def check(asked: Mapping[str, str]) -> None:
        assert asked["response_mode"] == "form_post"

    server = Server(
        "https://appleid.apple.com",
        scopes={"openid", "name", "email"},
        check=check,
        claims={"email": "x@privaterelay.appleid.com", "email_verified": "true"},
    )
    signed_in = await sign_in(configured("apple"), server)
    assert isinstance(signed_in, SignedIn)
    assert (signed_in.email_verified, signed_in.name) == (True, "")
    form = parse_qs(server.token_requests[0].content.decode())
    assert form["client_secret"] == ["s3cret"]


@pytest.mark.parametrize(
    ("kind", "issuer", "url", "known"),
    [
        ("okta", "https://dev-1.okta.com/oauth2/default", "https://dev-1.okta.com/oauth2/default", "offline_access"),
        ("onelogin", "https://acme.onelogin.com/oidc/2", "https://acme.onelogin.com/oidc/2", "offline_access groups"),
        ("ping", "https://auth.pingone.eu/env-1/as", "https://auth.pingone.eu/env-1/as", ""),
        ("gitlab", "https://gitlab.com", "", ""),
        ("gitlab", "https://git.example.com", "https://git.example.com", ""),
    ],
)
async def test_the_scopes_are_those_that_the_provider_knows(kind: str, issuer: str, url: str, known: str) -> None:
    server = Server(issuer, userinfo={"sub": "u1", "groups": ["staff"]})
    server.scopes |= set(known.split())
    signed_in = await sign_in(configured(kind, url), server)
    assert isinstance(signed_in, SignedIn), signed_in
    assert signed_in.profile["groups"] == ("staff",)


@dataclass
class GitHub:
    """GitHub's OAuth endpoints and its API."""

    addresses: Any = field(
        default_factory=lambda: [
            {"email": "old@example.com", "primary": False, "verified": True},
            {"email": "octo@example.com", "primary": True, "verified": True},
        ]
    )
    user: Any = field(
        default_factory=lambda: {"id": 583231, "login": "octocat", "name": "Mona", "email": "x@evil.example"}
    )
    token_answer: Any = field(default_factory=lambda: {"access_token": "gho_x", "token_type": "bearer", "scope": ""})
    asked: list[str] = field(default_factory=list)

    def authorize(self, url: str, provider: IdentityProvider) -> list[tuple[str, str]]:
        assert url.startswith("https://github.com/login/oauth/authorize?")
        query = dict(parse_qsl(urlsplit(url).query))
        assert (query["scope"], query["client_id"]) == ("user:email read:user", provider.client_id)
        return [("code", "the-code")]

    def __call__(self, request: httpx.Request) -> httpx.Response:
        self.asked.append(str(request.url))
        match str(request.url):
            case "https://github.com/login/oauth/access_token":
                form = parse_qs(request.content.decode())
                assert request.headers["accept"] == "application/json"  # else it answers with a form
                assert (form["client_secret"], form["code"]) == (["s3cret"], ["the-code"])
                assert "code_verifier" in form
                return httpx.Response(200, json=self.token_answer)
            case "https://api.github.com/user":
                assert request.headers["authorization"] == "Bearer gho_x"
                return httpx.Response(200, json=self.user)
            case "https://api.github.com/user/emails":
                return httpx.Response(200, content=json.dumps(self.addresses))
        return httpx.Response(404)


async def test_github_has_no_id_token_and_says_who_it_is_in_its_api() -> None:
    signed_in = await sign_in(configured("github"), GitHub())
    assert isinstance(signed_in, SignedIn), signed_in
    assert (signed_in.issuer, signed_in.subject, signed_in.name) == ("https://github.com", "583231", "Mona")
    assert (signed_in.email, signed_in.email_verified) == ("octo@example.com", True)
    assert signed_in.tokens.id_token is None


@pytest.mark.parametrize("addresses", [[], {}, {"message": "Not Found"}, [{"primary": True}], ["a@b"], None])
async def test_github_without_a_primary_address_gives_none(addresses: object) -> None:
    signed_in = await sign_in(configured("github"), GitHub(addresses=addresses))
    assert isinstance(signed_in, SignedIn)
    assert (signed_in.email, signed_in.email_verified) == ("", None)


@pytest.mark.parametrize(
    ("github", "reason"),
    [
        (GitHub(token_answer={"error": "bad_verification_code"}), Reason.CODE),
        (GitHub(token_answer={"access_token": "", "token_type": "bearer"}), Reason.CODE),
        (GitHub(token_answer={"access_token": "x", "token_type": "mac"}), Reason.CODE),
        (GitHub(user={"login": "octocat"}), Reason.USERINFO),
        (GitHub(user={"id": True}), Reason.USERINFO),
        (GitHub(user=[]), Reason.USERINFO),
    ],
)
async def test_github_that_says_no_signs_nobody_in(github: GitHub, reason: Reason) -> None:
    refused = await sign_in(configured("github"), github)
    assert isinstance(refused, SignInRefused)
    assert refused.reason is reason
