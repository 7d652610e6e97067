"""Step-up through a real Envoy, provider and browser jar."""

from collections.abc import Iterator
from http import HTTPStatus
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest

from tests.end_to_end.assertions import assertion_of, verified_claims
from tests.harness.identity_provider import ALICE
from tests.harness.stack import APP, Stack, running_stack
from tests.harness.web_client import login

STRICT = "strict.localhost"
PROGRAM = {"accept": "application/json", "sec-fetch-mode": "cors", "sec-fetch-dest": "empty"}
RECENT = "recent.localhost"
ROUTES: list[dict[str, Any]] = [
    {
        "from": f"https://{STRICT}:{{port}}",
        "to": "{app}",
        "allow_any_authenticated_user": True,
        "acr_values": ["urn:example:mfa"],
    },
    {
        "from": f"https://{RECENT}:{{port}}",
        "to": "{app}",
        "allow_any_authenticated_user": True,
        "max_session_age": "30s",
    },
]


@pytest.fixture(scope="module")
def stack(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stack]:
    with running_stack(tmp_path_factory.mktemp("step-up"), routes=ROUTES) as running:
        yield running


def test_a_provider_that_cannot_do_better_ends_in_a_page(stack: Stack) -> None:
    with stack.signed_in(ALICE, APP) as client:
        stack.app.clear()
        page = client.get(stack.url(STRICT, "/reports?year=2030"))
        assert page.status_code == HTTPStatus.FORBIDDEN
        assert "not strong enough" in page.text
        asked = [str(each.url) for each in client.history if str(each.url).startswith(stack.provider.issuer)]
        (to_provider,) = [url for url in asked if "acr_values" in url]
        assert parse_qs(urlsplit(to_provider).query)["acr_values"] == ["urn:example:mfa"]
        assert stack.app.requests == []
        assert client.get(stack.url(APP)).status_code == HTTPStatus.OK


def test_a_program_learns_what_is_asked_for(stack: Stack) -> None:
    with stack.signed_in(ALICE, APP) as client:
        client.get(stack.url(STRICT))
        answer = client.get(stack.url(STRICT, "/x?y=1"), headers=PROGRAM)
        assert answer.status_code == HTTPStatus.UNAUTHORIZED
        assert answer.json()["error"] == "insufficient-authentication"
        assert answer.json()["login_url"] == stack.url(STRICT, "/x?y=1")
        assert answer.headers["www-authenticate"].endswith(
            'error="insufficient_user_authentication", acr_values="urn:example:mfa"'
        )


def test_a_sign_in_that_is_not_known_to_be_recent_is_renewed_and_leads_to_what_was_asked_for(stack: Stack) -> None:
    with stack.signed_in(ALICE, APP) as client:
        first = verified_claims(stack, assertion_of(stack.app.last()), APP)
        page = login(client, stack.url(RECENT, "/reports?year=2030"), ALICE.email, ALICE.password)
        assert (page.status_code, page.url.host, page.url.path) == (HTTPStatus.OK, RECENT, "/reports")
        assert stack.app.last().target == "/reports?year=2030"
        second = verified_claims(stack, assertion_of(stack.app.last()), RECENT)
        assert second["sub"] == first["sub"]
        assert second["sid"] != first["sid"]
