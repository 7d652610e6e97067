"""How long sessions live without use, and without their store; how often somebody may try to get one."""

from datetime import timedelta

from access_model.forwarding import RateLimit
from access_model.load.problems import Report
from access_model.load.rate_limit import rate_limit
from access_model.schema import Settings

SHORTEST_IDLE = timedelta(minutes=1)
SHORTEST_RECHECK = timedelta(seconds=1)
LONGEST_GRACE = timedelta(hours=1)


def idle_timeout(settings: Settings, report: Report) -> timedelta | None:
    """The idle timeout; None where it is switched off."""
    given = settings.session_idle_timeout
    if given == timedelta(0):
        return None
    if given < SHORTEST_IDLE:
        message = "use of a session is recorded once a minute at most, so nothing shorter can be kept"
        remedy = "write `1m` or more, or `0` for none"
        report.error(("session_idle_timeout",), "bad-duration", message, remedy)
    return given


def stream_recheck(settings: Settings, report: Report) -> timedelta | None:
    """Within what time a stream ends with its session; None where it need not."""
    given = settings.stream_recheck
    if given == timedelta(0):
        return None
    if given < SHORTEST_RECHECK:
        message = "the store would be asked about every stream all the time"
        report.error(("stream_recheck",), "bad-duration", message, "write `1s` or more, or `0` for never")
    return given


def attempt_limits(settings: Settings, report: Report) -> dict[str, RateLimit]:
    """Those of the limits of the access model that are given, by the names that it has for them."""
    given = {
        "sign_in_limit": rate_limit(("sign_in_rate_limit",), settings.sign_in_rate_limit, report),
        "token_failure_limit": rate_limit(("token_failure_rate_limit",), settings.token_failure_rate_limit, report),
    }
    return {name: limit for name, limit in given.items() if limit is not None}


def store_grace(settings: Settings, report: Report) -> timedelta:
    """The grace; whoever is signed out meanwhile stays in for so long, hence the limit."""
    given = settings.store_grace
    if not timedelta(0) <= given <= LONGEST_GRACE:
        message = "a sign-out cannot be noticed while the store is away, so this has to end soon"
        report.error(("store_grace",), "bad-duration", message, "write `30s`, or `1h` at most")
    return given
