"""`depends_on`: further hosts that get their cookie in the same login as a route."""

import re

from access_model.load.headers import element
from access_model.load.hosts import host_name
from access_model.load.marks import Path
from access_model.load.problems import Mistake, Report
from access_model.schema import RouteKeys

MOST = 5
"""Each takes two redirects, and browsers follow some twenty in a row."""
_AUTHORITY = re.compile(r"(?P<host>[^:/?#@\s]+)(?P<port>:[0-9]{1,5})?")


def companions(path: Path, keys: RouteKeys, report: Report) -> tuple[str, ...]:
    """The companions of a route, `host` or `host:port`, hosts folded; what cannot be read is reported and left out."""
    where = (*path, "depends_on")
    if len(keys.depends_on) > MOST:
        message = f"a login cannot go on to {len(keys.depends_on)} further hosts, for browsers would give up"
        report.error(where, "too-many", message, f"name {MOST} at most")
    read = (
        report.attempt(element(where, index, report), _companion, text) for index, text in enumerate(keys.depends_on)
    )
    return tuple(each for each in read if each is not None)


def _companion(text: str) -> str:
    match = _AUTHORITY.fullmatch(text)
    if match is None:
        raise Mistake("bad-host", f"`{text}` is not a host", "write `api.example.com`, with its port if it is not 443")
    return host_name(match["host"]) + (match["port"] or "")
