from typing import Any

import pytest

from extauthz.oidc.discovery import discover, read_metadata
from extauthz.oidc.errors import NotTrusted, ProviderUnavailable, Reason
from extauthz.oidc.http import Freshness, HttpResponse
from tests.extauthz.oidc.fake_provider import ISSUER, FakeProvider, discovery, drive, json_response, provider

LOOPBACK = "http://127.0.0.1:9080"


def refused(document: object, issuer: str = ISSUER) -> str:
    with pytest.raises(NotTrusted) as caught:
        read_metadata(provider(issuer=issuer), json_response(document))
    assert caught.value.reason is Reason.METADATA
    return str(caught.value)


def test_reads_what_the_provider_says() -> None:
    metadata = read_metadata(provider(), json_response(discovery()))
    assert metadata.token_endpoint == f"{ISSUER}/token"
    assert metadata.announces_issuer
    assert not metadata.requires_pushed_authorization
    assert metadata.id_token_algorithms == ("RS256", "PS256", "ES256", "EdDSA")
    assert metadata.client_auth(provider()) == "client_secret_basic"


@pytest.mark.parametrize("issuer", [f"{ISSUER}/", "https://ID.example.com", "https://evil.example", None, 7])
def test_the_issuer_must_be_equal_to_the_last_slash(issuer: object) -> None:
    assert "idp_provider_url" in refused({**discovery(), "issuer": issuer})


@pytest.mark.parametrize("name", ["authorization_endpoint", "token_endpoint", "jwks_uri"])
def test_missing_endpoints_are_refused(name: str) -> None:
    assert name in refused(discovery(**{name: None}))


@pytest.mark.parametrize(
    "url",
    [
        "http://id.example.com/jwks",
        "https://169.254.169.254/latest/meta-data",
        "https://[fe80::1]/jwks",
        "https://[::ffff:169.254.169.254]/jwks",
        "https://[fd00:ec2::254]/jwks",
        "https://metadata.google.internal/jwks",
        "https://metadata.google.internal./jwks",
        "https://127.0.0.1/jwks",
        "https://127.1/jwks",
        "https://2130706433/jwks",
        "https://0x7f.1/jwks",
        "https://0xa9fea9fe/jwks",
        "https://localhost/jwks",
        "https://db.localhost/jwks",
        "https://vault.internal/jwks",
        "https://10.0.0.1/jwks",
        "https://[::1]/jwks",
        "https://user@id.example.com/jwks",
        "https://id.example.com/jwks#x",
        "https://id.example.com:x/jwks",
        "https://id.example.com\\@evil/jwks",
        "https:///jwks",
        "file:///etc/passwd",
        "//id.example.com/jwks",
        "https://id.example.com/j wks",
        "https://id.example.com/jw\tks",
        "https://[::1/jwks",
        7,
        "",
    ],
)
def test_endpoints_that_turn_us_against_our_own_network_are_refused(url: object) -> None:
    refused({**discovery(), "jwks_uri": url})


@pytest.mark.parametrize("host", ["169.254.169.254", "[fe80::1]", "metadata.google.internal"])
def test_not_even_the_issuer_may_be_where_clouds_keep_credentials(host: str) -> None:
    base = f"https://{host}"
    names = ("authorization_endpoint", "token_endpoint", "jwks_uri")
    assert "metadata address" in refused({"issuer": base, **{name: f"{base}/{name}" for name in names}}, base)


def test_endpoints_of_another_public_host_are_fine() -> None:
    url = "https://www.googleapis.example/oauth2/v3/certs"
    assert read_metadata(provider(), json_response(discovery(jwks_uri=url))).jwks_uri == url


def test_a_loopback_issuer_may_use_http_for_itself_alone() -> None:
    def at(base: str) -> dict[str, Any]:
        names = ("authorization_endpoint", "token_endpoint", "jwks_uri")
        only = {name: f"{base}/{name}" for name in names}
        return {"issuer": LOOPBACK, **only}

    assert read_metadata(provider(issuer=LOOPBACK), json_response(at(LOOPBACK))).jwks_uri == f"{LOOPBACK}/jwks_uri"
    refused(at("http://id.example.com"), LOOPBACK)
    refused(at("http://127.0.0.2:9080"), LOOPBACK)
    refused(at("http://169.254.169.254"), LOOPBACK)


@pytest.mark.parametrize(
    "changed",
    [
        {"code_challenge_methods_supported": ["plain"]},
        {"response_types_supported": ["id_token"]},
        {"id_token_signing_alg_values_supported": ["HS256", "none"]},
    ],
)
def test_a_provider_that_offers_only_weak_things_is_refused(changed: dict[str, Any]) -> None:
    refused(discovery(**changed))


def test_silence_means_the_defaults_of_the_standard() -> None:
    silent = discovery(
        code_challenge_methods_supported=None,
        response_types_supported=None,
        id_token_signing_alg_values_supported=None,
        token_endpoint_auth_methods_supported=None,
        authorization_response_iss_parameter_supported=None,
        userinfo_endpoint=None,
    )
    metadata = read_metadata(provider(), json_response(silent))
    assert metadata.id_token_algorithms == ("RS256",)
    assert metadata.client_auth_methods == ("client_secret_basic",)
    assert not metadata.announces_issuer
    assert metadata.userinfo_endpoint is None


def test_client_authentication_follows_what_both_can() -> None:
    def chosen(*methods: str) -> str:
        document = discovery(token_endpoint_auth_methods_supported=list(methods))
        return read_metadata(provider(), json_response(document)).client_auth(provider())

    assert chosen("client_secret_post", "client_secret_basic") == "client_secret_basic"
    assert chosen("private_key_jwt", "client_secret_post") == "client_secret_post"
    with pytest.raises(NotTrusted):
        chosen("private_key_jwt")
    metadata = read_metadata(provider(), json_response(discovery()))
    assert metadata.client_auth(provider(client_secret=None)) == "none"


@pytest.mark.parametrize("body", [b"", b"[]", b"<html>", b"\xff", b"[" * 100_000])
def test_a_document_that_is_no_object_is_refused(body: bytes) -> None:
    with pytest.raises(NotTrusted):
        read_metadata(provider(), HttpResponse(200, "application/json", body))


def test_a_failing_provider_is_unavailable() -> None:
    with pytest.raises(ProviderUnavailable):
        read_metadata(provider(), HttpResponse(500))


def test_a_kept_copy_that_does_not_do_is_renewed_once() -> None:
    fake = FakeProvider(documents={"/.well-known/openid-configuration": json_response({"issuer": "old"})})
    with pytest.raises(NotTrusted):
        drive(discover(provider()), fake)
    assert [request.freshness for request in fake.requests] == [Freshness.KEPT, Freshness.RENEWED]


def test_the_document_is_found_under_an_issuer_with_a_slash() -> None:
    exchange = discover(provider(issuer=f"{ISSUER}/tenant/"))
    assert next(exchange).url == f"{ISSUER}/tenant/.well-known/openid-configuration"
