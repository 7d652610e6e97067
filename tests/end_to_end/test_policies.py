"""A sample of the tables in tests/policy_documents through a real Envoy: the same decisions for the same reasons."""

from collections.abc import Iterator, Mapping
from typing import Any

import httpx
import pytest

from tests.access_model.policy.documents import NOBODY, Case, every_case
from tests.harness.identity_provider import ALICE, BOB, DEMO_USERS, MALLORY
from tests.harness.stack import APP, Stack, running_stack
from tests.harness.web_client import WebClient, is_sign_in, login, web_client

SAMPLE = [case for case in every_case() if case.through_envoy]
STATUS = {"allow": 200, "deny": 403, "certificate": 495, "sign-in": 401, "step-up": 401, "unavailable": 503}
BODY_LIMIT = 64 * 1024
RECENT, ANCIENT = "recent.localhost", "ancient.localhost"
MCP = next(case for case in SAMPLE if case.asked.request.body)


def host_of(case: Case) -> str:
    return f"{case.document.replace('_', '-')}.localhost"


@pytest.fixture(scope="module")
def policies(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stack]:
    """One stack in which every document of the sample is the policy of a host of its own."""
    trees = {host_of(case): case.tree for case in SAMPLE}
    trees |= {RECENT: {"allow": {"or": [{"auth_age": "1h"}]}}, ANCIENT: {"allow": {"or": [{"auth_age": "1ms"}]}}}
    routes = [{"from": f"https://{host}:{{port}}", "to": "{app}", "policy": tree} for host, tree in trees.items()]
    settings = {"xff_num_trusted_hops": 1, "idp_request_params": {"max_age": "28800"}}
    with running_stack(tmp_path_factory.mktemp("policies"), routes=routes, settings=settings) as running:
        yield running


@pytest.fixture(scope="module")
def clients(policies: Stack) -> Iterator[Mapping[str, WebClient]]:
    """A browser for each person, signed in on every host where they ask for something."""
    with (
        web_client(policies.certificate.authority) as nobody,
        web_client(policies.certificate.authority) as alice,
        web_client(policies.certificate.authority) as bob,
        web_client(policies.certificate.authority) as mallory,
    ):
        found = {NOBODY: nobody, ALICE.id: alice, BOB.id: bob, MALLORY.id: mallory}
        for user in DEMO_USERS:
            login(found[user.id], policies.url(APP), user.email, user.password)
            for host in {host_of(case) for case in SAMPLE if case.who == user.id}:
                assert found[user.id].get(policies.url(host, "/.pomerium/?sign_in")).status_code == 200
        yield found


def ask(policies: Stack, client: WebClient, case: Case) -> httpx.Response:
    request = case.asked.request
    address = {"x-forwarded-for": str(request.client_address)} if request.client_address else {}
    url = policies.url(host_of(case), request.path)
    return client.send(request.method, url, headers={**case.headers, **address}, content=request.body)


def decisions(policies: Stack, case: Case) -> list[dict[str, Any]]:
    request = case.asked.request
    asked = {"event": "decision", "host": host_of(case), "method": request.method, "path": request.path}
    return [event for event in policies.ostiary.events() if asked.items() <= event.items()]


def test_the_sample_is_large_enough() -> None:
    assert len(SAMPLE) >= 40


@pytest.mark.parametrize("case", SAMPLE, ids=lambda case: case.place)
def test_row(policies: Stack, clients: Mapping[str, WebClient], case: Case) -> None:
    policies.app.clear()
    before = len(decisions(policies, case))
    answer = ask(policies, clients[case.who], case)
    assert answer.status_code == STATUS[case.outcome]
    assert len(policies.app.requests) == (case.outcome == "allow")
    policies.ostiary.process.wait_until(lambda: len(decisions(policies, case)) > before, what="the decision's line")
    assert set(decisions(policies, case)[-1]["reasons"]) == case.because


def test_a_body_that_is_too_long_to_judge_is_refused(policies: Stack, clients: Mapping[str, WebClient]) -> None:
    policies.app.clear()
    url = policies.url(host_of(MCP))
    padded = MCP.asked.request.body.replace(b"{", b"{" + b" " * BODY_LIMIT, 1)
    assert clients[NOBODY].send("POST", url, content=padded).status_code == 413
    assert policies.app.requests == []
    assert clients[NOBODY].send("POST", url, content=MCP.asked.request.body).status_code == 200
    assert policies.app.last().body == MCP.asked.request.body


def test_the_provider_tells_when_asked_how_long_ago_somebody_signed_in(
    policies: Stack, clients: Mapping[str, WebClient]
) -> None:
    assert clients[ALICE.id].get(policies.url(RECENT)).status_code == 200
    assert is_sign_in(clients[ALICE.id].get(policies.url(ANCIENT))), "whoever signed in too long ago does so once more"
    assert clients[NOBODY].send("GET", policies.url(RECENT)).status_code == 401
