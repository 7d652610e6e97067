from dataclasses import replace
from datetime import timedelta
from hashlib import sha256

import pytest

from extauthz.session_cookie import (
    delete_session_cookie,
    handle_host,
    issue_handle,
    presented_value,
    token_hash,
)
from tests.extauthz.sign_in.world import NOW, a_session, cookie_settings

SETTINGS = cookie_settings()
SHARED = replace(SETTINGS, name="__Secure-_pomerium", domain="example.com")
VALUE = "AQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQE"


def test_the_store_gets_the_hash_and_the_browser_the_value() -> None:
    issued = issue_handle(a_session(), "app.example.com", SETTINGS, b"\1" * 32, NOW)
    assert issued.handle.token_hash == token_hash(VALUE) == sha256(VALUE.encode()).digest()
    assert issued.handle.host == "app.example.com"
    assert issued.set_cookie == f"__Host-_pomerium={VALUE}; Path=/; Max-Age=50400; Secure; HttpOnly; SameSite=Lax"
    assert VALUE not in repr(issued)


def test_the_cookie_ends_with_its_session() -> None:
    late = issue_handle(a_session(), "app.example.com", SETTINGS, b"\1" * 32, NOW + timedelta(hours=13))
    assert "Max-Age=3600" in late.set_cookie


@pytest.mark.parametrize(
    ("host", "place"),
    [
        ("app.example.com", ".example.com"),
        ("example.com", ".example.com"),
        ("badexample.com", "badexample.com"),
        ("example.com.evil.net", "example.com.evil.net"),
        ("other.net", "other.net"),
    ],
)
def test_a_cookie_domain_ends_at_a_label(host: str, place: str) -> None:
    assert handle_host(host, SHARED) == place
    issued = issue_handle(a_session(), host, SHARED, b"\1" * 32, NOW)
    assert issued.handle.host == place
    assert ("Domain=example.com" in issued.set_cookie) is place.startswith(".")
    assert ("Domain=example.com" in delete_session_cookie(host, SHARED)) is place.startswith(".")


def test_without_a_cookie_domain_every_host_stands_alone() -> None:
    assert handle_host("app.example.com", SETTINGS) == "app.example.com"


@pytest.mark.parametrize(
    "values", [[], [""], ["short"], [VALUE + "A"], [VALUE, VALUE], [VALUE, "x"], [VALUE[:-1] + "="], [VALUE + ",x=1"]]
)
def test_only_one_clear_value_counts(values: list[str]) -> None:
    assert presented_value(tuple((SETTINGS.name, value) for value in values), SETTINGS) is None
    assert presented_value(((SETTINGS.name, VALUE), ("other", "x")), SETTINGS) == VALUE


def test_the_deletion_matches_the_cookie() -> None:
    assert delete_session_cookie("app.example.com", SETTINGS) == (
        "__Host-_pomerium=; Path=/; Max-Age=0; Secure; HttpOnly; SameSite=Lax"
    )
