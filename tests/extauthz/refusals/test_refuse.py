import base64
import json

import pytest

from extauthz.pages import Page, Pages
from extauthz.refusals import (
    ClientKind,
    Refusal,
    bad_request,
    certificate_wanted,
    conflicting_credentials,
    forbidden,
    keep_crawlers_out,
    no_such_route,
    redirect,
    refuse,
    unauthenticated,
    unavailable,
)

PAGES = Pages()
LOGIN = "https://app.example.com/.pomerium/?sign_in"
REFUSALS = {
    401: unauthenticated("app.example.com", LOGIN),
    403: forbidden(((False, "email: a@b.c"), (True, "deny <script>"))),
    404: no_such_route(),
    400: bad_request("its path can be read in more than one way"),
    495: certificate_wanted(presented=True),
    503: unavailable(),
}
ERRORS = {401: "unauthenticated", 403: "forbidden", 404: "no-such-route", 400: "bad-request", 503: "unavailable"}
ERRORS |= {495: "invalid-client-certificate"}
GRPC = {401: "16", 403: "7", 404: "12", 400: "3", 495: "16", 503: "14"}
KUBERNETES = {401: "Unauthorized", 403: "Forbidden", 404: "NotFound", 400: "BadRequest", 503: "ServiceUnavailable"}
KUBERNETES |= {495: "Unauthorized"}


def told(kind: ClientKind, refusal: Refusal, method: str = "GET", content_type: str = "") -> Page:
    return refuse(PAGES, kind, refusal, method=method, request_id="req-1", nonce="n0nce", content_type=content_type)


def header(page: Page, name: str) -> str:
    (value,) = [value for each, value in page.headers if each == name]
    return value


@pytest.mark.parametrize("status", REFUSALS)
@pytest.mark.parametrize("kind", ClientKind)
def test_what_every_refusal_carries(kind: ClientKind, status: int) -> None:
    page = told(kind, REFUSALS[status])
    assert header(page, "x-pomerium-intercepted-response") == "true"
    assert header(page, "x-request-id") == "req-1"
    assert header(page, "cache-control") == "no-store"
    assert header(page, "content-type")
    assert "location" not in dict(page.headers)
    assert "set-cookie" not in dict(page.headers)
    if kind not in {ClientKind.GRPC, ClientKind.GRPC_WEB}:
        assert page.status == status
        assert header(page, "x-content-type-options") == "nosniff"
        assert "default-src 'none'" in header(page, "content-security-policy")
    assert ("www-authenticate" in dict(page.headers)) is (status == 401)
    assert ("retry-after" in dict(page.headers)) is (status == 503)


@pytest.mark.parametrize("status", REFUSALS)
@pytest.mark.parametrize("kind", [ClientKind.JSON, ClientKind.WEBSOCKET])
def test_json(kind: ClientKind, status: int) -> None:
    page = told(kind, REFUSALS[status])
    assert header(page, "content-type") == "application/json"
    expected = {"error": ERRORS[status], "request_id": "req-1"}
    assert json.loads(page.body) == expected | ({"login_url": LOGIN} if status == 401 else {})


@pytest.mark.parametrize("status", REFUSALS)
@pytest.mark.parametrize("kind", [ClientKind.NAVIGATION, ClientKind.BROWSER])
def test_html(kind: ClientKind, status: int) -> None:
    page = told(kind, REFUSALS[status])
    text = page.body.decode()
    assert header(page, "content-type") == "text/html; charset=utf-8"
    assert str(status) in text
    assert "req-1" in text
    assert "/.pomerium/" in text
    assert "<script" not in text


def test_html_shows_the_criteria_and_the_way_to_sign_in() -> None:
    refused = told(ClientKind.BROWSER, REFUSALS[403]).body.decode()
    assert "✗" in refused
    assert "✓" in refused
    assert "deny &lt;script&gt;" in refused
    assert LOGIN in told(ClientKind.BROWSER, REFUSALS[401]).body.decode()


@pytest.mark.parametrize("status", REFUSALS)
def test_grpc(status: int) -> None:
    page = told(ClientKind.GRPC, REFUSALS[status], "POST", "application/grpc")
    assert page.status == 200
    assert header(page, "content-type") == "application/grpc"
    assert header(page, "grpc-status") == GRPC[status]
    assert header(page, "grpc-message").isascii()
    assert page.body == b""


def test_grpc_messages_are_percent_encoded() -> None:
    assert header(told(ClientKind.GRPC, bad_request("50 % of é\n")), "grpc-message").endswith("50 %25 of %C3%A9%0A.")


@pytest.mark.parametrize("status", REFUSALS)
def test_grpc_web(status: int) -> None:
    page = told(ClientKind.GRPC_WEB, REFUSALS[status], "POST", "application/grpc-web+proto")
    assert (page.status, header(page, "content-type")) == (200, "application/grpc-web+proto")
    assert header(page, "grpc-status") == GRPC[status]
    assert page.body == bytes(5)
    text = told(ClientKind.GRPC_WEB, REFUSALS[status], "POST", "application/grpc-web-text")
    assert header(text, "content-type") == "application/grpc-web-text+proto"
    assert base64.b64decode(text.body) == bytes(5)


@pytest.mark.parametrize("status", REFUSALS)
def test_kubernetes(status: int) -> None:
    page = told(ClientKind.KUBERNETES, REFUSALS[status])
    body = json.loads(page.body)
    assert (body["kind"], body["apiVersion"], body["status"]) == ("Status", "v1", "Failure")
    assert (body["code"], body["reason"]) == (status, KUBERNETES[status])


@pytest.mark.parametrize("kind", ClientKind)
def test_head_gets_no_body(kind: ClientKind) -> None:
    assert told(kind, REFUSALS[403], "HEAD").body == b""


def test_no_certificate_and_a_wrong_one_are_told_apart() -> None:
    missing, wrong = (certificate_wanted(presented=presented) for presented in (False, True))
    assert (missing.status, missing.error) == (495, "client-certificate-required")
    assert (wrong.status, wrong.error) == (495, "invalid-client-certificate")


def test_challenges() -> None:
    plain, wrong = (unauthenticated("app.example.com", "", invalid_token=invalid) for invalid in (False, True))
    assert plain.challenge == 'Bearer realm="app.example.com"'
    assert wrong.challenge == 'Bearer realm="app.example.com", error="invalid_token"'
    assert conflicting_credentials("app.example.com").challenge.endswith('error="invalid_request"')


def test_a_redirect_sets_its_cookies_and_is_not_kept() -> None:
    page = redirect("https://auth.example.com/x", ("a=1", "b=2"), request_id="req-1")
    assert (page.status, page.body) == (302, b"")
    assert header(page, "location") == "https://auth.example.com/x"
    assert [value for name, value in page.headers if name == "set-cookie"] == ["a=1", "b=2"]
    assert header(page, "cache-control") == "no-store"
    assert header(page, "referrer-policy") == "no-referrer"


def test_crawlers_are_kept_out() -> None:
    page = keep_crawlers_out(method="GET", request_id="req-1")
    assert (page.status, page.body) == (200, b"User-agent: *\nDisallow: /")
    assert header(page, "content-type").startswith("text/plain")
    assert keep_crawlers_out(method="HEAD", request_id="req-1").body == b""
