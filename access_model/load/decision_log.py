"""`authorize_log_fields`: what the log line of each decision tells."""

from difflib import get_close_matches

from access_model.load.access_log import HEADER, HEADER_PREFIX, lets_in
from access_model.load.headers import element
from access_model.load.marks import Path
from access_model.load.problems import Report
from access_model.schema import Settings

FIELDS = (
    "email",
    "host",
    "id-token-claims",
    "ip",
    "method",
    "path",
    "query",
    "removed-groups-count",
    "request-id",
    "route-id",
    "service-account-id",
    "session-id",
    "user",
)
SECRET = {
    "body": "what people send: passwords and documents among it",
    "headers": "every cookie and every token",
    "id-token": "a token that other services may take for the user",
    "mcp-tool-parameters": "what people send: passwords and documents among it",
}
"""Fields that others have and that no log should hold, and what they would write."""
_NOBODY = "nobody asks in another's name here"
_ONE_ID = "a request has one id, and `request-id` tells it"
_ONE_ROUTE = "`route-id` names the route"
_BODY = "the log does not look into bodies"
ABSENT = {
    "check-request-id": _ONE_ID,
    "cluster-stat-name": _ONE_ROUTE,
    "envoy-route-checksum": _ONE_ROUTE,
    "envoy-route-id": _ONE_ROUTE,
    "impersonate-email": _NOBODY,
    "impersonate-session-id": _NOBODY,
    "impersonate-user-id": _NOBODY,
    "mcp-method": _BODY,
    "mcp-tool": _BODY,
    "route-checksum": _ONE_ROUTE,
}
"""Fields that others have and that there is nothing to fill with here, and why."""


def decision_log_fields(settings: Settings, assertion_header: str, report: Report) -> tuple[str, ...]:
    """The fields, folded and in order; none for our own choice. What cannot be used is reported and left out."""
    kept = []
    for index, text in enumerate(settings.authorize_log_fields):
        path, field = element(("authorize_log_fields",), index, report), text.lower()
        if field in FIELDS:
            kept.append(field)
        elif HEADER.fullmatch(field) is None:
            _refuse(path, text, report)
        elif lets_in(field.removeprefix(HEADER_PREFIX), assertion_header):
            message = f"`{text}` would write to the log what lets its readers in"
            report.error(path, "secret-in-log", message, "remove it")
        else:
            kept.append(field)
    return tuple(dict.fromkeys(kept))


def _refuse(path: Path, text: str, report: Report) -> None:
    field = text.lower()
    if field in SECRET:
        report.error(path, "secret-in-log", f"`{text}` would write to the log {SECRET[field]}", "remove it")
    elif field in ABSENT:
        # Configuration files made for others name these; they cost nobody anything.
        report.warn(path, "no-effect", f"`{text}` is left out of the log: {ABSENT[field]}", "remove it")
    else:
        nearest = next(iter(get_close_matches(field, FIELDS, n=1)), None)
        remedy = f"did you mean `{nearest}`?" if nearest else f"write `headers.<name>` or one of {', '.join(FIELDS)}"
        message = f"`{text}` is no field of the decision log"
        report.error(path, "unknown-field", message, remedy, suggestion=nearest)
