from dataclasses import replace

import pytest

from access_model.model import Origin
from extauthz.own_endpoints import own_path_at
from extauthz.served_hosts import MAX_TARGET, base_urls, host_of, is_served_origin, return_target, target_at
from tests.extauthz.sign_in.world import a_model, a_route

MODEL = a_model()

TRICKS = [
    "",
    "/",
    "//",
    "///",
    "//evil.example",
    "///evil.example",
    "////evil.example",
    "/\\evil.example",
    "\\/evil.example",
    "\\\\evil.example",
    "/\\/evil.example",
    "/\t/evil.example",
    "/ /evil.example",
    "/%09/evil.example",
    "/./\\evil.example",
    "/\v/evil.example",
    "/\x00/evil.example",
    "https:evil.example",
    "https:/evil.example",
    "https:///evil.example",
    "https:\\\\app.example.com/",
    "https:/\\app.example.com/",
    "https:app.example.com/",
    "HTTPS://app.example.com/",
    "https ://app.example.com/",
    "https://",
    "https:///",
    "https://app.example.com",
    "https://app.example.com?x=1",
    "https://app.example.com#x",
    "https://app.example.com/#x",
    "https://app.example.com\\@evil.example/",
    "https://app.example.com\\.evil.example/",
    "https://app.example.com@evil.example/",
    "https://app.example.com:x@evil.example/",
    "https://app.example.com%40evil.example/",
    "https://user@app.example.com/",
    "https://user:pass@app.example.com/",
    "https://@app.example.com/",
    "https://evil.example/",
    "https://evil.example/https://app.example.com/",
    "https://evil.example?https://app.example.com/",
    "https://evil.example#app.example.com/",
    "https://app.example.com.evil.example/",
    "https://app.example.comevil.example/",
    "https://evilapp.example.com/",
    "https://xapp.example.com/",
    "https://app.example.com./",
    "https://app。example。com/",
    "https://app.example.com。evil.example/",
    "https://app．example．com/",
    "https://аpp.example.com/",
    "https://APP.example.com/",
    "https://app.example.com:443/",
    "https://app.example.com:444/",
    "https://app.example.com:/",
    "https://app.example.com:0443/",
    "https://app.example.com:443:80/",
    "http://app.example.com/",
    "https://plain.example.com/",
    "http://plain.example.com:81/",
    "https://*.wild.example.com/",
    "https://wild.example.com/",
    "https://.wild.example.com/",
    "https://app.example.com/\t",
    "https://app.example.com/\n",
    "https://app.example.com/\r\nSet-Cookie: x=1",
    "https://app.example.com/\x00",
    "https://app.example.com/ x",
    "https://app.example.com/\\",
    "https://app.example.com/\u2028",
    "https://app.example.com/é",
    "\nhttps://app.example.com/",
    " https://app.example.com/",
    "https://app.exa\nmple.com/",
    "https://app.exa\tmple.com/",
    "https://[::1]/",
    "https://127.0.0.1/",
    "https://2130706433/",
    "https://%61pp.example.com/",
    "https://app.example.com%2f.evil.example/",
    "https://app.example.com;evil.example/",
    "https://app.example.com,evil.example/",
    "javascript:alert(1)",
    "javascript://app.example.com/%0aalert(1)",
    "data:text/html,x",
    "file:///etc/passwd",
    "ftp://app.example.com/",
    "blob:https://app.example.com/x",
    "view-source:https://app.example.com/",
    "wss://app.example.com/",
    "tcp+https://app.example.com/",
    "https://app.example.com/" + "x" * MAX_TARGET,
]


@pytest.mark.parametrize("url", TRICKS)
def test_tricks_lead_nowhere(url: str) -> None:
    assert return_target(MODEL, url) is None


def test_the_list_is_long_and_says_nothing_twice() -> None:
    assert len(set(TRICKS)) == len(TRICKS) >= 60


@pytest.mark.parametrize(
    "url",
    [
        "https://app.example.com/",
        "https://app.example.com//evil.example",
        "https://app.example.com/a%0ab?next=https://evil.example/#".rstrip("#"),
        "https://app.example.com/?q=a@b:c[]{}|^`\"<>'",
        "https://other.example.com:8443/x",
        "http://plain.example.com/",
        "https://a.wild.example.com/",
        "https://a.b.wild.example.com/",
        "https://auth.example.com/.pomerium/",
    ],
)
def test_urls_of_served_hosts_pass_unchanged(url: str) -> None:
    assert return_target(MODEL, url) == url
    assert host_of(url) == url.split("/")[2].partition(":")[0]


@pytest.mark.parametrize("target", [*TRICKS, "/a\\b", "/?q=\\", "/%5c"])
def test_a_path_on_a_served_host_stays_on_it(target: str) -> None:
    url = target_at(MODEL, "app.example.com", target)
    assert url is not None
    assert url.startswith("https://app.example.com/")
    assert return_target(MODEL, url) == url


def test_what_was_asked_for_is_found_again() -> None:
    assert target_at(MODEL, "app.example.com", "/a%20b/c?d=e&f=%2F") == "https://app.example.com/a%20b/c?d=e&f=%2F"
    assert target_at(MODEL, "app.example.com", "/?q=a\\b") == "https://app.example.com/?q=a%5Cb"
    assert target_at(MODEL, "other.example.com", "/x") == "https://other.example.com:8443/x"
    assert target_at(MODEL, "app.example.com", "/" + "x" * 3000) == "https://app.example.com/"
    assert target_at(MODEL, "evil.example", "/") is None


def test_origins_of_a_host_the_most_specific_first() -> None:
    assert base_urls(MODEL, "auth.example.com") == ("https://auth.example.com",)
    assert base_urls(MODEL, "x.wild.example.com") == ("https://x.wild.example.com",)
    assert base_urls(MODEL, "evil.example") == ()


def test_the_pages_of_a_tunnel_are_on_the_port_on_which_people_sign_in() -> None:
    tunnel = a_model(routes=(a_route("tcp+https", "ssh.example.com", 22),))
    assert base_urls(tunnel, "ssh.example.com") == ("https://ssh.example.com",)


@pytest.mark.parametrize(
    "origin",
    [
        "null",
        "",
        "https://evil.example",
        "https://app.example.com/",
        "http://app.example.com",
        "https://app.example.com:1",
    ],
)
def test_foreign_origins(origin: str) -> None:
    assert not is_served_origin(MODEL, origin)
    assert is_served_origin(MODEL, "https://app.example.com")
    assert is_served_origin(MODEL, "https://other.example.com:8443")


def test_only_the_routes_of_a_host_are_looked_at(monkeypatch: pytest.MonkeyPatch) -> None:
    """A stranger's request among ten thousand routes must not cost ten thousand comparisons."""
    monkeypatch.delattr(Origin, "covers")
    hosts = ("one.wild.example.com", "app.example.com", MODEL.authenticate.host, "example.com", "evil.example")
    assert [bool(base_urls(MODEL, host)) for host in hosts] == [True, True, True, False, False]
    assert own_path_at(MODEL, MODEL.authenticate.host, "/") == "/"


@pytest.mark.parametrize("host", ["a.b.example.com", "b.example.com", "c.b.example.com", "x.a.b.example.com"])
def test_every_origin_that_covers_a_host_counts(host: str) -> None:
    hosts = ("a.b.example.com", "*.b.example.com", "*.example.com", "*.com")
    routes = tuple(a_route("https", each, 443 + port) for port, each in enumerate(hosts))
    covering = {f"https://{host}:{each.origin.port}" for each in routes if each.origin.covers(host)}
    found = base_urls(replace(MODEL, routes=routes), host)
    assert {url if url.count(":") == 2 else f"{url}:443" for url in found} == covering


def test_the_front_page_of_the_sign_in_host_is_ours_also_under_a_wildcard() -> None:
    """No wildcard covers that host, as Envoy is told, too."""
    model = replace(MODEL, routes=(a_route("https", "*.example.com", 443),))
    assert own_path_at(model, model.authenticate.host, "/") == "/"
