"""The identity provider, and the host where people sign in."""

from hashlib import sha256

from access_model.load import urls
from access_model.load.key_material import client_secret
from access_model.load.problems import Report
from access_model.load.sources import Sources
from access_model.model import IdentityProvider, Origin
from access_model.schema import Settings, not_yet

PROTOCOL_PARAMETERS = frozenset(
    ("client_id", "client_secret", "code_challenge", "code_challenge_method", "nonce", "redirect_uri", "request")
) | {"request_uri", "response_mode", "response_type", "scope", "state"}
"""Parameters of the authorization request that the login flow sets itself."""

NO_SIGN_IN = Origin("https", "authenticate.invalid", 443)
"""Stands in where nobody signs in; the name never resolves (RFC 6761 section 6.4)."""


def provider(settings: Settings, sources: Sources, report: Report) -> IdentityProvider | None:
    """The provider of the settings; None when none is given or it cannot be used."""
    secret = sources.value(settings, "idp_client_secret")
    given = [key for key in ("idp_provider_url", "idp_client_id") if getattr(settings, key)]
    if settings.idp_provider is None:
        if given and not report.broken(("idp_provider",)):
            message = "the kind of identity provider is missing"
            report.error(
                ("idp_provider",), "missing", message, "add `idp_provider: oidc`", mark=report.marks.of((given[0],))
            )
        return None
    _check_kind(settings.idp_provider, report)
    _check_request(settings, report)
    checked_secret = secret and report.attempt(secret.path, client_secret, secret.text)
    issuer = _required(settings, "idp_provider_url", report)
    client_id = _required(settings, "idp_client_id", report)
    issuer = issuer and report.attempt(("idp_provider_url",), urls.issuer, issuer)
    if not issuer or not client_id:
        return None
    return IdentityProvider(
        id=sha256("\n".join((settings.idp_provider, issuer, client_id)).encode()).hexdigest()[:16],
        kind=settings.idp_provider,
        issuer=issuer,
        client_id=client_id,
        client_secret=checked_secret,
        scopes=tuple(dict.fromkeys(settings.idp_scopes)),
        request_params=dict(sorted(settings.idp_request_params.items())),
    )


def authenticate_origin(settings: Settings, report: Report) -> Origin | None:
    """The sign-in host; None when it is left out or cannot be used."""
    path = ("authenticate_service_url",)
    if settings.authenticate_service_url is None:
        return None
    origin = report.attempt(path, urls.single_origin, settings.authenticate_service_url)
    if origin is not None and origin.scheme == "http" and not settings.insecure_server:
        message = "people would sign in over plain http on a listener that speaks TLS"
        report.error(path, "bad-scheme", message, "use `https://`, or set `insecure_server`")
    return origin


def _check_kind(kind: str, report: Report) -> None:
    if kind in not_yet.PROVIDERS:
        message = f"`{kind}` is not supported yet by this version"
        report.error(("idp_provider",), "not-supported-yet", message, "use `oidc` with the provider's issuer URL")
    elif kind != "oidc":
        report.error(("idp_provider",), "unknown-provider", f"`{kind}` is not a known identity provider", "use `oidc`")


def _check_request(settings: Settings, report: Report) -> None:
    if "openid" not in settings.idp_scopes:
        message = "without the scope `openid` the provider sends no ID token"
        report.error(("idp_scopes",), "missing-scope", message, "add `openid`")
    for name in settings.idp_request_params:
        if name in PROTOCOL_PARAMETERS:
            message = f"the login flow sets `{name}` itself"
            report.error(("idp_request_params", name), "reserved-parameter", message, "remove it")


def _required(settings: Settings, key: str, report: Report) -> str | None:
    value: str | None = getattr(settings, key)
    if not value and not report.broken((key,)):
        mark = report.marks.of((key if value is not None else "idp_provider",))
        report.error((key,), "missing", f"`{key}` is missing", "add it, as the provider gave it to you", mark=mark)
    return value
