"""Cookies, read and written by strict rules (RFC 6265).

Reading splits at `;` and at the first `=`, and decodes nothing. It does not split at commas: two `Cookie` lines may
arrive comma-joined, but so may a value that a neighbouring subdomain set (`x=1,__Host-s=stolen`), which would slip
past the promise of the `__Host-` prefix. Our own values never hold a comma, so a joined one opens nothing.
"""

import re
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from datetime import timedelta

from access_model.model import CookieSettings, SameSite

STATE_COOKIE = "pomerium_state_"
BINDING_COOKIE = "pomerium_binding_"

_NAME = re.compile(r"[!#$%&'*+\-.^_`|~0-9A-Za-z]+")
_VALUE = re.compile(r"[!#-+\--:<-\[\]-~]*")
_DOMAIN = re.compile(r"[a-z0-9.-]+")

Pairs = tuple[tuple[str, str], ...]


def parse_cookie_header(values: Sequence[str]) -> Pairs:
    """Names and values of all `Cookie` header lines, in order, duplicates kept, nothing decoded."""
    pieces = (piece.partition("=") for value in values for piece in value.split(";"))
    return tuple((name.strip(" \t"), text.strip(" \t")) for name, equals, text in pieces if equals)


def values_of(pairs: Iterable[tuple[str, str]], name: str) -> tuple[str, ...]:
    """All values of one cookie, in order; more than one means that somebody else may have planted one."""
    return tuple(value for each, value in pairs if each == name)


def sole_value(pairs: Iterable[tuple[str, str]], name: str) -> str | None:
    """The value of a cookie that occurs exactly once, else None."""
    values = values_of(pairs, name)
    return values[0] if len(values) == 1 else None


def prefixed(name: str, settings: CookieSettings) -> str:
    """The full name of a host-only cookie: with `__Host-` wherever browsers would accept that."""
    return f"__Host-{name}" if settings.secure else name


def is_own(name: str, settings: CookieSettings) -> bool:
    """Whether a cookie is one of ours (session, login state, binding) and no upstream's business."""
    return name == settings.name or name.removeprefix("__Host-").startswith((STATE_COOKIE, BINDING_COOKIE))


def without_own_cookies(raw: str, own: Callable[[str], bool]) -> str:
    """A `Cookie` header without the cookies that `own` names; the others byte for byte, empty when none is left.

    Here commas do separate: what stands behind one must not reach an upstream that reads it so.
    """
    pieces = raw.split(";")
    kept = [rest for piece in pieces if (rest := _strip_joined(piece, own)) is not None]
    if kept == pieces:
        return raw
    return ";".join(kept).lstrip(" \t")


def _strip_joined(piece: str, own: Callable[[str], bool]) -> str | None:
    parts = piece.split(",")
    kept = [part for part in parts if "=" not in part or not own(part.partition("=")[0].strip(" \t"))]
    return ",".join(kept) if kept else None


@dataclass(frozen=True, slots=True)
class SetCookie:
    """One `Set-Cookie` header. Path is always `/`, as `__Host-` wants it."""

    name: str
    """Name on the wire, prefix included."""
    value: str = field(repr=False)
    """Value, of characters that need no quoting."""
    max_age: timedelta
    """How long the browser keeps it; zero deletes it."""
    secure: bool = True
    """`Secure`."""
    http_only: bool = True
    """`HttpOnly`."""
    same_site: SameSite = "lax"
    """`SameSite`."""
    domain: str | None = None
    """`Domain`; None for a host-only cookie."""

    def __post_init__(self) -> None:
        if not _NAME.fullmatch(self.name) or not _VALUE.fullmatch(self.value):
            raise ValueError(f"cookie `{self.name}` has a name or value that cannot be sent")
        if self.domain is not None and not _DOMAIN.fullmatch(self.domain):
            raise ValueError(f"cookie `{self.name}` has a domain that cannot be sent")

    def header(self) -> str:
        """The header's value."""
        attributes = (
            f"{self.name}={self.value}",
            "Path=/",
            f"Domain={self.domain}" if self.domain else "",
            f"Max-Age={max(0, int(self.max_age.total_seconds()))}",
            "Secure" if self.secure else "",
            "HttpOnly" if self.http_only else "",
            f"SameSite={self.same_site.capitalize()}",
        )
        return "; ".join(filter(None, attributes))


def delete_cookie(
    name: str, *, secure: bool = True, http_only: bool = True, same_site: SameSite = "lax", domain: str | None = None
) -> SetCookie:
    """The deletion of a cookie, with the attributes it was set with.

    A browser ignores the deletion of a `__Host-` or `__Secure-` cookie that lacks `Secure`.
    """
    return SetCookie(name, "", timedelta(0), secure=secure, http_only=http_only, same_site=same_site, domain=domain)
