"""What the assertion says about a request's user. Pure."""

from collections.abc import Collection, Mapping
from datetime import datetime, timedelta

from access_model.facts import Identity
from access_model.model import IssuerFormat

LIFETIME = timedelta(minutes=5)
STANDARD_CLAIMS = frozenset({"iss", "aud", "jti", "iat", "exp", "sub", "user", "email", "groups", "sid", "name"})


def assertion_claims(
    identity: Identity | None,
    *,
    host: str,
    issuer_format: IssuerFormat,
    claim_headers: Mapping[str, str],
    groups_filter: Collection[str],
    now: datetime,
    token_id: str,
) -> dict[str, object]:
    """The claims of one assertion, good from `now` for five minutes and for `host` alone.

    Without an identity (a public route) every claim about the user is the empty string and `groups` is empty.
    `host` is folded and without port, `claim_headers` maps header names to claim names and adds these claims where the
    user has them, `groups_filter` keeps only these directory groups unless empty, `token_id` is a fresh UUIDv4.
    """
    issued = int(now.timestamp())
    return {
        "iss": f"https://{host}/" if issuer_format == "uri" else host,
        "aud": host,
        "jti": token_id,
        "iat": issued,
        "exp": issued + int(LIFETIME.total_seconds()),
        "sub": identity.user_id if identity else "",
        "user": identity.user_id if identity else "",
        "email": identity.email if identity else "",
        "groups": groups_of(identity, groups_filter) if identity else [],
        "sid": identity.session_id if identity else "",
        "name": _name(identity) if identity else "",
        **(_further_claims(identity, claim_headers) if identity else {}),
    }


def groups_of(identity: Identity, groups_filter: Collection[str]) -> list[str]:
    """Directory groups, filtered; without a directory the provider's own, which the filter does not concern."""
    if not identity.groups:
        return list(_claim(identity, "groups") or ())
    return [group for group in identity.groups if not groups_filter or group in groups_filter]


def _name(identity: Identity) -> str:
    values = _claim(identity, "name")
    return identity.name if values is None else ",".join(values)


def _further_claims(identity: Identity, claim_headers: Mapping[str, str]) -> dict[str, str]:
    wanted = sorted(set(claim_headers.values()) - STANDARD_CLAIMS)
    found = ((name, _claim(identity, name)) for name in wanted)
    return {name: ",".join(values) for name, values in found if values is not None}


def _claim(identity: Identity, name: str) -> tuple[str, ...] | None:
    """The values of a claim, those of the session before those of the user; None when neither has it."""
    if name in identity.session_claims:
        return identity.session_claims[name]
    return identity.user_claims.get(name)
