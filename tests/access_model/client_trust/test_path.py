"""Paths from a client's certificate to an authority: those that are believed, and those that are not."""

from datetime import timedelta

import pytest
from cryptography import x509
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

from tests.access_model.client_trust.world import BELOW, LAPTOP, NAME, NOW, ROOT, judged
from tests.harness.authority import HOUR, Authority, Issued

OTHER = Authority.root("Clients", now=NOW)
DEEPER = BELOW.subordinate("Clients below that")
SHORT = ROOT.subordinate("No one below", path_length=0)
NO_AUTHORITY = Authority(LAPTOP.certificate, LAPTOP.key)
SECOND = timedelta(seconds=1)


def usage(**wanted: bool) -> x509.KeyUsage:
    fields = "digital_signature content_commitment key_encipherment data_encipherment key_agreement key_cert_sign"
    every = dict.fromkeys(f"{fields} crl_sign encipher_only decipher_only".split(), False)
    return x509.KeyUsage(**every | wanted)


def purposes(*wanted: x509.ObjectIdentifier) -> x509.ExtendedKeyUsage:
    return x509.ExtendedKeyUsage(wanted)


def speaking_for(*permitted: x509.GeneralName) -> Authority:
    return ROOT.subordinate("Some names", further=[(x509.NameConstraints(list(permitted), None), True)])


def no_client() -> Authority:
    return ROOT.subordinate("Servers", further=[(purposes(ExtendedKeyUsageOID.SERVER_AUTH), False)])


def any_purpose() -> Authority:
    return ROOT.subordinate("All", further=[(purposes(ExtendedKeyUsageOID.ANY_EXTENDED_KEY_USAGE), True)])


DIRECTORY = x509.DirectoryName(x509.Name([x509.NameAttribute(NameOID.ORGANIZATION_NAME, "Example")]))
CRITICAL = (x509.UnrecognizedExtension(x509.ObjectIdentifier("1.2.3.4"), b"\5\0"), True)


@pytest.mark.parametrize(
    ("issued", "sent", "depth"),
    [
        (LAPTOP, (), 1),
        (ROOT.issue(), (), 1),
        (ROOT.issue(NAME, purpose=None), (), 1),
        (ROOT.issue(NAME, further=[(usage(digital_signature=True), True)]), (), 1),
        (LAPTOP, (BELOW, OTHER), 1),
        (BELOW.issue(NAME), (BELOW,), 2),
        (BELOW.issue(NAME), (DEEPER, ROOT, BELOW), 2),
        (DEEPER.issue(NAME), (BELOW, DEEPER), 3),
        (DEEPER.issue(NAME), (BELOW, DEEPER), 0),
        *((each.issue(NAME), (each,), 2) for each in (SHORT, any_purpose(), speaking_for(x509.DNSName("example.com")))),
    ],
)
def test_believed(issued: Issued, sent: tuple[Issued, ...], depth: int) -> None:
    assert judged(issued, *sent, depth=depth).objection == ""


@pytest.mark.parametrize(
    ("issued", "sent", "depth", "words"),
    [
        (OTHER.issue(NAME), (), 1, "no chain leads"),
        (OTHER.issue(NAME), (OTHER, ROOT), 1, "no chain leads"),
        (OTHER, (), 1, "no chain leads"),
        (ROOT.issue(NAME, now=NOW - 3 * HOUR), (), 1, "it expired on 2026-11-22 10:00 UTC"),
        (ROOT.issue(NAME, now=NOW + 3 * HOUR), (), 1, "it is not valid before 2026-11-22 14:00 UTC"),
        (ROOT.issue(NAME, purpose=ExtendedKeyUsageOID.SERVER_AUTH), (), 1, "it is not for clients"),
        (ROOT.issue(NAME, further=[(usage(key_encipherment=True), True)]), (), 1, "may not be used for TLS"),
        (ROOT.issue(NAME, further=[CRITICAL]), (), 1, "no chain leads"),
        (BELOW, (), 1, "no chain leads"),
        (BELOW.issue(NAME), (), 2, "no chain leads"),
        (BELOW.issue(NAME), (BELOW,), 1, "max depth"),
        (DEEPER.issue(NAME), (BELOW, DEEPER), 2, "max depth"),
        (NO_AUTHORITY.issue(NAME), (LAPTOP,), 2, "no chain leads"),
        *(
            (each.issue(NAME), (each,), 2, words)
            for each, words in (
                (no_client(), "the issuer is not for clients"),
                (ROOT.subordinate("Signs lists", usage=usage(crl_sign=True)), "may not sign certificates"),
                (speaking_for(x509.DNSName("example.org")), "name constraint"),
                (speaking_for(DIRECTORY), "directory names"),
                (ROOT.subordinate("Odd", further=[CRITICAL]), "no chain leads"),
            )
        ),
        (SHORT.subordinate("One below").issue(NAME), (SHORT.subordinate("One below"), SHORT), 3, "no chain leads"),
    ],
)
def test_not_believed(issued: Issued, sent: tuple[Issued, ...], depth: int, words: str) -> None:
    assert words in judged(issued, *sent, depth=depth).objection


def test_an_authority_that_may_have_none_below_it_has_none() -> None:
    further = SHORT.subordinate("One below")
    assert "path length" in judged(further.issue(NAME), SHORT, further, depth=3).objection


def test_an_authority_between_may_stand_among_those_that_are_trusted() -> None:
    assert judged(BELOW.issue(NAME), authorities=(BELOW,)).objection == ""
    assert judged(BELOW.issue(NAME), authorities=(ROOT, BELOW)).objection == ""
    assert judged(LAPTOP, authorities=(BELOW,)).objection


def test_a_certificate_counts_until_its_last_second() -> None:
    end = NOW + HOUR
    for issued, sent in ((LAPTOP, ()), (BELOW.issue(NAME), (BELOW,))):
        last, after = (judged(issued, *sent, depth=2, now=now) for now in (end + SECOND / 2, end + SECOND))
        assert (last.objection, bool(after.objection)) == ("", True)
        assert not last.holds_at(end + SECOND)


def test_whoever_has_outlived_the_authority_is_not_trusted() -> None:
    old = Authority.root("Old", now=NOW - HOUR)
    assert judged(old.issue(NAME, now=NOW), authorities=(old,), now=NOW).objection == ""
    assert judged(old.issue(NAME, now=NOW), authorities=(old,), now=NOW + HOUR / 2).objection
