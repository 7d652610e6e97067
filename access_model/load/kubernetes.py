"""`kubernetes_service_account_token`: by whose rights a route speaks to a Kubernetes API server."""

from access_model.load.marks import Path
from access_model.load.problems import Mistake, Report
from access_model.load.sources import Sources
from access_model.reserved_headers import IMPERSONATE_PREFIX
from access_model.schema import RouteKeys
from access_model.secret import Secret

_KEY = "kubernetes_service_account_token"


def kubernetes_token(path: Path, keys: RouteKeys, sources: Sources, report: Report) -> Secret | None:
    """The token of a route, or None; the headers that go with it may not be set or removed by hand."""
    written = sources.value(keys, _KEY, path)
    if written is None:
        return None
    for key in ("set_request_headers", "remove_request_headers", "jwt_claims_headers"):
        for name in getattr(keys, key):
            if name.lower() == "authorization" or name.lower().startswith(IMPERSONATE_PREFIX):
                message = f"`{name}` tells the API server who asks, and `{_KEY}` sets it"
                report.error((*path, key), "given-twice", message, "remove one of them")
    return report.attempt(written.path, _token, written.text)


def _token(text: str) -> Secret:
    if not text or not text.isascii() or not text.isprintable() or " " in text:
        raise Mistake("bad-token", "this is not a bearer token", "give the token alone, as one word")
    return Secret.of(text)
