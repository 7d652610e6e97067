"""Signed URLs: how our hosts hand a browser to each other without anyone altering what they say.

A signature is HMAC-SHA256 over scheme, host, path and every parameter in order, each field with its length, so that no
byte can move from one field to the next. The port stays out: proxies strip it, and it tells no two hosts of ours apart.
"""

import base64
import hmac
import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from types import MappingProxyType
from urllib.parse import parse_qsl, urlencode, urlsplit

from session_store.sealing import bind

LIFETIME = timedelta(minutes=5)
SKEW = timedelta(seconds=60)

ISSUED = "pomerium_issued"
EXPIRY = "pomerium_expiry"
SIGNATURE = "pomerium_signature"

MAX_URL = 16_384
MAX_PARAMETERS = 20

# `urlsplit` drops tabs and line ends without a word.
_PRINTABLE = re.compile(r"[!-~]+")


class SignatureProblem(StrEnum):
    """Why a signed URL is refused."""

    MALFORMED = "malformed"
    DUPLICATE = "duplicate-parameter"
    UNSIGNED = "unsigned"
    FORGED = "forged"
    EXPIRED = "expired"
    NOT_YET = "issued-in-the-future"


@dataclass(frozen=True, slots=True)
class Verified:
    """What a URL says that we signed."""

    params: Mapping[str, str]
    """Its parameters without signature and times; each occurs once."""


@dataclass(frozen=True, slots=True)
class SignatureRefused:
    """A URL that we did not sign, or not now."""

    reason: SignatureProblem
    """Why."""


def sign(url: str, key: bytes, issued: datetime, lifetime: timedelta = LIFETIME) -> str:
    """Add times and signature to an absolute URL; its path must not be empty."""
    second = int(issued.timestamp())
    times = urlencode({ISSUED: second, EXPIRY: second + int(lifetime.total_seconds())})
    dated = f"{url}{'&' if '?' in url else '?'}{times}"
    return f"{dated}&{SIGNATURE}={_signature(dated, _parameters(dated), key)}"


def verify(url: str, key: bytes, now: datetime) -> Verified | SignatureRefused:
    """Check a URL as it was asked for; nothing in it may be believed unless the answer is `Verified`."""
    try:
        params = _parameters(url)
    except ValueError:
        return SignatureRefused(SignatureProblem.MALFORMED)
    named = dict(params)
    if len(named) != len(params):
        return SignatureRefused(SignatureProblem.DUPLICATE)
    if SIGNATURE not in named:
        return SignatureRefused(SignatureProblem.UNSIGNED)
    signed = [(name, value) for name, value in params if name != SIGNATURE]
    if not hmac.compare_digest(named[SIGNATURE].encode(), _signature(url, signed, key).encode()):
        return SignatureRefused(SignatureProblem.FORGED)
    return _in_time(named, now) or Verified(
        MappingProxyType({name: value for name, value in signed if name not in (ISSUED, EXPIRY)})
    )


def _in_time(named: Mapping[str, str], now: datetime) -> SignatureRefused | None:
    if int(named[EXPIRY]) <= now.timestamp():
        return SignatureRefused(SignatureProblem.EXPIRED)
    if int(named[ISSUED]) > (now + SKEW).timestamp():
        return SignatureRefused(SignatureProblem.NOT_YET)
    return None


def _parameters(url: str) -> list[tuple[str, str]]:
    if len(url) > MAX_URL or not _PRINTABLE.fullmatch(url):
        raise ValueError("too long, or not printable")
    query = urlsplit(url).query
    return parse_qsl(query, keep_blank_values=True, strict_parsing=True, errors="strict", max_num_fields=MAX_PARAMETERS)


def _signature(url: str, params: list[tuple[str, str]], key: bytes) -> str:
    parts = urlsplit(url)
    fields = [parts.scheme, parts.hostname or "", parts.path, *(text for pair in params for text in pair)]
    digest = hmac.digest(key, bind("signed url v1", *fields), "sha256")
    return base64.urlsafe_b64encode(digest).rstrip(b"=").decode()
