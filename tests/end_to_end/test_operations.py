"""What an operator sees of a running process: probes, status, metrics, and the tools that ask for them."""

import json
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest
from typer.testing import CliRunner, Result

from ostiary.cli import app
from tests.harness.certificates import make_certificate
from tests.harness.kept_connection import connected, ping
from tests.harness.ports import LOOPBACK, free_ports
from tests.harness.stack import APP, HOSTS, PUBLIC, Stack, running_stack

pytestmark = pytest.mark.end_to_end


@pytest.fixture(scope="module")
def whole(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stack]:
    fields = ["request-id", "email", "path", "query", "headers.x-team"]
    settings = {"metrics_address": f"{LOOPBACK}:{free_ports(1)[0]}", "authorize_log_fields": fields}
    with running_stack(tmp_path_factory.mktemp("operations"), settings=settings) as running:
        yield running


@pytest.fixture
def operator(whole: Stack) -> Iterator[httpx.Client]:
    socket = whole.ostiary.config_file.with_name("run.sock")
    with httpx.Client(transport=httpx.HTTPTransport(uds=str(socket)), base_url="http://operations") as client:
        yield client


def _xds(stack: Stack, verb: str, *options: str, file: Path | None = None) -> Result:
    return CliRunner().invoke(app, ["xds", verb, "-c", str(file or stack.ostiary.config_file), *options])


def test_the_probes_answer_and_the_socket_is_its_owners(whole: Stack, operator: httpx.Client) -> None:
    assert [operator.get(path).status_code for path in ("/startupz", "/readyz", "/healthz")] == [200, 200, 200]
    assert whole.ostiary.config_file.with_name("run.sock").stat().st_mode & 0o077 == 0


def test_status_tells_of_every_part(operator: httpx.Client) -> None:
    told = operator.get("/status").json()
    assert told["process"]["ready"]
    assert told["configuration"]["last_reload"]["success"]
    assert told["envoy"]["running"]
    assert any("app.localhost" in name for name in told["certificates"])
    (node,) = told["xds"]["nodes"]
    assert node["connected"]
    assert node["types"]["rds"]["acked"]


def test_the_decision_s_line_tells_what_was_chosen(whole: Stack) -> None:
    with whole.signed_in() as client:
        answer = client.get(whole.url(APP, "/chosen?q=1"), headers={"X-Team": "red"})
    assert answer.status_code == 200
    lines = [event for event in whole.ostiary.events() if event.get("event") == "decision"]
    (line,) = [line for line in lines if line["path"] == "/chosen"]
    assert (line["decision"], line["email"], line["query"], line["headers.x-team"]) == (
        *("allow", "alice@example.com"),
        *("q=1", "red"),
    )
    assert line["request-id"]
    assert not line.keys() & {"user", "session", "client", "host", "method"}
    said = whole.ostiary.process.output()
    assert whole.provider.client.client_secret not in said
    assert not any("code=" in event.get("query", "") for event in lines)


def test_metrics_stand_alone_at_their_own_address(whole: Stack) -> None:
    base = f"http://{whole.config['metrics_address']}"
    text = httpx.get(f"{base}/metrics").text
    assert "config_last_reload_success 1.0" in text
    assert 'xds_pushes_total{type="lds"} 1.0' in text
    assert 'xds_push_duration_seconds_count{type="rds"}' in text
    assert "tls_certificate_expiry_timestamp_seconds" in text
    assert httpx.get(f"{base}/status").status_code == 404


def test_xds_status_shows_each_envoy_and_type(whole: Stack) -> None:
    table = _xds(whole, "status").stdout
    assert "ostiary-run" in table
    assert all(kind in table for kind in ("cds", "lds", "rds", "sds"))
    assert json.loads(_xds(whole, "status", "--json").stdout)["xds"]["nodes"]


def test_xds_diff_compares_with_what_runs(whole: Stack, tmp_path: Path) -> None:
    assert _xds(whole, "diff").stdout == "nothing would change\n"
    other = tmp_path / "other.yaml"
    other.write_text(whole.ostiary.config_file.read_text("utf-8").replace(whole.app.url, "http://127.0.0.1:9"), "utf-8")
    result = _xds(whole, "diff", "--address", f"unix:{whole.ostiary.config_file.with_name('run.sock')}", file=other)
    assert "port_value: 9" in result.stdout
    assert "PRIVATE KEY" not in result.stdout


def test_a_bad_file_shows_in_status_and_metrics_until_it_is_mended(whole: Stack, operator: httpx.Client) -> None:
    def good() -> bool:
        return bool(operator.get("/status").json()["configuration"]["last_reload"]["success"])

    whole.ostiary.rewrite({**whole.config, "rotues": []})
    whole.ostiary.process.wait_until(lambda: not good(), what="the mistake reported")
    (problem,) = operator.get("/status").json()["configuration"]["last_reload"]["problems"]
    assert "did you mean" in problem or "rotues" in problem
    assert "config_last_reload_success 0.0" in operator.get("/metrics").text
    whole.ostiary.rewrite(dict(whole.config))
    whole.ostiary.process.wait_until(good, what="the mistake mended")


def test_a_renewed_certificate_is_served_and_drops_no_connection(whole: Stack, operator: httpx.Client) -> None:
    def presented() -> bytes | None:
        with connected(whole.port, PUBLIC) as fresh:
            return fresh.getpeercert(binary_form=True)

    with connected(whole.port, PUBLIC) as kept:
        assert ping(kept, PUBLIC) == 200
        before, expiry = presented(), operator.get("/status").json()["certificates"]
        (folder := whole.certificate.chain.parent / "renewed").mkdir()
        renewed = make_certificate(folder, HOSTS)
        renewed.key.replace(whole.certificate.key)
        renewed.chain.replace(whole.certificate.chain)
        whole.ostiary.process.wait_until(lambda: presented() != before, what="the new certificate presented")
        assert ping(kept, PUBLIC) == 200, "the connection from before goes on"
    assert operator.get("/status").json()["certificates"] != expiry
