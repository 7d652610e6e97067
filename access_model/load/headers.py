"""Header names and values from the configuration, lower-cased and fit to be sent (RFC 9110 section 5)."""

import re
from collections.abc import Mapping

from access_model.load.marks import Path
from access_model.load.problems import Mistake, Report

_TOKEN = re.compile(r"[A-Za-z0-9!#$%&'*+.^_`|~-]+", re.ASCII)
NOT_OURS = frozenset(
    ("connection", "content-length", "cookie", "host", "keep-alive", "proxy-connection", "te", "trailer")
) | {"transfer-encoding", "upgrade"}
"""Headers of the connection, or that the proxy itself must keep in order."""

DEFAULT_RESPONSE_HEADERS = {
    "strict-transport-security": "max-age=31536000; includeSubDomains; preload",
    "x-frame-options": "SAMEORIGIN",
}


def header_name(text: str) -> str:
    """Check and lower-case a header name. Raises `Mistake`."""
    if _TOKEN.fullmatch(text) is None:
        raise Mistake("bad-header-name", f"`{text}` is not a header name", "use letters, digits and `-`")
    if text.lower() in NOT_OURS:
        raise Mistake("reserved-header", f"the header `{text}` cannot be set here", "remove it")
    return text.lower()


def headers(path: Path, given: Mapping[str, str], report: Report) -> dict[str, str]:
    """Check a mapping of header names to texts; what is wrong is reported at its header."""
    result: dict[str, str] = {}
    for text, value in given.items():
        name = report.attempt((*path, text), header_name, text)
        if name is None:
            continue
        if name in result:
            report.error(
                (*path, text), "given-twice", f"the header `{name}` is given twice", "keep one; case is ignored"
            )
        if not value.isprintable():
            report.error((*path, text), "bad-header-value", "the value has control characters", "write one plain line")
        result[name] = value
    return dict(sorted(result.items()))


def claim_headers(path: Path, given: Mapping[str, str], assertion_header: str, report: Report) -> dict[str, str]:
    """Check a mapping of header names to claims."""
    result = headers(path, given, report)
    for text, claim in given.items():
        if text.lower() == assertion_header:
            message = f"`{text}` is the header of the assertion itself"
            report.error((*path, text), "reserved-header", message, "choose another name")
        if not claim:
            report.error((*path, text), "empty-text", "no claim is named", "write the claim's name")
    return result


def response_headers(given: Mapping[str, str] | None, report: Report) -> dict[str, str]:
    """`set_response_headers`: the defaults without it, nothing with `disable`."""
    if given is None:
        return dict(DEFAULT_RESPONSE_HEADERS)
    return {} if "disable" in given else headers(("set_response_headers",), given, report)
