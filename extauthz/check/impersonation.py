"""Towards a Kubernetes API server: our service account's token, and the user that it speaks for. Pure.

https://kubernetes.io/docs/reference/access-authn-authz/authentication/#user-impersonation

The token never goes without a user: such a request would have all the rights of the service account itself.
"""

from access_model.facts import Identity
from access_model.model import Route
from extauthz.assertion.claims import groups_of
from extauthz.assertion.header_text import escape_element, escape_text

AUTHORIZATION = "authorization"
USER = "impersonate-user"
GROUP = "impersonate-group"
RESERVED = "system:"
"""Users and groups of Kubernetes itself, such as `system:masters`: no identity provider may name them."""


def impersonation(route: Route, identity: Identity | None) -> dict[str, str]:
    """The headers of a request on this route; none where the route has no token, or nobody is known.

    The user is the e-mail address, or the id where there is none or the provider says that it is not verified. Groups
    are joined by commas, for Envoy takes one value for a header; behind `Check` it splits them.
    """
    if route.kubernetes_token is None or identity is None:
        return {}
    user = identity.user_id if identity.email_verified is False else identity.email or identity.user_id
    if not user or _is_reserved(user):
        return {}
    groups = [group for group in groups_of(identity, route.groups_filter) if group and not _is_reserved(group)]
    headers = {AUTHORIZATION: f"Bearer {route.kubernetes_token.reveal_text()}", USER: escape_text(user)}
    return headers | ({GROUP: ",".join(map(escape_element, groups))} if groups else {})


def _is_reserved(name: str) -> bool:
    return name.strip().lower().startswith(RESERVED)
