"""`access_log_fields`: what the access log tells of each request."""

import re
from collections.abc import Iterable
from difflib import get_close_matches

from access_model.load.headers import element
from access_model.load.problems import Report
from access_model.model import Route
from access_model.reserved_headers import OWN_PREFIX
from access_model.schema import Settings

FIELDS = (
    "authority",
    "duration",
    "forwarded-for",
    "ip",
    "method",
    "path",
    "query",
    "referer",
    "request-id",
    "response-code",
    "response-code-details",
    "size",
    "upstream-cluster",
    "user-agent",
)
HEADER_PREFIX = "headers."
SECRET = frozenset(("authorization", "cookie", "proxy-authorization"))
"""Headers that carry credentials."""
HEADER = re.compile(r"headers\.[a-z0-9-]{1,128}", re.ASCII)
"""A header's field, folded."""
_TOKEN = re.compile(r"pomerium\s*\.\s*(?:jwt|access_token|id_token)")


def access_log_fields(settings: Settings, assertion_header: str, report: Report) -> tuple[str, ...]:
    """The fields, folded and in order; none for our own choice. What cannot be used is reported and left out."""
    kept = []
    for index, text in enumerate(settings.access_log_fields):
        path, field = element(("access_log_fields",), index, report), text.lower()
        header = field.removeprefix(HEADER_PREFIX)
        if field not in FIELDS and HEADER.fullmatch(field) is None:
            nearest = next(iter(get_close_matches(field, FIELDS, n=1)), None)
            remedy = (
                f"did you mean `{nearest}`?" if nearest else f"write `headers.<name>` or one of {', '.join(FIELDS)}"
            )
            report.error(path, "unknown-field", f"`{text}` is no field of the access log", remedy, suggestion=nearest)
        elif header != field and lets_in(header, assertion_header):
            message = f"`{text}` would write to the log what lets its readers in"
            report.error(path, "secret-in-log", message, "remove it")
        else:
            kept.append(field)
    return tuple(dict.fromkeys(kept))


def lets_in(header: str, assertion_header: str) -> bool:
    """Whether what stands in a header, by its folded name, may be a credential or an assertion."""
    return header in SECRET or header == assertion_header or header.startswith(OWN_PREFIX)


def check_logged(fields: Iterable[str], routes: Iterable[tuple[int, Route]], report: Report) -> None:
    """Refuse to log a header in which a route tells its upstream a token: Envoy logs requests as they were sent on."""
    logged = {field.removeprefix(HEADER_PREFIX) for field in fields if field.startswith(HEADER_PREFIX)}
    for index, route in routes if logged else ():
        for name, template in route.set_request_headers.items():
            if name.lower() in logged and _TOKEN.search(template):
                message = f"`headers.{name.lower()}` would write to the log what `routes[{index}]` puts there: a token"
                report.error(("access_log_fields",), "secret-in-log", message, "remove it")
