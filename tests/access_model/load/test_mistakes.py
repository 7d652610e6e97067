"""Every mistake an operator can make: where it is reported, under which code, and what the remedy says."""

import pytest

from tests.access_model.reading import ROUTE, SIGN_IN, problems_of

GLOBAL = [
    # (what the text adds behind the valid first lines, path, line, code, words of message or remedy)
    ("adress: :443", "adress", 6, "unknown-key", "did you mean `address`?"),
    ("xyzzy: 1", "xyzzy", 6, "unknown-key", "remove it"),
    ("prefix: /a", "prefix", 6, "unknown-key", "move it into a route"),
    ("autocert: true", "autocert", 6, "not-supported-yet", "`autocert` is not supported yet"),
    ("decision_cache_ttl: 5s", "decision_cache_ttl", 6, "not-supported-yet", "not supported yet"),
    ("policy: [{from: https://b.example.com, to: http://b}]", "policy", 6, "former-name", "call it `routes`"),
    ("policy_file: policy.yaml", "policy_file", 6, "former-name", "write what the file holds under `routes`"),
    ("cookie_expire: 14", "cookie_expire", 6, "bad-duration", "write `30s`, `1h30m` or `0s`"),
    ("cookie_expire: -1h", "cookie_expire", 6, "bad-duration", "`-1h` is not a duration"),
    ("cookie_expire: 99999999h", "cookie_expire", 6, "bad-duration", "longer than ten years"),
    ("cookie_expire: 0s", "cookie_expire", 6, "bad-duration", "has to last some time"),
    ("session_idle_timeout: 59s", "session_idle_timeout", 6, "bad-duration", "recorded once a minute at most"),
    ("signing_key_rotation: 59m", "signing_key_rotation", 6, "bad-duration", "write `1h` or more, or `0` for never"),
    ("sign_in_rate_limit: 5", "sign_in_rate_limit", 6, "bad-mapping", "a mapping is wanted"),
    ("sign_in_rate_limit: {interval: 1m}", "sign_in_rate_limit", 6, "missing", "the limit has no `requests`"),
    ("token_failure_rate_limit: {requests: 0}", "token_failure_rate_limit.requests", 6, "bad-number", "1 or more"),
    ("stream_recheck: 500ms", "stream_recheck", 6, "bad-duration", "write `1s` or more, or `0` for never"),
    ("store_grace: 2h", "store_grace", 6, "bad-duration", "`1h` at most"),
    ("previous_shared_secret: short", "previous_shared_secret", 6, "weak-secret", ""),
    ("default_upstream_timeout: 1 m", "default_upstream_timeout", 6, "bad-duration", "`1 m` is not a duration"),
    ("insecure_server: maybe", "insecure_server", 6, "bad-truth", "write `true` or `false`"),
    ("xff_num_trusted_hops: two", "xff_num_trusted_hops", 6, "bad-number", "`two` is not a whole number"),
    ("xff_num_trusted_hops: -1", "xff_num_trusted_hops", 6, "bad-number", "write 0 or more"),
    ("xff_num_trusted_hops: 65", "xff_num_trusted_hops", 6, "bad-number", "write 64 or less"),
    ("log_level: loud", "log_level", 6, "bad-choice", "`loud` is not among the choices"),
    ("cookie_name: [a]", "cookie_name", 6, "bad-text", "write one plain value"),
    ("certificates: x", "certificates", 6, "bad-list", "a list is wanted"),
    ("services: all", "services", 6, "bad-mapping", "a mapping is wanted"),
    ("envoy: {path: x, concurency: 1}", "envoy.concurency", 6, "unknown-key", "did you mean `concurrency`?"),
    ("cookie_name: 'a b'", "cookie_name", 6, "bad-cookie-name", "`a b` is not a cookie name"),
    ("cookie_same_site: strict", "cookie_same_site", 6, "endless-login", "use `lax`"),
    ("cookie_name: ''", "cookie_name", 6, "bad-cookie-name", "is not a cookie name"),
    ("cookie_name: __Host-x\ncookie_domain: example.com", "cookie_name", 6, "bad-cookie-name", "`__Secure-`"),
    ("cookie_domain: 'a b'", "cookie_domain", 6, "bad-host", "`a b` is not a host name"),
    ("jwt_claims_headers: {X Mail: email}", "jwt_claims_headers.X Mail", 6, "bad-header-name", "`X Mail`"),
    (
        "jwt_claims_headers: ['x y']",
        "jwt_claims_headers.x-pomerium-claim-x y",
        6,
        "bad-header-name",
        "is not a header name",
    ),
    ("jwt_claims_headers: {Host: email}", "jwt_claims_headers.Host", 6, "reserved-header", "cannot be set here"),
    ("jwt_claims_headers: {X-A: email, x-a: sub}", "jwt_claims_headers.x-a", 6, "given-twice", "case is ignored"),
    ("jwt_claims_headers: [[a]]", "jwt_claims_headers", 6, "bad-claim-headers", "write `{X-Email: email}`"),
    (
        "jwt_claims_headers: {X-Pomerium-Jwt-Assertion: email}",
        "jwt_claims_headers.X-Pomerium-Jwt-Assertion",
        6,
        "reserved-header",
        "choose another name",
    ),
    ("jwt_assertion_header: 'X:Y'", "jwt_assertion_header", 6, "bad-header-name", "`X:Y` is not a header name"),
    ('set_response_headers: {X: "a\\nb"}', "set_response_headers.X", 6, "bad-header-value", "one plain line"),
    ("shared_secret: short", "shared_secret", 6, "weak-secret", "head -c32 /dev/urandom"),
    ("cookie_secret: c2hvcnQ=", "cookie_secret", 6, "weak-secret", "shorter than 32 bytes"),
    ("idp_client_secret: ''", "idp_client_secret", 6, "empty-secret", "the client secret is empty"),
    ("idp_client_secret_file: gone", "idp_client_secret_file", 6, "unreadable-file", "no such file or directory"),
    (
        "idp_client_secret: x\nidp_client_secret_file: y",
        "idp_client_secret_file",
        7,
        "given-twice",
        "or `idp_client_secret_file`",
    ),
    ("idp_scopes: [email]", "idp_scopes", 6, "missing-scope", "add `openid`"),
    ("idp_request_params: {state: x}", "idp_request_params.state", 6, "reserved-parameter", "sets `state` itself"),
    ("signing_key: hello", "signing_key", 6, "bad-pem", "neither PEM nor base64 of PEM"),
    ("certificate_file: gone.pem", "certificate_file", 6, "unreadable-file", "`gone.pem` cannot be read"),
    ("signout_redirect_url: /bye", "signout_redirect_url", 6, "missing-scheme", "`/bye` has no scheme"),
    ("signout_redirect_url: javascript://x", "signout_redirect_url", 6, "bad-scheme", "use `https://`"),
    ("session_store_url: redis://x", "session_store_url", 6, "bad-store-url", "write `sqlite:///path`"),
    ("session_store_url: ''", "session_store_url", 6, "bad-store-url", "write `sqlite:///path`"),
    ("session_store_url_file: gone", "session_store_url_file", 6, "unreadable-file", "`gone` cannot be read"),
    (
        "session_store_url: memory://\nsession_store_url_file: gone",
        "session_store_url_file",
        7,
        "given-twice",
        "keep `session_store_url`",
    ),
    (
        "session_store_url: memory://\ndatabroker_storage_connection_string: memory://",
        "databroker_storage_connection_string",
        7,
        "given-twice",
        "keep one of them",
    ),
    ("envoy_admin_address: 0.0.0.0:9901", "envoy_admin_address", 6, "exposed-admin", "use a loopback address"),
    ("envoy_admin_address: x", "envoy_admin_address", 6, "bad-address", "is not an address with a port"),
    (
        "services: {xds_address: 127.0.0.1:1, web_address: 127.0.0.1:2}",
        "services.check_address",
        6,
        "missing",
        "give all three addresses, or none",
    ),
    (
        "services: {xds_address: 10.0.0.1:1, check_address: 127.0.0.1:2, web_address: 127.0.0.1:3}",
        "services.xds_address",
        6,
        "exposed-xds",
        "private keys",
    ),
    (
        "services: {xds_address: 127.0.0.1:1, check_address: 127.0.0.1:1, web_address: 127.0.0.1:3}",
        "services",
        6,
        "given-twice",
        "two services have the same address",
    ),
    (
        "services: {xds_address: unix://x, check_address: 127.0.0.1:2, web_address: 127.0.0.1:3}",
        "services.xds_address",
        6,
        "bad-address",
        "write `unix:///run/ostiary/name.sock`",
    ),
    ("cookie_name: ${NOWHERE}", "cookie_name", 6, "undefined-variable", "`NOWHERE` is not set"),
    ("cookie_name: ${a-b}", "cookie_name", 6, "bad-reference", "does not name an environment variable"),
    ("cookie_name: a\ncookie_name: b", "cookie_name", 7, "duplicate-key", "`cookie_name` is given twice"),
    ("cookie_name: !!python/object:x {}", "cookie_name", 6, "bad-tag", "is not allowed"),
    ("cookie_name: !secret x", "cookie_name", 6, "bad-tag", "the tag `!secret` is not allowed"),
]

ROUTES = [
    # (the keys of routes[0], path below it, line, code, words of message or remedy)
    ("to: http://a:1", "from", 7, "missing", "add `from: https://app.example.com`"),
    ("from: https://b.example.com", "to", 7, "missing", "add `to: http://host:port`"),
    ("from: https://b.example.com\nto: []", "to", 8, "missing", "does not say where it leads"),
    ("from: https://b.example.com/x\nto: http://a:1", "from", 7, "path-in-origin", "`prefix`, `path` or `regex`"),
    ("from: https://b.example.com?x\nto: http://a:1", "from", 7, "path-in-origin", "has a path"),
    ("from: b.example.com\nto: http://a:1", "from", 7, "missing-scheme", "`https://app.example.com`"),
    ("from: ftp://b.example.com\nto: http://a:1", "from", 7, "bad-scheme", "use `https://`"),
    ("from: http://b.example.com\nto: http://a:1", "from", 7, "bad-scheme", "set `insecure_server`"),
    ("from: udp+https://b.example.com:22\nto: http://a:1", "from", 7, "not-supported-yet", "`udp+https`"),
    ("from: tcp+https://b.example.com:22\nto: http://a:1", "to", 8, "mixed-schemes", "write `to: tcp://host:port`"),
    ("from: tcp+https://b.example.com\nto: tcp://a:1", "from", 7, "missing-port", "write it, as `:22`"),
    ("from: tcp+https://*.example.com:22\nto: tcp://a:1", "from", 7, "bad-host", "is not a host name"),
    ("from: tcp+https://b.example.com:22/x\nto: tcp://a:1", "from", 7, "path-in-origin", "tunnels have none"),
    ("from: tcp+https://b.example.com:22\nresponse: {}", "response", 8, "mixed-schemes", "a tunnel leads to"),
    ("from: tcp+https://b.example.com:22\nto: [tcp://a:1, http://b:1]", "to", 8, "mixed-schemes", "one scheme"),
    ("from: tcp+https://b.example.com:22\nto: tcp://a", "to", 8, "missing-port", "has no valid port"),
    ("from: tcp+https://b.example.com:22\nto: tcp://a:1/x", "to", 8, "bad-url", "write `tcp://host:port`"),
    ("from: tcp+https://b.example.com:22\nto: tcp://a:1\nprefix: /x", "prefix", 9, "path-of-tunnel", "no path"),
    ("from: https://u:p@b.example.com\nto: http://a:1", "from", 7, "bad-url", "user name or a password"),
    ("from: https://b_.*.example.com\nto: http://a:1", "from", 7, "bad-host", "write `*.example.com`"),
    ("from: https://[::1]\nto: http://a:1", "from", 7, "bad-host", "is not a host name"),
    ("from: https://bücher.example\nto: http://a:1", "from", 7, "bad-url", "percent-encode them"),
    ("from: https://b.example.com:0\nto: http://a:1", "from", 7, "bad-url", "from 1 to 65535"),
    ("from: https://b.example.com:99999\nto: http://a:1", "from", 7, "bad-url", "has no valid port"),
    ("from: https://\nto: http://a:1", "from", 7, "bad-url", "has no host"),
    ("from: https://10.0.1\nto: http://a:1", "from", 7, "bad-host", "looks like an address"),
    ("from: https://authenticate.example.com\nto: http://a:1", "from", 7, "authenticate-host", "host of its own"),
    ("from: https://b.example.com\nto: gopher://a", "to", 8, "bad-scheme", "use `http`, `https`, `h2c`"),
    ("from: https://b.example.com\nto: udp://a:1", "to", 8, "not-supported-yet", "`udp` is not supported yet"),
    ("from: https://b.example.com\nto: tcp://a:1", "to", 8, "mixed-schemes", "write `from: tcp+https://host:port`"),
    ("from: https://b.example.com\nto: http://a:1/?q", "to", 8, "bad-url", "a query or a fragment"),
    ("from: https://b.example.com\nto: http://0x7f000001:1", "to", 8, "bad-host", "looks like an address"),
    ("from: https://b.example.com\nto: 'http://a:1,x'", "to", 8, "bad-weight", "`x` is not a weight"),
    ("from: https://b.example.com\nto: 'http://a:1,0'", "to", 8, "bad-weight", "from 1 to 1000000"),
    ("from: https://b.example.com\nto: ['http://a:1,2', http://b:1]", "to", 8, "partial-weights", "weigh all or none"),
    ("from: https://b.example.com\nto: [http://a:1, https://b:1]", "to", 8, "mixed-schemes", "one scheme"),
    ("from: https://b.example.com\nto: [http://a:1/x, http://b:1/y]", "to", 8, "mixed-paths", "one path"),
    ("from: https://b.example.com\nto: [http://a:1, http://A:1]", "to", 8, "given-twice", "named twice"),
    ("from: https://b.example.com\nto: [http://a:1, 'http://a b']", "to[1]", 8, "bad-url", "characters"),
    ("from: https://b.example.com\nto: https://127.0.0.1:8443", "to", 8, "own-port", "our own `address`"),
    ("from: https://b.example.com\nto: https://localhost:8443", "to", 8, "own-port", "our own `address`"),
    ("from: https://b.example.com\nto: https://[::ffff:127.0.0.1]:8443", "to", 8, "own-port", "`address`"),
    ("from: https://b.example.com\nto: https://0.0.0.0:8443", "to", 8, "own-port", "our own `address`"),
    ("from: https://b.example.com\nto: http://a:1\nprefix: a", "prefix", 9, "bad-path", "begin it with `/`"),
    ("from: https://b.example.com\nto: http://a:1\npath: /a/../b", "path", 9, "bad-path", "they are resolved first"),
    ("from: https://b.example.com\nto: http://a:1\npath: /a?b", "path", 9, "bad-path", "without query"),
    ("from: https://b.example.com\nto: http://a:1\nprefix: /a\npath: /b", "path", 10, "given-twice", "keep one"),
    ("from: https://b.example.com\nto: http://a:1\nregex: '(?=a)b'", "regex", 9, "bad-regex", "no lookaround"),
    ("from: https://b.example.com\nto: http://a:1\nregex: '(a)\\1'", "regex", 9, "bad-regex", "no backreferences"),
    ("from: https://b.example.com\nto: http://a:1\nregex: '['", "regex", 9, "bad-regex", "not an RE2 expression"),
    (
        "from: https://b.example.com\nto: http://a:1\nsub_policies: []",
        "sub_policies",
        9,
        "not-supported-yet",
        "`sub_policies`",
    ),
    (
        "from: https://b.example.com\nto: http://a:1\nallowed_user: [a]",
        "allowed_user",
        9,
        "unknown-key",
        "`allowed_users`",
    ),
    ("from: https://b.example.com\nto: http://a:1\ncookie_name: a", "cookie_name", 9, "unknown-key", "to the top"),
    ("from: https://b.example.com\nto: http://a:1\ntimeout: soon", "timeout", 9, "bad-duration", "`soon`"),
    ("from: https://b.example.com\nto: http://a:1\nallowed_users: ['']", "allowed_users[0]", 9, "empty-text", "empty"),
    (
        "from: https://b.example.com\nto: http://a:1\nallowed_domains: ['@x']",
        "allowed_domains[0]",
        9,
        "bad-domain",
        "alone",
    ),
    (
        "from: https://b.example.com\nto: http://a:1\njwt_issuer_format: url",
        "jwt_issuer_format",
        9,
        "bad-choice",
        "`uri`",
    ),
    (
        "from: https://b.example.com\nto: http://a:1\nset_request_headers: {Cookie: a}",
        "set_request_headers.Cookie",
        9,
        "reserved-header",
        "cannot be set here",
    ),
    (
        "from: https://b.example.com\nto: http://a:1\nset_request_headers: {'X A': a}",
        "set_request_headers.X A",
        9,
        "bad-header-name",
        "use letters, digits and `-`",
    ),
    *(
        (
            f"from: https://b.example.com\nto: http://a:1\nallow_public_unauthenticated_access: true\n{other}",
            "allow_public_unauthenticated_access",
            9,
            "public-and-restricted",
            "keep one of them",
        )
        for other in (
            "allow_any_authenticated_user: true",
            "allowed_users: [a]",
            "allowed_domains: [a]",
            "allowed_idp_claims: {a: b}",
        )
    ),
]


@pytest.mark.parametrize(("added", "path", "line", "code", "words"), GLOBAL, ids=[each[0][:60] for each in GLOBAL])
def test_a_mistake_at_the_top(added: str, path: str, line: int, code: str, words: str) -> None:
    found = problems_of(f"{SIGN_IN}{added}\n{ROUTE}")
    assert [(each.path, each.line, each.code) for each in found] == [(path, line, code)]
    assert words in str(found[0])
    assert str(found[0]).startswith(f"ostiary.yaml:{line}: {path}: ")


@pytest.mark.parametrize(("keys", "below", "line", "code", "words"), ROUTES, ids=[each[0][-60:] for each in ROUTES])
def test_a_mistake_in_a_route(keys: str, below: str, line: int, code: str, words: str) -> None:
    first, *rest = keys.split("\n")
    route = "\n".join([f"  - {first}", *(f"    {key}" for key in rest)])
    found = problems_of(f"{SIGN_IN}routes:\n{route}\n")
    told = [(each.path, each.line, each.code) for each in found]
    assert told == [(f"routes[0].{below}", line, code)]
    assert words in str(found[0])


def test_two_routes_that_nobody_can_tell_apart() -> None:
    (problem,) = problems_of(f"{SIGN_IN}{ROUTE}  - from: https://APP.example.com.:9443\n    to: http://b:1\n")
    assert (problem.path, problem.line, problem.code) == ("routes[1]", 10, "same-route")
    assert "`routes[0]` in line 7 answers the same requests" in problem.message


def test_a_target_that_is_one_of_our_services() -> None:
    services = "services: {xds_address: localhost:1801, check_address: '127.0.0.1:1802', web_address: '[::1]:1803'}\n"
    for port, name in (
        (1801, "xds_address"),
        (1802, "check_address"),
        (1803, "web_address"),
        (9901, "envoy_admin_address"),
    ):
        route = f"routes: [{{from: 'https://a.example.com', to: 'http://127.0.0.1:{port}'}}]\n"
        (problem,) = problems_of(f"{SIGN_IN}{services}envoy_admin_address: 127.0.0.1:9901\n{route}")
        assert (problem.path, problem.code) == ("routes[0].to", "own-port")
        assert f"our own `{name}`" in problem.message


def test_sign_in_that_nobody_set_up() -> None:
    found = problems_of("address: 127.0.0.1:8443\n" + ROUTE)
    assert [(each.path, each.line, each.code) for each in found] == [
        ("authenticate_service_url", 3, "missing"),
        ("idp_provider", 3, "missing"),
    ]
    assert all("`routes[0]` needs people to sign in" in each.message for each in found)


@pytest.mark.parametrize(
    ("lines", "path", "code"),
    [
        ("idp_provider: oidc\nidp_client_id: x", "idp_provider_url", "missing"),
        ("idp_provider: oidc\nidp_provider_url: https://i.example.com", "idp_client_id", "missing"),
        ("idp_provider: oidc\nidp_provider_url: https://i.example.com\nidp_client_id: ''", "idp_client_id", "missing"),
        ("idp_provider_url: https://i.example.com\nidp_client_id: x", "idp_provider", "missing"),
        (
            "idp_provider: gogle\nidp_provider_url: https://g.example\nidp_client_id: x",
            "idp_provider",
            "unknown-provider",
        ),
        (
            "idp_provider: oidc\nidp_provider_url: http://i.example.com\nidp_client_id: x",
            "idp_provider_url",
            "bad-scheme",
        ),
        ("idp_provider: oidc\nidp_provider_url: https://i.example/?a\nidp_client_id: x", "idp_provider_url", "bad-url"),
    ],
)
def test_a_provider_that_cannot_be_used_is_reported_once(lines: str, path: str, code: str) -> None:
    top = "address: 127.0.0.1:8443\nauthenticate_service_url: https://authenticate.example.com\n"
    (problem,) = problems_of(f"{top}{lines}\n{ROUTE}")
    assert (problem.path, problem.code) == (path, code)
    assert problem.line is not None


@pytest.mark.parametrize(
    ("url", "code"),
    [
        ("http://authenticate.example.com", "bad-scheme"),
        ("https://authenticate.example.com/path", "path-in-origin"),
        ("https://*.example.com", "bad-host"),
        ("authenticate.example.com", "missing-scheme"),
    ],
)
def test_a_sign_in_host_that_cannot_be_used(url: str, code: str) -> None:
    (problem,) = problems_of(SIGN_IN.replace("https://authenticate.example.com", f"'{url}'") + ROUTE)
    assert (problem.path, problem.line, problem.code) == ("authenticate_service_url", 2, code)


@pytest.mark.parametrize("address", ["8443", "app.example.com:443", ":0", ":65536", "[::1]8443", "1.2.3:80", "a:b"])
def test_a_listener_address_that_cannot_be_bound(address: str) -> None:
    (problem,) = problems_of(SIGN_IN.replace("127.0.0.1:8443", f"'{address}'") + ROUTE)
    assert (problem.path, problem.line) == ("address", 1)
    assert problem.code in ("bad-address", "bad-host")


def test_a_listener_for_others_needs_a_certificate() -> None:
    (problem,) = problems_of(SIGN_IN.replace("127.0.0.1:8443", ":443") + ROUTE)
    assert (problem.path, problem.code) == ("certificates", "missing")
    assert "certificate_file" in problem.remedy


def test_same_site_none_requires_a_secure_cookie() -> None:
    plain = (SIGN_IN + ROUTE).replace("https://a", "http://a") + "insecure_server: true\ncookie_same_site: none\n"
    (problem,) = problems_of(plain)
    assert (problem.path, problem.line, problem.code) == ("cookie_same_site", 11, "insecure-same-site")


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("", "empty-file"),
        ("# nothing\n", "empty-file"),
        ("- a\n- b\n", "not-a-mapping"),
        ("hello", "not-a-mapping"),
        ("a: [1\nb: 2\n", "yaml-syntax"),
        ("a: *nowhere\n", "yaml-syntax"),
        ("a: 1\n---\nb: 2\n", "yaml-syntax"),
        ("a: \x00", "yaml-syntax"),
        ("a: \ud800", "yaml-syntax"),
        ("[" * 5000, "yaml-syntax"),
    ],
)
def test_a_text_that_is_no_configuration(text: str, code: str) -> None:
    assert [each.code for each in problems_of(text)] == [code]


def test_seven_mistakes_are_reported_at_once() -> None:
    found = problems_of(
        """\
        address: 127.0.0.1:8443
        authenticate_service_url: https://authenticate.example.com
        idp_provider: oidc
        idp_provider_url: https://id.example.com
        idp_client_id: ostiary
        cookie_expire: a day
        adress: :443
        shared_secret: short
        routes:
          - from: https://a.example.com/path
            to: http://10.0.0.1
            allow_any_authenticated_user: true
          - from: https://b.example.com
            allowed_users: [alice]
          - from: https://c.example.com
            to: ["http://10.0.0.1,1", "http://10.0.0.2"]
            allowed_domains: [example.com]
          - from: https://d.example.com
            to: https://127.0.0.1:8443
            allow_any_authenticated_user: true
        """
    )
    assert [(each.line, each.path, each.code) for each in found] == [
        (6, "cookie_expire", "bad-duration"),
        (7, "adress", "unknown-key"),
        (8, "shared_secret", "weak-secret"),
        (10, "routes[0].from", "path-in-origin"),
        (13, "routes[1].to", "missing"),
        (16, "routes[2].to", "partial-weights"),
        (19, "routes[3].to", "own-port"),
    ]


def test_a_message_shows_no_secret() -> None:
    secret = "hunter2hunter2"
    text = f"{SIGN_IN}shared_secret: {secret}\nsigning_key: {secret}\ncookie_secret: [{secret}]\n"
    found = problems_of(f"{text}session_store_url: postgres:{secret}\n{ROUTE}")
    assert len(found) == 4
    assert secret not in "\n".join(map(str, found))


def test_one_mistake_gives_one_message() -> None:
    (problem,) = problems_of(f"{SIGN_IN}routes:\n  - form: https://a.example.com\n    to: http://10.0.0.1\n")
    assert (problem.path, problem.code, problem.suggestion) == ("routes[0].form", "unknown-key", "from")
    misspelt = "  - form: x\n    from: [y]\n    to: http://10.0.0.1\n"
    assert [each.path for each in problems_of(f"{SIGN_IN}routes:\n{misspelt}")] == ["routes[0].form", "routes[0].from"]
    (problem,) = problems_of(f"{SIGN_IN}routes:\n  - from: ${{HOST}}\n    to: http://10.0.0.1\n")
    assert (problem.path, problem.code) == ("routes[0].from", "undefined-variable")
    (problem,) = problems_of(f"{SIGN_IN}routes:\n  - https://a.example.com\n")
    assert (problem.path, problem.line, problem.code) == ("routes[0]", 7, "bad-mapping")


def test_mistakes_of_every_stage_come_together() -> None:
    route = (
        "  - to: http://10.0.0.1\n    sub_policies: []\n    timeout: soon\n    set_request_headers: {X: '${NOWHERE}'}\n"
    )
    found = problems_of(f"{SIGN_IN}cookie_name: a\ncookie_name: b\nroutes:\n{route}")
    assert [(each.path, each.code) for each in found] == [
        ("cookie_name", "duplicate-key"),
        ("routes[0].from", "missing"),
        ("routes[0].sub_policies", "not-supported-yet"),
        ("routes[0].timeout", "bad-duration"),
        ("routes[0].set_request_headers.X", "undefined-variable"),
    ]


@pytest.mark.parametrize(
    "url", ["http://u:hunter2@a:1", "u:hunter2@a:1", "http://u:hunter2@[a:1", "http://u:hunter2@a b"]
)
def test_a_message_shows_no_password_of_a_url(url: str) -> None:
    (problem,) = problems_of(f"{SIGN_IN}routes:\n  - from: https://a.example.com\n    to: '{url}'\n")
    assert problem.path == "routes[0].to"
    assert "hunter2" not in str(problem)
