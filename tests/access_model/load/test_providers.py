"""Identity providers in the configuration file: several of them, their kinds, and what routes take."""

import pytest

from access_model.load.presets import PRESETS
from access_model.model import AccessModel
from tests.access_model.reading import ROUTE, SIGN_IN, problems_of, read

PARTNERS = """\
identity_providers:
  partners:
    title: Partners
    issuer: https://id.partner.example
    client_id: ostiary
    client_secret_file: secret.txt
    scopes: openid email
    request_params: {prompt: login}
    pushed_authorization: true
  everyone:
    provider: google
    client_id: g
"""
BARE = "address: 127.0.0.1:8443\nauthenticate_service_url: https://authenticate.example.com\n"


def model_of(text: str) -> AccessModel:
    return read(text, files={"secret.txt": b"s3cret\n"}).model


def test_named_providers_come_besides_the_first() -> None:
    model = model_of(SIGN_IN + PARTNERS + ROUTE)
    assert [each.id for each in model.providers[1:]] == ["everyone", "partners"]
    google, partners = model.named_providers
    assert (partners.title, partners.issuer, partners.scopes) == (
        "Partners",
        "https://id.partner.example",
        ("openid", "email"),
    )
    assert partners.client_secret is not None
    assert partners.client_secret.reveal_text() == "s3cret"
    assert partners.request_params == {"prompt": "login"}
    assert partners.pushed_authorization
    assert (google.title, google.issuer, google.kind) == ("everyone", "https://accounts.google.com", "google")
    assert model.provider_by_id("partners") is partners
    assert model.provider_by_id("nobody") is None


def test_named_providers_are_enough() -> None:
    model = model_of(BARE + PARTNERS + ROUTE)
    assert model.provider is None
    assert len(model.providers) == 2


def test_a_route_takes_those_that_it_names() -> None:
    model = model_of(SIGN_IN + PARTNERS + ROUTE + "    identity_providers: [default, partners]\n")
    (route,) = model.routes
    assert model.provider is not None
    assert route.identity_providers == (model.provider.id, "partners")
    assert [each.id for each in model.providers_of(route)] == [model.provider.id, "partners"]
    assert not route.takes("everyone")


def test_a_route_that_names_none_takes_all() -> None:
    model = model_of(SIGN_IN + PARTNERS + ROUTE)
    assert model.providers_of(model.routes[0]) == model.providers
    assert model.routes[0].takes("anybody")


@pytest.mark.parametrize("kind", sorted(PRESETS))
def test_every_kind_can_be_configured(kind: str) -> None:
    given = f"idp_provider: {kind}\nidp_provider_url: https://id.example.com\nidp_client_id: x\n"
    provider = model_of(BARE + given + ROUTE).provider
    assert provider is not None
    assert provider.scopes == PRESETS[kind].scopes


@pytest.mark.parametrize(
    ("kind", "given", "audience"),
    [
        ("oidc", "", "issuer"),
        ("oidc", "idp_client_assertion_audience: endpoint\n", "endpoint"),
        ("okta", "", "endpoint"),
        ("azure", "", "endpoint"),
        ("okta", "idp_client_assertion_audience: issuer\n", "issuer"),
    ],
)
def test_whom_assertions_are_for_is_the_kinds_unless_the_operator_says(kind: str, given: str, audience: str) -> None:
    text = SIGN_IN.replace("idp_provider: oidc", f"idp_provider: {kind}")
    provider = model_of(f"{text}idp_client_authentication: private_key_jwt\n{given}{ROUTE}").provider
    assert provider is not None
    assert provider.assertion_audience == audience


@pytest.mark.parametrize("method", ["private_key_jwt", "none"])
def test_a_client_without_a_secret_says_how_it_proves_itself(method: str) -> None:
    provider = model_of(f"{SIGN_IN}idp_client_authentication: {method}\n{ROUTE}").provider
    assert provider is not None
    assert provider.client_authentication == method


@pytest.mark.parametrize(
    ("text", "path", "code"),
    [
        (SIGN_IN + "idp_client_authentication: magic\n", "idp_client_authentication", "bad-choice"),
        (SIGN_IN + "idp_client_authentication: client_secret_post\n", "idp_client_authentication", "missing"),
        (
            SIGN_IN + "idp_client_authentication: none\nidp_client_secret: x\n",
            "idp_client_authentication",
            "given-twice",
        ),
        (SIGN_IN + "idp_client_assertion_audience: endpoint\n", "idp_client_assertion_audience", "unused"),
        (SIGN_IN + "identity_providers: {p: {client_id: x}}\n", "identity_providers.p.issuer", "missing"),
        (SIGN_IN + "identity_providers: {p: {provider: google}}\n", "identity_providers.p.client_id", "missing"),
        (
            SIGN_IN + "identity_providers: {p: {provider: gogle, issuer: 'https://i.example', client_id: x}}\n",
            "identity_providers.p.provider",
            "unknown-provider",
        ),
        (
            SIGN_IN + "identity_providers: {p: {issuer: 'http://i.example', client_id: x}}\n",
            "identity_providers.p.issuer",
            "bad-scheme",
        ),
        (
            SIGN_IN + "identity_providers: {p: {issuer: 'https://i.example', client_id: x, scopes: email}}\n",
            "identity_providers.p.scopes",
            "missing-scope",
        ),
        (
            SIGN_IN
            + "identity_providers: {p: {issuer: https://i.example, client_id: x, request_params: {nonce: x}}}\n",
            "identity_providers.p.request_params.nonce",
            "reserved-parameter",
        ),
        (
            SIGN_IN + "identity_providers: {default: {issuer: 'https://i.example', client_id: x}}\n",
            "identity_providers.default",
            "bad-name",
        ),
        (
            SIGN_IN + "identity_providers: {'../x': {issuer: 'https://i.example', client_id: x}}\n",
            "identity_providers.../x",
            "bad-name",
        ),
        (SIGN_IN + "identity_providers: {p: {isuer: x}}\n", "identity_providers.p.isuer", "unknown-key"),
        (SIGN_IN + "identity_providers: {p: 7}\n", "identity_providers.p", "bad-mapping"),
        (
            SIGN_IN + "identity_providers: {p: {issuer: https://i.example, client_id: x, client_secret_file: gone}}\n",
            "identity_providers.p.client_secret_file",
            "unreadable-file",
        ),
        (
            SIGN_IN + "programmatic_redirect_domain_whitelist: ['https://x']\n",
            "programmatic_redirect_domain_whitelist[0]",
            "bad-host",
        ),
    ],
)
def test_what_cannot_be_used_is_reported_where_it_stands(text: str, path: str, code: str) -> None:
    assert (path, code) in [(each.path, each.code) for each in problems_of(text + ROUTE)]


def test_a_route_cannot_name_a_provider_that_is_not_there() -> None:
    (problem,) = problems_of(SIGN_IN + ROUTE + "    identity_providers: guests\n")
    assert (problem.path, problem.code) == ("routes[0].identity_providers[0]", "unknown-provider")
    assert "`default`" in problem.remedy


def test_a_secret_changed_in_its_file_is_another_configuration() -> None:
    before, after = (read(SIGN_IN + PARTNERS + ROUTE, files={"secret.txt": text}) for text in (b"old", b"new"))
    assert before.files == ("secret.txt",)  # which is watched
    assert before.model.revision != after.model.revision
