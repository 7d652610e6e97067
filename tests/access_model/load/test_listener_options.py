"""The listener's options: read, and refused where they cannot hold."""

from datetime import timedelta

import pytest

from access_model.model import Redirect, SubjectName, Timeouts
from tests.access_model.reading import ROUTE, SIGN_IN, problems_of, read
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
RULE = "downstream_mtls.match_subject_alt_names[0]"
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
        (
            "codec_type: http3\n" + MTLS.replace("reject_connection", "policy"),
            "codec_type",
            "http3-excluded",
            "`reject_connection` alone",
        ),
        ("timeout_read: soon", "timeout_read", "bad-duration", "30s"),
        ("metrics_address: x", "metrics_address", "bad-address", "host:port"),
        ("health_check_addr: :1\nmetrics_address: :1", "metrics_address", "given-twice", "leave it out"),
        ("downstream_mtls: {enforcement: reject_connection}", "downstream_mtls", "missing", "ca_file"),
        (MTLS.replace("reject_connection", "policy"), "downstream_mtls.enforcement", "not-supported-yet", "reject"),
        (MTLS.partition("  enf")[0], "downstream_mtls.enforcement", "not-supported-yet", "default"),
        (MTLS.replace("ca.pem", "gone.pem"), "downstream_mtls.ca_file", "unreadable-file", "gone.pem"),
        (MTLS.replace("ca.pem", "bad.pem"), "downstream_mtls.ca_file", "bad-pem", "authority's certificate"),
        (MTLS + "  crl_file: bad.pem", "downstream_mtls.crl_file", "bad-pem", "revocation list"),
        (NAMES + "[{dns: a, uri: b}]", RULE, "not-one-key", "split"),
        (NAMES + "[{dns: '(a'}]", f"{RULE}.dns", "bad-regex", "RE2"),
        (NAMES + "[{dnss: a}]", f"{RULE}.dnss", "unknown-key", "dns"),
    ],
)
def test_what_cannot_hold_is_refused(text: str, path: str, code: str, words: str, authority: bytes) -> None:
    bad = b"-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n"
    problems = problems_of(SIGN_IN + text + "\n" + ROUTE, files={"ca.pem": authority, "bad.pem": bad})
    (problem,) = [each for each in problems if each.path == path]
    assert problem.code == code
    assert words in f"{problem.message} {problem.remedy}"


def test_what_needs_tls_is_refused_without_it(authority: bytes) -> None:
    text = SIGN_IN.replace("https://auth", "http://auth") + "insecure_server: true\nhttp_redirect_addr: :8080\n" + MTLS
    problems = problems_of(text + ROUTE.replace("https://app", "http://app"), files={"ca.pem": authority})
    assert {"redirect-without-tls", "mtls-without-tls"} <= {problem.code for problem in problems}


def test_a_target_that_is_the_redirecting_port_is_refused() -> None:
    text = SIGN_IN + "http_redirect_addr: 127.0.0.1:8081\n" + ROUTE.replace("10.0.0.1:8080", "127.0.0.1:8081")
    (problem,) = problems_of(text)
    assert problem.code == "own-port"
