"""An operator's own listener beside ours, in a real Envoy, asking the same `Check`."""

import signal
import socket
from collections.abc import Iterator
from dataclasses import dataclass
from http import HTTPStatus
from pathlib import Path
from urllib.parse import urlsplit

import pytest

from tests.harness.ports import LOOPBACK, free_port, free_ports
from tests.harness.raw_http import RawResponse, get_raw, send_raw
from tests.harness.split import SplitStack, running_split_stack
from tests.harness.stack import APP, PUBLIC, Stack, running_stack

pytestmark = pytest.mark.end_to_end

PREFIX = "type.googleapis.com/envoy.extensions.filters"
RESOURCES = """\
listeners:
  - name: own
    address: {{socket_address: {{address: 127.0.0.1, port_value: {port}}}}}
    filter_chains:
      - filters:
          - name: envoy.filters.network.http_connection_manager
            typed_config:
              "@type": {prefix}.network.http_connection_manager.v3.HttpConnectionManager
              stat_prefix: own
              rds: {{route_config_name: own, config_source: {{ads: {{}}, resource_api_version: V3}}}}
              http_filters:
                - name: ostiary.ext_authz
                  config_discovery:
                    config_source: {{ads: {{}}, resource_api_version: V3}}
                    type_urls: [{prefix}.http.ext_authz.v3.ExtAuthz]
                - name: envoy.filters.http.router
                  typed_config: {{"@type": {prefix}.http.router.v3.Router}}
routes:
  - name: own
    response_headers_to_add: [{{header: {{key: x-own, value: {mark}}}}}]
    virtual_hosts:
      - {{name: all, domains: ["*"], routes: [{{match: {{prefix: /}}, route: {{cluster: own}}}}]}}
clusters:
  - name: own
    type: STATIC
    load_assignment:
      cluster_name: own
      endpoints:
        - lb_endpoints:
            - endpoint: {{address: {{socket_address: {{address: 127.0.0.1, port_value: {upstream}}}}}}}
"""


@dataclass(frozen=True, slots=True)
class Own:
    """A stack with a listener of the operator's."""

    stack: Stack
    port: int
    file: Path

    def write(self, mark: str) -> None:
        upstream = urlsplit(self.stack.app.url).port
        text = RESOURCES.format(port=self.port, prefix=PREFIX, mark=mark, upstream=upstream)
        fresh = self.file.with_suffix(".new")
        fresh.write_text(text, "utf-8")
        fresh.replace(self.file)

    def get(self, host: str) -> RawResponse:
        try:
            return send_raw(self.port, get_raw(host, "/", "Accept: text/html", "Sec-Fetch-Mode: navigate"))
        except ConnectionRefusedError:
            return RawResponse(None, (), b"")

    def wait_for(self, mark: str) -> None:
        self.stack.ostiary.process.wait_until(lambda: self.get(PUBLIC).values("x-own") == [mark], what=mark)


@pytest.fixture(scope="module")
def own(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Own]:
    folder = tmp_path_factory.mktemp("raw")
    (resources := folder / "envoy.d").mkdir()
    with running_stack(folder, settings={"xds_resources": [str(resources)]}) as stack:
        yield Own(stack, free_port(), resources / "own.yaml")


def test_a_file_that_comes_later_is_served_and_its_listener_asks_check(own: Own) -> None:
    own.write("one")
    own.wait_for("one")
    own.stack.app.clear()
    refused = own.get(APP)
    assert refused.status == HTTPStatus.FOUND
    assert "/.pomerium/sign_in" in refused.values("location")[0]
    assert own.stack.app.requests == []


def test_a_change_is_taken_up_and_a_mistake_leaves_what_was(own: Own) -> None:
    own.write("two")
    own.wait_for("two")
    before = len(own.stack.ostiary.events())
    own.file.write_text(own.file.read_text("utf-8").replace("stat_prefix", "stat_prefx"), "utf-8")

    def refusals() -> list[str]:
        news = own.stack.ostiary.events()[before:]
        return [event["reason"] for event in news if event.get("event") == "configuration_refused"]

    own.stack.ostiary.process.wait_until(lambda: bool(refusals()), what="the mistake refused")
    assert "own.yaml:9: " in refusals()[-1]
    assert "did you mean `stat_prefix`?" in refusals()[-1]
    assert own.get(PUBLIC).values("x-own") == ["two"]


def test_a_dangling_reference_leaves_what_was(own: Own) -> None:
    own.write("three")
    own.wait_for("three")
    before = len(own.stack.ostiary.events())
    own.file.write_text(own.file.read_text("utf-8").replace("{cluster: own}", "{cluster: gone}"), "utf-8")

    def refused() -> bool:
        news = own.stack.ostiary.events()[before:]
        return any("cluster `gone`, which does not exist" in str(event.get("reason")) for event in news)

    own.stack.ostiary.process.wait_until(refused, what="the dangling reference refused")
    assert own.get(PUBLIC).values("x-own") == ["three"]


def test_the_proxy_listener_was_not_disturbed(own: Own) -> None:
    with own.stack.program() as program:
        assert program.get(own.stack.url(PUBLIC)).status_code == HTTPStatus.OK
    assert own.stack.config["address"].startswith(LOOPBACK)


MARKED = """\
listeners:
  - name: {name}
    metadata: {{filter_metadata: {{{mark}: {{protect: true}}}}}}
    address: {{socket_address: {{address: 127.0.0.1, port_value: {port}}}}}
    filter_chains:
      - filters:
          - name: envoy.filters.network.http_connection_manager
            typed_config:
              "@type": {prefix}.network.http_connection_manager.v3.HttpConnectionManager
              stat_prefix: {name}
              route_config:
                virtual_hosts:
                  - name: all
                    domains: ["*"]
                    routes:
                      - match: {{prefix: /}}
                        direct_response: {{status: 200, body: {{inline_string: inside}}}}
              http_filters: &router
                - name: envoy.filters.http.router
                  typed_config: {{"@type": {prefix}.http.router.v3.Router}}
              upgrade_configs: [{{upgrade_type: websocket, filters: *router}}]
"""


@dataclass(frozen=True, slots=True)
class Marked:
    """Services apart, and two listeners that differ in their mark alone."""

    split: SplitStack
    protected: int
    neighbour: int

    def ask(self, port: int, host: str) -> RawResponse:
        return send_raw(port, get_raw(host, "/", "Accept: text/html", "Sec-Fetch-Mode: navigate"))


@pytest.fixture(scope="module")
def marked(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Marked]:
    folder = tmp_path_factory.mktemp("marked")
    protected, neighbour = free_ports(2)
    listeners = {"protected": ("ostiary", protected), "neighbour": ("other", neighbour)}
    for name, (mark, port) in listeners.items():
        (folder / f"{name}.yaml").write_text(MARKED.format(name=name, mark=mark, port=port, prefix=PREFIX))
    settings = {"xds_resources": [str(folder / f"{name}.yaml") for name in listeners]}
    with running_split_stack(folder, settings=settings) as split:
        running = Marked(split, protected, neighbour)
        split.envoy.wait_until(lambda: _listens(protected) and _listens(neighbour), what="listening there too")
        yield running


def _listens(port: int) -> bool:
    try:
        socket.create_connection((LOOPBACK, port), timeout=1).close()
    except OSError:
        return False
    return True


def test_a_marked_listener_asks_check_and_its_neighbour_does_not(marked: Marked) -> None:
    refused = marked.ask(marked.protected, APP)
    assert refused.status == HTTPStatus.FOUND
    assert "/.pomerium/sign_in" in refused.values("location")[0]
    assert marked.ask(marked.protected, PUBLIC).body == b"inside"
    assert marked.ask(marked.protected, "unknown.localhost").status == HTTPStatus.NOT_FOUND
    assert marked.ask(marked.neighbour, APP).body == b"inside"


def test_an_upgrade_is_no_way_around(marked: Marked) -> None:
    upgrade = get_raw(APP, "/", "Connection: upgrade", "Upgrade: websocket", "Accept: application/json")
    assert send_raw(marked.neighbour, upgrade).body == b"inside"
    assert send_raw(marked.protected, upgrade).status == HTTPStatus.UNAUTHORIZED


def test_without_check_a_marked_listener_is_shut_and_its_neighbour_open(marked: Marked) -> None:
    marked.split.extauthz.process.signal(signal.SIGKILL)
    marked.split.extauthz.process.wait_for_end()
    for host in (APP, PUBLIC):
        answer = marked.ask(marked.protected, host)
        assert answer.status == HTTPStatus.SERVICE_UNAVAILABLE
        assert b"inside" not in answer.body
    assert marked.ask(marked.neighbour, APP).body == b"inside"
