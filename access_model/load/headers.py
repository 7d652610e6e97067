"""Header names and values from the configuration, lower-cased and fit to be sent (RFC 9110 section 5)."""

import re
from collections.abc import Iterable, Mapping, Sequence

from access_model.forwarding import HeaderRewrite
from access_model.load.marks import Path
from access_model.load.problems import Mistake, Report
from access_model.reserved_headers import never_arrives
from access_model.schema import HeaderRewriteKeys

_TOKEN = re.compile(r"[A-Za-z0-9!#$%&'*+.^_`|~-]+", re.ASCII)
NOT_OURS = frozenset(
    ("connection", "content-length", "cookie", "host", "keep-alive", "proxy-connection", "te", "trailer")
) | {"transfer-encoding", "upgrade"}
"""Headers of the connection, or that the proxy itself must keep in order."""

OF_CLIENTS = frozenset(
    ("accept", "accept-encoding", "accept-language", "authorization", "cache-control", "content-encoding")
) | {"content-type", "date", "expect", "origin", "proxy-authorization", "range", "referer", "user-agent", "via"}
"""Headers that clients need for themselves: what they send under the name of a header of ours is removed."""
OF_CLIENTS_PREFIXES = (
    "access-control-",
    "grpc-",
    "if-",
    "sec-",
    "x-forwarded-for",
    "x-forwarded-proto",
    "x-request-id",
)
FOR_ENVOY = "x-envoy-"
"""Envoy takes such headers for instructions."""

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
    if text.lower().startswith(FOR_ENVOY):
        raise Mistake("reserved-header", f"Envoy takes `{text}` for an instruction", "remove it")
    return text.lower()


def client_header_name(text: str) -> str:
    """Check the name of a header that clients are to send. Raises `Mistake`."""
    name = header_name(text)
    if never_arrives(name):
        message = f"`{text}` is removed from every request, because others could forge it"
        raise Mistake("reserved-header", message, "have clients send another one, as `X-Tenant-Host`")
    return name


def identity_header_name(text: str) -> str:
    """Check the name of a header that tells who the user is. Raises `Mistake`."""
    name = header_name(text)
    if name in OF_CLIENTS or name.startswith(OF_CLIENTS_PREFIXES):
        message = f"`{text}` is a header of clients, and every request would lose its own"
        raise Mistake("reserved-header", message, "choose another name, as `X-Email`")
    return name


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
        if text.lower() in result:
            report.attempt((*path, text), identity_header_name, text)
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


def removed_headers(path: Path, given: Sequence[str], report: Report) -> tuple[str, ...]:
    """Check names of headers that are taken out of requests; sorted. Cookies may be, the connection's own may not."""
    names = [
        text.lower() if text.lower() == "cookie" else report.attempt(element(path, index, report), header_name, text)
        for index, text in enumerate(given)
    ]
    return tuple(sorted({name for name in names if name is not None}))


def check_not_both(path: Path, removed: Iterable[str], given: Iterable[str], report: Report) -> None:
    """Refuse to set a header and remove it as well."""
    for name in sorted({text.lower() for text in given} & set(removed)):
        report.error(path, "given-twice", f"`set_request_headers` sets `{name}`", "keep one of them")


def header_rewrites(path: Path, given: Sequence[HeaderRewriteKeys], report: Report) -> tuple[HeaderRewrite, ...]:
    """Check the rewriting of response headers; what cannot be used is reported and left out."""
    read = [_header_rewrite((*path, index), keys, report) for index, keys in enumerate(given)]
    return tuple(each for each in read if each is not None)


def _header_rewrite(path: Path, keys: HeaderRewriteKeys, report: Report) -> HeaderRewrite | None:
    for key in ("header", "prefix", "value"):
        text = getattr(keys, key)
        if not (text or (key == "value" and text is not None) or report.broken((*path, key))):
            report.error(path, "missing", f"`{key}` is missing", "give `header`, `prefix` and `value`")
        elif text and not text.isprintable():
            report.error((*path, key), "bad-header-value", "the text has control characters", "write one plain line")
    if not keys.header or not keys.prefix or keys.value is None:
        return None
    name = report.attempt((*path, "header"), header_name, keys.header)
    return None if name is None else HeaderRewrite(name, keys.prefix, keys.value)


def element(path: Path, index: int, report: Report) -> Path:
    """Where an element was written, which may be alone and in no list."""
    return (*path, index) if report.marks.written((*path, index)) else path
