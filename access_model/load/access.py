"""Who may pass: the access keys of a route, checked and compiled."""

from collections.abc import Sequence

from access_model.load.marks import Path
from access_model.load.problems import Report
from access_model.policy import Policy, Shorthands, compile_shorthands
from access_model.schema import RouteKeys

_OTHERS = ("allow_any_authenticated_user", "allowed_users", "allowed_domains", "allowed_idp_claims")


def policy(path: Path, keys: RouteKeys, report: Report) -> Policy:
    """Compile the access keys; a public route may have no other, and a route without any lets nobody in."""
    others = [key for key in _OTHERS if getattr(keys, key)]
    if keys.allow_public_unauthenticated_access and others:
        names = " and ".join(f"`{key}`" for key in others)
        message = f"the route is public and has {names} as well, which would mean nothing"
        report.error(
            (*path, "allow_public_unauthenticated_access"), "public-and-restricted", message, "keep one of them"
        )
    _check_texts((*path, "allowed_users"), keys.allowed_users, report)
    _check_texts((*path, "allowed_domains"), keys.allowed_domains, report)
    for claim, values in keys.allowed_idp_claims.items():
        _check_texts((*path, "allowed_idp_claims", claim), values, report)
    for index, domain in enumerate(keys.allowed_domains):
        if "@" in domain:
            message = f"`{domain}` is not a domain"
            report.error((*path, "allowed_domains", index), "bad-domain", message, "write what follows the `@` alone")
    compiled = compile_shorthands(
        Shorthands(
            public=keys.allow_public_unauthenticated_access,
            any_authenticated_user=keys.allow_any_authenticated_user,
            domains=keys.allowed_domains,
            claims=keys.allowed_idp_claims,
            users=keys.allowed_users,
        )
    )
    if not compiled.allow and not report.broken(*((*path, key) for key in _OTHERS)):
        remedy = "add `allow_any_authenticated_user`, `allowed_users`, `allowed_domains` or `allowed_idp_claims`"
        report.warn(path, "nobody-allowed", "nobody may open this route", remedy)
    return compiled


def _check_texts(path: Path, texts: Sequence[str], report: Report) -> None:
    for index, text in enumerate(texts):
        if not text or text != text.strip():
            report.error((*path, index), "empty-text", "the text is empty or has blanks around it", "write it exactly")
