"""Nothing that a client sends can pose as what we say about it, on any route."""

import pytest

from tests.control_plane.translate.edge import ADDED, Edge, values
from tests.harness.upstream import Upstream

pytestmark = pytest.mark.end_to_end

FORGED = [
    "x-assertion",
    "X-Assertion",
    "x-pomerium-jwt-assertion",
    "X-POMERIUM-JWT-ASSERTION",
    "x-pomerium-jwt-assertion-form",
    "x-pomerium-claim-email",
    "x-pomerium-authorizatio",
    "x-pomerium-authorizations",
    "X-Pomerium-Anything",
    "x-team",
    "X-Forwarded-User",
    "x-forwarded-email",
    "x-forwarded-groups",
    "x-forwarded-preferred-username",
    "x-forwarded-access-token",
    "Remote-User",
    "x-remote-user",
    "x-auth-request-email",
    "x-envoy-original-path",
    "x-envoy-upstream-rq-timeout-ms",
    "x-envoy-retry-on",
    "forwarded",
    "x-forwarded-port",
    "x-forwarded-prefix",
    "x-original-url",
    "x-rewrite-url",
    "X-Forwarded-Scheme",
    "x-forwarded-ssl",
    "x-forwarded-uri",
    "x-forwarded-method",
    "x-forwarded-client-cert",
    "x-forwarded-roles",
    "x-forwarded-fo",
    "x-forwarded-for-",
    "x-original-forwarded-for",
    "x-client-ip",
    "Client-Cert",
    "Client-Cert-Chain",
    "Proxy",
    "CF-Connecting-IP",
    "True-Client-IP",
    "Fastly-Client-IP",
    "X-Azure-ClientIP",
    "X-Vercel-Forwarded-For",
    "X-Original-Forwarded-For",
    "WL-Proxy-Client-IP",
    "X-Remote-Addr",
    "Cf-Access-Jwt-Assertion",
    "X-Goog-Authenticated-User-Email",
    "X-Amzn-Oidc-Identity",
    "X-MS-Client-Principal",
    "X-User",
    "SM-User",
    "SSL-Client-Cert",
    "Impersonate-User",
    "impersonate-group",
    "Impersonate-Uid",
    "Impersonate-Extra-scopes",
]


@pytest.mark.parametrize("target", ["/admin", "/public/page"])
def test_forged_headers_reach_neither_check_nor_the_upstream(edge: Edge, app: Upstream, target: str) -> None:
    for name in FORGED:
        edge.forget()
        edge.get(target, f"{name}: FAKE", "x-other: kept", f"{name}: FAKE")
        assert values(edge.question(), name.lower()) == [], name
        assert "FAKE" not in app.last().head.decode("latin-1"), name
        assert app.last().value("x-other") == "kept"


def test_forged_headers_do_not_reach_our_own_endpoints(edge: Edge, web: Upstream) -> None:
    edge.get("/.pomerium/", "x-assertion: FAKE", "x-pomerium-claim-email: FAKE", "x-forwarded-host: evil.example.com")
    reached = web.last()
    assert {"x-assertion", "x-pomerium-claim-email"} & reached.folded_names() == set()
    assert reached.value("x-forwarded-host") == "app.example.com"


@pytest.mark.parametrize("name", ["x-pomerium-authorization", "x-pomerium-jwt-assertion-for", "authorization"])
def test_what_check_must_judge_reaches_check(edge: Edge, name: str) -> None:
    edge.get("/admin", f"{name}: a credential")
    assert values(edge.question(), name) == ["a credential"]


@pytest.mark.parametrize("nominated", ["X-Forwarded-Host", "x-forwarded-for"])
def test_a_hop_by_hop_list_of_forwarding_headers_is_refused(edge: Edge, app: Upstream, nominated: str) -> None:
    assert edge.get("/admin", f"connection: {nominated}").status == 400
    assert app.requests == []


def test_a_hop_by_hop_list_cannot_remove_what_check_adds(edge: Edge, app: Upstream) -> None:
    edge.get("/admin", f"connection: {ADDED}, x-other", "x-other: dropped")
    assert app.last().values(ADDED) == ["by check"]
    assert app.last().values("x-other") == []
