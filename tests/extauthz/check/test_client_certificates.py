"""Client certificates as `Check` judges them, whoever programs the Envoy that asks."""

from base64 import b64encode
from dataclasses import replace
from datetime import timedelta
from typing import Any
from urllib.parse import quote

import pytest
from cryptography.hazmat.primitives.hashes import SHA256

from access_model.load import load
from access_model.model import AccessModel
from access_model.reserved_headers import CLIENT_CERTIFICATE
from tests.access_model.client_trust.world import LAPTOP, NAME, NOW, ROOT
from tests.extauthz.check.world import APP, BROWSER, CONFIGURATION, COOKIE, OPEN, World
from tests.extauthz.grpc_check.requests import set_headers
from tests.harness.authority import Authority, Issued

STRANGER = Authority.root("Clients", now=NOW).issue(NAME)


def a_model() -> AccessModel:
    """The usual configuration, with certificates asked for."""
    encoded = [b64encode(text.encode()).decode() for text in (ROOT.pem, ROOT.revocation_list())]
    text = CONFIGURATION + f"downstream_mtls: {{ca: {encoded[0]}, crl: {encoded[1]}}}\n"
    return load(text, source="test.yaml", environment={}, read_file=lambda name: name.encode()).model


MODEL = a_model()


@pytest.mark.parametrize("ours", [True, False])
@pytest.mark.parametrize(("shown", "allowed"), [(LAPTOP, True), (STRANGER, False), (None, False)])
async def test_the_same_certificates_count_in_every_mesh(shown: Issued | None, allowed: bool, ours: bool) -> None:
    world = World(model=MODEL)
    route = next(each.id for each in MODEL.routes if each.origin.host == OPEN)
    pem = shown.pem if shown else ""
    answer = await world.get(host=OPEN, certificate=pem, route_id=route if ours else None)
    assert (answer.status.code == 0) is allowed
    assert allowed or answer.denied_response.status.code == 495


async def test_a_certificate_comes_before_the_sign_in_and_does_not_replace_it() -> None:
    world = World(model=MODEL)
    assert (await world.get("/", *BROWSER)).denied_response.status.code == 495
    assert (await world.get("/", *BROWSER, certificate=LAPTOP.pem)).denied_response.status.code == 302
    cookie = ("cookie", f"{COOKIE}={await world.sign_in()}")
    assert (await world.get("/", cookie)).denied_response.status.code == 495
    assert (await world.get("/", cookie, certificate=LAPTOP.pem)).status.code == 0


async def test_a_certificate_is_judged_by_the_settings_of_the_moment() -> None:
    world = World(model=MODEL)
    assert (await world.get(host=OPEN, certificate=LAPTOP.pem)).status.code == 0
    asked = MODEL.listener.client_certificates
    assert asked is not None
    revoking = replace(asked, crl_pem=ROOT.revocation_list(LAPTOP))
    world.model = replace(MODEL, listener=replace(MODEL.listener, client_certificates=revoking))
    assert (await world.get(host=OPEN, certificate=LAPTOP.pem)).denied_response.status.code == 495


async def test_a_certificate_is_judged_by_the_time_of_the_request() -> None:
    world = World(model=MODEL)
    assert (await world.get(host=OPEN, certificate=LAPTOP.pem)).status.code == 0
    world.now += timedelta(hours=2)
    assert (await world.get(host=OPEN, certificate=LAPTOP.pem)).denied_response.status.code == 495


async def test_crawlers_are_kept_out_of_what_they_could_not_open() -> None:
    answer = await World(model=MODEL).get("/robots.txt", host=OPEN)
    assert (answer.denied_response.status.code, answer.denied_response.body) == (200, "User-agent: *\nDisallow: /")


async def test_our_own_endpoints_ask_for_no_certificate() -> None:
    for path in ("/.pomerium/", "/ping", "/.well-known/pomerium/jwks.json"):
        assert (await World(model=MODEL).get(path, host=APP)).denied_response.status.code == 200


async def test_our_own_endpoints_believe_no_header_about_certificates() -> None:
    world = World(model=MODEL)
    application, shown = world.check.application, list[list[str]]()

    async def recording(scope: Any, receive: Any, send: Any) -> None:
        shown.append([value.decode() for name, value in scope["headers"] if name.decode() == CLIENT_CERTIFICATE])
        await application(scope, receive, send)

    world.check = replace(world.check, application=recording)
    for certificate in ("", LAPTOP.pem):
        await world.get("/.pomerium/", (CLIENT_CERTIFICATE, quote(ROOT.pem)), certificate=certificate)
    assert shown == [[""], [quote(LAPTOP.pem)]]


async def test_upstreams_are_told_the_fingerprint_of_a_trusted_certificate_alone() -> None:
    told = ", set_request_headers: {X-Client: '<${pomerium.client_cert_fingerprint}>'}}"
    text = CONFIGURATION.replace(
        "allow_public_unauthenticated_access: true}", f"allow_public_unauthenticated_access: true{told}"
    )
    plain = load(text, source="test.yaml", environment={}, read_file=lambda name: name.encode()).model
    asked = replace(plain, listener=MODEL.listener)
    for model, certificate, value in (
        (asked, LAPTOP.pem, f"<{LAPTOP.certificate.fingerprint(SHA256()).hex()}>"),
        (asked, STRANGER.pem, "<>"),
        (asked, "", "<>"),
        (plain, LAPTOP.pem, "<>"),
    ):
        answer = await World(model=model).get(host=OPEN, certificate=certificate)
        assert dict(set_headers(answer.ok_response.headers))["x-client"] == value
