"""Supervised children: their lines, their end, and that they never outlive us."""

import asyncio
import os
import signal
import sys
from pathlib import Path

import pytest

from service_kit.children import ChildNotStarted, start_child

STUBBORN = "import signal, time; signal.signal(signal.SIGTERM, signal.SIG_IGN); print('up', flush=True); time.sleep(60)"


async def test_every_line_arrives_before_the_end_does() -> None:
    lines: list[str] = []
    child = await start_child("talker", [sys.executable, "-c", "print('a'); print('b')"], on_line=lines.append)
    assert await child.wait() == 0
    assert lines == ["a", "b"]


async def test_stop_asks_first() -> None:
    up = asyncio.Event()
    command = [sys.executable, "-c", "print('up', flush=True); import time; time.sleep(60)"]
    child = await start_child("sleeper", command, on_line=lambda _: up.set())
    await up.wait()
    assert await child.stop() == -signal.SIGTERM


async def test_stop_insists_when_asking_does_not_help() -> None:
    up = asyncio.Event()
    child = await start_child("stubborn", [sys.executable, "-c", STUBBORN], on_line=lambda _: up.set())
    await up.wait()
    assert await child.stop(grace=0.1) == -signal.SIGKILL


async def test_stop_after_the_end_gives_the_code_again() -> None:
    child = await start_child("quick", [sys.executable, "-c", "raise SystemExit(7)"], on_line=lambda _: None)
    assert await child.wait() == 7
    assert await child.stop() == 7


async def test_a_missing_executable_is_named() -> None:
    with pytest.raises(ChildNotStarted, match="`/no/such/envoy` cannot be started: there is no such program"):
        await start_child("envoy", ["/no/such/envoy"], on_line=lambda _: None)


async def test_a_line_without_end_does_not_stop_the_next(tmp_path: Path) -> None:
    lines: list[str] = []
    script = "print('x' * (3 << 20)); print('after')"
    child = await start_child("long", [sys.executable, "-c", script], on_line=lines.append)
    assert await child.wait() == 0
    assert lines[-1] == "after"


PARENT = """
import asyncio, sys
from service_kit.children import start_child
async def main():
    child = await start_child("c", [sys.executable, "-c", "import time; time.sleep(60)"], on_line=print)
    print(child.process.pid, flush=True)
    await child.wait()
asyncio.run(main())
"""


async def test_a_child_dies_with_a_parent_that_was_killed() -> None:
    parent = await asyncio.create_subprocess_exec(sys.executable, "-c", PARENT, stdout=asyncio.subprocess.PIPE)
    assert parent.stdout is not None
    child = int(await parent.stdout.readline())
    gone = os.pidfd_open(child)  # readable once that very process has ended
    try:
        parent.kill()
        await parent.wait()
        ended = asyncio.Event()
        asyncio.get_running_loop().add_reader(gone, ended.set)
        await asyncio.wait_for(ended.wait(), 10)
    finally:
        asyncio.get_running_loop().remove_reader(gone)
        os.close(gone)
