"""The portal lists what this user may open, and nothing else."""

from dataclasses import replace
from typing import Any
from urllib.parse import quote

import pytest

from access_model.external_data import read_external_data
from access_model.load import load
from access_model.reserved_headers import CLIENT_CERTIFICATE
from tests.access_model.client_trust.world import LAPTOP, NOW, ROOT
from tests.extauthz.web.world import ALICE, APP, World
from tests.harness.authority import Authority

CONFIGURATION = """\
address: 127.0.0.1:8443
authenticate_service_url: https://auth.example.com:8443
idp_provider: oidc
idp_provider_url: https://id.example.com
idp_client_id: client
identity_providers: {partners: {issuer: https://partners.example.com, client_id: x}}
routes:
  - {from: "https://app.example.com:8443", to: "http://10.0.0.1", allowed_users: [alice], name: Mine, description: <b>}
  - {from: "https://bob.example.com:8443", to: "http://10.0.0.1", allowed_users: [bob], name: Secret of Bob}
  - {from: "https://domain.example.com:8443", to: "http://10.0.0.1", prefix: /x/, allowed_domains: [example.com]}
  - {from: "https://public.example.com:8443", to: "http://10.0.0.1", allow_public_unauthenticated_access: true}
  - {from: "https://*.wild.example.com:8443", to: "http://10.0.0.1", allow_any_authenticated_user: true, name: Wild}
  - from: https://partners.example.com:8443
    to: http://10.0.0.1
    allow_any_authenticated_user: true
    identity_providers: [partners]
"""
MODEL = load(CONFIGURATION, source="test.yaml", environment={}, read_file=lambda name: name.encode()).model
LIST = "/.pomerium/api/v1/routes"
PAGE = "/.pomerium/routes"


@pytest.fixture
def portal(world: World) -> World:
    world.model = MODEL
    return world


async def names(world: World, **user: Any) -> list[str]:
    headers = await world.sign_in(user=replace(ALICE, **user))
    return [route["name"] for route in (await world.get(LIST, **headers)).json()["routes"]]


async def test_a_user_sees_their_own_routes_alone(portal: World) -> None:
    assert await names(portal) == ["Mine", "domain.example.com/x/", "public.example.com", "Wild"]
    assert await names(portal, id="bob", email="bob@example.net") == ["Secret of Bob", "public.example.com", "Wild"]


WITH_DATA = (
    CONFIGURATION.partition("routes:")[0]
    + """\
directory: {file: {users: users.json}}
external_data: [{type: employee, file: people.json, foreign_key: user.id}]
routes:
  - {from: "https://app.example.com:8443", to: "http://10.0.0.1", allowed_groups: [admins], name: Admins}
  - {from: "https://mfa.example.com:8443", to: "http://10.0.0.1", allowed_users: [alice], acr_values: mfa, name: Strict}
  - from: https://staff.example.com:8443
    to: http://10.0.0.1
    name: Staff
    policy: {allow: {and: [{record: {type: employee, exists: true}}]}}
"""
)
FILES = {"users.json": b'[{"id": "alice", "groups": ["admins"]}]', "people.json": b'[{"id": "alice"}]'}


async def test_groups_records_and_a_step_up_open_routes_here_too(portal: World) -> None:
    portal.model = load(WITH_DATA, source="test.yaml", environment={}, read_file=lambda name: name.encode()).model
    portal.data, problems = read_external_data(portal.model.external_data, FILES.__getitem__)
    assert problems == ()
    assert await names(portal) == ["Admins", "Strict", "Staff"]
    assert await names(portal, id="bob", email="bob@example.net") == []


async def test_each_route_is_described(portal: World) -> None:
    headers = await portal.sign_in()
    first = (await portal.get(LIST, **headers)).json()["routes"][0]
    assert first == {
        "id": MODEL.routes[0].id,
        "name": "Mine",
        "type": "http",
        "from": "https://app.example.com:8443",
        "description": "<b>",
        "connect_command": "",
        "logo_url": "",
    }


async def test_the_page_links_to_them_and_escapes(portal: World) -> None:
    headers = await portal.sign_in()
    page = await portal.get("/.pomerium/routes", **headers)
    assert page.status_code == 200
    assert 'href="https://domain.example.com:8443/x/"' in page.text
    assert "&lt;b&gt;" in page.text
    assert "<b>" not in page.text
    assert "Secret of Bob" not in page.text
    assert 'href="https://*.' not in page.text


@pytest.mark.parametrize("path", [LIST, "/.pomerium/routes"])
async def test_strangers_see_nothing(portal: World, path: str) -> None:
    answer = await portal.get(path, APP)
    assert answer.status_code == 401
    assert "Mine" not in answer.text


TUNNEL = """\
  - from: tcp+https://ssh.example.com:22
    to: tcp://10.0.0.1:22
    allow_any_authenticated_user: true
    name: Shell
    logo_url: https://cdn.example.com:8443/shell.svg
  - from: https://logo.example.com:8443
    to: http://10.0.0.1
    allow_any_authenticated_user: true
    logo_url: HTTPS://Pictures.example.com/a;b.svg?x='unsafe-inline'
"""


@pytest.fixture
def pictured(portal: World) -> World:
    text = CONFIGURATION + TUNNEL
    portal.model = load(text, source="test.yaml", environment={}, read_file=lambda name: name.encode()).model
    return portal


async def test_pictures_come_from_the_origins_that_the_operator_named_alone(pictured: World) -> None:
    headers = await pictured.sign_in()
    page = await pictured.get(PAGE, **headers)
    policy = page.headers["content-security-policy"]
    assert "; img-src 'self' data: https://cdn.example.com:8443 https://pictures.example.com; " in policy
    assert "unsafe" not in policy
    assert 'src="https://cdn.example.com:8443/shell.svg"' in page.text
    home = await pictured.get("/.pomerium/", **headers)
    assert "; img-src 'self' data:; " in home.headers["content-security-policy"]


async def test_a_picture_of_a_route_that_is_not_shown_is_not_allowed_either(portal: World) -> None:
    text = CONFIGURATION.replace("name: Secret of Bob", "name: Secret of Bob, logo_url: 'https://bob.example.org/x'")
    portal.model = load(text, source="test.yaml", environment={}, read_file=lambda name: name.encode()).model
    page = await portal.get(PAGE, **await portal.sign_in())
    assert "bob.example.org" not in page.headers["content-security-policy"] + page.text


async def test_a_tunnel_is_a_command_and_no_link(pictured: World) -> None:
    headers = await pictured.sign_in()
    (told,) = [each for each in (await pictured.get(LIST, **headers)).json()["routes"] if each["name"] == "Shell"]
    assert (told["type"], told["from"]) == ("tcp", "tcp+https://ssh.example.com:22")
    assert told["connect_command"] == "pomerium-cli tcp ssh.example.com:22"
    page = await pictured.get(PAGE, **headers)
    assert "<code>pomerium-cli tcp ssh.example.com:22</code>" in page.text
    assert 'href="tcp' not in page.text


CERTIFIED = CONFIGURATION.replace("routes:", "downstream_mtls: {ca_file: ca.pem}\nroutes:", 1)


async def test_a_certificate_opens_routes_here_too(portal: World) -> None:
    portal.model = load(CERTIFIED, source="x", environment={}, read_file=lambda _: ROOT.pem.encode()).model
    signed_in = await portal.sign_in()
    stranger = Authority.root("Clients", now=NOW).issue()
    for shown, listed in {"": 0, "-": 0, quote(stranger.pem): 0, quote(LAPTOP.pem): 4}.items():
        answer = await portal.get(LIST, **signed_in, **{CLIENT_CERTIFICATE: shown})
        assert len(answer.json()["routes"]) == listed
