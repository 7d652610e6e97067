import pytest

from access_model.model import Origin
from tests.extauthz.web.world import APP, AUTH, OTHER, World, a_model, a_route

FORGED = {
    "x-forwarded-host": "evil.example",
    "x-forwarded-proto": "http",
    "x-forwarded-port": "1",
    "x-forwarded-prefix": "/evil",
    "forwarded": "host=evil.example;proto=http",
}


@pytest.mark.parametrize("path", ["/.well-known/pomerium", "/.well-known/pomerium/"])
@pytest.mark.parametrize("host", [APP, OTHER, AUTH])
async def test_names_the_places_of_the_host_that_was_asked(world: World, path: str, host: str) -> None:
    answer = await world.get(path, host)
    assert answer.json() == {
        "issuer": f"https://{host}:8443/",
        "authentication_callback_endpoint": f"https://{AUTH}:8443/oauth2/callback",
        "jwks_uri": f"https://{host}:8443/.well-known/pomerium/jwks.json",
        "frontchannel_logout_uri": f"https://{host}:8443/.pomerium/sign_out",
        "backchannel_logout_uri": f"https://{AUTH}:8443/.pomerium/backchannel_logout",
    }
    assert answer.headers["content-type"] == "application/json"
    assert answer.headers["access-control-allow-origin"] == "*"


async def test_forwarded_headers_have_no_say(world: World) -> None:
    honest, forged = await world.get("/.well-known/pomerium"), await world.get("/.well-known/pomerium", **FORGED)
    assert forged.json() == honest.json()


async def test_the_port_is_the_configured_one_whatever_the_host_header_says(world: World) -> None:
    answer = await world.get("/.well-known/pomerium", f"{APP.upper()}.:1")
    assert answer.json()["issuer"] == f"https://{APP}:8443/"


async def test_a_host_under_a_wildcard_is_itself(world: World) -> None:
    world.model = a_model(routes=(a_route("*.apps.example.com", port=443),), authenticate=Origin("https", AUTH, 443))
    answer = await world.get("/.well-known/pomerium", "one.apps.example.com")
    assert answer.json()["issuer"] == "https://one.apps.example.com/"
