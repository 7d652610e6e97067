"""Mutual TLS of our services: what it takes, and what speaks against it."""

import json
from collections.abc import Mapping

import pytest

from access_model.load import ConfigurationInvalid
from tests.access_model.load.test_certificates import CERTIFICATE, KEY_PEM
from tests.access_model.reading import ROUTE, SIGN_IN, read

FILES: Mapping[str, bytes] = {"c.pem": CERTIFICATE, "k.pem": KEY_PEM, "edge.yaml": b"clusters: []"}
ADDRESSES = "xds_address: '10.0.0.1:1', check_address: '10.0.0.1:2', web_address: '10.0.0.1:3'"
PAIR = "cert_file: c.pem, key_file: k.pem"
WHOLE = f"{PAIR}, client_ca_file: c.pem"


def text(tls: str, *further: str) -> str:
    lines = (f"services: {{{ADDRESSES}, tls: {{{tls}}}}}", *further)
    return SIGN_IN + "\n".join(lines) + f"\n{ROUTE}"


def problems(tls: str, *further: str) -> list[tuple[str, str]]:
    with pytest.raises(ConfigurationInvalid) as invalid:
        read(text(tls, *further), files=FILES)
    return [(each.path, each.code) for each in invalid.value.problems]


def test_with_tls_services_may_be_reached_from_outside() -> None:
    groups = "groups: {edge: ['*.Edge.example.com', 'spiffe://t/Edge']}, envoy_folder: /run/envoy/"
    loaded = read(text(f"{WHOLE}, {groups}"), files=FILES)
    tls = loaded.model.service_tls
    assert tls is not None
    assert tls.certificate.chain_pem.encode() == tls.client_ca_pem.encode() == CERTIFICATE
    assert tls.groups == {"edge": ("*.edge.example.com", "spiffe://t/Edge")}
    assert tls.envoy_folder == "/run/envoy"
    assert {"c.pem", "k.pem"} <= set(loaded.files), "they are followed"
    assert loaded.warnings == ()
    assert "PRIVATE" not in repr(tls)


def test_a_renewal_is_no_new_revision() -> None:
    plain = read(SIGN_IN + f"services: {{{ADDRESSES.replace('10.0.0.1', '127.0.0.1')}}}\n{ROUTE}").model
    assert read(text(WHOLE), files=FILES).model.revision == plain.revision


@pytest.mark.parametrize(
    ("tls", "expected"),
    [
        (PAIR, ("services.tls", "missing")),
        ("cert_file: c.pem, client_ca_file: c.pem", ("services.tls", "missing")),
        ("cert_file: c.pem, key_file: c.pem, client_ca_file: c.pem", ("services.tls.key_file", "bad-pem")),
        ("cert_file: k.pem, key_file: k.pem, client_ca_file: c.pem", ("services.tls.cert_file", "bad-pem")),
        (f"{PAIR}, client_ca_file: k.pem", ("services.tls.client_ca_file", "bad-pem")),
        (f"{PAIR}, client_ca_file: gone.pem", ("services.tls.client_ca_file", "unreadable-file")),
        (f"{WHOLE}, envoy_folder: etc", ("services.tls.envoy_folder", "bad-folder")),
        (f"{WHOLE}, groups: {{edge: ['*']}}", ("services.tls.groups.edge[0]", "bad-name")),
        (f"{WHOLE}, groups: {{edge: [a.test, 'b*.test']}}", ("services.tls.groups.edge[1]", "bad-name")),
        (f"{WHOLE}, groups: {{edge: ['']}}", ("services.tls.groups.edge[0]", "bad-name")),
    ],
)
def test_mistakes(tls: str, expected: tuple[str, str]) -> None:
    assert problems(tls) == [expected]


def test_a_group_with_resources_of_its_own_needs_members() -> None:
    resources = "xds_resources: [{path: edge.yaml, group: edge}]"
    assert problems(WHOLE, resources) == [("xds_resources[0].group", "unclaimed-group")]
    assert read(text(f"{WHOLE}, groups: {{edge: [a.test]}}", resources), files=FILES).model.raw_files


@pytest.mark.parametrize(
    ("further", "code", "path"),
    [
        ({"xds_address": "127.0.0.1:1", "xds_listen": ":1"}, "exposed-xds", "services.xds_listen"),
        ({"xds_address": "10.0.0.1:1"}, "exposed-xds", "services.xds_address"),
    ],
)
def test_xds_that_listens_beyond_loopback_needs_tls(further: dict[str, str], code: str, path: str) -> None:
    services = {"check_address": "127.0.0.1:2", "web_address": "127.0.0.1:3", **further}
    with pytest.raises(ConfigurationInvalid) as invalid:
        read(f"{SIGN_IN}services: {json.dumps(services)}\n{ROUTE}")
    assert [(each.path, each.code) for each in invalid.value.problems] == [(path, code)]


def test_listening_elsewhere_than_one_is_reached() -> None:
    services = {
        "xds_address": "proxy.internal:1",
        "xds_listen": "127.0.0.1:1",
        "check_address": "check.internal:2",
        "check_listen": "unix:///run/check.sock",
        "web_address": "127.0.0.1:3",
    }
    loaded = read(f"{SIGN_IN}services: {json.dumps(services)}\n{ROUTE}")
    found = loaded.model.services
    assert found is not None
    assert (found.xds, found.check, found.web) == ("proxy.internal:1", "check.internal:2", "127.0.0.1:3")
    listening = found.listening
    assert (listening.xds, listening.check, listening.web) == ("127.0.0.1:1", "unix:///run/check.sock", "127.0.0.1:3")
    assert loaded.warnings == ()


def test_check_and_pages_beyond_loopback_in_plain_text_are_warned_of() -> None:
    services = {"xds_address": "127.0.0.1:1", "check_address": ":2", "web_address": "10.0.0.1:3"}
    loaded = read(f"{SIGN_IN}services: {json.dumps(services)}\n{ROUTE}")
    found = [(each.path, each.code) for each in loaded.warnings]
    assert found == [("services.check_address", "exposed-service"), ("services.web_address", "exposed-service")]
