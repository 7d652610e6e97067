"""The session cookie's name, scope and lifetime (RFC 6265 and its revision, for prefixes)."""

import re
from datetime import timedelta

from access_model.load.hosts import host_name
from access_model.load.problems import Report
from access_model.model import CookieSettings
from access_model.schema import Settings

_NAME = re.compile(r"[A-Za-z0-9!#$%&'*+.^_`|~-]{1,128}", re.ASCII)
_BASE_NAME = "_pomerium"


def cookie(settings: Settings, *, secure: bool, signs_in: bool, report: Report) -> CookieSettings:
    """The cookie of the settings; `secure` is false where some origin that people sign in to is plain HTTP, `signs_in`
    where nobody can sign in at all."""
    given = settings.cookie_domain
    domain = None if given is None else report.attempt(("cookie_domain",), host_name, given.removeprefix("."))
    name = settings.cookie_name
    if name is None:
        name = ("" if not secure else "__Secure-" if given is not None else "__Host-") + _BASE_NAME
    else:
        _check_name(name, has_domain=given is not None, secure=secure, report=report)
    if settings.cookie_same_site == "none" and not secure:
        message = "browsers take `SameSite=None` from secure cookies alone, and some origin here is plain http"
        report.error(("cookie_same_site",), "insecure-same-site", message, "use `lax`, or `https://` everywhere")
    if settings.cookie_same_site == "strict" and signs_in:
        message = "browsers leave such a cookie out when another site leads here, so a login would begin anew for ever"
        report.error(("cookie_same_site",), "endless-login", message, "use `lax`")
    if settings.cookie_expire <= timedelta(0):
        report.error(("cookie_expire",), "bad-duration", "a session has to last some time", "write `14h`")
    return CookieSettings(
        name=name,
        domain=domain,
        http_only=settings.cookie_http_only,
        secure=secure,
        same_site=settings.cookie_same_site,
        expire=settings.cookie_expire,
    )


def _check_name(name: str, *, has_domain: bool, secure: bool, report: Report) -> None:
    prefix = name.lower()
    if _NAME.fullmatch(name) is None:
        report.error(
            ("cookie_name",), "bad-cookie-name", f"`{name}` is not a cookie name", "use letters, digits, `-` and `_`"
        )
    elif prefix.startswith("__host-") and has_domain:
        message = "browsers refuse a `__Host-` cookie that has a domain"
        report.error(
            ("cookie_name",), "bad-cookie-name", message, "use the prefix `__Secure-`, or leave out `cookie_domain`"
        )
    elif prefix.startswith(("__host-", "__secure-")) and not secure:
        message = "browsers refuse this prefix on a cookie that is not secure, and some origin here is plain http"
        report.error(("cookie_name",), "bad-cookie-name", message, "leave out the prefix, or use `https://` everywhere")
