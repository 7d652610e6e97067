"""An authority, what it issued, and the judgement of it."""

from datetime import UTC, datetime

from cryptography import x509

from access_model.client_trust import Judgement, judge, trust_of
from access_model.facts import ClientCertificate
from access_model.model import ClientCertificates, SubjectName
from tests.harness.authority import Authority, Issued

NOW = datetime(2026, 11, 22, 12, tzinfo=UTC)
ROOT = Authority.root("Clients", now=NOW)
BELOW = ROOT.subordinate("Clients below")
NAME = x509.DNSName("laptop.example.com")
LAPTOP = ROOT.issue(NAME)


def judged(
    issued: Issued,
    *sent: Issued,
    authorities: tuple[Issued, ...] = (ROOT,),
    lists: tuple[str, ...] = (),
    names: tuple[SubjectName, ...] = (),
    depth: int = 1,
    now: datetime = NOW,
) -> Judgement:
    """Judge a certificate and what is sent with it."""
    settings = ClientCertificates("".join(each.pem for each in authorities), "".join(lists), names, depth)
    chain = "".join(each.pem for each in (issued, *sent))
    return judge(ClientCertificate(issued.pem, trusted=False, chain=chain), trust_of(settings), now)
