"""What routes make of bearer tokens: which are verified, and by whom."""

from collections.abc import Iterable, Sequence

from access_model.bearer import BearerFormat, TokenIssuer
from access_model.load.marks import Path
from access_model.load.presets import PRESETS
from access_model.load.problems import Report
from access_model.model import IdentityProvider, Route
from access_model.policy import Dependencies, Policy
from access_model.schema import RouteKeys, Settings

FORMAT, AUDIENCES = "bearer_token_format", "idp_access_token_allowed_audiences"


def bearer_format(keys: RouteKeys, settings: Settings, policy: Policy) -> BearerFormat:
    """The format of a route. What is said at the top of the file is not about routes that ask nobody who they are:
    there a bearer token belongs to the upstream, as long as the route itself does not say otherwise."""
    if keys.bearer_token_format is not None:
        return keys.bearer_token_format
    return settings.bearer_token_format if Dependencies.SESSION in policy.depends_on else "default"


def token_audiences(
    path: Path, keys: RouteKeys, settings: Settings, takes: BearerFormat, report: Report
) -> tuple[str, ...]:
    """Whom access tokens of the provider may be for; empty: for us. `takes` is the format of the route."""
    if keys.idp_access_token_allowed_audiences and takes != "idp_access_token":
        message = f"`{AUDIENCES}` means something with `bearer_token_format: idp_access_token` alone"
        report.warn((*path, AUDIENCES), "no-effect", message, "remove it, or set the format")
    return tuple(dict.fromkeys(keys.idp_access_token_allowed_audiences or settings.idp_access_token_allowed_audiences))


def check_bearers(
    routes: Iterable[tuple[int, Route]],
    providers: Sequence[IdentityProvider],
    issuers: Sequence[TokenIssuer],
    report: Report,
) -> None:
    """Refuse routes whose bearer tokens nobody could verify, or more than one could be asked about."""
    for index, route in routes:
        if route.bearer_format == "default" and not issuers:
            continue
        named = [each.name for each in issuers if each.name in route.identity_providers]
        if named and route.bearer_format != "jwt":
            message = f"`{named[0]}` issues tokens, which count here only with `bearer_token_format: jwt`"
            report.error(("routes", index, "identity_providers"), "bad-provider", message, "say so, or leave it out")
        taken = [route.client] if route.client else [each for each in providers if route.takes(each.id)]
        problem = _problem(route, taken, issuers)
        own: Path = ("routes", index, FORMAT)
        place = own if report.marks.written(own) else (FORMAT,)
        if problem is not None and not report.broken(("identity_providers",), ("idp_provider",), place):
            report.error(place, "unverifiable-token", f"{problem[0]} on `{route.name}`", problem[1])


def _problem(route: Route, taken: Sequence[IdentityProvider], issuers: Sequence[TokenIssuer]) -> tuple[str, str] | None:
    """What is wrong, and what to do."""
    match route.bearer_format:
        case "idp_access_token" if len(taken) != 1:
            return (
                f"an access token does not say whom to ask about it, and {len(taken) or 'no'} identity providers count",
                "name exactly one in the route's `identity_providers`",
            )
        case "idp_access_token" | "idp_identity_token" if not any(PRESETS[each.kind].speaks_openid for each in taken):
            return (
                "bearer tokens are to come from an identity provider that speaks OpenID Connect, and none counts",
                "use another format, or another provider",
            )
        case "jwt" if not any(route.takes(each.name) for each in issuers):
            return (
                "bearer tokens are to come from an issuer of tokens, and none counts",
                "add an entry with `issuer` and `audiences` to `identity_providers`, and name it where routes name any",
            )
    return None
