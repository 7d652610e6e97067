"""The identity providers, and the host where people sign in."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from hashlib import sha256

from access_model.bearer import TokenIssuer
from access_model.load import urls
from access_model.load.key_material import client_secret
from access_model.load.marks import Path
from access_model.load.presets import PRESETS, Preset
from access_model.load.problems import Report
from access_model.load.provider_name import DEFAULT, check_name
from access_model.load.sources import Sources, Written
from access_model.load.token_issuers import is_token_issuer
from access_model.model import AssertionAudience, ClientAuthentication, IdentityProvider, Origin
from access_model.schema import ProviderKeys, Settings
from access_model.secret import Secret

PROTOCOL_PARAMETERS = frozenset(
    ("client_id", "client_secret", "code_challenge", "code_challenge_method", "nonce", "redirect_uri", "request")
) | {"request_uri", "response_mode", "response_type", "scope", "state"}
"""Parameters of the authorization request that the login flow sets itself."""

NO_SIGN_IN = Origin("https", "authenticate.invalid", 443)
"""Stands in where nobody signs in; the name never resolves (RFC 6761 section 6.4)."""


@dataclass(frozen=True, slots=True)
class _Given:
    """What the operator wrote about one provider, wherever that was."""

    paths: Mapping[str, Path]
    """Property to the path of its key."""
    kind: str
    issuer: str | None
    client_id: str | None
    secret: Written | None = field(repr=False)
    authentication: ClientAuthentication | None
    audience: AssertionAudience | None
    scopes: list[str] | None
    request_params: Mapping[str, str]
    pushed: bool


def provider(settings: Settings, sources: Sources, report: Report) -> IdentityProvider | None:
    """The provider at the top of the file; None when none is given or it cannot be used."""
    secret = sources.value(settings, "idp_client_secret")
    given = [key for key in ("idp_provider_url", "idp_client_id") if getattr(settings, key)]
    if settings.idp_provider is None:
        if given and not report.broken(("idp_provider",)):
            message = "the kind of identity provider is missing"
            report.error(
                ("idp_provider",), "missing", message, "add `idp_provider: oidc`", mark=report.marks.of((given[0],))
            )
        return None
    words = _Given(
        {
            "kind": ("idp_provider",),
            "issuer": ("idp_provider_url",),
            "client_id": ("idp_client_id",),
            "authentication": ("idp_client_authentication",),
            "audience": ("idp_client_assertion_audience",),
            "scopes": ("idp_scopes",),
            "request_params": ("idp_request_params",),
        },
        settings.idp_provider,
        settings.idp_provider_url,
        settings.idp_client_id,
        secret,
        settings.idp_client_authentication,
        settings.idp_client_assertion_audience,
        settings.idp_scopes,
        settings.idp_request_params,
        settings.idp_pushed_authorization,
    )
    made = _made(words, report)
    return made and _named(made, provider_hash(made))


def provider_hash(provider: IdentityProvider) -> str:
    """A stable id made of what a provider knows of us."""
    return sha256("\n".join((provider.kind, provider.issuer, provider.client_id)).encode()).hexdigest()[:16]


def named_providers(settings: Settings, sources: Sources, report: Report) -> tuple[IdentityProvider, ...]:
    """The further providers (`identity_providers`), by name; those that cannot be used are left out."""
    made = []
    for name, keys in sorted(settings.identity_providers.items()):
        if is_token_issuer(keys):
            continue
        path = ("identity_providers", name)
        check_name(path, name, report)
        found = _made(_given(path, keys, sources), report)
        if found is not None:
            made.append(_named(found, name, keys.title or name))
    return tuple(made)


def provider_ids(
    top: IdentityProvider | None, named: Iterable[IdentityProvider], issuers: Iterable[TokenIssuer]
) -> Mapping[str, str]:
    """What routes call providers and issuers, and their ids: the one at the top of the file is the `default`."""
    further = (*(each.id for each in named), *(each.name for each in issuers))
    return {**({DEFAULT: top.id} if top else {}), **{each: each for each in further}}


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


def _given(path: Path, keys: ProviderKeys, sources: Sources) -> _Given:
    properties = ("issuer", "client_id", "scopes", "request_params")
    return _Given(
        {
            "kind": (*path, "provider"),
            "authentication": (*path, "client_authentication"),
            "audience": (*path, "client_assertion_audience"),
            **{name: (*path, name) for name in properties},
        },
        keys.provider,
        keys.issuer,
        keys.client_id,
        sources.value(keys, "client_secret", path),
        keys.client_authentication,
        keys.client_assertion_audience,
        keys.scopes,
        keys.request_params,
        keys.pushed_authorization,
    )


def _named(made: IdentityProvider, provider_id: str, title: str = "") -> IdentityProvider:
    return replace(made, id=provider_id, title=title)


def _made(given: _Given, report: Report) -> IdentityProvider | None:
    preset = PRESETS.get(given.kind)
    if preset is None:
        choices = ", ".join(f"`{kind}`" for kind in PRESETS)
        message = f"`{given.kind}` is not a known identity provider"
        report.error(given.paths["kind"], "unknown-provider", message, f"use one of {choices}")
        preset = Preset()
    _check_request(given, preset, report)
    secret = given.secret and report.attempt(given.secret.path, client_secret, given.secret.text)
    _check_authentication(given, secret, report)
    issuer = _required(given, "issuer", given.issuer or preset.issuer, report)
    client_id = _required(given, "client_id", given.client_id, report)
    issuer = issuer and report.attempt(given.paths["issuer"], urls.issuer, issuer)
    if not issuer or not client_id:
        return None
    return IdentityProvider(
        id="",
        kind=given.kind,
        issuer=issuer.rstrip("/") + "/" if preset.ends_with_slash else issuer,
        client_id=client_id,
        client_secret=secret,
        scopes=tuple(dict.fromkeys(given.scopes or preset.scopes)),
        request_params=dict(sorted({**preset.request_params, **given.request_params, **preset.fixed_params}.items())),
        client_authentication=given.authentication,
        pushed_authorization=given.pushed,
        assertion_audience=given.audience or preset.assertion_audience,
    )


def _check_request(given: _Given, preset: Preset, report: Report) -> None:
    if preset.speaks_openid and given.scopes is not None and "openid" not in given.scopes:
        message = "without the scope `openid` the provider sends no ID token"
        report.error(given.paths["scopes"], "missing-scope", message, "add `openid`")
    for name in given.request_params:
        if name in PROTOCOL_PARAMETERS:
            message = f"the login flow sets `{name}` itself"
            report.error((*given.paths["request_params"], name), "reserved-parameter", message, "remove it")


def _check_authentication(given: _Given, secret: Secret | None, report: Report) -> None:
    path = given.paths["authentication"]
    if given.authentication in ("client_secret_basic", "client_secret_post") and given.secret is None:
        report.error(path, "missing", f"`{given.authentication}` needs a client secret", "add it, or choose another")
    if given.authentication in ("private_key_jwt", "none") and secret is not None:
        message = f"`{given.authentication}` uses no client secret, but one is given"
        report.error(path, "given-twice", message, "remove the secret, or choose another")
    if given.audience is not None and given.authentication != "private_key_jwt":
        where = given.paths["audience"]
        message = f"`{where[-1]}` is for clients that prove themselves with `private_key_jwt`"
        report.error(where, "unused", message, f"remove it, or set `{path[-1]}: private_key_jwt`")


def _required(given: _Given, name: str, value: str | None, report: Report) -> str | None:
    path = given.paths[name]
    if not value and not report.broken(path):
        mark = report.marks.of(path if report.marks.written(path) else given.paths["kind"])
        report.error(path, "missing", f"`{path[-1]}` is missing", "add it, as the provider gave it to you", mark=mark)
    return value
