"""Routes: each by itself, then all of them together."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields

from access_model.fingerprint import digest_of, route_id
from access_model.load import urls
from access_model.load.access import policy
from access_model.load.answers import answer
from access_model.load.bearer import bearer_format, token_audiences
from access_model.load.companions import companions
from access_model.load.headers import claim_headers, headers
from access_model.load.kubernetes import kubernetes_token
from access_model.load.marks import Path
from access_model.load.matching import path_match
from access_model.load.options import options
from access_model.load.problems import Report
from access_model.load.route_client import route_client
from access_model.load.sources import Sources
from access_model.load.targets import NO_TARGETS, check_tunnel, targets
from access_model.load.unfed import asks_for_facts
from access_model.model import IdentityProvider, Origin, PathMatch, Route
from access_model.policy import Policy
from access_model.schema import RouteKeys, Settings

Numbered = tuple[int, Route]
"""A route with its index in the file."""


@dataclass(frozen=True, slots=True)
class Defaults:
    """What a route takes from the top of the file when it says nothing itself."""

    settings: Settings
    """The settings."""
    claim_headers: dict[str, str]
    """Global claim headers, checked."""
    assertion_header: str
    """Lower-case name of the assertion's header."""
    provider: IdentityProvider | None
    """The identity provider at the top of the file."""
    provider_ids: Mapping[str, str]
    """What routes call the identity providers, and their ids."""
    sources: Sources
    """Where files come from."""
    certificate_rule: Policy
    """What every route denies beside its own policy: clients without a valid certificate, or nobody."""

    def circumstances(self) -> tuple[object, ...]:
        """All that a route takes from here, to be compared with that of another reading; files are not part of it."""
        return tuple(getattr(self, each.name) for each in fields(self) if each.name != "sources")


@dataclass(frozen=True, slots=True)
class RoutesRead:
    """The routes of a file, and what else is known of them once they are read."""

    numbered: Sequence[Numbered]
    """All that can be used, in file order."""
    lines: tuple[int | None, ...]
    """Where each begins."""
    digests: Sequence[str]
    """`digest_of` each."""
    asking: Sequence[Numbered]
    """Those whose policies ask for what sources of external data bring."""


def routes(defaults: Defaults, report: Report) -> RoutesRead:
    """Read the routes of the settings; what is wrong with those that cannot be used is reported."""
    made = [route_of(("routes", index), keys, defaults, report) for index, keys in enumerate(defaults.settings.routes)]
    numbered = [(index, route) for index, route in enumerate(made) if route is not None]
    return RoutesRead(
        numbered,
        tuple(report.marks.of(("routes", index)).line for index, _ in numbered),
        [digest_of(route) for _, route in numbered],
        [each for each in numbered if asks_for_facts(each[1].policy)],
    )


def route_of(path: Path, keys: RouteKeys, defaults: Defaults, report: Report) -> Route | None:
    """One route; None if it cannot be used, which is reported.

    What it takes from anywhere but its keys must be part of `defaults`: a route whose keys and defaults stay the same
    is not read again.
    """
    origin = _origin(path, keys, insecure=defaults.settings.insecure_server, report=report)
    match = path_match(path, keys, origin, report)
    instead = answer(path, keys, report)
    leads_to = targets(path, keys, report) if instead is None else NO_TARGETS
    check_tunnel(path, origin, keys, leads_to, report)
    forwarding = options(path, keys, defaults.sources, report)
    logo = keys.logo_url and report.attempt((*path, "logo_url"), urls.web_page, keys.logo_url)
    own_claims = claim_headers(
        (*path, "jwt_claims_headers"), keys.jwt_claims_headers, defaults.assertion_header, report
    )
    request_headers = headers((*path, "set_request_headers"), keys.set_request_headers, report)
    providers = _providers((*path, "identity_providers"), keys, defaults, report)
    client = route_client(path, keys, defaults.provider, defaults.sources, report)
    access = policy(path, keys, report)
    if origin is None or match is None or leads_to is None:
        return None
    settings, passes = defaults.settings, keys.pass_identity_headers
    takes = bearer_format(keys, settings, access)
    return Route(
        id=route_id(origin, match, leads_to.targets, leads_to.path, instead),
        name=keys.name or _name(origin, match),
        origin=origin,
        match=match,
        targets=leads_to.targets,
        target_path=leads_to.path,
        policy=access | defaults.certificate_rule,
        public=keys.allow_public_unauthenticated_access,
        description=keys.description,
        preserve_host_header=keys.preserve_host_header,
        pass_identity_headers=settings.pass_identity_headers if passes is None else passes,
        issuer_format=keys.jwt_issuer_format or settings.jwt_issuer_format,
        groups_filter=tuple(sorted({*settings.jwt_groups_filter, *keys.jwt_groups_filter})),
        claim_headers=dict(sorted((defaults.claim_headers | own_claims).items())),
        set_request_headers=request_headers,
        kubernetes_token=kubernetes_token(path, keys, defaults.sources, report),
        timeout=keys.timeout,
        show_error_details=keys.show_error_details,
        identity_providers=(client.id,) if client else providers,
        client=None if client == defaults.provider else client,
        bearer_format=takes,
        token_audiences=token_audiences(path, keys, settings, takes, report),
        depends_on=companions(path, keys, report),
        logo_url=logo,
        answer=instead,
        regex_priority=keys.regex_priority_order,
        **forwarding,
    )


def _name(origin: Origin, match: PathMatch) -> str:
    """What a route is called that has no name: by its host and path, a tunnel by what it leads to."""
    if match.kind == "connect":
        return match.value
    return origin.host + ("" if match.value == "/" else match.value)


def _providers(path: Path, keys: RouteKeys, defaults: Defaults, report: Report) -> tuple[str, ...]:
    """The ids of the providers that a route takes; empty for all."""
    ids = []
    for index, name in enumerate(keys.identity_providers):
        if name in defaults.provider_ids:
            ids.append(defaults.provider_ids[name])
        elif not report.broken(("identity_providers", name)):
            known = ", ".join(f"`{each}`" for each in defaults.provider_ids) or "none"
            message = f"there is no identity provider `{name}`"
            report.error((*path, index), "unknown-provider", message, f"name one of those configured: {known}")
    return tuple(dict.fromkeys(ids))


def _origin(path: Path, keys: RouteKeys, *, insecure: bool, report: Report) -> Origin | None:
    where = (*path, "from")
    if keys.from_ is None:
        if not report.broken(where):
            report.error(
                where, "missing", "the route does not say where it answers", "add `from: https://app.example.com`"
            )
        return None
    origin = report.attempt(where, urls.origin, keys.from_)
    if origin is not None and origin.scheme == "http" and not insecure:
        message = "clients would come over plain http to a listener that speaks TLS"
        report.error(where, "bad-scheme", message, "use `https://`, or set `insecure_server`")
    return origin
