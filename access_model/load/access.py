"""Who may pass: the access keys of a route, checked and compiled."""

from collections.abc import Sequence
from datetime import timedelta

from access_model.load.marks import Path
from access_model.load.problems import Report
from access_model.model import ClientCertificates
from access_model.policy import Dependencies, Operator, Policy, Rule, Shorthands, compile_shorthands, parse_policy
from access_model.policy.criteria import Acr, AuthAge, Header, InvalidClientCertificate
from access_model.policy.matching import In
from access_model.policy.tree import leaves
from access_model.reserved_headers import never_arrives
from access_model.schema import RouteKeys

_OTHERS = (
    "allow_any_authenticated_user",
    "allowed_users",
    "allowed_domains",
    "allowed_groups",
    "allowed_idp_claims",
)


def policy(path: Path, keys: RouteKeys, report: Report) -> Policy:
    """Compile the access keys; a public route may have no other, and a route without any lets nobody in.

    The route's `policy` comes on top: what it allows is allowed too, and what it denies is denied to all, on a public
    route as well.
    """
    _check_public(path, keys, report)
    for key in ("allowed_users", "allowed_domains", "allowed_groups"):
        _check_texts((*path, key), getattr(keys, key), report)
    for claim, values in keys.allowed_idp_claims.items():
        _check_texts((*path, "allowed_idp_claims", claim), values, report)
    for index, domain in enumerate(keys.allowed_domains):
        if "@" in domain:
            message = f"`{domain}` is not a domain"
            report.error((*path, "allowed_domains", index), "bad-domain", message, "write what follows the `@` alone")
    compiled = _shorthands(keys) | _written((*path, "policy"), keys, report) | _proofs(keys)
    if keys.max_session_age is not None and keys.max_session_age < timedelta(seconds=1):
        report.error((*path, "max_session_age"), "bad-duration", "nobody signs in as fast", "write `15m` or `8h`")
    _warn_of_removed(path, compiled, report)
    if not compiled.allow and not report.broken(*((*path, key) for key in (*_OTHERS, "policy"))):
        remedy = (
            "add `allow_any_authenticated_user`, `allowed_users`, `allowed_domains`, `allowed_groups`,"
            " `allowed_idp_claims` or `policy`"
        )
        report.warn(path, "nobody-allowed", "nobody may open this route", remedy)
    return compiled


def certificate_rule(asked: ClientCertificates | None) -> Policy:
    """What every route denies beside its own policy, where clients are asked for certificates: those without one."""
    if asked is None or not asked.denied_by_default:
        return Policy()
    return Policy(deny=(Rule((Operator("or", (InvalidClientCertificate(),)),)),))


def _warn_of_removed(path: Path, compiled: Policy, report: Report) -> None:
    """Warn of criteria on headers that our listener removes: there they see nothing, whoever sends what."""
    if Dependencies.HEADERS not in compiled.depends_on:
        return
    used = (leaf for rule in (*compiled.allow, *compiled.deny) for leaf in leaves(rule))
    for name in sorted({leaf.header for leaf in used if isinstance(leaf, Header) and never_arrives(leaf.header)}):
        message = f"the policy asks for the header `{name}`, which is removed from every request on our own listener"
        report.warn((*path, "policy"), "removed-header", message, "ask for another, or for `source_ip`")


def _check_public(path: Path, keys: RouteKeys, report: Report) -> None:
    others = [key for key in (*_OTHERS, "acr_values", "max_session_age") if getattr(keys, key)]
    if keys.allow_public_unauthenticated_access and others:
        names = " and ".join(f"`{key}`" for key in others)
        message = f"the route is public and has {names} as well, which would mean nothing"
        report.error(
            (*path, "allow_public_unauthenticated_access"), "public-and-restricted", message, "keep one of them"
        )


def _proofs(keys: RouteKeys) -> Policy:
    """`acr_values` and `max_session_age`: who did not sign in like this is denied, and so gets to step up."""
    classes = (Acr(In(frozenset(keys.acr_values))),) if keys.acr_values else ()
    age = (AuthAge(keys.max_session_age),) if keys.max_session_age else ()
    return Policy(deny=(Rule((Operator("nor", (*classes, *age)),)),) if classes or age else ())


def _shorthands(keys: RouteKeys) -> Policy:
    return compile_shorthands(
        Shorthands(
            public=keys.allow_public_unauthenticated_access,
            cors_preflight=keys.cors_allow_preflight,
            any_authenticated_user=keys.allow_any_authenticated_user,
            domains=keys.allowed_domains,
            groups=keys.allowed_groups,
            claims=keys.allowed_idp_claims,
            users=keys.allowed_users,
        )
    )


def _written(path: Path, keys: RouteKeys, report: Report) -> Policy:
    if keys.policy is None:
        return Policy()
    parsed = parse_policy(keys.policy)
    for mistake in parsed.mistakes:
        where = (*path, *mistake.path)
        report.error(where, mistake.code, mistake.message, mistake.remedy, suggestion=mistake.suggestion)
    return parsed.policy


def _check_texts(path: Path, texts: Sequence[str], report: Report) -> None:
    for index, text in enumerate(texts):
        if not text or text != text.strip():
            report.error((*path, index), "empty-text", "the text is empty or has blanks around it", "write it exactly")
