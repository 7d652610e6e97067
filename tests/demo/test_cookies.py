"""The jar keeps and sends cookies as browsers do."""

import pytest

from tests.harness.cookies import CookieJar

NOW = 1_000_000.0
SECURE = "https://app.localhost:8443/"
PLAIN = "http://app.localhost:8080/"


def jar(url: str, *lines: str) -> CookieJar:
    kept = CookieJar()
    kept.store(url, lines, NOW)
    return kept


def test_a_host_only_cookie_stays_on_its_host_whatever_the_port() -> None:
    kept = jar(SECURE, "a=1")
    assert kept.header("https://app.localhost:9443/x", NOW) == "a=1"
    assert kept.header("https://other.localhost:8443/", NOW) is None
    assert kept.header("https://sub.app.localhost/", NOW) is None


def test_a_domain_cookie_reaches_subdomains() -> None:
    kept = jar("https://a.example.com/", "a=1; Domain=.Example.com")
    assert kept.header("https://b.example.com/", NOW) == "a=1"
    assert kept.header("https://notexample.com/", NOW) is None


@pytest.mark.parametrize("domain", ["localhost", "other.localhost", "evilapp.localhost", "x.app.localhost"])
def test_a_foreign_domain_is_refused(domain: str) -> None:
    kept = jar(SECURE, f"a=1; Domain={domain}")
    assert kept.live(NOW) == []
    assert len(kept.rejected) == 1


def test_secure_cookies_neither_come_from_nor_go_to_plain_text() -> None:
    assert jar(PLAIN, "a=1; Secure").live(NOW) == []
    assert jar(SECURE, "a=1; Secure").header(PLAIN, NOW) is None


def test_plain_text_cannot_replace_a_secure_cookie() -> None:
    kept = jar(SECURE, "a=1; Secure")
    kept.store(PLAIN, ["a=2", "a=; Max-Age=0"], NOW)
    assert kept.header(SECURE, NOW) == "a=1"


@pytest.mark.parametrize(
    ("line", "kept"),
    [
        ("__Host-s=1; Secure; Path=/", True),
        ("__Host-s=1; Path=/", False),
        ("__Host-s=1; Secure; Path=/x", False),
        ("__Host-s=1; Secure; Path=/; Domain=app.localhost", False),
        ("__host-s=1; Path=/", False),
        ("__Secure-s=1; Secure; Domain=app.localhost", True),
        ("__Secure-s=1", False),
        ("s=1; SameSite=None", False),
        ("=1", False),
        ("nothing", False),
    ],
)
def test_prefixes_hold_what_they_promise(line: str, kept: bool) -> None:
    found = jar(SECURE, line)
    assert bool(found.live(NOW)) is kept
    assert bool(found.rejected) is not kept


def test_a_host_cookie_is_not_deleted_without_secure() -> None:
    kept = jar(SECURE, "__Host-s=1; Secure; Path=/")
    kept.store(SECURE, ["__Host-s=; Path=/; Max-Age=0"], NOW)
    assert kept.header(SECURE, NOW) == "__Host-s=1"
    kept.store(SECURE, ["__Host-s=; Path=/; Max-Age=0; Secure"], NOW)
    assert kept.header(SECURE, NOW) is None


def test_the_path_matches_whole_segments() -> None:
    kept = jar("https://app.localhost/a/b", "own=1", "deep=2; Path=/a/b", "root=3; Path=/")
    assert kept.header("https://app.localhost/a/b/c", NOW) == "deep=2; own=1; root=3"
    assert kept.header("https://app.localhost/ab", NOW) == "root=3"


def test_lifetime_ends_and_max_age_wins() -> None:
    kept = jar(SECURE, "a=1; Max-Age=10; Expires=Thu, 01 Jan 1970 00:00:00 GMT", "b=2; Max-Age=nonsense")
    assert kept.header(SECURE, NOW + 9) == "a=1; b=2"
    assert kept.header(SECURE, NOW + 10) == "b=2"
    kept.store(SECURE, ["b=; Expires=Thu, 01 Jan 1970 00:00:00 GMT"], NOW)
    assert kept.for_host("app.localhost", NOW) == {"a": "1"}
