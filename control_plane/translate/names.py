"""Names that several resources, and the services behind Envoy, must agree on."""

LISTENER = "ingress"
REDIRECT_LISTENER = "redirect"
QUIC_LISTENER = "ingress-quic"
CLIENT_AUTHORITIES = "client-authorities"
UPSTREAM_AUTHORITIES = "upstream-authorities"
ROUTE_CONFIGURATION = "ingress"
CHECK_CLUSTER = "ostiary-check"
WATCH_CLUSTER = "ostiary-watch"
WEB_CLUSTER = "ostiary-web"
EXT_AUTHZ_FILTER = "ostiary.ext_authz"
REQUEST_PATH_FILTER = "ostiary.request_path"
STREAM_WATCH_FILTER = "ostiary.stream_watch"
RATE_LIMIT_FILTER = "ostiary.rate_limit"
IMPERSONATION_FILTER = "ostiary.impersonation"
CLIENT_CHAIN_FILTER = "ostiary.client_chain"
RESPONSE_REWRITING_FILTER = "ostiary.response_rewriting"

NO_SUCH_ROUTE = "no-such-route"
REFUSED_PATH = "refused-path"
REFUSED_HOST = "refused-host"

CONTEXT_ROUTE_ID = "route_id"
INTERCEPTED_HEADER = "x-pomerium-intercepted-response"


def certificate_secret(index: int) -> str:
    """The secret of the listener's n-th certificate; its position, so that a renewal keeps the name."""
    return f"certificate-{index}"


def client_certificate_secret(route_id: str) -> str:
    """The secret with which we show the upstreams of a route who we are."""
    return f"client-certificate-{route_id}"


def virtual_host(host: str) -> str:
    """The virtual host of a host, in the form by which Envoy finds those of a route configuration."""
    return f"{ROUTE_CONFIGURATION}/{host}"


def route_cluster(route_id: str) -> str:
    """The cluster of a route."""
    return f"route-{route_id}"
