"""A judgement is total, and holds as long as it says."""

from datetime import datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from access_model.client_trust import judge, trust_of
from access_model.facts import ClientCertificate
from access_model.model import ClientCertificates
from tests.access_model.client_trust.world import BELOW, LAPTOP, NAME, NOW, ROOT, judged
from tests.harness.authority import HOUR, Issued

LATER = ROOT.issue(NAME, now=NOW + HOUR)
MOMENTS = st.integers(-9 * 3600, 9 * 3600).map(lambda seconds: NOW + timedelta(seconds=seconds / 2))
LISTS = (ROOT.revocation_list(now=NOW - HOUR / 2), BELOW.revocation_list())


@given(first=MOMENTS, second=MOMENTS, which=st.sampled_from([LAPTOP, LATER, BELOW.issue(NAME)]), listed=st.booleans())
def test_a_judgement_is_the_same_as_long_as_it_holds(
    first: datetime, second: datetime, which: Issued, listed: bool
) -> None:
    lists = LISTS if listed else ()
    then, now = (judged(which, BELOW, depth=2, lists=lists, now=moment) for moment in (first, second))
    assert then.holds_at(first)
    assert not then.holds_at(second) or then.objection == now.objection


@pytest.mark.parametrize(
    "presented",
    [
        ClientCertificate("", trusted=True),
        ClientCertificate("no certificate", trusted=True),
        ClientCertificate(LAPTOP.pem.replace("MII", "XXX"), trusted=True),
        ClientCertificate(LAPTOP.pem, trusted=True, chain="no chain"),
        ClientCertificate(LAPTOP.pem, trusted=True, chain=LAPTOP.pem * 101),
        ClientCertificate("\ud800", trusted=True),
    ],
)
def test_what_cannot_be_read_is_not_trusted(presented: ClientCertificate) -> None:
    trust = trust_of(ClientCertificates(ROOT.pem))
    assert judge(presented, trust, NOW).objection.startswith("it cannot be read")
