"""Rules about names, one of which must describe a whole name."""

from ipaddress import ip_address

import pytest
from cryptography import x509

from access_model.model import SubjectName
from tests.access_model.client_trust.world import ROOT, judged

EVERYBODY = ROOT.issue(
    x509.DNSName("laptop.example.com"),
    x509.RFC822Name("alice@example.com"),
    x509.UniformResourceIdentifier("spiffe://example.com/laptop"),
    x509.IPAddress(ip_address("192.0.2.7")),
)


@pytest.mark.parametrize(
    "rules",
    [
        (),
        (SubjectName("dns", r".*\.example\.com"),),
        (SubjectName("email", r"alice@.*"),),
        (SubjectName("uri", r"spiffe://example\.com/.*"),),
        (SubjectName("ip_address", r"192\.0\.2\..*"),),
        (SubjectName("dns", "no"), SubjectName("email", ".*")),
    ],
)
def test_a_name_fits(rules: tuple[SubjectName, ...]) -> None:
    assert judged(EVERYBODY, names=rules).objection == ""


@pytest.mark.parametrize(
    "rules",
    [
        (SubjectName("dns", r"example\.com"),),
        (SubjectName("dns", "laptop"),),
        (SubjectName("dns", "alice@.*"),),
        (SubjectName("email", r".*\.example\.com"), SubjectName("uri", "https://.*")),
    ],
)
def test_no_name_fits(rules: tuple[SubjectName, ...]) -> None:
    assert "match_subject_alt_names" in judged(EVERYBODY, names=rules).objection


def test_a_certificate_without_names_fits_no_rule() -> None:
    assert judged(ROOT.issue(), names=(SubjectName("dns", ".*"),)).objection
    assert judged(ROOT.issue()).objection == ""
