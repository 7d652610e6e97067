"""Request headers that speak for us or for a user: under these names nothing of a client's may reach an upstream.

Both who programs Envoy and who answers `Check` remove them, so the names stand here once.
"""

OWN_PREFIX = "x-pomerium-"
"""Everything under it is ours."""

CREDENTIAL_HEADER = "x-pomerium-authorization"
"""Carries a credential of ours: read, then removed."""

ASSERTION_FOR = "x-pomerium-jwt-assertion-for"
"""Carries an assertion that one upstream passes on to another: kept only if one of our keys signed it."""

CLIENT_CERTIFICATE = "x-pomerium-client-certificate"
"""Tells our own endpoints which certificate the client has shown: PEM, percent-encoded, its own first."""

IDENTITY = frozenset(
    prefix + attribute
    for prefix in ("remote-", "x-remote-", "x-forwarded-", "x-auth-request-", "x-webauth-")
    for attribute in ("user", "email", "groups", "group", "name", "preferred-username", "access-token")
) | frozenset(
    (
        "cf-access-authenticated-user-email",
        "cf-access-jwt-assertion",
        "iv-user",
        "sm-user",
        "tailscale-user-login",
        "tailscale-user-name",
        "teleport-jwt-assertion",
        "x-amzn-oidc-accesstoken",
        "x-amzn-oidc-data",
        "x-amzn-oidc-identity",
        "x-authenticated-user",
        "x-authenticated-userid",
        "x-authentik-email",
        "x-authentik-groups",
        "x-authentik-username",
        "x-consumer-id",
        "x-consumer-username",
        "x-credential-identifier",
        "x-goog-authenticated-user-email",
        "x-goog-authenticated-user-id",
        "x-goog-iap-jwt-assertion",
        "x-ms-client-principal",
        "x-ms-client-principal-id",
        "x-ms-client-principal-name",
        "x-user",
        "x-username",
        "x-vouch-user",
    )
)
"""What proxies of this kind, and gateways of clouds, call the user: an application may trust it without our having set
it."""

FORWARDED_PREFIX = "x-forwarded-"
KEPT_FORWARDED = ("for", "proto")
"""What Envoy itself replaces or appends to (`use_remote_address`). Everything else under the prefix is somebody's claim
about where a request came from, what it asked for or who asks, under a name that some framework believes."""

ORIGIN = frozenset(
    (
        "ali-cdn-real-ip",
        "cf-connecting-ip",
        "cf-connecting-ipv6",
        "cf-pseudo-ipv4",
        "client-cert",
        "client-cert-chain",
        "client-ip",
        "cloudfront-viewer-address",
        "fastly-client-ip",
        "fly-client-ip",
        "forwarded",
        "front-end-https",
        "proxy",
        "proxy-client-ip",
        "ssl-client-cert",
        "true-client-ip",
        "wl-proxy-client-ip",
        "x-appengine-user-ip",
        "x-arr-clientcert",
        "x-azure-clientip",
        "x-azure-socketip",
        "x-client-cert",
        "x-client-ip",
        "x-cluster-client-ip",
        "x-host",
        "x-nf-client-connection-ip",
        "x-original-forwarded-for",
        "x-original-host",
        "x-original-uri",
        "x-original-url",
        "x-originating-ip",
        "x-proxyuser-ip",
        "x-real-ip",
        "x-remote-addr",
        "x-remote-ip",
        "x-rewrite-url",
        "x-ssl-client-cert",
        "x-url-scheme",
        "x-vercel-forwarded-for",
    )
)
"""More of such claims: certificates (RFC 9440 section 4), addresses, hosts and schemes. `proxy` becomes `HTTP_PROXY` in
CGI programs (CVE-2016-5385). Those of content delivery networks are among them: whoever reaches us past the network can
send them as well, and behind `xff_num_trusted_hops` the same is in `x-forwarded-for`."""

IMPERSONATE_PREFIX = "impersonate-"
"""To a Kubernetes API server, for whom a request is made: whatever may impersonate, only we say whom."""

ENVOY_PREFIX = "x-envoy-"
"""Envoy's own instructions to itself, such as the time limit of a request."""


def never_arrives(name: str) -> bool:
    """Whether what a client sends under a name (lower case) is removed from every request, whatever the route."""
    kept = {f"{FORWARDED_PREFIX}{rest}" for rest in KEPT_FORWARDED}
    prefixes = (OWN_PREFIX, FORWARDED_PREFIX, IMPERSONATE_PREFIX, ENVOY_PREFIX)
    return (name.startswith(prefixes) and name not in kept) or name in IDENTITY | ORIGIN
