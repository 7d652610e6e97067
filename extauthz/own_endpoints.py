"""Which paths are ours on every host, so that no route can shadow them. Pure."""

from access_model.model import AccessModel
from extauthz.request_path import canonical, merged

_EXACT = frozenset(("/ping", "/healthz", "/.pomerium", "/.well-known/pomerium"))
_BELOW = ("/.pomerium/", "/.well-known/pomerium/")
_AT_AUTHENTICATE = frozenset(("/oauth2/callback",))
_FRONT = frozenset(("/", "/robots.txt"))


def own_path(raw: str) -> str | None:
    """The plain spelling of a path that is ours on every host, whatever its slashes and needless escapes; else None."""
    plain = merged(canonical(raw))
    return plain if plain in _EXACT or plain.startswith(_BELOW) else None


def own_path_at(model: AccessModel, host: str, raw: str) -> str | None:
    """The same for one folded host: the authenticate host has some more, and a front page where no route has it."""
    if (own := own_path(raw)) is not None or host != model.authenticate.host:
        return own
    plain = merged(canonical(raw))
    shared = host in model.index.by_host
    called_back = plain in _AT_AUTHENTICATE or plain.startswith("/oauth2/callback/")
    return plain if called_back or (plain in _FRONT and not shared) else None
