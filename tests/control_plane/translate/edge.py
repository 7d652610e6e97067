"""A real Envoy with what the translation gives it, between raw requests and recorders."""

import json
import socket
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import grpc
from envoy.service.auth.v3 import external_auth_pb2 as auth
from envoy.service.auth.v3 import external_auth_pb2_grpc as auth_grpc
from google.rpc import code_pb2

from access_model.model import AccessModel
from control_plane.bootstrap import BootstrapSettings
from control_plane.static_configuration import render_static
from control_plane.translate import Places
from tests.harness import parts
from tests.harness.ports import LOOPBACK, free_ports
from tests.harness.processes import Process, running
from tests.harness.raw_http import RawResponse, get_raw, send_raw
from tests.harness.upstream import Upstream

DENY = "x-test-deny"
"""A request with this header is denied by the recording `Check`, with a page of its own."""
DENIED_BODY = "a page of check"
ADDED = "x-assertion"
"""Set by the recording `Check` on every request that it allows."""


ADDITION = {"headers": [{"header": {"key": ADDED, "value": "by check"}, "append_action": "OVERWRITE_IF_EXISTS_OR_ADD"}]}


class RecordingCheck(auth_grpc.AuthorizationServicer):  # type: ignore[misc]  # xds-protos has no types
    """Allows everything but what asks to be denied, and remembers what it was asked."""

    def __init__(self) -> None:
        self.asked: list[Any] = []

    def Check(self, request: Any, context: grpc.ServicerContext) -> Any:  # noqa: N802 - the name of the RPC
        self.asked.append(request)
        if values(request, DENY):
            denied = {"status": {"code": 403}, "body": DENIED_BODY}
            return auth.CheckResponse(status={"code": code_pb2.PERMISSION_DENIED}, denied_response=denied)
        return auth.CheckResponse(status={"code": code_pb2.OK}, ok_response=ADDITION)


@dataclass(slots=True)
class Edge:
    """Envoy, what it asked `Check`, and the log it wrote."""

    port: int
    """Where clients reach it."""
    check: RecordingCheck
    """Who it asks."""
    process: Process
    """Envoy itself."""
    seen: int = field(default=0)
    """Questions asked before this test."""

    def send(self, data: bytes, **connection: Any) -> RawResponse:
        """Send bytes and read one response."""
        return send_raw(self.port, data, **connection)

    def get(self, target: str, *headers: str, host: str = "app.example.com", **connection: Any) -> RawResponse:
        """Send a GET request with header lines exactly as given."""
        return self.send(get_raw(host, target, *headers), **connection)

    def asked(self) -> list[Any]:
        """What `Check` was asked in this test."""
        return self.check.asked[self.seen :]

    def question(self) -> Any:
        """The only question of this test."""
        (question,) = self.asked()
        return question

    def forget(self) -> None:
        """Begin a new test."""
        self.seen = len(self.check.asked)

    def access_log(self, request_id: str) -> dict[str, Any]:
        """The access log's line about one request."""
        entry: dict[str, Any] = json.loads(self.process.wait_for_line(f'"request_id":"{request_id}"'))
        return entry


@contextmanager
def running_edge(
    folder: Path, model: AccessModel, web: Upstream, places: Places, *, check_port: int = 0
) -> Iterator[Edge]:
    """Run Envoy on a free port with the translation of `model`; what is ours goes to `web`.

    Whoever names a `check_port` says that `Check` is there; otherwise it is a recording one.
    """
    check = RecordingCheck()
    server = grpc.server(ThreadPoolExecutor(2))
    auth_grpc.add_AuthorizationServicer_to_server(check, server)
    check_port = check_port or server.add_insecure_port(f"{LOOPBACK}:0")
    server.start()
    (port,) = free_ports(1)
    model = replace(model, listener=replace(model.listener, port=port))
    places = replace(places, check=f"{LOOPBACK}:{check_port}", web=f"{LOOPBACK}:{web.port}")
    settings = BootstrapSettings("edge", "test", "unix:///nowhere", f"unix:{folder / 'admin.sock'}")
    configuration = folder / "envoy.json"
    configuration.write_text(render_static(model, places, settings), "utf-8")
    command: list[str | Path] = [
        parts.envoy(),
        "--config-path",
        configuration,
        "--concurrency",
        "1",
        "--log-level",
        "warning",
    ]
    try:
        with running(
            Process.start(
                "envoy", [*command, "--disable-hot-restart", "--file-flush-interval-msec", "50"], folder=folder
            )
        ) as envoy:
            envoy.wait_until(lambda: _accepts(port), what="listening")
            yield Edge(port, check, envoy)
    finally:
        server.stop(None).wait()


def values(question: Any, name: str) -> list[str]:
    """Every value of a header that `Check` was shown, in order."""
    headers = question.attributes.request.http.header_map.headers
    return [header.raw_value.decode("latin-1") for header in headers if header.key == name]


def _accepts(port: int) -> bool:
    try:
        socket.create_connection((LOOPBACK, port), timeout=1).close()
    except OSError:
        return False
    return True
