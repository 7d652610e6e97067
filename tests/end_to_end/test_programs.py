"""Programs get through the whole: with a service account's token, and with the credential of a programmatic login."""

import subprocess
import sys
import time
from http import HTTPStatus
from urllib.parse import parse_qs, quote, urlsplit

from tests.end_to_end.assertions import assertion_of, verified_claims
from tests.harness.identity_provider import ALICE
from tests.harness.stack import APP, AUTHENTICATE, OTHER, VERIFY, Stack
from tests.harness.web_client import is_sign_in

LISTENER = "http://localhost:9/"
HEADER = "x-pomerium-authorization"


def service_accounts(stack: Stack, *arguments: str) -> subprocess.CompletedProcess[str]:
    """Run the command against the running stack's store."""
    verb, *rest = arguments
    config = str(stack.ostiary.config_file)
    command = [sys.executable, "-m", "ostiary", "service-accounts", verb, "-c", config, *rest]
    return subprocess.run(command, capture_output=True, text=True, check=True, timeout=30)


def test_a_service_account_gets_through_until_it_is_revoked(stack: Stack) -> None:
    made = service_accounts(stack, "create", "--user", "ci-bot", "--expires", "1h", "--email", "ci@example.com")
    token, account = made.stdout.strip(), made.stderr.split()[2]
    with stack.program() as program:
        for headers in ({HEADER: token}, {"authorization": f"Bearer Pomerium-{token}"}):
            assert program.get(stack.url(APP, "/api"), headers=headers).status_code == HTTPStatus.OK
            claims = verified_claims(stack, assertion_of(stack.app.last()), APP)
            assert (claims["sub"], claims["email"], claims["sid"]) == ("ci-bot", "ci@example.com", account)
            assert token not in str(stack.app.last().headers)
        assert program.get(stack.url(VERIFY), headers={HEADER: token}).status_code == HTTPStatus.OK
        assert program.get(stack.url(OTHER), headers={HEADER: token}).status_code == HTTPStatus.FORBIDDEN
        service_accounts(stack, "revoke", account)
        revoked = time.monotonic()
        while program.get(stack.url(APP, "/api"), headers={HEADER: token}).status_code != HTTPStatus.UNAUTHORIZED:
            assert time.monotonic() - revoked < 1, "a revoked token still opens after a second"
    assert stack.other.requests == []


def test_a_programmatic_login_gives_a_credential_for_that_host(stack: Stack) -> None:
    target = quote(LISTENER, safe="")
    with stack.program() as program, stack.client() as client:
        link = program.get(stack.url(APP, f"/.pomerium/api/v1/login?pomerium_redirect_uri={target}")).text
        assert link.startswith(stack.url(AUTHENTICATE, "/.pomerium/sign_in?"))
        page = client.get(link)
        assert is_sign_in(page)
        answer = client.submit(page, {"username": ALICE.email, "password": ALICE.password}, follow=False)
        while not answer.headers["location"].startswith(LISTENER):
            answer = client.get(str(answer.url.join(answer.headers["location"])), follow=False)
        (credential,) = parse_qs(urlsplit(answer.headers["location"]).query)["pomerium_jwt"]
        assert program.get(stack.url(APP, "/api"), headers={HEADER: credential}).status_code == HTTPStatus.OK
        assert verified_claims(stack, assertion_of(stack.app.last()), APP)["sub"] == ALICE.id
        elsewhere = program.get(stack.url(OTHER, "/api"), headers={HEADER: credential})
        assert elsewhere.status_code == HTTPStatus.UNAUTHORIZED
    assert stack.other.requests == []
