"""A cookie jar with a browser's strictness (RFC 6265bis), which `http.cookiejar` lacks.

Kept: host-only cookies, Domain, Path, Secure, Max-Age and Expires, the `__Host-` and `__Secure-` prefixes, and that a
plain-text response cannot touch a Secure cookie. Not kept: SameSite (requests here carry no initiator) and the public
suffix list, except that a name without a dot is one.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from email.utils import parsedate_to_datetime
from urllib.parse import SplitResult, urlsplit


@dataclass(frozen=True, slots=True)
class Cookie:
    """One stored cookie."""

    name: str
    """Name, prefix included."""
    value: str
    """Value, as sent."""
    domain: str
    """Host it belongs to."""
    path: str
    """Path it is sent under."""
    host_only: bool
    """Whether subdomains do not get it."""
    secure: bool
    """Whether it is sent over TLS only."""
    http_only: bool
    """Whether scripts do not see it."""
    same_site: str
    """`SameSite` attribute in lower case, empty if there was none."""
    expires: float | None
    """Seconds since the epoch, None for the end of the browser session."""


class CookieJar:
    """The cookies of one browser."""

    def __init__(self) -> None:
        self._cookies: dict[tuple[str, str, str], Cookie] = {}
        self.rejected: list[str] = []
        """Each `Set-Cookie` that a browser would have ignored, with the reason."""

    def store(self, url: str, lines: Iterable[str], now: float) -> None:
        """Take the `Set-Cookie` lines of a response from `url`, in order."""
        origin = urlsplit(url)
        for line in lines:
            try:
                cookie = _parse(origin, line, now)
                self._check_overwrite(origin, cookie)
            except ValueError as error:
                self.rejected.append(f"{error}: {line}")
                continue
            key = (cookie.name, cookie.domain, cookie.path)
            if cookie.expires is not None and cookie.expires <= now:
                self._cookies.pop(key, None)
            else:
                self._cookies[key] = cookie

    def header(self, url: str, now: float) -> str | None:
        """Return the `Cookie` header for a request to `url`, longer paths first, or None if no cookie applies."""
        origin = urlsplit(url)
        found = [cookie for cookie in self.live(now) if _applies(cookie, origin)]
        found.sort(key=lambda cookie: -len(cookie.path))
        return "; ".join(f"{cookie.name}={cookie.value}" for cookie in found) or None

    def live(self, now: float) -> list[Cookie]:
        """Return every cookie that has not expired, oldest first."""
        return [cookie for cookie in self._cookies.values() if cookie.expires is None or cookie.expires > now]

    def for_host(self, host: str, now: float) -> dict[str, str]:
        """Return name and value of every live cookie that belongs to exactly `host`."""
        return {cookie.name: cookie.value for cookie in self.live(now) if cookie.domain == host}

    def clear(self) -> None:
        """Forget everything."""
        self._cookies.clear()
        self.rejected.clear()

    def _check_overwrite(self, origin: SplitResult, new: Cookie) -> None:
        if origin.scheme == "https":
            return
        for old in self._cookies.values():
            if old.secure and old.name == new.name and _related(old.domain, new.domain):
                raise ValueError("a plain-text response cannot replace a Secure cookie")


def _parse(origin: SplitResult, line: str, now: float) -> Cookie:
    pair, *parts = line.split(";")
    name, equals, value = pair.partition("=")
    name, value = name.strip(" \t"), value.strip(" \t")
    if not equals or not name:
        raise ValueError("no name")
    given = {key.strip().lower(): text.strip() for key, _, text in (part.partition("=") for part in parts)}
    host = origin.hostname or ""
    domain = given.get("domain", "").lstrip(".").lower()
    if domain and domain != host and ("." not in domain or not host.endswith(f".{domain}")):
        raise ValueError(f"`{host}` cannot set a cookie for `{domain}`")
    cookie = Cookie(
        name=name,
        value=value,
        domain=domain or host,
        path=given["path"] if given.get("path", "").startswith("/") else _default_path(origin.path),
        host_only=not domain,
        secure="secure" in given,
        http_only="httponly" in given,
        same_site=given.get("samesite", "").lower(),
        expires=_expiry(given, now),
    )
    _check_security(origin, cookie)
    return cookie


def _check_security(origin: SplitResult, cookie: Cookie) -> None:
    if cookie.secure and origin.scheme != "https":
        raise ValueError("Secure over plain text")
    prefix = cookie.name.lower()
    if prefix.startswith(("__secure-", "__host-")) and not cookie.secure:
        raise ValueError("the prefix wants Secure")
    if prefix.startswith("__host-") and (cookie.path != "/" or not cookie.host_only):
        raise ValueError("the prefix wants Path=/ and no Domain")
    if cookie.same_site == "none" and not cookie.secure:
        raise ValueError("SameSite=None wants Secure")


def _expiry(given: dict[str, str], now: float) -> float | None:
    # Max-Age wins over Expires; one that is no number, and a date that cannot be read, are as if absent.
    max_age = given.get("max-age", "")
    if max_age.removeprefix("-").isdecimal():
        return now + int(max_age)
    try:
        return parsedate_to_datetime(given.get("expires", "")).timestamp()
    except ValueError:
        return None


def _default_path(path: str) -> str:
    return path[: path.rfind("/")] or "/" if path.startswith("/") else "/"


def _applies(cookie: Cookie, origin: SplitResult) -> bool:
    host, path = origin.hostname or "", origin.path or "/"
    on_host = host == cookie.domain or (not cookie.host_only and host.endswith(f".{cookie.domain}"))
    on_path = path == cookie.path or path.startswith(cookie.path.rstrip("/") + "/")
    return on_host and on_path and (not cookie.secure or origin.scheme == "https")


def _related(one: str, other: str) -> bool:
    return one == other or one.endswith(f".{other}") or other.endswith(f".{one}")
