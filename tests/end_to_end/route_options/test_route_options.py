"""Every route key that concerns Envoy, each with a request that would go otherwise without it."""

import threading
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from http import HTTPStatus

import grpc
import pytest

from tests.end_to_end.route_options.conftest import PAIR, UPSTREAM_NAME, World
from tests.harness.ports import LOOPBACK

pytestmark = pytest.mark.end_to_end


@pytest.mark.parametrize(
    ("target", "reached"), [("/x", "a"), ("/x/low", "b"), ("/first/x", "high"), ("/first/low", "high")]
)
def test_expressions_with_a_priority_come_first(world: World, target: str, reached: str) -> None:
    answer = world.get("order", target)
    assert answer.text == reached if reached == "high" else answer.json()["name"] == reached


@pytest.mark.parametrize(
    ("target", "seen"),
    [
        ("/strip", "/"),
        ("/strip/", "/"),
        ("/strip/x?a=1", "/x?a=1"),
        ("/deep/x", "/v2/x"),
        ("/exact?a=1", "/other?a=1"),
        ("/service/7/users?a=1", "/users/instance/7?a=1"),
    ],
)
def test_paths_are_rewritten(world: World, target: str, seen: str) -> None:
    assert world.seen("path", target).target == seen


def test_the_host_is_a_given_one(world: World) -> None:
    seen = world.seen("host-literal")
    assert seen.value("host") == "app.internal:81"
    assert seen.value("x-forwarded-host") == f"host-literal.localhost:{world.stack.port}"


def test_the_host_is_taken_from_a_header(world: World) -> None:
    assert world.seen("host-header", headers={"x-upstream-host": "from.header"}).value("host") == "from.header"


def test_the_host_is_made_of_the_path(world: World) -> None:
    assert world.seen("host-path", "/team/x").value("host") == "team.internal"


def test_request_headers_are_removed(world: World) -> None:
    seen = world.seen("headers", headers={"X-Debug": "1", "X-Other": "2"})
    assert (seen.value("x-debug"), seen.value("x-other")) == (None, "2")


def test_response_headers_are_set_in_place_of_the_upstream_s(world: World) -> None:
    answer = world.get("headers", "/?header=X-Frame-Options:ALLOWALL&header=X-Other:kept")
    assert answer.headers.get_list("x-frame-options") == ["DENY"]
    assert answer.headers["x-share"] == "100%"
    assert answer.headers["x-other"] == "kept"
    assert "strict-transport-security" in answer.headers


@pytest.mark.parametrize(
    ("given", "rewritten"),
    [
        ("header=Location:http://internal/x", {"location": ["https://outside/x"]}),
        ("header=Location:http://elsewhere/x", {"location": ["https://elsewhere/x"]}),
        ("header=Location:/relative", {"location": ["/relative"]}),
        (
            "header=Link:<http://internal/1>&header=Link:</2>&header=Link:<http://internal/3>",
            {"link": ["</1>", "</2>", "</3>"]},
        ),
    ],
)
def test_response_headers_get_another_beginning(world: World, given: str, rewritten: dict[str, list[str]]) -> None:
    answer = world.get("headers", f"/?{given}")
    for name, values in rewritten.items():
        assert answer.headers.get_list(name) == values


@pytest.mark.parametrize("host", ["timeout", "idle"])
def test_a_request_that_takes_too_long_is_given_up(world: World, host: str) -> None:
    assert world.get(host).status_code == HTTPStatus.OK
    assert world.get(host, "/?wait").status_code == HTTPStatus.GATEWAY_TIMEOUT


def test_a_grpc_call_goes_through_with_its_trailers(world: World) -> None:
    credentials = grpc.ssl_channel_credentials(world.stack.certificate.authority.read_bytes())
    options = [("grpc.ssl_target_name_override", "grpc.localhost"), ("grpc.default_authority", "grpc.localhost")]
    with grpc.secure_channel(f"{LOOPBACK}:{world.stack.port}", credentials, options=options) as channel:
        assert channel.unary_unary("/test.Echo/Reverse")(b"abc", timeout=10) == b"cba"
        with pytest.raises(grpc.RpcError) as refused:
            channel.unary_unary("/test.Echo/Unknown")(b"abc", timeout=10)
    assert refused.value.code() is grpc.StatusCode.UNIMPLEMENTED


def test_an_upstream_behind_a_unix_socket(world: World) -> None:
    seen = world.seen("socket", "/x")
    assert (seen.name, seen.target, seen.value("host")) == ("socket", "/x", "localhost")


def test_weights(world: World) -> None:
    chosen = Counter(world.seen("weights").name for _ in range(20))
    assert chosen["b"] >= 19


def test_one_after_the_other(world: World) -> None:
    chosen = [world.seen("round_robin").name for _ in range(10)]
    assert Counter(chosen) == {"a": 5, "b": 5}
    assert chosen[0::2] == chosen[:1] * 5


def test_by_chance(world: World) -> None:
    chosen = [world.seen("random").name for _ in range(40)]
    assert set(chosen) == set(PAIR)
    assert chosen[0::2] != chosen[:1] * 20


@pytest.mark.parametrize("host", ["ring_hash", "maglev"])
def test_a_client_stays_with_one_upstream(world: World, host: str) -> None:
    assert len({world.seen(host).name for _ in range(20)}) == 1


def test_the_least_busy_one_is_preferred(world: World) -> None:
    """Of two draws the less busy one wins, so the busy one gets a quarter instead of half."""
    both = threading.Semaphore(0)
    for name in PAIR:
        world.upstreams[name].waiting = both
    with ThreadPoolExecutor(1) as pool:
        busy = pool.submit(world.seen, "least_request", "/?wait")
        assert both.acquire(timeout=10)
        chosen = Counter(world.seen("least_request").name for _ in range(120))
        for name in PAIR:
            world.upstreams[name].released.set()
        assert chosen[busy.result(timeout=10).name] < 52


def test_what_a_probe_finds_unfit_is_not_used(world: World) -> None:
    for host in ("unhealthy", "shut-port", "grpc-probe"):
        assert world.get(host).status_code == HTTPStatus.SERVICE_UNAVAILABLE
    assert world.upstreams["a"].requests() == []
    assert world.get("healthy").status_code == HTTPStatus.OK
    assert world.get("open-port").status_code == HTTPStatus.OK


def test_in_a_panic_what_is_unfit_is_used_all_the_same(world: World) -> None:
    assert world.get("panic").status_code == HTTPStatus.OK


def test_an_upstream_that_fails_is_left_out(world: World) -> None:
    for _ in range(2):
        assert world.get("outliers", "/?status=500").status_code == HTTPStatus.INTERNAL_SERVER_ERROR
    assert world.get("outliers").status_code == HTTPStatus.SERVICE_UNAVAILABLE
    assert len(world.upstreams["a"].requests()) == 2


def test_beyond_the_limits_of_a_pool_nothing_waits(world: World) -> None:
    upstream = world.upstreams["a"]
    with ThreadPoolExecutor(1) as pool:
        first = pool.submit(world.get, "breaker", "/?wait")
        assert upstream.waiting.acquire(timeout=10)
        assert world.get("breaker").status_code == HTTPStatus.SERVICE_UNAVAILABLE
        upstream.released.set()
        assert first.result(timeout=10).status_code == HTTPStatus.OK
    assert world.get("breaker").status_code == HTTPStatus.OK


@pytest.mark.parametrize("host", ["tls-skip", "tls-verified", "tls-inline"])
def test_a_tls_upstream_that_is_trusted(world: World, host: str) -> None:
    assert world.seen(host).name == "tls"


@pytest.mark.parametrize("host", ["tls-default", "tls-unnamed", "tls-unknown"])
def test_a_tls_upstream_that_is_not_trusted_gets_no_request(world: World, host: str) -> None:
    assert world.get(host).status_code == HTTPStatus.SERVICE_UNAVAILABLE
    assert world.upstreams["tls"].targets == []


@pytest.mark.parametrize(("host", "asked"), [("tls-verified", UPSTREAM_NAME), ("tls-inline", UPSTREAM_NAME)])
def test_a_tls_upstream_is_asked_for_by_the_given_name(world: World, host: str, asked: str) -> None:
    world.seen(host)
    assert set(world.upstreams["tls"].server_names) <= {asked}


def test_an_upstream_learns_who_we_are(world: World) -> None:
    assert world.seen("mutual").name == "mutual"
    assert world.upstreams["mutual"].certificates == [((("commonName", UPSTREAM_NAME),),)]
    assert world.get("mutual-without").status_code == HTTPStatus.SERVICE_UNAVAILABLE


def test_redirects(world: World) -> None:
    answer = world.get("redirect", "/old/x?a=1")
    assert (answer.status_code, answer.content) == (HTTPStatus.FOUND, b"")
    assert answer.headers["location"] == world.stack.url("redirect.localhost", "/new/x?a=1")
    moved = world.get("redirect", "/moved?a=1")
    assert moved.status_code == HTTPStatus.PERMANENT_REDIRECT
    assert moved.headers["location"] == "http://new.example.com:8080/there"


@pytest.mark.parametrize("accept", ["text/html", "application/json"])
def test_a_fixed_response_is_not_dressed_up_as_an_error_of_ours(world: World, accept: str) -> None:
    answer = world.get("response", headers={"accept": accept})
    assert (answer.status_code, answer.text) == (HTTPStatus.SERVICE_UNAVAILABLE, "<p>Back at noon.</p>")
    assert answer.headers.get_list("content-type") == ["text/html"]
    assert "x-pomerium-intercepted-response" not in answer.headers


@pytest.mark.parametrize("target", ["/redirect", "/response"])
def test_who_may_not_pass_learns_neither_redirect_nor_response(world: World, target: str) -> None:
    answer = world.get("private", target)
    assert answer.status_code == HTTPStatus.UNAUTHORIZED
    with world.stack.signed_in(host="app.localhost") as client:
        client.get(world.stack.url("private.localhost", "/.pomerium/"))
        client.get(world.stack.url("private.localhost", "/response"))
        assert client.history[-1].text == "for members"


def test_what_is_beyond_the_rate_limit_gets_429(world: World) -> None:
    statuses = [world.get("limited").status_code for _ in range(4)]
    assert statuses == [200, 200, 429, 429]
    assert len(world.upstreams["a"].requests()) == 2
    assert world.get("limited").headers["x-pomerium-intercepted-response"] == "true"
