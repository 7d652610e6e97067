"""Hosts that no certificate names are told of before a browser tells of them."""

from pathlib import Path

import pytest

from tests.access_model.reading import SIGN_IN, read
from tests.harness.certificates import make_certificate


def warned(folder: Path, names: list[str], *hosts: str) -> list[tuple[str, str]]:
    made = make_certificate(folder, names)
    files = {"c.pem": made.chain.read_bytes(), "k.pem": made.key.read_bytes()}
    routes = "".join(f"  - {{from: 'https://{host}', to: 'http://a:1', allowed_users: [x]}}\n" for host in hosts)
    text = f"{SIGN_IN}certificates: [{{cert: c.pem, key: k.pem}}]\nroutes:\n{routes}"
    found = [each for each in read(text, files=files).warnings if each.code == "no-certificate"]
    assert all("browsers will refuse it" in each.message and each.line for each in found)
    return [(each.path, each.message.split("`")[1]) for each in found]


AUTH = "authenticate.example.com"


@pytest.mark.parametrize(
    ("names", "hosts", "told"),
    [
        ([AUTH, "app.example.com"], ["APP.example.com:8443"], []),
        (["*.example.com"], ["app.example.com", "*.example.com"], []),
        (["*.Example.com"], ["app.example.com"], []),
        (["*.example.com"], ["a.b.example.com"], ["a.b.example.com"]),
        (["*.example.com"], ["example.com"], ["example.com"]),
        ([AUTH, "app.example.com"], ["*.example.com"], ["*.example.com"]),
        ([AUTH, "xapp.example.com"], ["app.example.com"], ["app.example.com"]),
        ([AUTH], ["a.example.com", "b.example.com"], ["a.example.com", "b.example.com"]),
    ],
)
def test_routes(tmp_path: Path, names: list[str], hosts: list[str], told: list[str]) -> None:
    every = {f"routes[{number}].from": host for number, host in enumerate(hosts)}
    assert warned(tmp_path, names, *hosts) == [(path, host) for path, host in every.items() if host in told]


def test_the_host_where_people_sign_in(tmp_path: Path) -> None:
    assert warned(tmp_path, ["app.example.com"], "app.example.com") == [("authenticate_service_url", AUTH)]


def test_a_host_is_told_of_once(tmp_path: Path) -> None:
    lines = "  - {from: 'https://b.example.com', to: 'http://a:1', prefix: /%s, allowed_users: [x]}\n"
    made = make_certificate(tmp_path, [AUTH])
    files = {"c.pem": made.chain.read_bytes(), "k.pem": made.key.read_bytes()}
    text = f"{SIGN_IN}certificates: [{{cert: c.pem, key: k.pem}}]\nroutes:\n{lines % 'x'}{lines % 'y'}"
    assert [each.path for each in read(text, files=files).warnings] == ["routes[0].from"]


def test_where_a_local_authority_makes_them_there_is_nothing_to_say() -> None:
    route = "routes:\n  - {from: 'https://b.example.com', to: 'http://a:1', allowed_users: [x]}\n"
    assert read(SIGN_IN + route).warnings == ()
