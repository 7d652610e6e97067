"""What a valid file comes to."""

from base64 import b64encode
from datetime import timedelta

import pytest

from access_model.model import AccessModel, Origin, PathMatch, Target
from access_model.policy import Operator, Rule
from access_model.policy.criteria import Accept, AuthenticatedUser, Claim, Domain, Email, User
from access_model.policy.matching import Has, Is
from access_model.schema.types import parse_duration
from tests.access_model.reading import ROUTE, SIGN_IN, read

PUBLIC = """\
routes:
  - from: https://app.localhost
    to: http://10.0.0.1
    allow_public_unauthenticated_access: true
"""


def model_of(top: str = "", route: str = "") -> AccessModel:
    return read(SIGN_IN + (f"{top}\n" if top else "") + ROUTE + route).model


def test_the_defaults() -> None:
    model = read(PUBLIC).model
    assert (model.listener.address, model.listener.port, model.listener.insecure) == ("0.0.0.0", 443, False)
    assert model.authenticate == Origin("https", "authenticate.invalid", 443)
    assert model.provider is None
    assert (model.cookie.name, model.cookie.domain, model.cookie.secure) == ("__Host-_pomerium", None, True)
    assert (model.cookie.http_only, model.cookie.same_site, model.cookie.expire) == (True, "lax", timedelta(hours=14))
    assert model.assertion.header == "x-pomerium-jwt-assertion"
    assert (model.assertion.signing_key, model.shared_secret, model.cookie_secret) == (None, None, None)
    assert model.store_url == "sqlite:///.state/ostiary.sqlite3"
    assert (model.services, model.envoy.path, model.envoy.admin_address) == (None, None, None)
    assert (model.default_timeout, model.log_level, model.jwt_endpoint) == (timedelta(seconds=30), "info", False)
    assert model.response_headers == {
        "strict-transport-security": "max-age=31536000; includeSubDomains; preload",
        "x-frame-options": "SAMEORIGIN",
    }


def test_the_defaults_of_a_route() -> None:
    model = model_of()
    (route,) = model.routes
    assert route.name == "app.example.com"
    assert model.source_of(route) == "ostiary.yaml:7"
    assert route.origin == Origin("https", "app.example.com", 443)
    assert route.match == PathMatch("prefix", "/")
    assert route.targets == (Target("http", "10.0.0.1", 8080),)
    assert (route.target_path, route.timeout, route.issuer_format) == ("", None, "hostOnly")
    flags = (route.public, route.preserve_host_header, route.pass_identity_headers, route.show_error_details)
    assert not any(flags)
    assert (route.claim_headers, route.set_request_headers) == ({}, {})


def test_what_the_route_says_beats_what_the_file_says() -> None:
    top = "pass_identity_headers: true\njwt_issuer_format: uri\njwt_claims_headers: {X-A: a, X-B: b}"
    own = "    pass_identity_headers: false\n    jwt_issuer_format: hostOnly\n    jwt_claims_headers: {x-b: c}\n"
    (route,) = model_of(top).routes
    assert (route.pass_identity_headers, route.issuer_format) == (True, "uri")
    assert route.claim_headers == {"x-a": "a", "x-b": "b"}
    (route,) = model_of(top, own).routes
    assert (route.pass_identity_headers, route.issuer_format) == (False, "hostOnly")
    assert route.claim_headers == {"x-a": "a", "x-b": "c"}


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        ("{X-Email: email}", {"x-email": "email"}),
        ("[email, groups]", {"x-pomerium-claim-email": "email", "x-pomerium-claim-groups": "groups"}),
        ("email, groups", {"x-pomerium-claim-email": "email", "x-pomerium-claim-groups": "groups"}),
        ("email groups", {"x-pomerium-claim-email": "email", "x-pomerium-claim-groups": "groups"}),
        ("email", {"x-pomerium-claim-email": "email"}),
        ("[]", {}),
        ("''", {}),
        ("", {}),
    ],
)
def test_claim_headers_in_all_their_forms(given: str, expected: dict[str, str]) -> None:
    (route,) = model_of(f"jwt_claims_headers: {given}").routes
    assert route.claim_headers == expected


@pytest.mark.parametrize(
    ("given", "origin"),
    [
        ("https://App.Example.COM", Origin("https", "app.example.com", 443)),
        ("https://app.example.com./", Origin("https", "app.example.com", 443)),
        ("https://app.example.com:8443", Origin("https", "app.example.com", 8443)),
        ("https://*.Example.com", Origin("https", "*.example.com", 443)),
        ("https://192.0.2.1:99", Origin("https", "192.0.2.1", 99)),
        ("https://xn--bcher-kva.example", Origin("https", "xn--bcher-kva.example", 443)),
    ],
)
def test_origins_have_one_spelling(given: str, origin: Origin) -> None:
    (route,) = read((SIGN_IN + ROUTE).replace("https://app.example.com", given)).model.routes
    assert route.origin == origin


@pytest.mark.parametrize(
    ("given", "targets", "path"),
    [
        ("http://a", (Target("http", "a", 80),), ""),
        ("https://a/", (Target("https", "a", 443),), ""),
        ("h2c://a:50051", (Target("h2c", "a", 50051),), ""),
        ("http://[2001:DB8::1]:80", (Target("http", "2001:db8::1", 80),), ""),
        ("http://a:1/base/x", (Target("http", "a", 1),), "/base/x"),
        ("['http://a,10', 'http://b,1']", (Target("http", "a", 80, 10), Target("http", "b", 80, 1)), ""),
        ("[http://a, http://b]", (Target("http", "a", 80), Target("http", "b", 80)), ""),
    ],
)
def test_targets(given: str, targets: tuple[Target, ...], path: str) -> None:
    (route,) = read((SIGN_IN + ROUTE).replace("http://10.0.0.1:8080", given)).model.routes
    assert (route.targets, route.target_path) == (targets, path)


def test_matches_and_names() -> None:
    (route,) = model_of(route="    prefix: /admin/\n").routes
    assert (route.match, route.name) == (PathMatch("prefix", "/admin/"), "app.example.com/admin/")
    (route,) = model_of(route="    path: /x\n    name: X\n    description: The X\n").routes
    assert (route.match, route.name, route.description) == (PathMatch("path", "/x"), "X", "The X")
    (route,) = model_of(route="    regex: ^/v[12]$\n").routes
    assert route.match == PathMatch("regex", "^/v[12]$")
    tunnel = "routes:\n  - {from: 'tcp+https://ssh.example.com:22', to: 'tcp://a:22', allowed_users: [x]}\n"
    assert read(SIGN_IN + tunnel).model.routes[0].name == "ssh.example.com:22"


def test_the_access_keys_become_one_rule_in_the_documented_order() -> None:
    route = """\
routes:
  - from: https://app.example.com
    to: http://10.0.0.1
    allowed_users: [alice, bob@example.com]
    allowed_idp_claims: {team: [a, b], admin: true}
    allowed_domains: example.com
    allow_any_authenticated_user: true
"""
    (made,) = read(SIGN_IN + route).model.routes
    assert made.policy.allow == (
        Rule(
            (
                Operator(
                    "or",
                    (
                        AuthenticatedUser(),
                        Domain(Is("example.com")),
                        Claim("team", Has("a")),
                        Claim("team", Has("b")),
                        Claim("admin", Has("true")),
                        User(Is("alice")),
                        Email(Is("alice")),
                        User(Is("bob@example.com")),
                        Email(Is("bob@example.com")),
                    ),
                ),
            )
        ),
    )
    (public,) = read(PUBLIC).model.routes
    assert public.policy.allow == (Rule((Operator("or", (Accept(),)),)),)
    assert public.public


@pytest.mark.parametrize(
    ("top", "name", "domain", "secure"),
    [
        ("", "__Host-_pomerium", None, True),
        ("cookie_domain: .Example.com", "__Secure-_pomerium", "example.com", True),
        ("cookie_name: mine", "mine", None, True),
        ("cookie_name: __Secure-mine\ncookie_domain: example.com", "__Secure-mine", "example.com", True),
    ],
)
def test_cookie_names(top: str, name: str, domain: str | None, secure: bool) -> None:
    cookie = model_of(top).cookie
    assert (cookie.name, cookie.domain, cookie.secure) == (name, domain, secure)


def test_a_plain_http_cookie_is_neither_secure_nor_prefixed() -> None:
    text = (SIGN_IN + ROUTE).replace("https://a", "http://a") + "insecure_server: true\n"
    assert (read(text).model.cookie.name, read(text).model.cookie.secure) == ("_pomerium", False)


def test_a_plain_listener_behind_tls_keeps_secure_cookies() -> None:
    model = model_of("insecure_server: true")
    assert (model.listener.insecure, model.cookie.secure) == (True, True)


@pytest.mark.parametrize(
    ("given", "address", "port"),
    [
        (":8443", "0.0.0.0", 8443),
        ("localhost:8443", "127.0.0.1", 8443),
        ("'[::1]:8443'", "::1", 8443),
        ("192.0.2.1:443", "192.0.2.1", 443),
    ],
)
def test_listener_addresses(given: str, address: str, port: int) -> None:
    listener = read(f"address: {given}\ninsecure_server: true\n{PUBLIC}").model.listener
    assert (listener.address, listener.port) == (address, port)


def test_secrets_are_base64_or_plain_text_and_never_printed() -> None:
    model = model_of(f"shared_secret: {b64encode(bytes(range(32))).decode()}\ncookie_secret: {'k' * 40}")
    assert model.shared_secret is not None
    assert model.cookie_secret is not None
    assert model.shared_secret.reveal() == bytes(range(32))
    assert model.cookie_secret.reveal() == b"k" * 40  # base64 of thirty bytes, which are too few


def test_the_provider() -> None:
    top = "idp_client_secret: s3cret\nidp_scopes: openid email\nidp_request_params: {prompt: login}"
    provider = model_of(top).provider
    assert provider is not None
    assert (provider.kind, provider.issuer, provider.client_id) == ("oidc", "https://id.example.com", "ostiary")
    assert provider.client_secret is not None
    assert provider.client_secret.reveal_text() == "s3cret"
    assert "s3cret" not in repr(provider)
    assert provider.scopes == ("openid", "email")
    assert provider.request_params == {"prompt": "login"}
    public = model_of().provider
    assert public is not None
    assert public.client_secret is None
    assert public.scopes == ("openid", "profile", "email", "offline_access")
    assert public.id == provider.id


def test_our_own_services() -> None:
    addresses = "xds_address: unix:///run/x.sock, check_address: '[::1]:2', web_address: 10.0.0.1:3"
    top = f"services: {{{addresses}}}\nenvoy: {{concurrency: 2, log_level: warn, path: /usr/bin/envoy}}"
    model = model_of(top + "\nenvoy_admin_address: 127.0.0.1:9901")
    assert model.services is not None
    assert (model.services.xds, model.services.check) == ("unix:///run/x.sock", "[::1]:2")
    assert model.services.web == "10.0.0.1:3"
    assert (model.envoy.concurrency, model.envoy.log_level, model.envoy.path) == (2, "warning", "/usr/bin/envoy")
    assert model.envoy.admin_address == "127.0.0.1:9901"


@pytest.mark.parametrize(
    ("given", "url"),
    [
        ("memory://", "memory://"),
        ("sqlite:////var/lib/x.sqlite3", "sqlite:////var/lib/x.sqlite3"),
        ("postgres://u:p@h/d", "postgresql://u:p@h/d"),
    ],
)
def test_store_urls_under_both_names(given: str, url: str) -> None:
    assert model_of(f"session_store_url: {given}").store_url == url
    assert model_of(f"databroker_storage_connection_string: {given}").store_url == url


@pytest.mark.parametrize("key", ["session_store_url_file", "databroker_storage_connection_string_file"])
def test_a_store_url_in_a_file(key: str) -> None:
    loaded = read(f"{SIGN_IN}{key}: store-url\n{ROUTE}", files={"store-url": b"postgres://u:p@h/d\n"})
    assert loaded.model.store_url == "postgresql://u:p@h/d"
    assert loaded.files == ("store-url",)


def test_response_headers_replace_the_defaults_or_switch_them_off() -> None:
    assert model_of("set_response_headers: {X-Frame-Options: DENY}").response_headers == {"x-frame-options": "DENY"}
    assert model_of("set_response_headers: {disable: true}").response_headers == {}


@pytest.mark.parametrize(
    ("text", "seconds"),
    [("0", 0), ("0s", 0), ("30s", 30), ("1h30m", 5400), ("1.5h", 5400), ("250ms", 0.25), ("1m1s1ms", 61.001)],
)
def test_durations(text: str, seconds: float) -> None:
    assert parse_duration(text) == timedelta(seconds=seconds)


def test_the_rest_of_the_settings() -> None:
    top = "xff_num_trusted_hops: 2\nlog_level: warn\nsignout_redirect_url: https://example.com/bye\n"
    model = model_of(top + "jwt_assertion_header: X-Who\njwt_groups_filter: [a, b]\npomerium_jwt_endpoint: yes")
    assert (model.listener.trusted_hops, model.log_level) == (2, "warning")
    assert model.signout_redirect_url == "https://example.com/bye"
    assert (model.assertion.header, model.assertion.groups_filter, model.jwt_endpoint) == ("x-who", ("a", "b"), True)


def test_the_groups_filters_of_the_file_and_of_a_route_come_together() -> None:
    routes = """\
routes:
  - {from: 'https://a.example.com', to: 'http://a', allowed_users: [x]}
  - {from: 'https://b.example.com', to: 'http://a', allowed_users: [x], jwt_groups_filter: [c, b]}
"""
    loaded = [read(f"{SIGN_IN}{top}{routes}").model.routes for top in ("", "jwt_groups_filter: [b, a]\n")]
    assert [[route.groups_filter for route in routes] for routes in loaded] == [
        [(), ("b", "c")],
        [("a", "b"), ("a", "b", "c")],
    ]
