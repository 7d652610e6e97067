"""How many requests pass on a route."""

from datetime import timedelta

from access_model.forwarding import RateLimit
from access_model.load.marks import Path
from access_model.load.problems import Report
from access_model.schema import AttemptLimitKeys, RateLimitKeys

SHORTEST = timedelta(milliseconds=50)
"""Envoy does not refill more often."""


def rate_limit(path: Path, keys: RateLimitKeys | AttemptLimitKeys | None, report: Report) -> RateLimit | None:
    """The limit; None when there is none, or it cannot be used."""
    if keys is None:
        return None
    if keys.interval < SHORTEST:
        report.error((*path, "interval"), "bad-duration", "the interval is shorter than 50ms", "write `50ms` or more")
    if keys.requests is None:
        if not report.broken((*path, "requests")):
            report.error(path, "missing", "the limit has no `requests`", "add it, as `requests: 100`")
        return None
    burst = keys.requests if keys.burst is None else keys.burst
    if burst < keys.requests:
        message = "`burst` is smaller than `requests`, which could never pass"
        report.error((*path, "burst"), "bad-number", message, "raise it, or leave it out")
    return RateLimit(keys.requests, keys.interval, burst)
