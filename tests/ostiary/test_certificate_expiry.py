"""When what is in force ends, as operators are told."""

from prometheus_client import CollectorRegistry

from access_model.model import Certificate, ClientCertificates
from access_model.secret import Secret
from ostiary.roots.certificate_expiry import CertificateExpiry
from tests.access_model.client_trust.world import LAPTOP, NOW, ROOT
from tests.harness.authority import HOUR

END = NOW + HOUR
CLIENTS = {"kind": "client-authority", "name": "CN=Clients"}
LIST = {"kind": "revocation-list", "name": "CN=Clients"}


def test_servers_authorities_and_lists_are_told_and_what_is_gone_is_not() -> None:
    registry = CollectorRegistry()
    expiry = CertificateExpiry(registry)
    served = Certificate(LAPTOP.pem, Secret.of("a key"))
    expiry.replace([served], ClientCertificates(ROOT.pem, ROOT.revocation_list(now=NOW - HOUR / 2)))
    assert expiry.status() == {
        "laptop.example.com": END.isoformat(),
        "client-authority CN=Clients": END.isoformat(),
        "revocation-list CN=Clients": (END - HOUR / 2).isoformat(),
    }
    metric = "downstream_mtls_expiry_timestamp_seconds"
    assert registry.get_sample_value(metric, CLIENTS) == END.timestamp()
    assert registry.get_sample_value(metric, LIST) == (END - HOUR / 2).timestamp()
    expiry.replace([served], None)
    assert registry.get_sample_value(metric, CLIENTS) is None
    name = {"certificate": "laptop.example.com"}
    assert registry.get_sample_value("tls_certificate_expiry_timestamp_seconds", name) == END.timestamp()
