"""How long sessions live without use, and without their store."""

from datetime import timedelta

from access_model.load.problems import Report
from access_model.schema import Settings

SHORTEST_IDLE = timedelta(minutes=1)
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


def store_grace(settings: Settings, report: Report) -> timedelta:
    """The grace; whoever is signed out meanwhile stays in for so long, hence the limit."""
    given = settings.store_grace
    if not timedelta(0) <= given <= LONGEST_GRACE:
        message = "a sign-out cannot be noticed while the store is away, so this has to end soon"
        report.error(("store_grace",), "bad-duration", message, "write `30s`, or `1h` at most")
    return given
