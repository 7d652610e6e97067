"""The fields that operators may choose for the log line of each decision (`authorize_log_fields`). Pure."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from types import MappingProxyType

from access_model.facts import Identity, RequestFacts
from access_model.model import Route
from extauthz.assertion.claims import groups_of
from extauthz.check.client import Client
from extauthz.programs.service_account import SERVICE_ACCOUNT

HEADER_PREFIX = "headers."
MOST_OF_A_HEADER = 200
"""Characters of a header that go into the line, as in Envoy's access log."""


@dataclass(frozen=True, slots=True)
class Told:
    """What a line may tell of."""

    client: Client
    """Method, headers and id of the request, however malformed it is."""
    facts: RequestFacts | None
    """The request; None where it could not be read."""
    route: Route | None
    """Its route, where one was found."""
    identity: Identity | None
    """Who asked, where it is known."""


def chosen(name: str, told: Told) -> object:
    """One field by the name in the configuration; empty where there is nothing to tell."""
    header = name.removeprefix(HEADER_PREFIX)
    if header != name:
        return ",".join(told.client.headers.get(header, ()))[:MOST_OF_A_HEADER]
    return FIELDS[name](told)


def _address(told: Told) -> str:
    return str(told.facts.client_address or "") if told.facts else ""


def _query(told: Told) -> str:
    """The query. Without a route it belongs to an endpoint of ours, or to nothing: codes and tickets stand there."""
    return told.facts.query if told.facts and told.route else ""


def _claims(told: Told) -> dict[str, list[str]]:
    claims = told.identity.session_claims if told.identity else {}
    return {name: list(values) for name, values in claims.items()}


def _removed_groups(told: Told) -> int:
    identity = told.identity
    if identity is None or told.route is None or not identity.groups:
        return 0
    return len(identity.groups) - len(groups_of(identity, told.route.groups_filter))


def _service_account(told: Told) -> str:
    identity = told.identity
    return identity.session_id if identity and identity.issuer == SERVICE_ACCOUNT else ""


FIELDS: Mapping[str, Callable[[Told], object]] = MappingProxyType(
    {
        "email": lambda told: told.identity.email if told.identity else "",
        "host": lambda told: told.facts.host if told.facts else "",
        "id-token-claims": _claims,
        "ip": _address,
        "method": lambda told: told.client.method,
        "path": lambda told: told.facts.path if told.facts else "",
        "query": _query,
        "removed-groups-count": _removed_groups,
        "request-id": lambda told: told.client.request_id,
        "route-id": lambda told: told.route.id if told.route else "",
        "service-account-id": _service_account,
        "session-id": lambda told: told.identity.session_id if told.identity else "",
        "user": lambda told: told.identity.user_id if told.identity else "",
    }
)
