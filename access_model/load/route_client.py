"""A client of a route's own at the provider at the top of the file (`idp_client_id` of a route)."""

from collections.abc import Iterable
from dataclasses import replace

from access_model.load.key_material import client_secret
from access_model.load.marks import Path
from access_model.load.problems import Report
from access_model.load.provider import provider_hash
from access_model.load.sources import Sources
from access_model.model import ROUTE_CLIENT, IdentityProvider, Route
from access_model.schema import RouteKeys
from access_model.secret import Secret

_WITH_SECRET = ("client_secret_basic", "client_secret_post")


def route_client(
    path: Path, keys: RouteKeys, top: IdentityProvider | None, sources: Sources, report: Report
) -> IdentityProvider | None:
    """The provider at the top of the file with the client of this route; None where it names none of its own."""
    written = sources.value(keys, "idp_client_secret", path)
    where = (*path, "idp_client_id")
    if keys.idp_client_id is None:
        if written is not None:
            report.error(
                written.path, "missing", "it says the secret of no client", "add `idp_client_id`, or remove it"
            )
        return None
    if keys.identity_providers:
        message = "the route names its own client and, in `identity_providers`, other providers"
        report.error(where, "given-twice", message, "keep one of the two")
    if top is None:
        if not report.broken(("idp_provider",), ("idp_provider_url",), ("idp_client_id",)):
            message = "there is no provider at the top of the file whose client this could be"
            report.error(where, "missing", message, "add `idp_provider`, or name others with `identity_providers`")
        return None
    secret = written and report.attempt(written.path, client_secret, written.text)
    _check_secret(path, keys.idp_client_id, secret, top, report)
    if keys.idp_client_id == top.client_id:
        return top
    own = replace(top, client_id=keys.idp_client_id, client_secret=secret)
    return replace(own, id=ROUTE_CLIENT + provider_hash(own))


def check_one_secret(routes: Iterable[tuple[int, Route]], report: Report) -> None:
    """Refuse routes that give one client two secrets: whose tokens they are would be settled by their order."""
    seen: dict[str, tuple[int, IdentityProvider]] = {}
    for index, route in routes:
        if route.client is None:
            continue
        first, client = seen.setdefault(route.client.id, (index, route.client))
        if route.client != client:
            message = f"`routes[{first}]` gives the client `{client.client_id}` another secret"
            where = ("routes", index, "idp_client_id")
            report.error(where, "two-secrets", message, "give the same, or name another client")


def _check_secret(path: Path, client_id: str, secret: Secret | None, top: IdentityProvider, report: Report) -> None:
    how, where = top.client_authentication, (*path, "idp_client_id")
    if client_id == top.client_id:
        if secret not in (None, top.client_secret):
            message = f"`{client_id}` is the client at the top of the file, with another secret"
            report.error(where, "two-secrets", message, "remove both keys from the route, or name another client")
    elif secret is None and (how in _WITH_SECRET or (how is None and top.client_secret is not None)):
        message = f"the client `{client_id}` has no secret, which the one at the top of the file has"
        report.error(where, "missing", message, "add `idp_client_secret` or `idp_client_secret_file`")
    elif secret is not None and how in ("private_key_jwt", "none"):
        message = f"with `idp_client_authentication: {how}` a client has no secret, but one is given"
        report.error(where, "given-twice", message, "remove the secret")
