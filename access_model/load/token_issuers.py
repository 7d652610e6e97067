"""Those of `identity_providers` whose signed tokens count, while nobody signs in there."""

from urllib.parse import urlsplit

from access_model.bearer import ALGORITHMS, DEFAULT_ALGORITHMS, TokenIssuer
from access_model.load import urls
from access_model.load.marks import Path
from access_model.load.problems import Mistake, Report
from access_model.load.provider_name import check_name
from access_model.metadata_services import is_metadata_service
from access_model.schema import ProviderKeys, Settings

_OWN_KEYS = ("jwks_url", "audiences", "supported_algs")
_SIGN_IN_KEYS = (
    *("title", "client_id", "client_secret", "client_secret_file", "client_authentication"),
    *("scopes", "request_params", "pushed_authorization"),
)


def is_token_issuer(keys: ProviderKeys) -> bool:
    """Whether an entry describes tokens rather than a sign-in."""
    return any(getattr(keys, key) for key in _OWN_KEYS)


def token_issuers(settings: Settings, report: Report) -> tuple[TokenIssuer, ...]:
    """The issuers of tokens, by name; those that cannot be used are left out, and reported."""
    entries = ((name, keys) for name, keys in sorted(settings.identity_providers.items()) if is_token_issuer(keys))
    made = (_made(("identity_providers", name), keys, report) for name, keys in entries)
    return tuple(each for each in made if each is not None)


def _made(path: Path, keys: ProviderKeys, report: Report) -> TokenIssuer | None:
    name = str(path[-1])
    check_name(path, name, report)
    _check_mixed(path, keys, report)
    issuer = keys.issuer and report.attempt((*path, "issuer"), urls.issuer, keys.issuer)
    if not keys.issuer and not report.broken((*path, "issuer")):
        message = "nobody can tell whose tokens these are: `issuer` is missing"
        report.error((*path, "issuer"), "missing", message, "add the `iss` of its tokens")
    if not keys.audiences and not report.broken((*path, "audiences")):
        message = "every token of this issuer would count, whomever it was made for: `audiences` is missing"
        report.error((*path, "audiences"), "missing", message, "name the `aud` of the tokens that are made for us")
    for index, audience in enumerate(keys.audiences):
        if not audience.strip() or audience == "*":
            message = f"`{audience}` is no audience"
            report.error((*path, "audiences", index), "bad-audience", message, "name the `aud` exactly")
    jwks_url = keys.jwks_url and report.attempt((*path, "jwks_url"), _key_set_url, keys.jwks_url)
    algorithms = _algorithms((*path, "supported_algs"), keys, report)
    if not issuer or not keys.audiences:
        return None
    return TokenIssuer(name, issuer, jwks_url or None, tuple(dict.fromkeys(keys.audiences)), algorithms)


def _check_mixed(path: Path, keys: ProviderKeys, report: Report) -> None:
    for key in _SIGN_IN_KEYS:
        if getattr(keys, key):
            own = next(each for each in _OWN_KEYS if getattr(keys, each))
            message = f"`{key}` is about signing in, but `{own}` makes this an issuer of tokens alone"
            report.error((*path, key), "mixed-provider", message, "make two entries of it")


def _algorithms(path: Path, keys: ProviderKeys, report: Report) -> tuple[str, ...]:
    for index, name in enumerate(keys.supported_algs):
        if name not in ALGORITHMS:
            message = f"`{name}` is no signature algorithm that is accepted here"
            if name.lower() == "none" or name.startswith("HS"):
                message = f"with `{name}` whoever can verify a token can forge it"
            remedy = f"use one of {', '.join(f'`{each}`' for each in ALGORITHMS)}"
            report.error((*path, index), "bad-algorithm", message, remedy)
    return tuple(dict.fromkeys(keys.supported_algs)) or DEFAULT_ALGORITHMS


def _key_set_url(text: str) -> str:
    """Check where keys come from: https, or http on loopback, and never an address where clouds keep credentials."""
    urls.fetched(text)
    if is_metadata_service((urlsplit(text).hostname or "").rstrip(".")):
        raise Mistake("bad-host", f"`{text}` leads to a link-local or cloud metadata address", "name the key set")
    return text
