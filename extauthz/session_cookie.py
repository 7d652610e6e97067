"""The session cookie: an opaque handle, and where it is good."""

import base64
import hashlib
import re
from dataclasses import dataclass, field
from datetime import datetime

from access_model.model import CookieSettings
from extauthz.cookies import Pairs, SetCookie, delete_cookie, sole_value
from session_store.records import Handle, Session

HANDLE_BYTES = 32

_VALUE = re.compile(r"[A-Za-z0-9_-]{43}")


def token_hash(value: str) -> bytes:
    """What the store knows of a cookie's value: its SHA-256."""
    return hashlib.sha256(value.encode()).digest()


def handle_host(host: str, settings: CookieSettings) -> str:
    """The place a handle issued for a folded host is good for: that host, or `.domain` where the cookie has one."""
    return f".{settings.domain.lstrip('.')}" if _in_domain(host, settings) and settings.domain else host


def presented_value(cookies: Pairs, settings: CookieSettings) -> str | None:
    """The value of the session cookie; None when it is absent, ambiguous, or cannot be one of ours."""
    value = sole_value(cookies, settings.name)
    return value if value is not None and _VALUE.fullmatch(value) else None


@dataclass(frozen=True, slots=True)
class IssuedHandle:
    """A new handle: what the store keeps, and what the browser gets."""

    handle: Handle
    """For the store."""
    set_cookie: str = field(repr=False)
    """For the browser: value of a `Set-Cookie` header."""
    credential: str = field(repr=False)
    """The same for a program, which sends it in a header."""


def issue_handle(session: Session, host: str, settings: CookieSettings, entropy: bytes, now: datetime) -> IssuedHandle:
    """A handle of a session for one host, made of 32 unguessable bytes; its cookie ends with the session."""
    value = base64.urlsafe_b64encode(entropy).rstrip(b"=").decode()
    if not _VALUE.fullmatch(value):
        raise ValueError(f"a handle is made of {HANDLE_BYTES} bytes")
    cookie = SetCookie(
        settings.name,
        value,
        session.expires - now,
        secure=settings.secure,
        http_only=settings.http_only,
        same_site=settings.same_site,
        domain=_domain(host, settings),
    )
    handle = Handle(token_hash(value), session.id, handle_host(host, settings), now)
    return IssuedHandle(handle, cookie.header(), value)


def delete_session_cookie(host: str, settings: CookieSettings) -> str:
    """The `Set-Cookie` header that removes the session cookie of a host."""
    return delete_cookie(
        settings.name,
        secure=settings.secure,
        http_only=settings.http_only,
        same_site=settings.same_site,
        domain=_domain(host, settings),
    ).header()


def _domain(host: str, settings: CookieSettings) -> str | None:
    return handle_host(host, settings)[1:] if _in_domain(host, settings) else None


def _in_domain(host: str, settings: CookieSettings) -> bool:
    domain = (settings.domain or "").lstrip(".")
    return bool(domain) and (host == domain or host.endswith(f".{domain}"))
