"""A client's certificate reaches the policy, as verified by Envoy."""

from pathlib import Path
from typing import Any

import httpx

from tests.harness.certificates import make_certificate
from tests.harness.loopback import LoopbackTransport, local_tls
from tests.harness.stack import running_stack

LAPTOP, DESKTOP = "laptop.example.com", "desktop.example.com"
POLICIES: dict[str, dict[str, Any]] = {
    "laptops": {"allow": {"or": [{"client_certificate": {"san_dns": LAPTOP}}]}},
    "desktops": {"allow": {"or": [{"client_certificate": {"san_dns": DESKTOP}}]}},
    "certified": {"allow": {"or": [{"accept": True}]}, "deny": {"or": [{"invalid_client_certificate": True}]}},
}


def test_a_policy_knows_the_certificate_that_envoy_verified(tmp_path: Path) -> None:
    (tmp_path / "client").mkdir()
    client = make_certificate(tmp_path / "client", [LAPTOP], client=True)
    routes = [
        {"from": f"https://{name}.localhost:{{port}}", "to": "{app}", "policy": policy}
        for name, policy in POLICIES.items()
    ]
    settings = {"downstream_mtls": {"ca_file": str(client.authority), "enforcement": "reject_connection"}}
    with running_stack(tmp_path, routes=routes, settings=settings) as stack:
        context = local_tls(stack.certificate.authority)
        context.load_cert_chain(client.chain, client.key)
        with httpx.Client(transport=LoopbackTransport(context), timeout=15) as laptop:
            answers = {name: laptop.get(stack.url(f"{name}.localhost")).status_code for name in POLICIES}
    assert answers == {"laptops": 200, "desktops": 403, "certified": 200}
