"""Broken configurations, one after the other into a running service: each is told clearly, none changes anything."""

from pathlib import Path

import pytest
import structlog
from prometheus_client import CollectorRegistry

from access_model.model import AccessModel
from ostiary.configuration import ConfigurationFile
from ostiary.roots.reload import Commit, Reloader
from ostiary.roots.reload_record import ReloadRecord

GOOD = """\
address: 127.0.0.1:8443
authenticate_service_url: https://authenticate.localhost:8443
routes:
  - from: https://app.localhost:8443
    to: http://127.0.0.1:9000
    allow_public_unauthenticated_access: true
"""
ROUTE = (
    "  - from: https://b.localhost:8443\n    to: http://127.0.0.1:9000\n    allow_public_unauthenticated_access: true\n"
)

SYNTAX = ["", "{", "[", "routes: [", "\t", "a: b: c", "'", '"', "just text", "- list", "&a [*a]", "routes: *gone", "%"]
SYNTAX += ["!!python/x y", "a" * 100_000, "[" * 10_000, "null", "42", "---\n---\n", "\x00"]
TOP = [
    "adress: :1", "address: nowhere", "address: :0", "address: :99999", "address: 1.2.3.4", "insecure_server: maybe",
    "certificates: x", "certificates: [{cert: gone.pem, key: gone.pem}]", "certificate: nonsense",
    "xff_num_trusted_hops: -1", "timeout_read: soon", "timeout_idle: 1e99h", "default_upstream_timeout: [1]",
    "http_redirect_addr: x", "codec_type: http9", "downstream_mtls: {}", "downstream_mtls: {ca: x}",
    "xds_resources: [gone.yaml]", "xds_resources: [{pth: x}]", "xds_resources: {}", "shared_secret: short",
    "signing_key: x", "cookie_name: 'a b'", "log_level: loud", "services: {xds_address: :1}", "services: all",
    "set_response_headers: {'a b': c}", "metrics_address: here", "health_check_addr: '::'", "envoy: {concurrency: 0}",
    "session_store_url: mysql://x", "address: ${NOT_SET_ANYWHERE}",
]  # fmt: skip
ROUTES = [
    "  - {}", "  - from: x", "  - 7", "  - from: https://c.localhost/path\n    to: http://1.2.3.4",
    ROUTE + ROUTE, ROUTE.replace("http://127.0.0.1:9000", "ftp://x"),
    ROUTE.replace("http://127.0.0.1:9000", "http://x:0"),
    ROUTE.replace("http://127.0.0.1:9000", "https://127.0.0.1:8443"), ROUTE.replace("b.localhost", "b_.localhost:x"),
    ROUTE + "    regex: '(a'", ROUTE + "    regex: '(?=a)'", ROUTE + "    prefix: a\n    path: b",
    ROUTE + "    prefix: a b",
    ROUTE + "    timeout: later", ROUTE + "    allowed_users: [a@b.c]", ROUTE + "    set_request_headers: {'a:b': c}",
    ROUTE + "    polcy: []",
]  # fmt: skip
BROKEN = [*SYNTAX, *(f"{text}\n{GOOD}" for text in TOP), *(GOOD + text for text in ROUTES)]


class Running:
    """A service on a configuration, which counts what is put in force."""

    def __init__(self, folder: Path) -> None:
        self.path = folder / "ostiary.yaml"
        self.path.write_text(GOOD, "utf-8")
        file = ConfigurationFile(self.path)
        loaded = file.read({})
        self.record = ReloadRecord(CollectorRegistry(), loaded.model.revision)
        self.prepared: list[AccessModel] = []
        self.reloader = Reloader(file, loaded, [self._prepare], self.record)

    async def _prepare(self, model: AccessModel) -> Commit:
        self.prepared.append(model)
        return lambda: None


def test_they_are_more_than_sixty() -> None:
    assert len(set(BROKEN)) >= 60


async def test_each_is_told_clearly_and_changes_nothing(tmp_path: Path) -> None:
    running = Running(tmp_path)
    revision = running.record.status()["revision"]
    for text in BROKEN:
        running.path.write_text(text, "utf-8")
        with structlog.testing.capture_logs() as logs:
            await running.reloader.reload()
        told = running.record.status()
        problems = told["last_reload"]["problems"]
        assert not told["last_reload"]["success"], text[:200]
        assert problems, text[:200]
        assert all("ostiary.yaml" in problem or "environment" in problem for problem in problems), problems
        assert {line["event"] for line in logs} == {"configuration_refused"}, text[:200]
        assert all(line["reason"] and line["remedy"] for line in logs)
        assert told["revision"] == revision
    assert running.prepared == []


@pytest.mark.parametrize("content", [b"\xff\xfe", None], ids=["no text", "no file"])
async def test_what_cannot_be_read_changes_nothing(tmp_path: Path, content: bytes | None) -> None:
    running = Running(tmp_path)
    running.path.unlink()
    if content is not None:
        running.path.write_bytes(content)
    await running.reloader.reload()
    assert not running.record.status()["last_reload"]["success"]
    assert running.prepared == []


async def test_a_good_file_afterwards_is_put_in_force(tmp_path: Path) -> None:
    running = Running(tmp_path)
    running.path.write_text("{", "utf-8")
    await running.reloader.reload()
    running.path.write_text(GOOD + ROUTE, "utf-8")
    await running.reloader.reload()
    assert running.record.status()["last_reload"]["success"]
    assert len(running.prepared) == 1
