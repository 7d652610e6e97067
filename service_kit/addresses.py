"""Where a service listens: `unix:///path`, `unix:/path` or `host:port`."""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

# sun_path holds 108 bytes with the closing NUL (unix(7)); Envoy refuses what does not fit.
LONGEST_SOCKET_PATH = 107


@dataclass(frozen=True, slots=True)
class UnixAddress:
    """A Unix domain socket."""

    path: Path
    """Absolute path of the socket."""

    def __str__(self) -> str:
        return f"unix:{self.path}"


@dataclass(frozen=True, slots=True)
class TcpAddress:
    """A TCP address."""

    host: str
    """Name or IP literal, without brackets."""
    port: int
    """Port."""

    def __str__(self) -> str:
        return f"[{self.host}]:{self.port}" if ":" in self.host else f"{self.host}:{self.port}"


Address = UnixAddress | TcpAddress


@contextmanager
def owner_only() -> Iterator[None]:
    """Within the block, sockets and files come into being such that their owner alone can open them."""
    before = os.umask(0o177)
    try:
        yield
    finally:
        os.umask(before)


def parse_address(text: str) -> Address:
    """Read an address; its `str()` is what gRPC takes. Raises ValueError with a message for the operator."""
    if text.startswith("unix:"):
        path = Path(text.removeprefix("unix:").removeprefix("//"))
        if not path.is_absolute():
            raise ValueError(f"`{text}` names no absolute path; write `unix:///run/ostiary/xds.sock`")
        if len(str(path).encode()) > LONGEST_SOCKET_PATH:
            raise ValueError(
                f"`{path}` is longer than a Unix socket's {LONGEST_SOCKET_PATH} bytes; choose a shorter one"
            )
        return UnixAddress(path)
    host, colon, port = text.rpartition(":")
    if not colon or not port.isdecimal() or not 0 < int(port) < 65536:
        raise ValueError(f"`{text}` is no address; write `host:port` or `unix:///path`")
    return TcpAddress(host.strip("[]") or "0.0.0.0", int(port))  # noqa: S104 - `:port` means every interface
