"""Identity headers: always there, in step with the token, and nothing breaks out of them."""

from urllib.parse import unquote

import pytest
from hypothesis import given
from hypothesis import strategies as st

from extauthz.assertion.header_text import escape_controls, escape_element, escape_text
from extauthz.assertion.headers import claim_header_value, identity_headers

CLAIMS: dict[str, object] = {"email": "anna@example.com", "groups": ["staff", "ops"], "iat": 1935817689, "acr": "2"}


def test_the_assertion_and_every_configured_claim() -> None:
    wanted = {"x-pomerium-claim-email": "email", "X-Groups": "groups", "x-iat": "iat", "x-missing": "missing"}
    found = identity_headers("a.b.c", CLAIMS, assertion_header="x-pomerium-jwt-assertion", claim_headers=wanted)
    assert found == {
        "X-Groups": "staff,ops",
        "x-iat": "1935817689",
        "x-missing": "",
        "x-pomerium-claim-email": "anna@example.com",
        "x-pomerium-jwt-assertion": "a.b.c",
    }


def test_a_claim_header_cannot_take_the_place_of_the_assertion() -> None:
    found = identity_headers("a.b.c", CLAIMS, assertion_header="x-jwt", claim_headers={"x-jwt": "email"})
    assert found == {"x-jwt": "a.b.c"}


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ('plain: text; 100%, (a) "b"', 'plain: text; 100%, (a) "b"'),
        ("Doe, Jane", "Doe, Jane"),
        ("a\r\nx-role: admin", "a%0D%0Ax-role: admin"),
        ("nul\x00 tab\t del\x7f", "nul%00 tab%09 del%7F"),
        ("Zoë 安娜", "Zo%C3%AB %E5%AE%89%E5%A8%9C"),
        ("c1 \x85 ls \u2028", "c1 %C2%85 ls %E2%80%A8"),
        ("literal %0A", "literal %250A"),
        ("lone \ud800", "lone %3F"),
        ([], ""),
        (["a,admins", "b"], "a%2Cadmins,b"),
        (["é", "%2C"], "%C3%A9,%252C"),
        (None, ""),
        (True, "True"),
    ],
)
def test_values(value: object, expected: str) -> None:
    assert claim_header_value(value) == expected


@given(st.text())
def test_any_text_becomes_visible_ascii_and_comes_back(text: str) -> None:
    escaped = escape_text(text)
    assert all(" " <= character <= "~" for character in escaped)
    assert unquote(escaped) == text


@given(st.lists(st.text(min_size=1), min_size=1))
def test_a_list_splits_into_what_was_joined(elements: list[str]) -> None:
    joined = claim_header_value(elements)
    assert [unquote(part) for part in joined.split(",")] == elements
    assert joined == ",".join(map(escape_element, elements))


@given(st.text())
def test_controls_alone_can_be_escaped(text: str) -> None:
    escaped = escape_controls(text)
    assert not any(character < " " or character == "\x7f" for character in escaped)
