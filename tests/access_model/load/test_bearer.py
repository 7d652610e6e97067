"""Bearer tokens in the configuration file: whose count, on which routes, and what nobody could verify."""

import pytest

from access_model.bearer import DEFAULT_ALGORITHMS
from access_model.model import AccessModel, Route
from tests.access_model.reading import ROUTE, SIGN_IN, problems_of, read

CI = """\
identity_providers:
  ci:
    issuer: https://ci.example.com
    jwks_url: https://keys.example.com/ci.json
    audiences: https://deploy.example.com
    supported_algs: ES256 RS512
  cluster: {issuer: 'https://k8s.example.com', audiences: [a, b, a]}
"""
PARTNERS = "  partners: {issuer: 'https://id.partner.example', client_id: ostiary}\n"
BARE = "address: 127.0.0.1:8443\n"
PUBLIC = "  - {from: 'https://open.example.com', to: 'http://a:1', allow_public_unauthenticated_access: true"


def model_of(text: str) -> AccessModel:
    return read(text).model


def only_route(text: str) -> Route:
    (route,) = model_of(text).routes
    return route


def test_issuers_of_tokens_are_nobody_to_sign_in_with() -> None:
    model = model_of(SIGN_IN + CI + ROUTE + "    bearer_token_format: jwt\n")
    ci, cluster = model.token_issuers
    assert (ci.name, ci.issuer, ci.jwks_url) == ("ci", "https://ci.example.com", "https://keys.example.com/ci.json")
    assert (ci.audiences, ci.algorithms) == (("https://deploy.example.com",), ("ES256", "RS512"))
    assert (cluster.jwks_url, cluster.audiences, cluster.algorithms) == (None, ("a", "b"), DEFAULT_ALGORITHMS)
    assert model.providers == (model.provider,)
    assert model.issuers_of(model.routes[0]) == (ci, cluster)


def test_a_route_takes_the_issuers_that_it_names() -> None:
    model = model_of(SIGN_IN + CI + ROUTE + "    bearer_token_format: jwt\n    identity_providers: [ci]\n")
    (route,) = model.routes
    assert [each.name for each in model.issuers_of(route)] == ["ci"]
    assert model.providers_of(route) == ()


def test_programs_alone_need_no_sign_in() -> None:
    model = model_of(BARE + CI + ROUTE + "    bearer_token_format: jwt\n")
    assert model.providers == ()


@pytest.mark.parametrize(
    ("top", "route", "format_"),
    [
        ("", "", "default"),
        ("bearer_token_format: idp_identity_token\n", "", "idp_identity_token"),
        ("bearer_token_format: idp_identity_token\n", "    bearer_token_format: default\n", "default"),
        ("", "    bearer_token_format: idp_access_token\n", "idp_access_token"),
    ],
)
def test_the_route_beats_the_top_of_the_file(top: str, route: str, format_: str) -> None:
    assert only_route(SIGN_IN + top + ROUTE + route).bearer_format == format_


@pytest.mark.parametrize(("more", "format_"), [("", "default"), (", bearer_token_format: jwt", "jwt")])
def test_where_everybody_may_pass_a_token_is_the_upstreams_unless_the_route_says_otherwise(
    more: str, format_: str
) -> None:
    model = model_of(f"{SIGN_IN}bearer_token_format: idp_access_token\n{CI}{ROUTE}{PUBLIC}{more}}}\n")
    assert [each.bearer_format for each in model.routes] == ["idp_access_token", format_]


def test_the_audiences_of_a_route_replace_those_of_the_file() -> None:
    top = "bearer_token_format: idp_access_token\nidp_access_token_allowed_audiences: [a, b, a]\n"
    assert only_route(SIGN_IN + top + ROUTE).token_audiences == ("a", "b")
    more = "    idp_access_token_allowed_audiences: c\n"
    assert only_route(SIGN_IN + top + ROUTE + more).token_audiences == ("c",)


def test_audiences_that_nothing_looks_at_are_a_warning() -> None:
    loaded = read(SIGN_IN + ROUTE + "    idp_access_token_allowed_audiences: c\n")
    assert [each.code for each in loaded.warnings] == ["no-effect"]


def entry(text: str) -> str:
    return f"{SIGN_IN}identity_providers: {{ci: {{{text}}}}}\n{ROUTE}"


@pytest.mark.parametrize(
    ("text", "path", "code"),
    [
        (entry("jwks_url: https://k.example"), "identity_providers.ci.audiences", "missing"),
        (entry("jwks_url: https://k.example"), "identity_providers.ci.issuer", "missing"),
        (entry("issuer: https://i.example, supported_algs: ES256"), "identity_providers.ci.audiences", "missing"),
        (entry("issuer: http://i.example, audiences: a"), "identity_providers.ci.issuer", "bad-scheme"),
        (entry("issuer: https://i.example, audiences: '*'"), "identity_providers.ci.audiences[0]", "bad-audience"),
        (entry("issuer: https://i.example, audiences: ['']"), "identity_providers.ci.audiences[0]", "bad-audience"),
        *(
            (
                entry(f"issuer: https://i.example, audiences: a, jwks_url: '{url}'"),
                "identity_providers.ci.jwks_url",
                code,
            )
            for url, code in (
                ("http://i.example/keys", "bad-scheme"),
                ("http://10.0.0.1/keys", "bad-scheme"),
                ("https://169.254.169.254/latest", "bad-host"),
                ("https://[fe80::1]/", "bad-host"),
                ("https://metadata.google.internal/", "bad-host"),
                ("https://i.example/keys#x", "bad-url"),
                ("https://user@i.example/keys", "bad-url"),
                ("file:///etc/keys", "bad-url"),
            )
        ),
        *(
            (
                entry(f"issuer: https://i.example, audiences: a, supported_algs: [{name}]"),
                "identity_providers.ci.supported_algs[0]",
                "bad-algorithm",
            )
            for name in ("none", "None", "HS256", "HS512", "RS1", "es256")
        ),
        (
            entry("issuer: https://i.example, audiences: a, client_id: x"),
            "identity_providers.ci.client_id",
            "mixed-provider",
        ),
        (
            f"{SIGN_IN}identity_providers: {{'../x': {{issuer: 'https://i.example', audiences: a}}}}\n{ROUTE}",
            "identity_providers.../x",
            "bad-name",
        ),
        (SIGN_IN + ROUTE + "    bearer_token_format: opaque\n", "routes[0].bearer_token_format", "bad-choice"),
        (SIGN_IN + ROUTE + "    bearer_token_format: jwt\n", "routes[0].bearer_token_format", "unverifiable-token"),
        (SIGN_IN + "bearer_token_format: jwt\n" + ROUTE, "bearer_token_format", "unverifiable-token"),
        (
            SIGN_IN + CI + ROUTE + "    bearer_token_format: jwt\n    identity_providers: default\n",
            "routes[0].bearer_token_format",
            "unverifiable-token",
        ),
        (
            SIGN_IN + CI + PARTNERS + ROUTE + "    bearer_token_format: idp_access_token\n",
            "routes[0].bearer_token_format",
            "unverifiable-token",
        ),
        (
            SIGN_IN.replace("oidc", "github") + ROUTE + "    bearer_token_format: idp_access_token\n",
            "routes[0].bearer_token_format",
            "unverifiable-token",
        ),
        (
            SIGN_IN + CI + ROUTE + "    identity_providers: [default, ci]\n",
            "routes[0].identity_providers",
            "bad-provider",
        ),
    ],
)
def test_what_nobody_could_verify_is_reported_where_it_stands(text: str, path: str, code: str) -> None:
    assert (path, code) in [(each.path, each.code) for each in problems_of(text)]


def test_what_is_wrong_at_the_top_is_said_once() -> None:
    second = ROUTE.replace("routes:\n", "").replace("app.", "second.")
    codes = [each.code for each in problems_of(SIGN_IN + "bearer_token_format: jwt\n" + ROUTE + second)]
    assert codes == ["unverifiable-token"]


def test_one_of_several_providers_can_be_named() -> None:
    more = "    bearer_token_format: idp_access_token\n    identity_providers: partners\n"
    assert only_route(SIGN_IN + CI + PARTNERS + ROUTE + more).bearer_format == "idp_access_token"


def test_several_providers_may_issue_identity_tokens() -> None:
    more = "    bearer_token_format: idp_identity_token\n"
    assert only_route(SIGN_IN + CI + PARTNERS + ROUTE + more).bearer_format == "idp_identity_token"


def test_the_revision_tells_formats_and_issuers_apart() -> None:
    texts = [
        SIGN_IN + ROUTE,
        SIGN_IN + ROUTE + "    bearer_token_format: idp_access_token\n",
        SIGN_IN + CI + ROUTE,
        SIGN_IN + CI.replace("ES256 RS512", "ES256") + ROUTE,
    ]
    assert len({model_of(text).revision for text in texts}) == len(texts)
