"""A client of a route's own: which session opens what, and what cannot be."""

import pytest

from access_model.model import ROUTE_CLIENT, AccessModel
from tests.access_model.reading import SIGN_IN, problems_of, read

SECRET = "idp_client_secret: top\n"
ROUTES = """\
routes:
  - from: https://app.example.com
    to: http://10.0.0.1:8080
    allow_any_authenticated_user: true
  - from: https://payroll.example.com
    to: http://10.0.0.2:8080
    allow_any_authenticated_user: true
"""
NAMED = "identity_providers: {partners: {issuer: 'https://i.example', client_id: x}}\n"


def model_of(of_route: str, top: str = SECRET) -> AccessModel:
    return read(SIGN_IN + top + ROUTES + of_route, files={"secret.txt": b"s3cret\n", "same.txt": b"top"}).model


def test_a_route_s_client_is_the_provider_of_the_file_with_another_id_and_secret() -> None:
    model = model_of(
        "    idp_client_id: payroll\n    idp_client_secret_file: secret.txt\n", f"{SECRET}idp_scopes: openid\n"
    )
    assert model.provider is not None
    (client,) = model.index.clients
    assert client.client_secret is not None
    assert (client.client_id, client.client_secret.reveal_text()) == ("payroll", "s3cret")
    assert (client.issuer, client.kind, client.scopes) == (model.provider.issuer, "oidc", ("openid",))
    assert client.id.startswith(ROUTE_CLIENT)
    assert model.provider_by_id(client.id) == client


def test_its_sessions_count_on_its_route_alone_and_no_others_do() -> None:
    model = model_of("    idp_client_id: payroll\n    idp_client_secret: x\n", SECRET + NAMED)
    (client,) = model.index.clients
    app, payroll = model.routes
    assert model.provider is not None
    assert [route.takes(client.id) for route in (app, payroll)] == [False, True]
    assert [route.takes(model.provider.id) for route in (app, payroll)] == [True, False]
    assert not payroll.takes("partners")
    assert model.providers_of(payroll) == (client,)
    assert client not in model.providers_of(app)
    assert client not in model.providers_of(None)
    assert payroll.takes("service-account")


def test_two_routes_can_share_one() -> None:
    own = "    idp_client_id: payroll\n    idp_client_secret: x\n"
    third = "  - {from: 'https://wages.example.com', to: 'http://10.0.0.3', allow_any_authenticated_user: true}\n"
    third = third.replace("}\n", ", idp_client_id: payroll, idp_client_secret: x}\n")
    model = model_of(own + third)
    (client,) = model.index.clients
    assert model.routes[1].takes(client.id)
    assert model.routes[2].takes(client.id)


@pytest.mark.parametrize("secret", ["", "    idp_client_secret_file: same.txt\n"])
def test_naming_the_client_of_the_file_leaves_out_the_other_providers(secret: str) -> None:
    model = model_of(f"    idp_client_id: ostiary\n{secret}", SECRET + NAMED)
    assert model.index.clients == ()
    assert model.providers_of(model.routes[1]) == (model.provider,)


@pytest.mark.parametrize(
    ("top", "of_route", "key", "code"),
    [
        (SECRET, "    idp_client_secret: x\n", "idp_client_secret", "missing"),
        (SECRET, "    idp_client_id: payroll\n", "idp_client_id", "missing"),
        (SECRET, "    idp_client_id: payroll\n    idp_client_secret: ''\n", "idp_client_secret", "empty-secret"),
        (
            SECRET,
            "    idp_client_id: payroll\n    idp_client_secret_file: gone\n",
            "idp_client_secret_file",
            "unreadable-file",
        ),
        (SECRET, "    idp_client_id: ostiary\n    idp_client_secret: other\n", "idp_client_id", "two-secrets"),
        (
            SECRET + NAMED,
            "    idp_client_id: payroll\n    idp_client_secret: x\n    identity_providers: [partners]\n",
            "idp_client_id",
            "given-twice",
        ),
        (
            "idp_client_authentication: private_key_jwt\n",
            "    idp_client_id: payroll\n    idp_client_secret: x\n",
            "idp_client_id",
            "given-twice",
        ),
    ],
)
def test_what_cannot_be_is_reported_where_it_stands(top: str, of_route: str, key: str, code: str) -> None:
    found = [(each.path, each.code) for each in problems_of(SIGN_IN + top + ROUTES + of_route)]
    assert (f"routes[1].{key}", code) in found


def test_one_client_has_one_secret() -> None:
    route = "  - {{from: 'https://{0}.example.com', to: 'http://10.0.0.3', idp_client_id: p, idp_client_secret: {0}}}\n"
    (problem,) = problems_of(SIGN_IN + SECRET + "routes:\n" + route.format("one") + route.format("two"))
    assert (problem.path, problem.code) == ("routes[1].idp_client_id", "two-secrets")


def test_without_a_provider_there_can_be_no_client_of_a_route() -> None:
    bare = "address: 127.0.0.1:8443\nauthenticate_service_url: https://authenticate.example.com\n" + NAMED
    (problem,) = problems_of(bare + ROUTES + "    idp_client_id: payroll\n")
    assert (problem.path, problem.code) == ("routes[1].idp_client_id", "missing")
