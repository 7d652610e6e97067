"""How often one client may try, through a real Envoy, which alone says who the client is."""

from collections.abc import Iterator
from http import HTTPStatus

import httpx
import pytest

from tests.harness.identity_provider import ALICE
from tests.harness.loopback import local_tls
from tests.harness.ports import LOOPBACK
from tests.harness.stack import APP, AUTHENTICATE, Stack, running_stack

SIGN_INS, TOKENS = 6, 5
SETTINGS = {
    "sign_in_rate_limit": {"requests": SIGN_INS, "interval": "10h"},
    "token_failure_rate_limit": {"requests": TOKENS, "interval": "10h"},
}
FORGED = ("x-envoy-external-address", "x-forwarded-for", "x-real-ip", "forwarded")


@pytest.fixture(scope="module")
def stack(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stack]:
    with running_stack(tmp_path_factory.mktemp("limits"), settings=SETTINGS) as running:
        yield running


def ask(stack: Stack, path: str, host: str, *, source: str = LOOPBACK, **headers: str) -> httpx.Response:
    """One request from an address of this machine."""
    transport = httpx.HTTPTransport(verify=local_tls(stack.certificate.authority), local_address=source)
    with httpx.Client(transport=transport) as client:
        named = {"host": f"{host}:{stack.port}", "accept": "text/html", **headers}
        url = f"https://{LOOPBACK}:{stack.port}{path}"
        return client.get(url, headers=named, extensions={"sni_hostname": host})


def test_who_gets_to_the_end_of_a_sign_in_is_not_counted(stack: Stack) -> None:
    for _ in range(SIGN_INS):
        with stack.signed_in(ALICE, APP):
            pass


def test_who_does_not_has_to_wait_whatever_address_he_claims_and_nobody_else_has_to(stack: Stack) -> None:
    answers = [ask(stack, "/.pomerium/sign_in", AUTHENTICATE, source="127.0.0.3") for _ in range(SIGN_INS)]
    assert {answer.status_code for answer in answers} == {HTTPStatus.BAD_REQUEST}
    for name in ("accept-language", *FORGED):
        refused = ask(stack, "/.pomerium/sign_in", AUTHENTICATE, source="127.0.0.3", **{name: "198.51.100.4"})
        assert refused.status_code == HTTPStatus.TOO_MANY_REQUESTS
        assert int(refused.headers["retry-after"]) > 600
    assert "Too many attempts" in refused.text
    assert ask(stack, "/.pomerium/sign_in", AUTHENTICATE, source="127.0.0.4").status_code == HTTPStatus.BAD_REQUEST


def test_who_guesses_tokens_has_to_wait(stack: Stack) -> None:
    statuses = [
        ask(stack, "/", APP, source="127.0.0.5", **{"x-pomerium-authorization": f"{number:043}"}).status_code
        for number in range(TOKENS + 2)
    ]
    assert statuses == [HTTPStatus.UNAUTHORIZED] * TOKENS + [HTTPStatus.TOO_MANY_REQUESTS] * 2
