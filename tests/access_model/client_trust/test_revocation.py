"""Revocation: whoever gives one list gives them all, and all of them are in force."""

import pytest

from tests.access_model.client_trust.test_path import usage
from tests.access_model.client_trust.world import BELOW, LAPTOP, NAME, NOW, ROOT, judged
from tests.harness.authority import HOUR, Authority, Issued

PHONE = BELOW.issue(NAME)
OF_ROOT, OF_BELOW = ROOT.revocation_list(), BELOW.revocation_list()
OTHER = Authority.root("Clients", now=NOW)


@pytest.mark.parametrize(
    ("issued", "sent", "lists"),
    [
        (LAPTOP, (), (OF_ROOT,)),
        (LAPTOP, (), (OF_BELOW, OF_ROOT)),
        (LAPTOP, (), (OTHER.revocation_list(LAPTOP), OF_ROOT)),
        (LAPTOP, (), (ROOT.revocation_list(now=NOW - 3 * HOUR), OF_ROOT)),
        (PHONE, (BELOW,), (OF_ROOT, OF_BELOW)),
        (PHONE, (BELOW,), (ROOT.revocation_list(PHONE), OF_BELOW)),
    ],
)
def test_not_revoked(issued: Issued, sent: tuple[Issued, ...], lists: tuple[str, ...]) -> None:
    assert judged(issued, *sent, depth=2, lists=lists).objection == ""


REVOKED, MISSING = "revoked its certificate", "there is no revocation list of `CN=Clients"


@pytest.mark.parametrize(
    ("issued", "sent", "lists", "words"),
    [
        (LAPTOP, (), (ROOT.revocation_list(LAPTOP),), REVOKED),
        (LAPTOP, (), (OF_ROOT, ROOT.revocation_list(LAPTOP)), REVOKED),
        (LAPTOP, (), (ROOT.revocation_list(LAPTOP, now=NOW - 3 * HOUR), OF_ROOT), REVOKED),
        (PHONE, (BELOW,), (OF_ROOT, BELOW.revocation_list(PHONE)), REVOKED),
        (PHONE, (BELOW,), (ROOT.revocation_list(BELOW), OF_BELOW), REVOKED),
        (LAPTOP, (), (OF_BELOW,), MISSING),
        (LAPTOP, (), (OTHER.revocation_list(),), MISSING),
        (LAPTOP, (), (ROOT.revocation_list(now=NOW - 3 * HOUR),), MISSING),
        (LAPTOP, (), (ROOT.revocation_list(now=NOW + 3 * HOUR),), MISSING),
        (PHONE, (BELOW,), (OF_ROOT,), MISSING),
        (PHONE, (BELOW,), (OF_BELOW,), MISSING),
    ],
)
def test_revoked_or_not_known(issued: Issued, sent: tuple[Issued, ...], lists: tuple[str, ...], words: str) -> None:
    assert words in judged(issued, *sent, depth=2, lists=lists).objection


def test_an_authority_that_is_named_beside_its_root_can_be_revoked() -> None:
    authorities = (ROOT, BELOW)
    assert judged(PHONE, authorities=authorities, lists=(OF_ROOT, OF_BELOW)).objection == ""
    assert REVOKED in judged(PHONE, authorities=authorities, lists=(ROOT.revocation_list(BELOW), OF_BELOW)).objection
    assert judged(PHONE, authorities=(BELOW,), lists=(OF_BELOW,)).objection == ""


def test_a_list_counts_only_from_an_authority_that_may_sign_lists() -> None:
    silent = ROOT.subordinate("Silent", usage=usage(key_cert_sign=True))
    lists = (OF_ROOT, silent.revocation_list())
    assert "no revocation list of `CN=Silent`" in judged(silent.issue(NAME), silent, depth=2, lists=lists).objection


def test_the_serial_number_alone_is_no_match() -> None:
    assert judged(LAPTOP, lists=(OF_ROOT, BELOW.revocation_list(LAPTOP))).objection == ""


def test_a_key_under_another_name_lists_nothing() -> None:
    twin = Authority.root("Twin", now=NOW, key=ROOT.key)
    assert "no revocation list of `CN=Clients`" in judged(LAPTOP, lists=(twin.revocation_list(),)).objection
