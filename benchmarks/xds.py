"""How fast a change of the configuration counts, and what it costs: `make bench-xds`.

Every figure is taken from outside, on the real thing: `ostiary run` with its Envoy, a file saved, a request answered.
The results, with all single values, are written to `benchmarks/data/xds.json`.
"""

import argparse
import asyncio
import json
import os
import platform
import statistics
import tempfile
import time
from collections import Counter
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from benchmarks.xds_clients import crowd
from benchmarks.xds_parts import Client, Cpu, configuration, host_of, ostiary, until, upstream

DATA = Path(__file__).with_name("data") / "xds.json"
CHANGES = {10: 50, 100: 50, 1_000: 30, 10_000: 10}
QUIET_SECONDS = 1.0
"""After which nobody is busy any more with what has come before."""
FLIPS = 200
LOAD_CONNECTIONS = 4
COLUMNS = [
    "routes",
    "cold s",
    "of it CPU of Python",
    "of Envoy",
    "change p50 s",
    "p99 s",
    "CPU of Python",
    "of Envoy",
    "first bytes",
    "bytes per change",
    "Python MiB",
    "Envoy MiB",
]
RECEIVED = "cluster.ostiary-xds.upstream_cx_rx_bytes_total"


async def changes(folder: Path, count: int, repeats: int, marks: dict[str, int]) -> dict[str, Any]:
    """Cold start with `count` routes, then changes of the last one, one at a time."""
    targets = [marks["a"]] * count
    begun = time.perf_counter()
    async with ostiary(folder, count, targets) as running:
        client, host = Client(running.port), host_of(count - 1)
        cold = await until(client, host, "a") - begun
        cold_cpu = running.cpu()
        initial = await running.stat(RECEIVED)
        await asyncio.sleep(QUIET_SECONDS)
        before, seconds = running.cpu(), []
        for number in range(repeats):
            mark = "ba"[number % 2]
            targets[-1] = marks[mark]
            text = configuration(count, running.port, targets, envoy_admin_address=f"127.0.0.1:{running.admin}")
            saved = time.perf_counter()
            running.save(text)
            seconds.append(await until(client, host, mark) - saved)
        await asyncio.sleep(QUIET_SECONDS)
        used = running.cpu().since(before)
        received = await running.stat(RECEIVED) - initial
        allocated = await running.stat("server.memory_allocated")
        result = {
            "routes": count,
            "cold_seconds": round(cold, 3),
            "cold_cpu_seconds": _rounded(cold_cpu),
            "change_seconds": _summary(seconds),
            "cpu_seconds_per_change": _rounded(Cpu(used.python / repeats, used.envoy / repeats)),
            "initial_bytes": initial,
            "bytes_per_change": round(received / repeats),
            "python_mebibytes": round(running.resident_mebibytes(), 1),
            "envoy_mebibytes": round(allocated / (1 << 20), 1),
        }
        await client.close()
    return result


def _rounded(cpu: Cpu) -> dict[str, float]:
    return {name: round(seconds, 3) for name, seconds in cpu._asdict().items()}


async def flips(folder: Path, marks: dict[str, int]) -> dict[str, Any]:
    """One route to and fro between two upstreams while requests keep coming."""
    statuses: Counter[int] = Counter()
    targets = [marks["a"]] * 10
    async with ostiary(folder, 10, targets) as running:
        watcher, host = Client(running.port), host_of(9)
        await until(watcher, host, "a")
        load = [asyncio.create_task(_load(Client(running.port), host, statuses)) for _ in range(LOAD_CONNECTIONS)]
        begun = time.perf_counter()
        for number in range(FLIPS):
            mark = "ba"[number % 2]
            targets[-1] = marks[mark]
            running.save(configuration(10, running.port, targets, envoy_admin_address=f"127.0.0.1:{running.admin}"))
            await until(watcher, host, mark)
        elapsed = time.perf_counter() - begun
        for task in load:
            task.cancel()
        await asyncio.gather(*load, return_exceptions=True)
    return {"flips": FLIPS, "seconds": round(elapsed, 1), "responses": {str(key): statuses[key] for key in statuses}}


async def _load(client: Client, host: str, statuses: Counter[int]) -> None:
    try:
        while True:
            status, _ = await client.get(host)
            statuses[status] += 1
    finally:
        await client.close()


def _summary(seconds: list[float]) -> dict[str, Any]:
    ordered = sorted(seconds)
    return {
        "p50": round(statistics.median(ordered), 3),
        "p99": round(ordered[min(len(ordered) - 1, int(len(ordered) * 0.99))], 3),
        "all": [round(each, 4) for each in seconds],
    }


async def measure(counts: list[int]) -> dict[str, Any]:
    """Everything, smallest first."""
    told: dict[str, Any] = {
        "at": datetime.now(UTC).isoformat(timespec="seconds"),
        "machine": {"cores": os.cpu_count(), "python": platform.python_version(), "load": os.getloadavg()[0]},
        "changes": [],
    }
    with tempfile.TemporaryDirectory() as name:
        async with upstream("a") as first, upstream("b") as second:
            marks = {"a": first, "b": second}
            for count in counts:
                told["changes"].append(await changes(Path(name), count, CHANGES.get(count, 10), marks))
                print(_line(told["changes"][-1]), flush=True)
            told["flips"] = await flips(Path(name), marks)
            print(told["flips"], flush=True)
        told["crowd"] = await crowd(Path(name))
        print(told["crowd"], flush=True)
    return told


def _line(result: dict[str, Any]) -> str:
    change, cold, each = result["change_seconds"], result["cold_cpu_seconds"], result["cpu_seconds_per_change"]
    cells = [result["routes"], result["cold_seconds"], cold["python"], cold["envoy"]]
    cells += [change["p50"], change["p99"], each["python"], each["envoy"], result["initial_bytes"]]
    cells += [result["bytes_per_change"], result["python_mebibytes"], result["envoy_mebibytes"]]
    return f"| {' | '.join(map(str, cells))} |"


def main() -> None:
    """Measure, print, write."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--routes", type=int, nargs="*", default=list(CHANGES))
    parser.add_argument("--output", type=Path, default=DATA)
    options = parser.parse_args()
    print(f"| {' | '.join(COLUMNS)} |")
    told = asyncio.run(measure(options.routes))
    options.output.write_text(json.dumps(told, indent=1) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
