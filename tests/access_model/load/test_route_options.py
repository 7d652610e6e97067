"""Options of a route: what valid ones come to, and what is said about the others."""

from datetime import timedelta
from pathlib import Path

import pytest

from access_model.forwarding import (
    CircuitBreaker,
    FixedResponse,
    GrpcProbe,
    HeaderRewrite,
    HostRewrite,
    HostSource,
    HttpProbe,
    LoadBalancing,
    OutlierDetection,
    PrefixRewrite,
    RateLimit,
    Redirection,
    RegexRewrite,
    TcpProbe,
    UpstreamTls,
)
from access_model.model import Route, Target
from access_model.routing import find_route
from tests.access_model.reading import SIGN_IN, problems_of, read
from tests.harness.certificates import ServerCertificate, make_certificate

TO = "to: http://a:1"
AUTHORITY = "from: https://b.example.com\nallowed_users: [x]\n"


def text(keys: str) -> str:
    lines = f"{AUTHORITY}{keys}".split("\n")
    return f"{SIGN_IN}routes:\n  - " + "\n    ".join(lines) + "\n"


def route(keys: str, files: dict[str, bytes] | None = None) -> Route:
    (made,) = read(text(keys), files=files).model.routes
    return made


@pytest.fixture(scope="module")
def certificate(tmp_path_factory: pytest.TempPathFactory) -> ServerCertificate:
    return make_certificate(tmp_path_factory.mktemp("tls"), ["b.internal"])


def test_what_is_not_said_is_left_at_its_default() -> None:
    made = route(TO)
    assert (made.answer, made.rewrite, made.host_rewrite, made.upgrades, made.rate_limit) == (
        None,
        None,
        None,
        (),
        None,
    )
    assert (made.idle_timeout, made.remove_request_headers, made.set_response_headers) == (None, (), {})
    assert made.tls == UpstreamTls()
    assert (made.pool.load_balancing, made.pool.health_checks) == (LoadBalancing.ROUND_ROBIN, ())


@pytest.mark.parametrize(
    ("keys", "field", "value"),
    [
        ("prefix_rewrite: /x", "rewrite", PrefixRewrite("/x")),
        (
            "regex_rewrite_pattern: ^/(a)\nregex_rewrite_substitution: /\\1",
            "rewrite",
            RegexRewrite("^/(a)", "/\\1"),
        ),
        ("regex_rewrite_pattern: ^/a", "rewrite", RegexRewrite("^/a", "")),
        ("host_rewrite: 'x.internal:81'", "host_rewrite", HostRewrite(HostSource.LITERAL, "x.internal:81")),
        ("host_rewrite_header: X-Upstream-Host", "host_rewrite", HostRewrite(HostSource.HEADER, "x-upstream-host")),
        (
            "host_path_regex_rewrite_pattern: ^/(a)\nhost_path_regex_rewrite_substitution: \\1",
            "host_rewrite",
            HostRewrite(HostSource.PATH, from_path=RegexRewrite("^/(a)", "\\1")),
        ),
        ("remove_request_headers: [X-B, Cookie, x-a]", "remove_request_headers", ("cookie", "x-a", "x-b")),
        ("set_response_headers: {X-B: b, X-A: a}", "set_response_headers", {"x-a": "a", "x-b": "b"}),
        (
            "rewrite_response_headers: [{header: Location, prefix: http, value: ''}]",
            "rewrite_response_headers",
            (HeaderRewrite("location", "http", ""),),
        ),
        ("idle_timeout: 1h", "idle_timeout", timedelta(hours=1)),
        (
            "allow_websockets: true\nallow_spdy: true\nallow_upgrades: Chat/2",
            "upgrades",
            ("chat/2", "spdy/3.1", "websocket"),
        ),
        ("rate_limit: {requests: 5}", "rate_limit", RateLimit(5, timedelta(seconds=1), 5)),
        ("rate_limit: {requests: 5, interval: 1m, burst: 9}", "rate_limit", RateLimit(5, timedelta(minutes=1), 9)),
        ("logo_url: https://example.com/x.svg", "logo_url", "https://example.com/x.svg"),
    ],
)
def test_what_is_said_is_kept(keys: str, field: str, value: object) -> None:
    assert getattr(route(f"{TO}\n{keys}"), field) == value


@pytest.mark.parametrize(
    ("keys", "answer"),
    [
        ("redirect: {https_redirect: true}", Redirection(scheme="https")),
        (
            "redirect: {host_redirect: New.Example.com, port_redirect: 81, path_redirect: /x?a=1, response_code: 307}",
            Redirection(host="new.example.com", port=81, path="/x?a=1", status=307),
        ),
        ("redirect: {prefix_rewrite: /x, strip_query: true}", Redirection(prefix="/x", strip_query=True)),
        ("response: {status: 404, body: gone}", FixedResponse(404, "gone")),
        ("response: {}", FixedResponse(200, "")),
    ],
)
def test_answers(keys: str, answer: object) -> None:
    made = route(keys)
    assert (made.answer, made.targets) == (answer, ())
    assert made.id != route("redirect: {host_redirect: other}").id


def test_a_unix_socket() -> None:
    assert route("to: unix:///run/x/http.sock").targets == (Target("unix", "/run/x/http.sock", 0),)
    assert route("to: ['unix:///a,1', 'unix:///b,2']").targets[1] == Target("unix", "/b", 0, 2)


def test_pools() -> None:
    keys = (
        "load_balancing_policy: MAGLEV\nhealthy_panic_threshold: 0\n"
        "circuit_breaker_thresholds: {max_connections: 1}\noutlier_detection: {consecutive_5xx: 0, interval: 1s}"
    )
    pool = route(f"{TO}\n{keys}").pool
    assert (pool.load_balancing, pool.healthy_panic_threshold) == (LoadBalancing.MAGLEV, 0)
    assert pool.circuit_breaker == CircuitBreaker(max_connections=1)
    assert pool.outlier_detection == OutlierDetection(consecutive_5xx=0, interval=timedelta(seconds=1))


@pytest.mark.parametrize(
    ("check", "probe"),
    [
        ("http_health_check: {}", HttpProbe("/")),
        (
            "http_health_check: {path: /x, host: h, expected_statuses: [{start: 200, end: 300}]}",
            HttpProbe("/x", "h", ((200, 299),)),
        ),
        ("tcp_health_check: {}", TcpProbe()),
        ("tcp_health_check: {send: {text: '0a'}, receive: [{text: '0b'}, {text: '0c'}]}", TcpProbe(b"\n", b"\x0b\x0c")),
        ("grpc_health_check: {service_name: s}", GrpcProbe("s")),
    ],
)
def test_health_checks(check: str, probe: object) -> None:
    (made,) = route(f"to: h2c://a:1\nhealth_checks: [{{interval: 2s, {check}}}]").pool.health_checks
    assert (made.probe, made.interval, made.timeout) == (probe, timedelta(seconds=2), timedelta(seconds=5))


def test_upstream_tls(certificate: ServerCertificate) -> None:
    files = {path.name: path.read_bytes() for path in (certificate.authority, certificate.chain, certificate.key)}
    keys = (
        "to: https://a\ntls_custom_ca_file: authority.pem\ntls_client_cert_file: server.pem\n"
        "tls_client_key_file: server-key.pem\ntls_server_name: one.internal\ntls_upstream_server_name: Two.internal"
    )
    tls = route(keys, files).tls
    assert (tls.server_name, tls.skip_verify) == ("two.internal", False)
    assert tls.ca_pem == certificate.authority.read_text()
    assert tls.certificate is not None
    assert tls.certificate.chain_pem == certificate.chain.read_text()
    assert tls.certificate.key_pem.reveal_text() == certificate.key.read_text()
    assert "PRIVATE" not in repr(tls)
    assert route("to: https://a\ntls_skip_verify: true").tls == UpstreamTls(skip_verify=True)


def test_an_upstream_s_certificate_changes_no_revision(certificate: ServerCertificate, tmp_path: Path) -> None:
    """Nobody's decisions are thrown away when it is renewed."""
    renewed = make_certificate(tmp_path, ["b.internal"])
    keys = "to: https://a\ntls_client_cert_file: server.pem\ntls_client_key_file: server-key.pem"
    revisions = {
        read(
            text(keys), files={"server.pem": each.chain.read_bytes(), "server-key.pem": each.key.read_bytes()}
        ).model.revision
        for each in (certificate, renewed)
    }
    assert len(revisions) == 1


def test_expressions_with_a_priority_are_found_first() -> None:
    def entry(name: str, keys: str) -> str:
        return f"  - {{name: {name}, from: 'https://b.example.com', to: 'http://a:1', allowed_users: [x], {keys}}}\n"

    model = read(
        f"{SIGN_IN}routes:\n"
        + entry("rest", "prefix: /")
        + entry("low", "regex: '/.*/x', regex_priority_order: 1")
        + entry("high", "regex: '/a/.*', regex_priority_order: 20")
    ).model
    found = {path: find_route(model, "b.example.com", path) for path in ("/a/x", "/b/x", "/b")}
    assert [each and each.name for each in found.values()] == ["high", "low", "rest"]


MISTAKES = [
    # (keys behind from and allowed_users, path, line, code, words of message or remedy)
    ("description: x", "to", 7, "missing", "add `to: http://host:port`, `redirect` or `response`"),
    (f"{TO}\nresponse: {{}}", "response", 10, "given-twice", "`to` and `response`"),
    ("redirect: {https_redirect: true}\nresponse: {}", "response", 10, "given-twice", "keep one"),
    ("redirect: {}", "redirect", 9, "missing", "where the client is already"),
    ("redirect: {response_code: 200, https_redirect: true}", "redirect.response_code", 9, "bad-choice", "`200` is not"),
    ("redirect: {host_redirct: a}", "redirect.host_redirct", 9, "unknown-key", "did you mean `host_redirect`?"),
    ("redirect: {host_redirect: a b}", "redirect.host_redirect", 9, "bad-host", "is not a host name"),
    ("redirect: {port_redirect: 0}", "redirect.port_redirect", 9, "bad-number", "write 1 or more"),
    ("redirect: {path_redirect: x}", "redirect.path_redirect", 9, "bad-path", "begin it with `/`"),
    ("redirect: {path_redirect: '/x?a b'}", "redirect.path_redirect", 9, "bad-path", "percent-encode"),
    (
        "redirect: {https_redirect: true, scheme_redirect: http}",
        "redirect.scheme_redirect",
        9,
        "given-twice",
        "`https_redirect` and `scheme_redirect`",
    ),
    (
        "redirect: {path_redirect: /a, prefix_rewrite: /b}",
        "redirect.prefix_rewrite",
        9,
        "given-twice",
        "`path_redirect` and `prefix_rewrite`",
    ),
    ("response: {status: 99}", "response.status", 9, "bad-number", "write 200 or more"),
    (f"response: {{body: {'x' * 4097}}}", "response.body", 9, "too-long", "longer than 4096 bytes"),
    ("response: 200", "response", 9, "bad-mapping", "a mapping is wanted"),
    (f"{TO}\nregex_priority_order: 1", "regex_priority_order", 10, "without-regex", "only routes with `regex`"),
    (f"{TO}\nprefix_rewrite: x", "prefix_rewrite", 10, "bad-path", "begin it with `/`"),
    (
        f"{TO}\nprefix_rewrite: /x\nregex_rewrite_pattern: x",
        "regex_rewrite_pattern",
        11,
        "given-twice",
        "`prefix_rewrite` and `regex_rewrite_pattern`",
    ),
    (f"{TO}\nregex_rewrite_pattern: '['", "regex_rewrite_pattern", 10, "bad-regex", "not an RE2 expression"),
    (f"{TO}\nregex_rewrite_substitution: x", "regex_rewrite_substitution", 10, "missing", "`regex_rewrite_pattern`"),
    (
        f"{TO}\nregex_rewrite_pattern: (a)\nregex_rewrite_substitution: \\2",
        "regex_rewrite_substitution",
        11,
        "bad-substitution",
        "`\\2` is none of the 1 groups",
    ),
    (
        f"{TO}\nregex_rewrite_pattern: (a)\nregex_rewrite_substitution: \\",
        "regex_rewrite_substitution",
        11,
        "bad-substitution",
        "is none of",
    ),
    (f"{TO}\npreserve_host_header: true\nhost_rewrite: a", "host_rewrite", 11, "given-twice", "keep one"),
    (f"{TO}\nhost_rewrite: a/b", "host_rewrite", 10, "bad-host", "`host` or `host:port`"),
    (f"{TO}\nhost_rewrite_header: Host", "host_rewrite_header", 10, "reserved-header", "cannot be set"),
    (f"{TO}\nhost_rewrite_header: X-Host", "host_rewrite_header", 10, "reserved-header", "could forge it"),
    (f"{TO}\nhost_rewrite_header: X-Forwarded-Host", "host_rewrite_header", 10, "reserved-header", "could forge it"),
    (f"{TO}\nremove_request_headers: [Host]", "remove_request_headers[0]", 10, "reserved-header", "cannot be set"),
    (f"{TO}\nremove_request_headers: a b", "remove_request_headers", 10, "bad-header-name", "`a b`"),
    (
        f"{TO}\nset_request_headers: {{X-A: a}}\nremove_request_headers: x-a",
        "remove_request_headers",
        11,
        "given-twice",
        "`set_request_headers` sets `x-a`",
    ),
    (
        f"{TO}\nset_request_headers: {{X-Envoy-Retry-On: 5xx}}",
        "set_request_headers.X-Envoy-Retry-On",
        10,
        "reserved-header",
        "Envoy takes",
    ),
    (
        f"{TO}\njwt_claims_headers: {{Authorization: email}}",
        "jwt_claims_headers.Authorization",
        10,
        "reserved-header",
        "every request would lose its own",
    ),
    (
        f"{TO}\njwt_claims_headers: {{Sec-Fetch-Mode: email}}",
        "jwt_claims_headers.Sec-Fetch-Mode",
        10,
        "reserved-header",
        "choose another name",
    ),
    (
        f"{TO}\nrewrite_response_headers: [{{header: Location, prefix: x}}]",
        "rewrite_response_headers[0]",
        10,
        "missing",
        "`value` is missing",
    ),
    (f"{TO}\nidle_timeout: soon", "idle_timeout", 10, "bad-duration", "`soon`"),
    (f"{TO}\nallow_upgrades: [h2c]", "allow_upgrades[0]", 10, "tunnel", "requests that nobody judges"),
    (f"{TO}\nallow_upgrades: CONNECT", "allow_upgrades", 10, "tunnel", "requests that nobody judges"),
    (f"{TO}\nallow_upgrades: ['a/b/c']", "allow_upgrades[0]", 10, "bad-protocol", "name of a protocol"),
    (f"{TO}\nrate_limit: {{}}", "rate_limit", 10, "missing", "no `requests`"),
    (f"{TO}\nrate_limit: {{requests: 0}}", "rate_limit.requests", 10, "bad-number", "write 1 or more"),
    (f"{TO}\nrate_limit: {{requests: 9, burst: 5}}", "rate_limit.burst", 10, "bad-number", "smaller than"),
    (f"{TO}\nrate_limit: {{requests: 9, interval: 1ms}}", "rate_limit.interval", 10, "bad-duration", "50ms"),
    (f"{TO}\ntls_client_cert_file: gone", "tls_client_cert_file", 10, "unreadable-file", "`gone`"),
    (f"{TO}\ntls_client_key: x", "tls_client_key", 10, "incomplete-certificate", "`tls_client_cert` is missing"),
    (f"{TO}\ntls_custom_ca: hello", "tls_custom_ca", 10, "bad-pem", "neither PEM nor base64"),
    (f"{TO}\ntls_server_name: a b", "tls_server_name", 10, "bad-host", "is not a host name"),
    (f"{TO}\nload_balancing_policy: BEST", "load_balancing_policy", 10, "bad-choice", "`LEAST_REQUEST`"),
    (f"{TO}\nhealthy_panic_threshold: 101", "healthy_panic_threshold", 10, "bad-number", "write 100 or less"),
    (f"{TO}\nhealth_checks: [{{}}]", "health_checks[0]", 10, "bad-probe", "has no probe"),
    (
        f"{TO}\nhealth_checks: [{{tcp_health_check: {{}}, http_health_check: {{}}}}]",
        "health_checks[0]",
        10,
        "bad-probe",
        "`http_health_check` and `tcp_health_check`",
    ),
    (
        f"{TO}\nhealth_checks: [{{tcp_health_check: {{}}}}, {{tcp_health_check: {{}}}}]",
        "health_checks[1]",
        10,
        "given-twice",
        "keep the one",
    ),
    (
        f"{TO}\nhealth_checks: [{{grpc_health_check: {{}}}}]",
        "health_checks[0].grpc_health_check",
        10,
        "bad-probe",
        "speak HTTP/2",
    ),
    (
        f"{TO}\nhealth_checks: [{{interval: 0s, tcp_health_check: {{}}}}]",
        "health_checks[0].interval",
        10,
        "bad-duration",
        "last some time",
    ),
    (
        f"{TO}\nhealth_checks: [{{http_health_check: {{pth: /}}}}]",
        "health_checks[0].http_health_check.pth",
        10,
        "unknown-key",
        "did you mean `path`?",
    ),
    (
        f"{TO}\nhealth_checks: [{{tcp_health_check: {{send: {{text: xyz}}}}}}]",
        "health_checks[0].tcp_health_check.send.text",
        10,
        "bad-hex",
        "not hexadecimal",
    ),
    (
        f"{TO}\nhealth_checks: [{{http_health_check: {{expected_statuses: [{{start: 300, end: 200}}]}}}}]",
        "health_checks[0].http_health_check.expected_statuses[0]",
        10,
        "bad-range",
        "make `end` larger",
    ),
    (f"{TO}\noutlier_detection: {{interval: 0s}}", "outlier_detection.interval", 10, "bad-duration", "some time"),
    (f"{TO}\noutlier_detection: {{x: 1}}", "outlier_detection.x", 10, "unknown-key", "remove it"),
    (
        f"{TO}\ncircuit_breaker_thresholds: {{max_requests: -1}}",
        "circuit_breaker_thresholds.max_requests",
        10,
        "bad-number",
        "write 0 or more",
    ),
    (f"{TO}\nlogo_url: ftp://x", "logo_url", 10, "bad-scheme", "use `https://`"),
    ("to: unix://run/x", "to", 9, "bad-url", "write `unix:///run/app/http.sock`"),
    ("to: unix:///run/../x", "to", 9, "bad-url", "not the URL of a socket"),
    (f"to: unix:///{'x' * 107}", "to", 9, "bad-url", "longer than 107 bytes"),
    ("to: [http://a, 'unix:///b']", "to", 9, "mixed-schemes", "one scheme"),
]


@pytest.mark.parametrize(("keys", "below", "line", "code", "words"), MISTAKES, ids=[each[0][-50:] for each in MISTAKES])
def test_a_mistake(keys: str, below: str, line: int, code: str, words: str) -> None:
    found = problems_of(text(keys))
    assert [(each.path, each.line, each.code) for each in found] == [(f"routes[0].{below}", line, code)]
    assert words in str(found[0])


@pytest.mark.parametrize(
    ("top", "words"),
    [
        ("jwt_assertion_header: Authorization", "every request would lose its own"),
        ("jwt_claims_headers: {Accept: email}", "every request would lose its own"),
        ("jwt_assertion_header: X-Envoy-Internal", "Envoy takes"),
    ],
)
def test_headers_of_ours_take_none_from_clients(top: str, words: str) -> None:
    (problem,) = problems_of(f"{top}\n" + text(TO))
    assert words in str(problem)


def test_a_socket_of_our_own_is_no_upstream() -> None:
    services = "services: {xds_address: unix:///run/x.sock, check_address: '[::1]:2', web_address: '[::1]:3'}\n"
    (problem,) = problems_of(services + text("to: unix:///run/x.sock"))
    assert (problem.path, problem.code) == ("routes[0].to", "own-port")
    assert "`/run/x.sock` is our own `xds_address`" in problem.message


@pytest.mark.parametrize(
    ("keys", "path", "words"),
    [
        ("to: http://a/x\nprefix_rewrite: /y", "to", "the path `/x` is not used"),
        ("response: {}\ntimeout: 1s", "timeout", "`timeout` has no effect"),
        ("redirect: {https_redirect: true}\nallow_websockets: true", "allow_websockets", "has no upstream"),
    ],
)
def test_what_has_no_effect_is_told(keys: str, path: str, words: str) -> None:
    (warning,) = read(text(keys)).warnings
    assert (warning.path, warning.code) == (f"routes[0].{path}", "no-effect")
    assert words in str(warning)


def test_a_priority_puts_a_route_before_one_that_would_hide_it() -> None:
    rest = "  - {from: 'https://b.example.com', to: 'http://a:1', allowed_users: [x]}\n"
    special = "  - {from: 'https://b.example.com', to: 'http://a:2', allowed_users: [x], regex: /x"
    hidden = read(f"{SIGN_IN}routes:\n{rest}{special}}}\n").warnings
    assert [(each.path, each.code) for each in hidden] == [("routes[1]", "never-reached")]
    assert read(f"{SIGN_IN}routes:\n{rest}{special}, regex_priority_order: 1}}\n").warnings == ()
