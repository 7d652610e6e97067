"""The provider signs somebody out: over the back channel with a signed token, over the front channel in a frame."""

from dataclasses import replace
from typing import Any
from urllib.parse import urlencode

import httpx
import pytest
from joserfc import jwt

from extauthz.oidc.logout_token import EVENT
from tests.extauthz.web.world import ALICE, APP, AUTH, ISSUER, NOW, OTHER, PROVIDER_KEY, World

PATH = "/.pomerium/backchannel_logout"
FORM = {"content-type": "application/x-www-form-urlencoded", "accept": "*/*"}
FRAME = {"sec-fetch-site": "cross-site", "sec-fetch-mode": "navigate", "sec-fetch-dest": "iframe"}


def logout_token(**changed: Any) -> str:
    issued = int(NOW.timestamp())
    good = {"iss": ISSUER, "aud": "client", "iat": issued, "exp": issued + 120, "jti": "order-1", "events": {EVENT: {}}}
    claims = {name: value for name, value in {**good, "sub": "alice", **changed}.items() if value is not None}
    return jwt.encode({"alg": "ES256", "kid": PROVIDER_KEY.kid, "typ": "logout+jwt"}, claims, PROVIDER_KEY)


async def post(world: World, token: str, **more: Any) -> httpx.Response:
    return await world.send("POST", PATH, AUTH, FORM, urlencode({"logout_token": token, **more}))


async def is_signed_in(world: World, headers: dict[str, str], host: str = APP) -> bool:
    return (await world.get("/.pomerium/user", host, **headers)).status_code == 200


async def test_a_user_is_signed_out_everywhere(world: World) -> None:
    first, second = await world.sign_in(), await world.sign_in(OTHER)
    answer = await post(world, logout_token())
    assert (answer.status_code, answer.content, answer.headers["cache-control"]) == (200, b"", "no-store")
    assert not await is_signed_in(world, first)
    assert not await is_signed_in(world, second, OTHER)
    assert len(await world.store.changes_since(0)) == 2


async def test_a_session_of_the_provider_ends_alone(world: World) -> None:
    first = await world.sign_in(provider_session="p1")
    second = await world.sign_in(provider_session="p2")
    assert (await post(world, logout_token(sub=None, sid="p1"))).status_code == 200
    assert not await is_signed_in(world, first)
    assert await is_signed_in(world, second)


async def test_nobody_to_sign_out_is_a_success(world: World) -> None:
    assert (await post(world, logout_token(sub="somebody"))).status_code == 200


async def test_a_token_works_once(world: World) -> None:
    assert (await post(world, logout_token())).status_code == 200
    headers = await world.sign_in()
    answer = await post(world, logout_token())
    assert answer.status_code == 400
    assert answer.json()["error"] == "invalid_request"
    assert await is_signed_in(world, headers)
    assert (await post(world, logout_token(jti="order-2"))).status_code == 200
    assert not await is_signed_in(world, headers)


@pytest.mark.parametrize(
    "changed",
    [{"nonce": "n"}, {"events": {}}, {"aud": "other"}, {"iss": "https://evil.example"}, {"jti": None}, {"iat": 1}],
)
async def test_a_bad_token_leaves_the_session(world: World, changed: dict[str, Any]) -> None:
    headers = await world.sign_in()
    answer = await post(world, logout_token(**changed))
    assert answer.status_code == 400
    assert answer.headers["content-type"] == "application/json"
    assert answer.headers["cache-control"] == "no-store"
    assert answer.json()["error"] == "invalid_request"
    assert await is_signed_in(world, headers)


async def test_a_forged_signature_leaves_the_session(world: World) -> None:
    headers = await world.sign_in()
    head, body, _ = logout_token().split(".")
    other = logout_token(sub="bob").rpartition(".")[2]
    assert (await post(world, f"{head}.{body}.{other}")).status_code == 400
    assert await is_signed_in(world, headers)


@pytest.mark.parametrize("repeated", [2, 3])
async def test_a_repeated_token_is_refused(world: World, repeated: int) -> None:
    headers = await world.sign_in()
    body = "&".join([urlencode({"logout_token": logout_token()})] * repeated)
    assert (await world.send("POST", PATH, AUTH, FORM, body)).status_code == 400
    assert await is_signed_in(world, headers)


async def test_a_token_in_the_query_is_refused(world: World) -> None:
    headers = await world.sign_in()
    answer = await world.send("POST", f"{PATH}?{urlencode({'logout_token': logout_token()})}", AUTH, FORM)
    assert answer.status_code == 400
    assert await is_signed_in(world, headers)


@pytest.mark.parametrize("content", ["", "logout_token=", "other=1", "logout_token=%ff", "logout_token=" + "x" * 70000])
async def test_anything_else_is_refused(world: World, content: str) -> None:
    assert (await world.send("POST", PATH, AUTH, FORM, content)).status_code == 400


async def test_only_a_post_at_the_authenticate_host_will_do(world: World) -> None:
    assert (await world.get(PATH, AUTH)).status_code == 405
    assert (await world.send("POST", PATH, APP, FORM, urlencode({"logout_token": logout_token()}))).status_code == 404


async def test_a_frame_of_the_provider_ends_the_session_without_any_cookie(world: World) -> None:
    headers = await world.sign_in(provider_session="p1")
    other = await world.sign_in(provider_session="p2")
    query = urlencode({"iss": ISSUER, "sid": "p1"})
    answer = await world.get(f"/.pomerium/sign_out?{query}", **FRAME)
    assert answer.status_code == 200
    assert f"frame-ancestors {ISSUER}" in answer.headers["content-security-policy"]
    assert answer.headers["cache-control"] == "no-store"
    assert not await is_signed_in(world, headers)
    assert await is_signed_in(world, other)


@pytest.mark.parametrize(
    "query",
    [
        f"iss={ISSUER}",
        "sid=p1",
        f"iss={ISSUER}&sid=",
        f"iss={ISSUER}&sid=p1&sid=p2",
        f"iss={ISSUER}&iss={ISSUER}&sid=p1",
        "iss=https://evil.example&sid=p1",
        f"iss={ISSUER}/&sid=p1",
    ],
)
async def test_a_frame_that_does_not_say_whom_signs_nobody_out(world: World, query: str) -> None:
    headers = await world.sign_in(provider_session="p1")
    answer = await world.get(f"/.pomerium/sign_out?{query}", **headers, **FRAME)
    assert answer.status_code == 400
    assert "frame-ancestors 'none'" in answer.headers["content-security-policy"]
    assert await is_signed_in(world, headers)


async def test_an_unknown_session_in_a_frame_is_no_error_and_signs_nobody_out(world: World) -> None:
    headers = await world.sign_in(provider_session="p1")
    answer = await world.get(f"/.pomerium/sign_out?{urlencode({'iss': ISSUER, 'sid': 'unknown'})}", **headers, **FRAME)
    assert answer.status_code == 200
    assert await is_signed_in(world, headers)


TENANT = "9188040d-6c67-4c5b-b112-36a304b66dad"
ENTRA = "https://login.microsoftonline.com/{}/v2.0"


@pytest.fixture
def entra(world: World) -> World:
    """Everybody's tenants at Entra."""
    assert world.model.provider is not None
    provider = replace(world.model.provider, kind="azure", issuer=ENTRA.format("common"))
    world.model = replace(world.model, provider=provider)
    return world


async def test_a_frame_of_entra_names_the_tenant_that_the_session_is_from(entra: World) -> None:
    user = replace(ALICE, issuer=ENTRA.format(TENANT))
    headers = await entra.sign_in(user=user, provider_session="p1")
    query = urlencode({"iss": ENTRA.format(TENANT), "sid": "p1"})
    assert (await entra.get(f"/.pomerium/sign_out?{query}", **FRAME)).status_code == 200
    assert not await is_signed_in(entra, headers)


@pytest.mark.parametrize(
    "issuer",
    [
        ENTRA.format("evil"),
        ENTRA.format(f"{TENANT}/x"),
        f"https://evil.example/{TENANT}/v2.0",
        f"https://login.microsoftonline.com/{TENANT}/v1.0",
        f"https://login.microsoftonline.com/{TENANT}",
        ENTRA.format("{tenantid}"),
    ],
)
async def test_a_frame_that_names_no_tenant_of_entra_is_refused(entra: World, issuer: str) -> None:
    query = urlencode({"iss": issuer, "sid": "p1"})
    assert (await entra.get(f"/.pomerium/sign_out?{query}", **FRAME)).status_code == 400


async def test_one_tenant_does_not_speak_for_another(entra: World) -> None:
    provider = entra.model.provider
    assert provider is not None
    entra.model = replace(entra.model, provider=replace(provider, issuer=ENTRA.format(TENANT)))
    other = ENTRA.format(TENANT.replace("9", "8"))
    headers = await entra.sign_in(user=replace(ALICE, issuer=other), provider_session="p1")
    query = urlencode({"iss": other, "sid": "p1"})
    assert (await entra.get(f"/.pomerium/sign_out?{query}", **FRAME)).status_code == 400
    assert await is_signed_in(entra, headers)
