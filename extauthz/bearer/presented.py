"""The bearer token of a request (RFC 6750 section 2.1): in the `Authorization` header, and nowhere else."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from access_model.model import Route
from access_model.secret import Secret
from extauthz.credentials import is_ours

MAX_TOKEN = 16_384

_SCHEME = re.compile(r"(?i:bearer)(?:[ \t]+(?P<token>.*))?", re.DOTALL)
_TOKEN = re.compile(rf"(?=.{{1,{MAX_TOKEN}}}\Z)[A-Za-z0-9._~+/-]+=*", re.DOTALL)


@dataclass(frozen=True, slots=True)
class MalformedBearer:
    """Something stands where a token belongs, and cannot be one."""


def is_bearer(authorization: str) -> bool:
    """Whether the value of an `Authorization` header is of this scheme, and no credential of our own in its guise."""
    return not is_ours(authorization) and _SCHEME.fullmatch(authorization.strip(" \t")) is not None


def read_bearer(headers: Mapping[str, Sequence[str]], route: Route) -> Secret | MalformedBearer | None:
    """The token that a request presents to its route; None where there is none, or where it is the upstream's."""
    values = headers.get("authorization", ()) if route.bearer_format != "default" else ()
    value = next((each for each in values if is_bearer(each)), None)
    if value is None:
        return None
    match = _SCHEME.fullmatch(value.strip(" \t"))
    token = (match and match["token"]) or ""
    return Secret.of(token) if _TOKEN.fullmatch(token) else MalformedBearer()
