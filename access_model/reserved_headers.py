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

FORWARDED_PREFIX = "x-forwarded-"
KEPT_FORWARDED = ("for", "proto")
"""What Envoy itself replaces or appends to (`use_remote_address`). Everything else under the prefix is somebody's claim
about where a request came from, what it asked for or who asks, under a name that some framework believes."""

ORIGIN = frozenset(
    (
        "client-cert",
        "client-cert-chain",
        "forwarded",
        "front-end-https",
        "proxy",
        "x-client-ip",
        "x-cluster-client-ip",
        "x-host",
        "x-original-forwarded-for",
        "x-original-host",
        "x-original-uri",
        "x-original-url",
        "x-real-ip",
        "x-rewrite-url",
        "x-url-scheme",
    )
)
"""More of such claims: certificates (RFC 9440 section 4), addresses, hosts and schemes. `proxy` becomes `HTTP_PROXY` in
CGI programs (CVE-2016-5385)."""

IMPERSONATE_PREFIX = "impersonate-"
"""To a Kubernetes API server, for whom a request is made: whatever may impersonate, only we say whom."""

ENVOY_PREFIX = "x-envoy-"
"""Envoy's own instructions to itself, such as the time limit of a request."""


def never_arrives(name: str) -> bool:
    """Whether what a client sends under a name (lower case) is removed from every request, whatever the route."""
    kept = {f"{FORWARDED_PREFIX}{rest}" for rest in KEPT_FORWARDED}
    prefixes = (OWN_PREFIX, FORWARDED_PREFIX, IMPERSONATE_PREFIX, ENVOY_PREFIX)
    return (name.startswith(prefixes) and name not in kept) or name in IDENTITY | ORIGIN
