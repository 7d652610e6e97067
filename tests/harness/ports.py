"""Free ports on the loopback interface."""

import socket
from contextlib import ExitStack

LOOPBACK = "127.0.0.1"


def free_ports(count: int) -> list[int]:
    """Return `count` different TCP ports that nobody listens on.

    They are all held open until the last is chosen, so no two are equal. Another process may take one before its user
    binds it; the kernel hands out ephemeral ports in turn, which makes that unlikely.
    """
    with ExitStack() as held:
        sockets = [held.enter_context(socket.socket()) for _ in range(count)]
        for one in sockets:
            one.bind((LOOPBACK, 0))
        return [int(one.getsockname()[1]) for one in sockets]


def free_port() -> int:
    """Return one TCP port that nobody listens on."""
    return free_ports(1)[0]
