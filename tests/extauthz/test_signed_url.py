from datetime import timedelta
from urllib.parse import urlencode

import pytest
from hypothesis import given
from hypothesis import strategies as st

from extauthz.signed_url import SignatureProblem, SignatureRefused, Verified, sign, verify
from tests.extauthz.sign_in.world import NOW

KEY = b"k" * 32
URL = "https://auth.example.com/.pomerium/sign_in?pomerium_redirect_uri=https%3A%2F%2Fapp.example.com%2F%3Fa%3D1&b=2"
SIGNED = sign(URL, KEY, NOW)


def refused(url: str, key: bytes = KEY, after: timedelta = timedelta(0)) -> SignatureProblem:
    answer = verify(url, key, NOW + after)
    assert isinstance(answer, SignatureRefused), url
    return answer.reason


def test_the_bytes_of_a_signed_url() -> None:
    assert (
        f"{URL}&pomerium_issued=1772366400&pomerium_expiry=1772366700&pomerium_signature=" + SIGNED.rpartition("=")[2]
    ) == SIGNED
    assert len(SIGNED.rpartition("=")[2]) == 43


def test_gives_the_parameters_back() -> None:
    answer = verify(SIGNED, KEY, NOW)
    assert isinstance(answer, Verified)
    assert dict(answer.params) == {"pomerium_redirect_uri": "https://app.example.com/?a=1", "b": "2"}


def test_a_port_may_get_lost_on_the_way() -> None:
    signed = sign(URL.replace("auth.example.com", "auth.example.com:8443"), KEY, NOW)
    assert isinstance(verify(signed.replace(":8443", ""), KEY, NOW), Verified)


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("https://", "http://"),
        ("auth.example.com", "auth.example.net"),
        ("auth.example.com", "uth.example.coma"),
        ("/.pomerium/sign_in", "/.pomerium/sign_out"),
        ("/.pomerium/sign_in", "/.pomerium//sign_in"),
        ("app.example.com", "evil.example.com"),
        ("&b=2", ""),
        ("&b=2", "&b=3"),
        ("&b=2", "&b=2&c=3"),
        ("&b=2", "&b=2&c="),
        ("&b=2", "&b2="),
        ("&b=2", "&=b2"),
        ("pomerium_issued=1772366400", "pomerium_issued=1772366401"),
        ("pomerium_expiry=1772366700", "pomerium_expiry=1772366799"),
        ("pomerium_expiry=1772366700", "pomerium_expiry=x"),
        ("pomerium_signature=", "pomerium_signature=A"),
    ],
)
def test_nothing_can_be_altered(old: str, new: str) -> None:
    assert refused(SIGNED.replace(old, new, 1)) is SignatureProblem.FORGED


@pytest.mark.parametrize("name", ["b", "pomerium_issued", "pomerium_expiry", "pomerium_signature", "%62"])
def test_repeated_parameters_are_refused(name: str) -> None:
    assert refused(f"{SIGNED}&{name}=1") is SignatureProblem.DUPLICATE
    assert refused(SIGNED.replace("?", f"?{name}=1&")) is SignatureProblem.DUPLICATE


@pytest.mark.parametrize(
    "url",
    [
        "",
        SIGNED + "&novalue",
        SIGNED + "&x=%ff",
        SIGNED + "&x=\t",
        SIGNED + "\n",
        SIGNED + "&x=é",
        SIGNED + "".join(f"&x{number}=1" for number in range(30)),
        SIGNED + "&x=" + "y" * 20_000,
        "https://[::1/?a=1",
    ],
)
def test_what_cannot_be_read_is_refused(url: str) -> None:
    assert refused(url) is SignatureProblem.MALFORMED


def test_an_unsigned_url_is_refused() -> None:
    assert refused(URL) is SignatureProblem.UNSIGNED
    assert refused(URL.partition("?")[0]) is SignatureProblem.UNSIGNED


def test_another_key_is_refused() -> None:
    assert refused(SIGNED, b"j" * 32) is SignatureProblem.FORGED


def test_it_lasts_five_minutes() -> None:
    assert isinstance(verify(SIGNED, KEY, NOW + timedelta(seconds=299)), Verified)
    assert refused(SIGNED, after=timedelta(minutes=5)) is SignatureProblem.EXPIRED
    assert isinstance(verify(SIGNED, KEY, NOW - timedelta(seconds=60)), Verified)
    assert refused(SIGNED, after=-timedelta(seconds=61)) is SignatureProblem.NOT_YET


@given(st.lists(st.tuples(st.text(max_size=5), st.text(max_size=5)), max_size=4))
def test_fields_never_run_into_each_other(pairs: list[tuple[str, str]]) -> None:
    base = "https://a.example/x"
    other = sign(f"{base}?{urlencode([('aa', 'b')])}", KEY, NOW)
    mine = f"{base}?{urlencode([*pairs, ('k', 'v')])}" if pairs != [] else f"{base}?k=v"
    forged = mine + "&" + "&".join(other.split("&")[1:])
    assert isinstance(verify(forged, KEY, NOW), SignatureRefused)
