"""Protocols that a connection may change to (RFC 9110 section 7.8)."""

import re

from access_model.load.headers import element
from access_model.load.marks import Path
from access_model.load.problems import Mistake, Report
from access_model.schema import RouteKeys

WEBSOCKET = "websocket"
SPDY = "spdy/3.1"
TUNNELS = frozenset(("connect", "connect-udp", "connect-ip", "h2c", "http/2.0", "tls/1.0"))
"""What would carry requests, or connections to anywhere, past every later decision."""
_PROTOCOL = re.compile(r"[A-Za-z0-9!#$%&'*+.^_`|~-]+(/[A-Za-z0-9!#$%&'*+.^_`|~-]+)?", re.ASCII)


def upgrades(path: Path, keys: RouteKeys, report: Report) -> tuple[str, ...]:
    """All protocols of a route, lower case and sorted."""
    where = (*path, "allow_upgrades")
    others = [
        report.attempt(element(where, index, report), _protocol, text) for index, text in enumerate(keys.allow_upgrades)
    ]
    known = {WEBSOCKET: keys.allow_websockets, SPDY: keys.allow_spdy}
    return tuple(sorted({name for name, allowed in known.items() if allowed} | {each for each in others if each}))


def _protocol(text: str) -> str:
    if _PROTOCOL.fullmatch(text) is None:
        raise Mistake("bad-protocol", f"`{text}` is not the name of a protocol", "write one such as `websocket`")
    if text.lower() in TUNNELS:
        raise Mistake(
            "tunnel", f"`{text}` would carry requests that nobody judges", "remove it; `h2c` upstreams need no upgrade"
        )
    return text.lower()
