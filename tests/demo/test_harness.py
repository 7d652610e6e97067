"""The harness itself: what it records, what it ends, what it says."""

import signal
import sys
from pathlib import Path

import pytest

from tests.harness import parts
from tests.harness.loopback import local_async_client, local_client
from tests.harness.ports import free_ports
from tests.harness.processes import Process, ProcessFailed, is_alive, running
from tests.harness.raw_http import get_raw, send_raw
from tests.harness.upstream import Upstream
from tests.harness.web_client import web_client


def python(folder: Path, program: str) -> Process:
    return Process.start("child", [sys.executable, "-c", program], folder=folder)


def test_free_ports_differ() -> None:
    assert len(set(free_ports(20))) == 20


def test_an_upstream_records_bytes_order_case_and_duplicates(upstream: Upstream) -> None:
    sent = get_raw("x", "/a/../b?c=%2F", "X-Role: a", "x-role: b", "X_Odd: c")
    assert send_raw(upstream.port, sent).status == 200
    request = upstream.last()
    assert request.head == sent
    assert request.target == "/a/../b?c=%2F"
    assert request.values("X-ROLE") == ["a", "b"]
    assert "x-odd" in request.folded_names()
    with pytest.raises(AssertionError, match="2 `x-role` headers"):
        request.value("x-role")


def test_an_upstream_reads_bodies_and_keeps_connections(upstream: Upstream) -> None:
    with local_client() as client:
        client.post(f"{upstream.url}/length", content=b"abc")
        client.post(f"{upstream.url}/chunked", content=iter([b"de", b"f"]))
        client.head(f"{upstream.url}/head")
    assert [request.body for request in upstream.requests] == [b"abc", b"def", b""]


def test_bytes_that_are_no_http_are_not_recorded(upstream: Upstream) -> None:
    assert send_raw(upstream.port, b"nonsense\r\n\r\n").status is None
    assert upstream.requests == []


async def test_names_under_localhost_are_loopback_and_stay_in_the_host_header(upstream: Upstream) -> None:
    async with local_async_client() as client:
        await client.get(f"http://a.localhost:{upstream.port}/")
    assert upstream.last().value("host") == f"a.localhost:{upstream.port}"


def test_a_web_client_navigates_and_a_script_does_not(upstream: Upstream) -> None:
    with web_client() as client:
        client.get(f"http://a.localhost:{upstream.port}/")
        client.send("GET", f"http://a.localhost:{upstream.port}/")
    navigation, script = upstream.requests
    assert navigation.value("sec-fetch-mode") == "navigate"
    assert script.value("sec-fetch-mode") is None


def test_a_process_that_ends_early_shows_its_output(tmp_path: Path) -> None:
    process = python(tmp_path, "print('the reason'); exit(3)")
    with running(process), pytest.raises(ProcessFailed, match=r"(?s)ended with 3 before .*the reason"):
        process.wait_for_line("never")


def test_a_silent_process_is_given_up(tmp_path: Path) -> None:
    process = python(tmp_path, "import time; time.sleep(60)")
    with running(process), pytest.raises(ProcessFailed, match=r"not line with `never` after 0\.2 s"):
        process.wait_for_line("never", deadline=0.2)


def test_a_second_process_of_a_name_has_a_log_of_its_own(tmp_path: Path) -> None:
    for text in ("first", "second"):
        with running(python(tmp_path, f"print('{text}')")) as process:
            assert process.wait_for_end() == 0
            assert process.output() == f"{text}\n"


def test_stopping_takes_the_whole_family_along(tmp_path: Path) -> None:
    stubborn = "import signal, time; signal.signal(signal.SIGTERM, signal.SIG_IGN); print('up'); time.sleep(60)"
    parent = (
        f"import subprocess, sys; subprocess.Popen([sys.executable, '-c', {stubborn!r}], start_new_session=True).wait()"
    )
    process = python(tmp_path, parent)
    process.wait_for_line("up")
    (child,) = process.descendants()
    assert is_alive(child)
    process.stop()
    process.stop()
    assert process.child.returncode == -signal.SIGTERM
    assert not is_alive(child)
    assert process.descendants() == []


def test_a_missing_part_is_a_skip_or_a_failure(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv(parts.REQUIRE_ALL, raising=False)
    with pytest.raises(pytest.skip.Exception, match="`no-such-program` is missing; install it"):
        parts.program("no-such-program", "install it")
    monkeypatch.setenv(parts.REQUIRE_ALL, "1")
    with pytest.raises(pytest.fail.Exception, match="`no-such-program` is missing; install it"):
        parts.program("no-such-program", "install it")
