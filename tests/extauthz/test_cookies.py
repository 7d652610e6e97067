from datetime import timedelta

import pytest

from extauthz.cookies import (
    SetCookie,
    delete_cookie,
    is_own,
    parse_cookie_header,
    prefixed,
    sole_value,
    values_of,
    without_own_cookies,
)
from tests.extauthz.sign_in.world import cookie_settings

SETTINGS = cookie_settings()
NAME = SETTINGS.name


@pytest.mark.parametrize(
    ("lines", "pairs"),
    [
        ([], ()),
        (["a=1; b=2"], (("a", "1"), ("b", "2"))),
        (["a=1;b=2;"], (("a", "1"), ("b", "2"))),
        (["a=1", "a=2"], (("a", "1"), ("a", "2"))),
        (["a=b=c"], (("a", "b=c"),)),
        (['a="x y"; b=%20'], (("a", '"x y"'), ("b", "%20"))),
        (["nameless; =x; a="], (("", "x"), ("a", ""))),
        (["a=1,s=2"], (("a", "1,s=2"),)),
        (["\ta = 1 "], (("a", "1"),)),
    ],
)
def test_reads_names_and_values_and_decodes_nothing(lines: list[str], pairs: tuple[tuple[str, str], ...]) -> None:
    assert parse_cookie_header(lines) == pairs


def test_a_neighbours_cookie_cannot_smuggle_ours_behind_a_comma() -> None:
    assert values_of(parse_cookie_header([f"x=1,{NAME}=stolen"]), NAME) == ()


def test_a_cookie_that_occurs_twice_has_no_sole_value() -> None:
    assert sole_value(parse_cookie_header([f"{NAME}=A; {NAME}=B"]), NAME) is None
    assert sole_value(parse_cookie_header([f"{NAME}=A", f"{NAME}=B"]), NAME) is None
    assert sole_value(parse_cookie_header([f"{NAME}=A"]), NAME) == "A"


@pytest.mark.parametrize(
    ("raw", "rest"),
    [
        ("", ""),
        ("a=1; b=2", "a=1; b=2"),
        (f"{NAME}=x", ""),
        (f"{NAME}=x; a=1", "a=1"),
        (f"a=1; {NAME}=x; b=2", "a=1; b=2"),
        (f"a=1;{NAME}=x;b=2", "a=1;b=2"),
        (f"a=1; {NAME}=x", "a=1"),
        (f"a=1; {NAME}=x; {NAME}=y", "a=1"),
        (f"a=1,{NAME}=x", "a=1"),
        (f"{NAME}=x,a=1", "a=1"),
        (f"a=1, {NAME}=x; b=2", "a=1; b=2"),
        (f" {NAME} =x; a=1", "a=1"),
        ("__Host-pomerium_state_abc=1; a=1; __Host-pomerium_binding_abc=2", "a=1"),
        ("pomerium_state_abc=1; a=1", "a=1"),
        ('a="1;2"; odd ;;  b==; c=\xff', 'a="1;2"; odd ;;  b==; c=\xff'),
        ("a=1,2,3;  spaced = x ; nameless", "a=1,2,3;  spaced = x ; nameless"),
        (f"a=1,2; {NAME}=x;  b= 3 ", "a=1,2;  b= 3 "),
    ],
)
def test_takes_ours_out_and_leaves_the_rest_byte_for_byte(raw: str, rest: str) -> None:
    assert without_own_cookies(raw, lambda name: is_own(name, SETTINGS)) == rest


@pytest.mark.parametrize("name", [NAME.lower(), "pomerium", "_pomerium_x", "x_pomerium_state_", "__Host-session"])
def test_other_names_are_not_ours(name: str) -> None:
    assert not is_own(name, SETTINGS)


def test_a_cookie_as_it_is_sent() -> None:
    cookie = SetCookie("__Host-x", "abc", timedelta(minutes=10))
    assert cookie.header() == "__Host-x=abc; Path=/; Max-Age=600; Secure; HttpOnly; SameSite=Lax"
    shared = SetCookie("x", "a", timedelta(0), secure=False, http_only=False, same_site="strict", domain="example.com")
    assert shared.header() == "x=a; Path=/; Domain=example.com; Max-Age=0; SameSite=Strict"
    assert "abc" not in repr(cookie)


def test_a_deletion_carries_what_a_host_prefix_demands() -> None:
    assert delete_cookie("__Host-x").header() == "__Host-x=; Path=/; Max-Age=0; Secure; HttpOnly; SameSite=Lax"


@pytest.mark.parametrize(
    ("name", "value", "domain"),
    [
        ("a b", "x", None),
        ("", "x", None),
        ("a;b", "x", None),
        ("a", "x;y", None),
        ("a", "x\r\ny", None),
        ("a", "x,y", None),
        ("a", "é", None),
        ("a", '"', None),
        ("a", "x", "b; Path=/x"),
    ],
)
def test_what_cannot_be_sent_is_an_error(name: str, value: str, domain: str | None) -> None:
    with pytest.raises(ValueError, match="cannot be sent"):
        SetCookie(name, value, timedelta(1), domain=domain)


def test_the_prefix_is_there_wherever_browsers_take_it() -> None:
    assert prefixed("x", SETTINGS) == "__Host-x"
    assert prefixed("x", cookie_settings(secure=False)) == "x"
