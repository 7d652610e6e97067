"""Request headers that speak for us or for a user: under these names nothing of a client's may reach an upstream.

Both who programs Envoy and who answers `Check` remove them, so the names stand here once.
"""

OWN_PREFIX = "x-pomerium-"
"""Everything under it is ours."""

CREDENTIAL_HEADER = "x-pomerium-authorization"
"""Carries a credential of ours: read, then removed."""

ASSERTION_FOR = "x-pomerium-jwt-assertion-for"
"""Carries an assertion that one upstream passes on to another: kept only if one of our keys signed it."""

IDENTITY = frozenset(
    prefix + attribute
    for prefix in ("remote-", "x-remote-", "x-forwarded-", "x-auth-request-", "x-webauth-")
    for attribute in ("user", "email", "groups", "group", "name", "preferred-username", "access-token")
)
"""What proxies of this kind call the user: an application may trust it without our having set it."""
