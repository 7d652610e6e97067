"""Envoy's own refusals, in the form that the client reads."""

import json
from pathlib import Path

import grpc
import pytest

from control_plane.translate import Places
from control_plane.translate.local_reply_page import content_security_policy, page
from tests.control_plane.translate.edge import Edge, running_edge
from tests.control_plane.translate.models import a_model, a_route, a_target
from tests.harness.ports import LOOPBACK, free_port
from tests.harness.upstream import Upstream

BROWSER = "accept: text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8"


@pytest.mark.end_to_end
def test_a_browser_gets_a_page_with_the_request_id(edge: Edge) -> None:
    answer = edge.get("/down", BROWSER)
    assert answer.status == 503
    assert answer.values("content-type") == ["text/html; charset=utf-8"]
    assert answer.values("content-security-policy") == [content_security_policy()]
    assert answer.values("cache-control") == ["no-store"]
    assert answer.values("x-pomerium-intercepted-response") == ["true"]
    (request_id,) = answer.values("x-request-id")
    assert answer.body.decode() == page(status="503", request_id=request_id)


@pytest.mark.end_to_end
@pytest.mark.parametrize(
    "accept", ["accept: application/json", "accept: application/json, text/html;q=0.1", "x-no: accept"]
)
def test_a_program_gets_json_without_the_upstream_s_address(edge: Edge, accept: str) -> None:
    answer = edge.get("/down", accept)
    assert answer.values("content-type") == ["application/json"]
    assert answer.values("x-pomerium-intercepted-response") == ["true"]
    (request_id,) = answer.values("x-request-id")
    assert json.loads(answer.body) == {"error": "the proxy answered 503", "request_id": request_id}


@pytest.mark.end_to_end
def test_a_request_id_that_the_client_made_up_is_not_put_into_the_page(edge: Edge) -> None:
    answer = edge.get("/a%2fb", "x-request-id: <script>alert(1)</script>", BROWSER)
    assert answer.status == 400
    assert answer.body.decode() == page(status="400", request_id=None)


@pytest.mark.end_to_end
def test_a_request_id_that_the_client_made_up_cannot_break_out_of_json(edge: Edge) -> None:
    answer = edge.get("/a%2fb", 'x-request-id: ","error":"x')
    assert json.loads(answer.body) == {"error": "the proxy answered 400", "request_id": '","error":"x'}


@pytest.mark.end_to_end
async def test_a_grpc_client_gets_trailers(edge: Edge) -> None:
    async with grpc.aio.insecure_channel(
        f"{LOOPBACK}:{edge.port}", options=[("grpc.default_authority", "app.example.com")]
    ) as channel:
        with pytest.raises(grpc.aio.AioRpcError) as refused:
            await channel.unary_unary("/down/Service")(b"")
    assert refused.value.code() is grpc.StatusCode.UNAVAILABLE
    assert "error" not in (refused.value.details() or "")[:2]


@pytest.mark.end_to_end
def test_what_the_upstream_answers_is_not_touched(edge: Edge, app: Upstream) -> None:
    answer = edge.get("/admin")
    assert answer.values("x-pomerium-intercepted-response") == []


@pytest.mark.end_to_end
def test_without_check_nothing_is_reached(tmp_path: Path, app: Upstream, web: Upstream) -> None:
    app.clear()
    model = a_model(a_route("r", targets=(a_target(LOOPBACK, app.port),), public=True))
    with running_edge(tmp_path, model, web, Places("", ""), check_port=free_port()) as edge:
        answer = edge.get("/", BROWSER)
    assert answer.status == 503
    assert b"This page cannot be shown" in answer.body
    assert app.requests == []


def test_the_page_holds_no_command_but_those_it_was_given() -> None:
    text = page(status="S", request_id="R")
    assert "%" not in text.replace("%%", "")
