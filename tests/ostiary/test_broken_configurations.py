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
SYNTAX += ["!!python/x y", "null", "42", "---\n---\n", "\x00"]
TYPES = [
    "insecure_server: maybe", "certificates: x", "xff_num_trusted_hops: -1", "timeout_read: soon",
    "default_upstream_timeout: [1]", "codec_type: http9", "xds_resources: {}", "services: all", "routes: 7",
    "envoy: {concurrency: 0}", "log_level: loud", "cookie_name: [a]", "session_store_url: mysql://x",
]  # fmt: skip
VALUES = [
    "adress: :1", "address: nowhere", "address: :0", "address: 1.2.3.4", "http_redirect_addr: x",
    "cookie_name: 'a b'", "set_response_headers: {'a b': c}", "metrics_address: here", "health_check_addr: '::'",
    "xds_resources: [{pth: x}]", "services: {xds_address: :1}", "downstream_mtls: {}", "shared_secret: short",
    "codec_type: http3\nuse_proxy_protocol: true",
]  # fmt: skip
DANGLING = ["address: ${NOT_SET_ANYWHERE}", "xds_resources: [gone.yaml]", "shared_secret_file: gone"]
DANGLING += ["certificates: [{cert: gone.pem, key: gone.pem}]", "directory: {file: {users: ''}}"]
TWICE = ["address: :1", "routes: []", "shared_secret: a\nshared_secret_file: b", "envoy: {path: a, path: b}"]
BAD_PEM = [
    "certificate: nonsense",
    "certificate_authority: x",
    "signing_key: x",
    "downstream_mtls: {ca: x}",
    "certificate: '-----BEGIN X-----'",
]
HUGE = ["address: :99999", "timeout_idle: 1e99h", "cookie_expire: 99999999h", f"xff_num_trusted_hops: {'9' * 5000}"]
HUGE += [f"cookie_name: {'a' * 5000}", f"authenticate_service_url: https://{'a.' * 5000}com", f"{'k' * 100_000}: x"]
ROUTES = [
    "  - {}", "  - from: x", "  - 7", "  - from: https://c.localhost/path\n    to: http://1.2.3.4",
    ROUTE.replace("http://127.0.0.1:9000", "ftp://x"), ROUTE.replace("http://127.0.0.1:9000", "http://x:0"),
    ROUTE.replace("http://127.0.0.1:9000", "https://127.0.0.1:8443"), ROUTE.replace("b.localhost", "b_.localhost:x"),
    ROUTE + "    prefix: a\n    path: b", ROUTE + "    prefix: a b", ROUTE + "    timeout: later",
    ROUTE + "    allowed_users: [a@b.c]", ROUTE + "    set_request_headers: {'a:b': c}", ROUTE + "    polcy: []",
]  # fmt: skip
REGEXES = [ROUTE + f"    {key}" for key in ("regex: '(a'", "regex: '(?=a)'", "regex: ''", "regex: '(a)\\1'")]
REGEXES += [ROUTE + "    regex_rewrite_pattern: '['", ROUTE + f"    regex: '{'(' * 2000}'"]
ROUTE_DANGLING = [ROUTE + "    depends_on: [gone.localhost]", ROUTE + "    identity_providers: [nobody]"]
ROUTE_DANGLING += [ROUTE + "    tls_custom_ca_file: gone.pem"]
ROUTE_TWICE = [ROUTE + ROUTE, ROUTE + "    prefix: /a\n" + ROUTE + "    prefix: /a", ROUTE + "    from: x"]
ROUTE_HUGE = [
    ROUTE.replace("9000", "9" * 400), ROUTE + f"    response: {{body: {'x' * 5000}}}",
    ROUTE.replace("b.localhost", "b" * 64 + ".localhost"), ROUTE + f"    rate_limit: {{requests: {'9' * 400}}}",
]  # fmt: skip
KINDS = {
    "syntax": [*SYNTAX, "a" * 100_000, "[" * 10_000],
    "types": [f"{text}\n{GOOD}" for text in TYPES],
    "values": [*(f"{text}\n{GOOD}" for text in VALUES), *(GOOD + text for text in ROUTES)],
    "dangling references": [*(f"{text}\n{GOOD}" for text in DANGLING), *(GOOD + text for text in ROUTE_DANGLING)],
    "given twice": [*(f"{text}\n{GOOD}" for text in TWICE), *(GOOD + text for text in ROUTE_TWICE)],
    "regular expressions": [GOOD + text for text in REGEXES],
    "PEM": [f"{text}\n{GOOD}" for text in BAD_PEM],
    "huge values": [*(f"{text}\n{GOOD}" for text in HUGE), *(GOOD + text for text in ROUTE_HUGE)],
}
BROKEN = [text for texts in KINDS.values() for text in texts]


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


def test_they_are_many_of_every_kind() -> None:
    assert len(set(BROKEN)) >= 90
    assert all(len(texts) >= 4 for texts in KINDS.values())


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
        assert all(len(problem) < 600 for problem in problems), problems
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
