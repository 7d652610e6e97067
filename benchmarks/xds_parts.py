"""What the measurements of the control plane run on: two upstreams, a client, and Ostiary on many routes."""

import asyncio
import os
import signal
import socket
import sys
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple, Self

LOOPBACK = "127.0.0.1"
START_SECONDS = 300.0
POLL_SECONDS = 0.005


def free_ports(count: int) -> list[int]:
    """Ports that nobody listens on."""
    probes = [socket.create_server((LOOPBACK, 0)) for _ in range(count)]
    ports = [probe.getsockname()[1] for probe in probes]
    for probe in probes:
        probe.close()
    return ports


@asynccontextmanager
async def upstream(mark: str) -> AsyncIterator[int]:
    """An HTTP/1.1 server that answers every request with `mark`; gives its port."""
    answer = f"HTTP/1.1 200 OK\r\nContent-Length: {len(mark)}\r\n\r\n{mark}".encode()

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            while await reader.readuntil(b"\r\n\r\n"):
                writer.write(answer)
                await writer.drain()
        except (asyncio.IncompleteReadError, ConnectionError):
            pass
        finally:
            writer.close()

    server = await asyncio.start_server(serve, LOOPBACK, 0)
    try:
        yield server.sockets[0].getsockname()[1]
    finally:
        server.close()


class Client:
    """One keep-alive connection to Envoy."""

    def __init__(self, port: int) -> None:
        self._port = port
        self._streams: tuple[asyncio.StreamReader, asyncio.StreamWriter] | None = None

    async def get(self, host: str, path: str = "/") -> tuple[int, str]:
        """Status and body; status 0 when there was no answer."""
        try:
            if self._streams is None:
                self._streams = await asyncio.open_connection(LOOPBACK, self._port)
            reader, writer = self._streams
            writer.write(f"GET {path} HTTP/1.1\r\nHost: {host}\r\n\r\n".encode())
            head = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1").lower()
            length = int(head.partition("content-length: ")[2].partition("\r\n")[0] or 0)
            body = (await reader.readexactly(length)).decode("latin-1")
        except (OSError, asyncio.IncompleteReadError):
            await self.close()
            return 0, ""
        if "connection: close" in head:
            # Envoy drains: this connection goes, the next request opens another one.
            await self.close()
        return int(head.split(" ", 2)[1]), body

    async def close(self) -> None:
        """Close the connection."""
        if self._streams is not None:
            self._streams[1].close()
            self._streams = None


def configuration(count: int, port: int, targets: list[int], **settings: str) -> str:
    """`count` public routes, each on a host of its own; route n leads to the port `targets[n]`."""
    lines = [
        f"address: {LOOPBACK}:{port}",
        "insecure_server: true",
        "authenticate_service_url: http://authenticate.localhost",
        "session_store_url: memory://",
        "envoy: {concurrency: 1}",
        *(f"{key}: {value}" for key, value in settings.items()),
        "routes:",
    ]
    for number in range(count):
        lines += [
            f"  - from: http://{host_of(number)}",
            f"    to: http://{LOOPBACK}:{targets[number]}",
            "    allow_public_unauthenticated_access: true",
        ]
    return "\n".join(lines) + "\n"


def host_of(number: int) -> str:
    """Host of the n-th route."""
    return f"app{number}.localhost"


class Cpu(NamedTuple):
    """Seconds of processor time."""

    python: float
    """Of our own process."""
    envoy: float
    """Of its child."""

    def since(self, before: Self) -> Self:
        """What was used from one moment to another."""
        return type(self)(self.python - before.python, self.envoy - before.envoy)


def _cpu_seconds(pid: int) -> float:
    """User and system time (proc_pid_stat(5), fields 14 and 15)."""
    fields = Path(f"/proc/{pid}/stat").read_text(encoding="utf-8").rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


@dataclass(slots=True)
class Running:
    """`ostiary run` on a configuration file."""

    process: asyncio.subprocess.Process
    """The process."""
    file: Path
    """Its configuration."""
    port: int
    """Where Envoy listens."""
    admin: int
    """Envoy's admin interface."""

    def save(self, text: str) -> None:
        """Replace the configuration in one step."""
        fresh = self.file.with_suffix(".new")
        fresh.write_text(text, encoding="utf-8")
        fresh.replace(self.file)

    async def stat(self, name: str) -> int:
        """One of Envoy's counters."""
        reader, writer = await asyncio.open_connection(LOOPBACK, self.admin)
        writer.write(f"GET /stats?filter=^{name}$ HTTP/1.1\r\nHost: admin\r\nConnection: close\r\n\r\n".encode())
        answer = (await reader.read()).decode("latin-1")
        writer.close()
        return int(answer.rpartition(f"{name}: ")[2].split()[0])

    def cpu(self) -> Cpu:
        """What both have used so far."""
        children = (
            Path(f"/proc/{self.process.pid}/task/{self.process.pid}/children").read_text(encoding="utf-8").split()
        )
        return Cpu(_cpu_seconds(self.process.pid), sum(map(_cpu_seconds, map(int, children))))

    def resident_mebibytes(self) -> float:
        """Memory of the Python process."""
        status = Path(f"/proc/{self.process.pid}/status").read_text(encoding="utf-8")
        return int(status.partition("VmRSS:")[2].split()[0]) / 1024


@asynccontextmanager
async def ostiary(folder: Path, count: int, targets: list[int]) -> AsyncIterator[Running]:
    """Run it; the block begins at once, before anything is served."""
    port, admin = free_ports(2)
    file = folder / f"{count}.yaml"
    file.write_text(configuration(count, port, targets, envoy_admin_address=f"{LOOPBACK}:{admin}"), encoding="utf-8")
    command = [sys.executable, "-m", "ostiary", "run", "-c", str(file), "--log-level", "error"]
    # Compiled modules are kept between two starts, as on a machine of an operator's.
    environment = {name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"}
    with (folder / f"{count}.log").open("wb") as log:
        process = await asyncio.create_subprocess_exec(*command, stdout=log, stderr=log, env=environment)
    try:
        yield Running(process, file, port, admin)
    finally:
        if process.returncode is None:
            process.send_signal(signal.SIGTERM)
        await process.wait()


async def until(client: Client, host: str, body: str) -> float:
    """Wait until `host` is answered with `body`; return when, as of `time.perf_counter`."""
    deadline = time.perf_counter() + START_SECONDS
    while await client.get(host) != (200, body):
        if time.perf_counter() > deadline:
            raise TimeoutError(f"{host} did not answer `{body}`")
        await asyncio.sleep(POLL_SECONDS)
    return time.perf_counter()
