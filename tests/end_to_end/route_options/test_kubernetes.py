"""A route to a Kubernetes API server: our token, and for whom it speaks, one header for each group."""

import json

import httpx
import pytest

from tests.end_to_end.route_options.conftest import KUBERNETES_TOKEN, Seen, World
from tests.harness.identity_provider import ALICE
from tests.harness.raw_http import get_raw

pytestmark = pytest.mark.end_to_end

HOST = "kubernetes.localhost"


def credential(world: World) -> str:
    """What a program such as `kubectl` gets for Alice."""
    back = "http://localhost:1/"
    login = f"/.pomerium/api/v1/login?pomerium_redirect_uri={back}"
    with world.stack.program() as program, world.stack.signed_in(ALICE) as client:
        landed = client.get(program.get(world.stack.url(HOST, login)).text, follow=False)
    return httpx.URL(landed.headers["location"]).params["pomerium_jwt"]


def test_each_request_is_made_for_the_user_and_their_groups(world: World) -> None:
    token = credential(world)
    forged = ("Impersonate-User: admin", "Impersonate-Group: system:masters", "Impersonate-Extra-a: b")
    answer = world.stack.raw(HOST, get_raw(HOST, "/api", f"Authorization: Bearer Pomerium-{token}", *forged))
    assert answer.status == 200
    seen = Seen(**json.loads(answer.body))
    assert seen.value("authorization") == f"Bearer {KUBERNETES_TOKEN}"
    impersonated = [(name.lower(), value) for name, value in seen.headers if name.lower().startswith("impersonate-")]
    assert impersonated == [
        ("impersonate-user", ALICE.email),
        *(("impersonate-group", group) for group in ALICE.groups),
    ]


def test_without_a_user_nothing_is_asked(world: World) -> None:
    agent = {"user-agent": "kubernetes/v1.31", "authorization": "Bearer Pomerium-nonsense"}
    told = world.get("kubernetes", "/api", headers=agent).json()
    assert (told["kind"], told["status"], told["code"]) == ("Status", "Failure", 401)
    assert world.upstreams["a"].requests() == []


def test_the_token_is_shown_to_nobody(world: World) -> None:
    """Neither in the log, nor among what Envoys are served."""
    client = httpx.HTTPTransport(uds=str(world.stack.ostiary.config_file.parent / "run.sock"))
    with httpx.Client(transport=client, base_url="http://ostiary") as operations:
        served = operations.get("/xds").text
    assert "kubernetes.localhost" in served
    assert KUBERNETES_TOKEN not in served
    assert KUBERNETES_TOKEN not in world.stack.ostiary.process.output()
