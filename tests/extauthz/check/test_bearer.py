"""Bearer tokens through the whole service: who they let in, what is answered, and what reaches the upstream."""

import asyncio
import json
from dataclasses import dataclass, field, replace
from datetime import timedelta
from typing import Any
from urllib.parse import parse_qs

import httpx
import pytest
import structlog

from access_model.forwarding import RateLimit
from access_model.load import load
from tests.extauthz.check.world import (
    APP,
    ISSUER,
    NOW,
    OPEN,
    RING,
    World,
    answer_headers,
    removed_headers,
    session_cookie,
    status,
    upstream_headers,
)
from tests.extauthz.oidc.fake_provider import JWKS, discovery, token

ASSERTION = "x-pomerium-jwt-assertion"
ID, JWT, MIXED = "id.app.example.com", "jwt.app.example.com", "public-but-strict.example.com"
MOMENT = int(NOW.timestamp())

CONFIGURATION = """
authenticate_service_url: https://auth.example.com
address: 127.0.0.1:8443
shared_secret: c2VjcmV0LW9mLTMyLWJ5dGVzLWZvci10aGUtdGVzdHM=
idp_provider: oidc
idp_provider_url: https://id.example.com
idp_client_id: client
idp_client_secret: a-client-secret
identity_providers:
  ci: {issuer: https://id.example.com, jwks_url: https://id.example.com/jwks, audiences: api}
pass_identity_headers: true
bearer_token_format: idp_access_token
routes:
- {from: 'https://app.example.com', path: /aged, to: 'http://b:2', allowed_users: [alice], max_session_age: 1m}
- {from: 'https://app.example.com', path: /upstreams, to: 'http://b:2', allowed_users: [alice],
   bearer_token_format: default}
- from: https://app.example.com
  path: /templates
  to: http://b:2
  allowed_users: [alice]
  set_request_headers:
    X-Token: Bearer ${pomerium.access_token}
    X-Copied: ${pomerium.request.headers["Authorization"]}
- from: https://app.example.com
  to: http://b:2
  allowed_domains: [example.com]
- {from: 'https://id.app.example.com', to: 'http://b:2', allowed_users: [alice],
   bearer_token_format: idp_identity_token}
- {from: 'https://jwt.app.example.com', to: 'http://b:2', allowed_users: [alice], identity_providers: [ci],
   bearer_token_format: jwt}
- {from: 'https://open.example.com', to: 'http://c:3', allow_public_unauthenticated_access: true}
- {from: 'https://public-but-strict.example.com', to: 'http://c:3', allow_public_unauthenticated_access: true,
   bearer_token_format: idp_access_token}
"""
POLICY = """policy: {allow: {and: [claim/iss: https://id.example.com]}, deny: {or: [claim/tenant: b]}}"""
MODEL = load(CONFIGURATION, source="test.yaml", environment={}, read_file=lambda name: name.encode()).model


@dataclass
class Site:
    """A provider that knows the token `token-of-<user>`, and says so until it is told otherwise."""

    introspected: list[str] = field(default_factory=list)
    revoked: set[str] = field(default_factory=set)
    dead: bool = False

    def __call__(self, request: httpx.Request) -> httpx.Response:
        if self.dead:
            raise httpx.ConnectError("refused")
        name = request.url.path.rpartition("/")[2]
        answer: httpx.Response = getattr(self, name.replace("-", "_"))(request)
        return answer

    def openid_configuration(self, _: httpx.Request) -> httpx.Response:
        return httpx.Response(200, json=discovery(introspection_endpoint=f"{ISSUER}/introspect"))

    def jwks(self, _: httpx.Request) -> httpx.Response:
        return httpx.Response(200, json=JWKS)

    def introspect(self, request: httpx.Request) -> httpx.Response:
        (asked,) = parse_qs(request.content.decode())["token"]
        self.introspected.append(asked)
        known = asked.startswith("token-of-") and asked not in self.revoked
        answer = {"active": known, "sub": asked.removeprefix("token-of-"), "client_id": "client", "scope": "openid"}
        return httpx.Response(200, json={**answer, "token_type": "Bearer", "exp": MOMENT + 3600})

    def userinfo(self, request: httpx.Request) -> httpx.Response:
        user = request.headers["authorization"].removeprefix("Bearer token-of-")
        domain = "example.net" if user == "mallory" else "example.com"
        return httpx.Response(200, json={"sub": user, "email": f"{user}@{domain}", "email_verified": True})


@pytest.fixture
def world() -> World:
    return World(model=MODEL, site=Site())


def bearer(text: str) -> tuple[str, str]:
    return ("authorization", f"Bearer {text}")


ALICE = bearer("token-of-alice")


def provider_of(world: World) -> Site:
    assert isinstance(world.site, Site)
    return world.site


async def test_a_token_says_who_asks_and_stays_here(world: World) -> None:
    response = await world.get("/", ALICE)
    claims = RING.verify(upstream_headers(response)[ASSERTION], NOW)
    assert (claims["sub"], claims["email"], claims["aud"]) == ("alice", "alice@example.com", APP)
    assert "authorization" in removed_headers(response)
    assert "token-of-alice" not in str(response)
    assert "set-cookie" not in str(response)


async def test_the_session_id_is_the_same_for_a_token_and_tells_nothing_of_it(world: World) -> None:
    answers = [upstream_headers(await world.get("/", one))[ASSERTION] for one in (ALICE, ALICE, bearer("token-of-bob"))]
    first, again, other = (RING.verify(each, NOW)["sid"] for each in answers)
    assert first == again != other


async def test_policy_sees_it_like_a_session(world: World) -> None:
    assert status(await world.get("/", bearer("token-of-mallory"))) == 403
    assert status(await world.get("/templates", bearer("token-of-bob"))) == 403


async def test_policy_can_tell_issuers_apart(world: World) -> None:
    text = CONFIGURATION.replace("allowed_users: [alice], identity_providers: [ci]", POLICY)
    world.model = load(text, source="test.yaml", environment={}, read_file=lambda name: name.encode()).model
    assert status(await world.get("/", bearer(signed(aud="api")), host=JWT)) == 0
    assert status(await world.get("/", bearer(signed(aud="api", tenant="b")), host=JWT)) == 403


async def test_templates_may_pass_the_token_on_and_headers_do_not(world: World) -> None:
    headers = upstream_headers(await world.get("/templates", ALICE))
    assert headers["x-token"] == "Bearer token-of-alice"
    assert headers["x-copied"] == ""


@pytest.mark.parametrize("browser", [(), (("accept", "text/html"), ("sec-fetch-mode", "navigate"))])
async def test_a_token_that_opens_nothing_is_401_and_never_a_redirect(
    world: World, browser: tuple[tuple[str, str], ...]
) -> None:
    for text in ("made-up", "", "a b"):
        response = await world.get("/", bearer(text), *browser)
        assert status(response) == 401
        assert answer_headers(response)["www-authenticate"] == f'Bearer realm="{APP}", error="invalid_token"'
        assert "location" not in answer_headers(response)


async def test_a_revoked_token_ends_within_half_a_minute(world: World) -> None:
    assert status(await world.get("/", ALICE)) == 0
    provider_of(world).revoked.add("token-of-alice")
    world.now += timedelta(seconds=30)
    assert status(await world.get("/", ALICE)) == 401


@pytest.mark.parametrize("text", ["token-of-alice", "made-up", ""])
async def test_a_token_beside_a_cookie_is_refused_whatever_either_is_worth(world: World, text: str) -> None:
    good = session_cookie(await world.sign_in())
    for cookie in (good, session_cookie("A" * 43), session_cookie("x")):
        assert status(await world.get("/", cookie, bearer(text))) == 400
    assert status(await world.get("/", bearer(text), ("x-pomerium-authorization", "A" * 43))) == 400
    assert provider_of(world).introspected == []


async def test_other_cookies_do_not_matter(world: World) -> None:
    assert status(await world.get("/", ("cookie", "theme=dark"), ALICE)) == 0


async def test_two_authorizations_are_refused_before_anybody_is_asked(world: World) -> None:
    for second in (ALICE, bearer("token-of-bob"), ("authorization", "Basic YTpi")):
        assert status(await world.get("/", ALICE, second)) == 401
        assert status(await world.get("/", ALICE, second, raw=False)) == 401
    assert provider_of(world).introspected == []


async def test_a_token_in_the_query_is_not_read(world: World) -> None:
    assert status(await world.get("/?access_token=token-of-alice")) == 401
    assert provider_of(world).introspected == []


async def test_a_dead_provider_is_503_soon_and_not_asked_again_at_once(world: World) -> None:
    assert status(await world.get("/", ALICE)) == 0
    provider_of(world).dead = True
    responses = [await world.get("/", bearer(f"token-of-{name}")) for name in ("bob", "carol", "bob")]
    assert [status(each) for each in responses] == [503] * 3
    assert "www-authenticate" not in answer_headers(responses[0])
    assert status(await world.get("/", ALICE)) == 0
    world.now += timedelta(seconds=30)
    assert status(await world.get("/", ALICE)) == 503
    provider_of(world).dead = False
    world.now += timedelta(seconds=30)
    assert status(await world.get("/", ALICE)) == 0


async def test_a_client_that_the_provider_refuses_is_503_and_an_error_for_the_operator(world: World) -> None:
    site = provider_of(world)
    world.site = lambda request: httpx.Response(401) if request.url.path == "/introspect" else site(request)
    with structlog.testing.capture_logs() as logs:
        assert status(await world.get("/", ALICE)) == 503
    (error,) = [entry for entry in logs if entry["log_level"] == "error"]
    assert error["event"] == "bearer_tokens_not_verified"
    assert "token-of-alice" not in json.dumps(logs)


async def test_fifty_requests_with_one_new_token_ask_the_provider_once(world: World) -> None:
    responses = await asyncio.gather(*(world.get(f"/{number}", ALICE) for number in range(50)))
    assert [status(each) for each in responses] == [0] * 50
    assert provider_of(world).introspected == ["token-of-alice"]


async def test_who_makes_up_tokens_is_told_to_wait_and_asks_nobody(world: World) -> None:
    limit = RateLimit(requests=3, interval=timedelta(minutes=1), burst=3)
    world.model = replace(MODEL, token_failure_limit=limit)
    assert status(await world.get("/", ALICE)) == 0
    assert [status(await world.get("/", bearer(f"made-up-{number}"))) for number in range(5)] == [401] * 3 + [429] * 2
    assert len(provider_of(world).introspected) == 4
    assert status(await world.get("/", ALICE)) == 0
    assert status(await world.get("/", bearer("made-up-9"), address="198.51.100.9")) == 401


async def test_a_step_up_is_told_and_nobody_is_redirected(world: World) -> None:
    browser = (("accept", "text/html"), ("sec-fetch-mode", "navigate"))
    response = await world.get("/aged", ALICE, *browser)
    assert status(response) == 401
    assert 'error="insufficient_user_authentication"' in answer_headers(response)["www-authenticate"]


@pytest.mark.parametrize("route_id", [True, False])
async def test_where_tokens_are_the_upstreams_they_reach_it_beside_a_cookie(world: World, route_id: bool) -> None:
    envoy = {"route_id": world.model.routes[1].id} if route_id else {}
    response = await world.get("/upstreams", session_cookie(await world.sign_in()), bearer("upstream's"), **envoy)
    assert "authorization" not in removed_headers(response)
    assert "authorization" not in upstream_headers(response)
    assert status(await world.get("/upstreams", ALICE, **envoy)) == 401
    assert provider_of(world).introspected == []


async def test_a_public_route_leaves_tokens_to_its_upstream_unless_it_says_otherwise(world: World) -> None:
    response = await world.get("/", bearer("a webhook's own"), host=OPEN)
    assert "authorization" not in removed_headers(response)
    assert status(await world.get("/", bearer("made-up"), host=MIXED)) == 401
    assert status(await world.get("/", host=MIXED)) == 0
    known = upstream_headers(await world.get("/", ALICE, host=MIXED))
    assert RING.verify(known[ASSERTION], NOW)["sub"] == "alice"
    provider_of(world).dead = True
    assert status(await world.get("/", bearer("token-of-bob"), host=MIXED)) == 503


def signed(**changed: Any) -> str:
    good = {"iss": ISSUER, "aud": "client", "sub": "alice", "iat": MOMENT, "exp": MOMENT + 300}
    return token({**good, **changed})


@pytest.mark.parametrize(
    ("host", "audience", "claim"), [(ID, "client", "nonce"), (JWT, "api", "scope")], ids=["identity", "jwt"]
)
async def test_signed_tokens_are_verified_here(world: World, host: str, audience: str, claim: str) -> None:
    good = signed(aud=audience, **{claim: "x"})
    response = await world.get("/", bearer(good), host=host)
    assert RING.verify(upstream_headers(response)[ASSERTION], NOW)["sub"] == "alice"
    assert "authorization" in removed_headers(response)
    assert status(await world.get("/", bearer(signed(aud=audience, sub="bob")), host=host)) == 403
    for bad in (signed(aud="elsewhere"), signed(aud=audience, iss="https://evil.example"), good[:-8], "token-of-alice"):
        assert status(await world.get("/", bearer(bad), host=host)) == 401
    world.now += timedelta(minutes=7)
    assert status(await world.get("/", bearer(good), host=host)) == 401


async def test_where_nobody_can_sign_in_a_person_is_not_sent_to(world: World) -> None:
    response = await world.get("/", ("accept", "text/html"), ("sec-fetch-mode", "navigate"), host=JWT)
    assert status(response) == 401
    assert "location" not in answer_headers(response)


async def test_no_line_of_the_log_holds_a_token(world: World) -> None:
    with structlog.testing.capture_logs() as logs:
        for text in ("token-of-alice", "made-up-token", signed()):
            for host in (APP, ID, JWT):
                await world.get("/", bearer(text), host=host)
    written = json.dumps(logs)
    assert not any(text in written for text in ("token-of-alice", "made-up-token", signed().rpartition(".")[2]))
    refused = [entry["problem"] for entry in logs if entry.get("decision") == "invalid-token"]
    assert any("token-inactive" in problem for problem in refused)


async def test_the_answer_fits_the_client(world: World) -> None:
    response = await world.get("/", bearer("made-up"), ("accept", "application/json"))
    body = json.loads(response.denied_response.body)
    assert body["error"] == "invalid-token"
    assert "login_url" not in body
    page = await world.get("/", bearer("made-up"), ("accept", "text/html"))
    assert "This token opens nothing" in page.denied_response.body
