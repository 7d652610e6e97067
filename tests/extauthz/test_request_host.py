import pytest
from hypothesis import given
from hypothesis import strategies as st

from extauthz.request_host import HostRefused, fold_host


@pytest.mark.parametrize(
    ("authority", "host"),
    [
        ("app.example.com", "app.example.com"),
        ("APP.Example.COM", "app.example.com"),
        ("app.example.com.", "app.example.com"),
        ("app.example.com:443", "app.example.com"),
        ("app.example.com.:8443", "app.example.com"),
        ("my_app.localhost", "my_app.localhost"),
        ("127.0.0.1:8443", "127.0.0.1"),
        ("[::1]:8443", "[::1]"),
    ],
)
def test_hosts_are_folded(authority: str, host: str) -> None:
    assert fold_host(authority) == host


@pytest.mark.parametrize(
    "authority",
    [
        "",
        ".",
        "..",
        "a..b",
        ".a",
        "app.example.com..",
        "a;for=1.2.3.4,b",
        "good@evil.example",
        "app.example.com, other.example.com",
        "app.example.com ",
        " app.example.com",
        "app.example.com\t",
        "app.example.com:",
        "app.example.com:99999",
        "app.example.com:443:443",
        "app.example.com/x",
        "app.example.com\\x",
        "app。example。com",
        "ａpp.example.com",
        "-app.example.com",
        "[::1",
        "[::g]",
        "[::1].",
        "a" * 64 + ".example.com",
        ".".join(["a" * 60] * 5),
        "app.example.com:١",
    ],
)
def test_what_names_no_host_is_refused(authority: str) -> None:
    with pytest.raises(HostRefused):
        fold_host(authority)


@given(st.text(max_size=80))
def test_every_text_is_folded_or_refused(authority: str) -> None:
    try:
        host = fold_host(authority)
    except HostRefused:
        return
    assert host == host.lower()
    assert fold_host(host) == host
