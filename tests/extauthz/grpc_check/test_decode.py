from ipaddress import ip_address

import pytest
from hypothesis import given
from hypothesis import strategies as st

from access_model.facts import ClientCertificate
from extauthz.check import Malformed
from extauthz.decide import Question
from extauthz.grpc_check.decode import decode_check_request
from tests.extauthz.grpc_check.requests import CheckRequest, check_request


def question(data: bytes) -> Question:
    asked = decode_check_request(data)
    assert isinstance(asked, Question), asked
    return asked


def malformed(data: bytes) -> Malformed:
    asked = decode_check_request(data)
    assert isinstance(asked, Malformed), asked
    return asked


@pytest.mark.parametrize("raw", [True, False])
def test_a_request(raw: bool) -> None:
    asked = question(
        check_request(
            "/a%20b?x=1?y",
            ("X-Request-Id", "req-1"),
            ("accept", "text/html"),
            method="POST",
            host="App.Example.COM.:8443",
            scheme="HTTPS",
            route_id="r",
            raw=raw,
            body=b"form",
        )
    )
    facts = asked.facts
    assert (facts.method, facts.scheme, facts.host, facts.authority) == (
        "POST",
        "https",
        "app.example.com",
        "App.Example.COM.:8443",
    )
    assert (facts.path, facts.raw_path, facts.query) == ("/a b", "/a%20b", "x=1?y")
    assert (facts.client_address, facts.request_id) == (ip_address("203.0.113.7"), "req-1")
    assert facts.headers == {"x-request-id": ("req-1",), "accept": ("text/html",)}
    assert (asked.route_id, asked.body) == ("r", b"form")


def test_a_route_s_name_is_absent_or_empty() -> None:
    assert question(check_request("/")).route_id is None
    assert question(check_request("/", route_id="")).route_id == ""


def test_repeated_headers_stay_apart_where_envoy_sends_them_raw() -> None:
    fields = (("x-role", "a"), ("x-role", "b"), ("cookie", "a=1"), ("cookie", "b=2"))
    facts = question(check_request("/", *fields)).facts
    assert facts.headers["x-role"] == ("a", "b")
    assert facts.headers["cookie"] == ("a=1", "b=2")
    joined = question(check_request("/", *fields, raw=False)).facts
    assert joined.headers["x-role"] == ("a,b",)


def test_bytes_that_are_no_text_are_kept_or_spelt_out() -> None:
    facts = question(check_request("/", ("x-name", b"caf\xe9"), ("cookie", b"a=\xe9"), ("x-utf8", "café"))).facts
    assert facts.headers["x-name"] == ("café",)
    assert facts.headers["x-utf8"] == ("café",)
    assert facts.headers["cookie"][0].encode(errors="surrogateescape") == b"a=\xe9"


@pytest.mark.parametrize(
    ("address", "expected"),
    [
        ("203.0.113.7", "203.0.113.7"),
        ("2001:db8::1", "2001:db8::1"),
        ("::ffff:203.0.113.7", "203.0.113.7"),
        ("", None),
        ("nonsense", None),
    ],
)
def test_the_client_s_address(address: str, expected: str | None) -> None:
    facts = question(check_request("/", address=address)).facts
    assert facts.client_address == (ip_address(expected) if expected else None)


@pytest.mark.parametrize(
    ("route_id", "fields", "expected"),
    [
        ("r", (("x-envoy-external-address", "198.51.100.9"),), "198.51.100.9"),
        ("r", (), "203.0.113.7"),
        ("r", (("x-envoy-external-address", "198.51.100.9"), ("x-envoy-external-address", "x")), "203.0.113.7"),
        ("r", (("x-envoy-external-address", "nonsense"),), None),
        (None, (("x-envoy-external-address", "198.51.100.9"),), "203.0.113.7"),
    ],
)
def test_the_address_behind_the_trusted_hops_is_our_own_envoy_s_to_name(
    route_id: str | None, fields: tuple[tuple[str, str], ...], expected: str | None
) -> None:
    facts = question(check_request("/", *fields, route_id=route_id)).facts
    assert facts.client_address == (ip_address(expected) if expected else None)


def test_a_client_certificate_is_not_trusted_on_envoy_s_passing_it_on() -> None:
    request = CheckRequest.FromString(check_request("/"))
    request.attributes.source.certificate = "-----BEGIN%20CERTIFICATE-----"
    request.attributes.tls_session.sni = "App.Example.com"
    facts = question(request.SerializeToString()).facts
    assert facts.client_certificate is not None
    assert facts.client_certificate.pem == "-----BEGIN CERTIFICATE-----"
    assert not facts.client_certificate.trusted
    assert facts.client_certificate.chain == ""
    assert facts.sni == "app.example.com"


def test_what_a_client_sent_along_comes_as_metadata_and_never_as_a_header() -> None:
    forged = ("x-forwarded-client-cert", "Cert=x;Chain=x"), ("ostiary.client_certificate", "x")
    request = CheckRequest.FromString(check_request("/", *forged))
    fields = request.attributes.metadata_context.filter_metadata["ostiary.client_certificate"].fields
    fields["chain"].string_value = "-----BEGIN%20A%0A-----BEGIN%20B%0A"
    assert question(request.SerializeToString()).facts.client_certificate is None
    request.attributes.source.certificate = "-----BEGIN%20A%0A"
    certificate = question(request.SerializeToString()).facts.client_certificate
    assert certificate == ClientCertificate("-----BEGIN A\n", False, chain="-----BEGIN A\n-----BEGIN B\n")


@pytest.mark.parametrize("given_id", ["", "a b", "<script>", "x" * 200, "a\nb"])
def test_an_id_that_cannot_be_shown_is_none(given_id: str) -> None:
    assert question(check_request("/", ("x-request-id", given_id))).facts.request_id == ""


@pytest.mark.parametrize("host", ["", "a;for=1.2.3.4,b", "good@evil.example", "a b", "a,b", "a..b"])
@pytest.mark.parametrize("raw", [True, False])
def test_a_host_that_is_none(host: str, raw: bool) -> None:
    told = malformed(check_request("/", ("accept", "text/html"), ("x-request-id", "req-1"), host=host, raw=raw))
    assert (told.method, told.request_id, told.headers["accept"]) == ("GET", "req-1", ("text/html",))
    assert host == "" or host not in told.problem


@pytest.mark.parametrize("target", ["//admin/secret", "///admin", "/a//b", "/public/..;/admin", "/%ff", "*", "/a#b"])
def test_a_path_with_two_readings(target: str) -> None:
    malformed(check_request(target))


@pytest.mark.parametrize("method", ["G ET", "GET\n", "é", "X" * 40])
def test_a_method_that_is_none(method: str) -> None:
    malformed(check_request("/", method=method))


@pytest.mark.parametrize("method", ["TRACE", "TRACK", "trace", "PRI"])
def test_a_method_that_is_not_for_applications(method: str) -> None:
    malformed(check_request("/", method=method))


def test_repeated_slashes_lead_to_our_own_endpoints_alone() -> None:
    assert (
        question(check_request("//.well-known/pomerium/jwks.json")).facts.raw_path == "/.well-known/pomerium/jwks.json"
    )
    assert question(check_request("//.pomerium//user?a=//")).facts.query == "a=//"


def test_a_raw_path_that_is_no_text() -> None:
    request = CheckRequest.FromString(check_request("/public/x"))
    request.attributes.request.http.header_map.headers[1].raw_value = b"/public/\xff"
    malformed(request.SerializeToString())


def test_a_tunnel_has_no_path_and_nothing_else_does_without_one() -> None:
    asked = decode_check_request(check_request("", method="CONNECT", host="ssh.example.com:22", route_id="r"))
    assert isinstance(asked, Question)
    assert (asked.facts.path, asked.facts.raw_path, asked.facts.query) == ("", "", "")
    assert (asked.facts.host, asked.facts.authority) == ("ssh.example.com", "ssh.example.com:22")
    malformed(check_request("", method="GET"))
    malformed(check_request("ssh.example.com:22", method="CONNECT"))


def test_bytes_that_are_no_message() -> None:
    malformed(b"\xff\xff\xff")
    malformed(b"")


@given(st.binary(max_size=200))
def test_any_bytes(data: bytes) -> None:
    decode_check_request(data)


@given(st.text(max_size=50), st.text(max_size=30), st.lists(st.tuples(st.text(max_size=8), st.binary(max_size=20))))
def test_any_request(target: str, host: str, fields: list[tuple[str, bytes]]) -> None:
    decode_check_request(check_request(target, *fields, host=host))
