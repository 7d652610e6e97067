"""The demo in the foreground: identity provider, three demo applications, and `ostiary run` on `ostiary.yaml`.

Ctrl-C, or TERM, ends all of it. State (sessions, keys, the local authority) stays in `.state/`, so a second start finds
everyone still signed in.
"""

import asyncio
import json
import shutil
import sys
from collections import deque
from collections.abc import Sequence
from contextlib import AsyncExitStack
from pathlib import Path

from service_kit.children import Child, ChildNotStarted, start_child
from service_kit.signals import ending_signals

HERE = Path(__file__).resolve().parent
PROVIDER = HERE / "identity-provider"
CONFIGURATION = HERE / "ostiary.yaml"
AUTHORITY = HERE / ".state" / "local-ca" / "ca.pem"
ENVOY = "127.0.0.1:8443"
APPLICATIONS = {"Verify": 9081, "Team": 9082, "Public page": 9083}
START_SECONDS = 60


class DemoFailed(Exception):
    """A part of the demo did not start, or ended by itself."""


async def main() -> None:
    """Start every part, tell where to go, wait for a signal or for a part to end."""
    async with AsyncExitStack() as parts:
        with ending_signals() as asked:
            children = [await _start(parts, "identity provider", _provider_command())]
            for name, port in APPLICATIONS.items():
                children.append(await _start(parts, name, _application_command(name, port)))
            children.append(await _start(parts, "ostiary", _ostiary_command(), ready='"event": "ready"'))
            _welcome()
            await _first(asked, children)


async def _start(parts: AsyncExitStack, name: str, command: Sequence[str], *, ready: str = '"listening"') -> Child:
    up = asyncio.Event()
    last_words: deque[str] = deque(maxlen=5)

    def line(text: str) -> None:
        last_words.append(text)
        if ready in text:
            up.set()
        elif name == "ostiary" or up.is_set():
            print(text if name == "ostiary" else f"{name}: {text}", flush=True)

    child = await start_child(name, command, on_line=line)
    parts.push_async_callback(child.stop, 10)
    ended = asyncio.create_task(child.process.wait())
    began = asyncio.create_task(up.wait())
    await asyncio.wait({ended, began}, timeout=START_SECONDS, return_when=asyncio.FIRST_COMPLETED)
    ended.cancel()
    began.cancel()
    if not up.is_set():
        said = "\n  ".join(last_words) or "(nothing)"
        raise DemoFailed(f"{name} did not start; it said:\n  {said}")
    return child


async def _first(asked: asyncio.Event, children: Sequence[Child]) -> None:
    ends = {asyncio.create_task(child.process.wait()): child for child in children}
    signal = asyncio.create_task(asked.wait())
    await asyncio.wait({signal, *ends}, return_when=asyncio.FIRST_COMPLETED)
    signal.cancel()
    for task, child in ends.items():
        if task.done() and not asked.is_set():
            raise DemoFailed(f"{child.name} ended by itself with code {task.result()}")
        task.cancel()


def _provider_command() -> list[str]:
    node = shutil.which("node")
    if node is None:
        raise DemoFailed("the demo's identity provider needs Node.js; install it and try again")
    return [node, str(PROVIDER / "server.mjs"), str(PROVIDER / "settings.json")]


def _application_command(name: str, port: int) -> list[str]:
    command = [sys.executable, str(HERE / "verify" / "app.py"), "--port", str(port), "--name", name]
    # The names of the demo resolve to loopback in browsers alone, so the keys are fetched from Envoy's address.
    return [*command, "--connect-to", ENVOY, "--ca-file", str(AUTHORITY)]


def _ostiary_command() -> list[str]:
    return [sys.executable, "-m", "ostiary", "run", "--config", str(CONFIGURATION)]


def _welcome() -> None:
    users = json.loads((PROVIDER / "settings.json").read_text(encoding="utf-8"))["users"]
    people = "\n".join(f"    {user['id']:<10}{user['password']:<14}{user['email']}" for user in users)
    print(
        f"""
  Ostiary is running.

  Open            https://verify.localhost:8443
  and             https://team.localhost:8443 (people of example.com), https://public.localhost:8443

  Sign in as      password      e-mail
{people}

  Configuration   {CONFIGURATION}
  Authority       {AUTHORITY} (import it into the browser, or accept its warning)

  Ctrl-C ends everything.
""",
        flush=True,
    )


if __name__ == "__main__":
    try:
        asyncio.run(main())
    except (DemoFailed, ChildNotStarted) as failure:
        sys.exit(f"demo: {failure}")
