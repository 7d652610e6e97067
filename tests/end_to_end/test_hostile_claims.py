"""A provider, or a user who chose his own name, says things that must not break out of headers or pages."""

from collections.abc import Iterator
from http import HTTPStatus

import pytest

from tests.end_to_end.assertions import assertion_of, verified_claims
from tests.harness.identity_provider import User
from tests.harness.stack import PUBLIC, VERIFY, Stack, running_stack
from tests.harness.web_client import login

HOSTILE = User(
    "hostile",
    "hostile@example.com",
    "password",
    "a\r\nX-Admin: 1\rX-Root: 1\nX-Nul: \x00é<script>alert(1)</script>",
    groups=("one,two", "<img src=x onerror=alert(1)>", "</pre>", "\r\nX-Admin: 1"),
)


@pytest.fixture(scope="module")
def whole(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stack]:
    settings = {"jwt_claims_headers": {"X-Name": "name", "X-Groups": "groups"}}
    with running_stack(tmp_path_factory.mktemp("hostile"), users=[HOSTILE], settings=settings) as running:
        yield running


def test_headers_stay_one_line_each_and_the_assertion_says_it_exactly(whole: Stack) -> None:
    host = "app.localhost"
    with whole.client() as client:
        page = login(client, whole.url(host), HOSTILE.email, HOSTILE.password)
    assert page.status_code == HTTPStatus.OK
    request = whole.app.last()
    assert not {"x-admin", "x-root", "x-nul"} & request.folded_names()
    assert (request.value("x-name") or "").startswith("a%0D%0AX-Admin: 1%0D")
    groups = (request.value("x-groups") or "").split(",")
    assert len(groups) == len(HOSTILE.groups)
    claims = verified_claims(whole, assertion_of(request), host)
    assert claims["name"] == HOSTILE.name
    assert claims["groups"] == list(HOSTILE.groups)


@pytest.mark.parametrize("path", ["/.pomerium/", "/.pomerium/sign_out?x=<script>", "/.pomerium/<script>"])
def test_pages_show_it_as_text(whole: Stack, path: str) -> None:
    with whole.client() as client:
        login(client, whole.url(VERIFY), HOSTILE.email, HOSTILE.password)
        page = client.get(whole.url(VERIFY, path), headers={"sec-fetch-site": "cross-site"})
    assert "<script" not in page.text
    assert "<img" not in page.text
    assert "default-src 'none'" in page.headers["content-security-policy"]


@pytest.mark.parametrize("query", ["error=<script>&state=x", "error=x&error_description=<img src=x onerror=alert(1)>"])
def test_so_does_the_callback(whole: Stack, query: str) -> None:
    with whole.client() as client:
        page = client.get(whole.url("authenticate.localhost", f"/oauth2/callback?{query}"))
    assert page.status_code == HTTPStatus.BAD_REQUEST
    assert "<script" not in page.text
    assert "<img" not in page.text


def test_a_public_page_knows_nothing_of_it(whole: Stack) -> None:
    with whole.program() as program:
        program.get(whole.url(PUBLIC))
    assert whole.app.last().value("x-name") == ""
