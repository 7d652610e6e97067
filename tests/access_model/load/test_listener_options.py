"""The listener's options: read, and refused where they cannot hold."""

from datetime import UTC, datetime, timedelta

import pytest
from cryptography import x509

from access_model.model import Redirect, SubjectName, Timeouts
from access_model.policy import Operator, Policy, Rule
from access_model.policy.criteria import InvalidClientCertificate
from tests.access_model.reading import ROUTE, SIGN_IN, problems_of, read
from tests.harness.authority import HOUR, Authority, Issued
from tests.harness.certificates import make_certificate

OPTIONS = """\
http_redirect_addr: :8080
codec_type: http1
use_proxy_protocol: true
skip_xff_append: true
timeout_read: 1m
timeout_write: 2m
timeout_idle: 0s
"""
NOW = datetime(2026, 11, 22, 12, tzinfo=UTC)
RULE = "downstream_mtls.match_subject_alt_names[0]"
CLIENTS = Authority.root("Clients", now=NOW)
MTLS = "downstream_mtls:\n  ca_file: ca.pem\n  enforcement: reject_connection\n"
NAMES = MTLS + "  match_subject_alt_names: "


@pytest.fixture(scope="module")
def authority(tmp_path_factory: pytest.TempPathFactory) -> bytes:
    return make_certificate(tmp_path_factory.mktemp("ca"), ["x"]).authority.read_bytes()


def test_every_option_is_read() -> None:
    listener = read(SIGN_IN + OPTIONS + ROUTE).model.listener
    assert listener.redirect == Redirect("0.0.0.0", 8080)
    assert (listener.codec, listener.proxy_protocol, listener.skip_xff_append) == ("http1", True, True)
    assert listener.timeouts == Timeouts(timedelta(minutes=1), timedelta(minutes=2), timedelta(0))


def test_fields_of_the_access_log_are_folded_and_each_is_there_once() -> None:
    listener = read(SIGN_IN + "access_log_fields: Path,ip headers.X-Team,path\n" + ROUTE).model.listener
    assert listener.log_fields == ("path", "ip", "headers.x-team")


@pytest.mark.parametrize("token", ["${pomerium.jwt}", "Bearer ${ pomerium . access_token }", "$pomerium.id_token"])
def test_no_token_that_a_route_sends_on_is_logged(token: str) -> None:
    text = SIGN_IN + "access_log_fields: [ip, headers.x-token]\n" + ROUTE + "    set_request_headers: {X-%s: '%s'}\n"
    assert read(text % ("Other", token)).model.listener.log_fields == ("ip", "headers.x-token")
    (problem,) = problems_of(text % ("Token", token))
    assert (problem.path, problem.code) == ("access_log_fields", "secret-in-log")
    assert "`headers.x-token` would write to the log what `routes[0]` puts there" in problem.message


def test_http3_and_client_certificates_go_together(authority: bytes) -> None:
    listener = read(SIGN_IN + "codec_type: http3\n" + MTLS + ROUTE, files={"ca.pem": authority}).model.listener
    assert listener.codec == "http3"
    assert listener.client_certificates is not None


def test_client_certificates_are_read(authority: bytes) -> None:
    rules = "  match_subject_alt_names:\n    - dns: .*\\.example\\.com\n  max_verify_depth: 3\n"
    loaded = read(SIGN_IN + MTLS + rules + ROUTE, files={"ca.pem": authority})
    asked = loaded.model.listener.client_certificates
    assert asked is not None
    assert asked.ca_pem == authority.decode()
    assert (asked.names, asked.max_depth) == ((SubjectName("dns", r".*\.example\.com"),), 3)
    assert "ca.pem" in loaded.files


@pytest.mark.parametrize(
    ("text", "path", "code", "words"),
    [
        ("http_redirect_addr: nowhere", "http_redirect_addr", "bad-address", "write `host:port`"),
        ("http_redirect_addr: 127.0.0.1:8443", "http_redirect_addr", "given-twice", "another port"),
        ("codec_type: http9", "codec_type", "bad-choice", "http2"),
        ("codec_type: http3\nuse_proxy_protocol: true", "codec_type", "http3-excluded", "`use_proxy_protocol` is set"),
        ("codec_type: http3\ninsecure_server: true", "codec_type", "http3-excluded", "always over TLS"),
        ("access_log_fields: [ip, pth]", "access_log_fields[1]", "unknown-field", "did you mean `path`?"),
        ("access_log_fields: ['headers.a b']", "access_log_fields[0]", "unknown-field", "headers.<name>"),
        ("access_log_fields: headers.X%REQ(COOKIE)%", "access_log_fields", "unknown-field", "is no field"),
        ("access_log_fields: headers.Cookie", "access_log_fields", "secret-in-log", "lets its readers in"),
        ("access_log_fields: [headers.authorization]", "access_log_fields[0]", "secret-in-log", "remove it"),
        (
            "jwt_assertion_header: X-Who\naccess_log_fields: [headers.X-Who]",
            "access_log_fields[0]",
            "secret-in-log",
            "remove it",
        ),
        (
            "access_log_fields: [headers.X-Pomerium-Authorization]",
            "access_log_fields[0]",
            "secret-in-log",
            "remove it",
        ),
        ("timeout_read: soon", "timeout_read", "bad-duration", "30s"),
        ("metrics_address: x", "metrics_address", "bad-address", "host:port"),
        ("health_check_addr: :1\nmetrics_address: :1", "metrics_address", "given-twice", "leave it out"),
        ("downstream_mtls: {enforcement: reject_connection}", "downstream_mtls", "missing", "ca_file"),
        (MTLS.replace("reject_connection", "ask"), "downstream_mtls.enforcement", "bad-choice", "policy"),
        (MTLS.replace("ca.pem", "gone.pem"), "downstream_mtls.ca_file", "unreadable-file", "gone.pem"),
        (MTLS.replace("ca.pem", "bad.pem"), "downstream_mtls.ca_file", "bad-pem", "authority's certificate"),
        (MTLS + "  crl_file: bad.pem", "downstream_mtls.crl_file", "bad-pem", "revocation list"),
        (MTLS + "  crl_file: ca.pem", "downstream_mtls.crl_file", "bad-pem", "revocation list"),
        (MTLS + "  crl_file: part.pem", "downstream_mtls.crl_file", "partial-list", "`2.5.29.28`"),
        (MTLS + "  crl_file: delta.pem", "downstream_mtls.crl_file", "partial-list", "neither a delta nor a part"),
        (NAMES + "[{dns: a, uri: b}]", RULE, "not-one-key", "split"),
        (NAMES + "[{dns: '(a'}]", f"{RULE}.dns", "bad-regex", "RE2"),
        (NAMES + "[{dnss: a}]", f"{RULE}.dnss", "unknown-key", "dns"),
    ],
)
def test_what_cannot_hold_is_refused(text: str, path: str, code: str, words: str, authority: bytes) -> None:
    bad = b"-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n"
    part = x509.IssuingDistributionPoint(None, None, True, False, None, False, False)
    lists = {
        "part.pem": CLIENTS.revocation_list(further=[(part, True)]).encode(),
        "delta.pem": CLIENTS.revocation_list(further=[(x509.DeltaCRLIndicator(1), True)]).encode(),
    }
    files = {"ca.pem": authority, "bad.pem": bad, **lists}
    problems = problems_of(SIGN_IN + text + "\n" + ROUTE, files=files)
    (problem,) = [each for each in problems if each.path == path]
    assert problem.code == code
    assert words in f"{problem.message} {problem.remedy}"


def test_every_route_denies_by_default_what_is_not_certified(authority: bytes) -> None:
    public = ROUTE.replace("allow_any_authenticated_user", "allow_public_unauthenticated_access")
    default = MTLS.replace("  enforcement: reject_connection\n", "")
    denied = Policy(deny=(Rule((Operator("or", (InvalidClientCertificate(),)),)),))
    for route in (ROUTE, public):
        own = read(SIGN_IN + route).model.routes[0].policy
        for keys, policy in (
            (default, own | denied),
            (MTLS, own | denied),
            (MTLS.replace("reject_connection", "policy"), own),
        ):
            (made,) = read(SIGN_IN + keys + route, files={"ca.pem": authority}).model.routes
            assert made.policy == policy


def test_a_new_list_is_a_new_revision() -> None:
    files = {"ca.pem": CLIENTS.pem.encode(), "crl.pem": CLIENTS.revocation_list().encode()}
    text = SIGN_IN + MTLS + "  crl_file: crl.pem\n" + ROUTE
    before = read(text, files=files)
    after = read(text, files={**files, "crl.pem": CLIENTS.revocation_list(CLIENTS.issue()).encode()})
    assert "crl.pem" in before.files
    assert before.model.revision != after.model.revision


WARNED = [
    ("", (CLIENTS,), NOW, []),
    ("", (CLIENTS.issue(),), NOW, [("ca", "not-an-authority", "`CN=client`")]),
    ("", (CLIENTS,), NOW + 3 * HOUR, [("ca", "certificate-validity", "expired on 2026-11-22")]),
    ("", (CLIENTS,), NOW - 3 * HOUR, [("ca", "certificate-validity", "not valid before")]),
    ("own", (CLIENTS,), NOW, []),
    ("own", (CLIENTS,), NOW + HOUR, [("crl", "list-validity", "ran out on 2026-11-22")]),
    ("other", (CLIENTS,), NOW, [("crl", "missing-list", "no list of `CN=Clients`")]),
]


@pytest.mark.parametrize(("lists", "given", "now", "warnings"), WARNED)
def test_what_will_not_be_trusted_is_warned_of(
    lists: str, given: tuple[Issued, ...], now: datetime, warnings: list[tuple[str, str, str]]
) -> None:
    files = {
        "ca.pem": "".join(each.pem for each in given).encode(),
        "own.pem": CLIENTS.revocation_list().encode(),
        "other.pem": Authority.root("Others", now=NOW).revocation_list().encode(),
    }
    text = SIGN_IN + MTLS + (f"  crl_file: {lists}.pem\n" if lists else "") + ROUTE
    told = read(text, files=files, now=now).warnings
    assert [(each.path, each.code) for each in told] == [
        (f"downstream_mtls.{key}_file", code) for key, code, _ in warnings
    ]
    assert all(words in each.message for each, (_, _, words) in zip(told, warnings, strict=True))


def test_certificates_that_nobody_asks_for_and_those_that_nobody_looks_at(authority: bytes) -> None:
    wanted = ROUTE + "    policy: {allow: {or: [client_certificate: {san_dns: laptop}]}}\n"
    policy = MTLS.replace("reject_connection", "policy")
    for text, codes in {
        SIGN_IN + wanted: ["no-facts"],
        SIGN_IN + policy + ROUTE: ["no-effect"],
        SIGN_IN + policy + wanted: [],
        SIGN_IN + MTLS + ROUTE: [],
    }.items():
        assert [each.code for each in read(text, files={"ca.pem": authority}).warnings] == codes


def test_what_needs_tls_is_refused_without_it(authority: bytes) -> None:
    text = SIGN_IN.replace("https://auth", "http://auth") + "insecure_server: true\nhttp_redirect_addr: :8080\n" + MTLS
    problems = problems_of(text + ROUTE.replace("https://app", "http://app"), files={"ca.pem": authority})
    assert {"redirect-without-tls", "mtls-without-tls"} <= {problem.code for problem in problems}


def test_a_target_that_is_the_redirecting_port_is_refused() -> None:
    text = SIGN_IN + "http_redirect_addr: 127.0.0.1:8081\n" + ROUTE.replace("10.0.0.1:8080", "127.0.0.1:8081")
    (problem,) = problems_of(text)
    assert problem.code == "own-port"
