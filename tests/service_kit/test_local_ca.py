"""The local authority: kept across starts, readable by its owner alone, its leaves short-lived and exact."""

import ssl
import stat
from datetime import UTC, datetime, timedelta
from ipaddress import ip_address
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.verification import PolicyBuilder, Store

from service_kit.local_ca import LocalCaUnusable, ServerCertificate, local_certificate

NOW = datetime(2026, 3, 1, 12, tzinfo=UTC)
HOSTS = ["verify.localhost", "authenticate.localhost"]


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path / "state" / "ca"


def leaf_of(made: ServerCertificate) -> x509.Certificate:
    return x509.load_pem_x509_certificates(made.chain_pem.encode())[0]


@pytest.mark.parametrize("host", [*HOSTS, "localhost"])
def test_a_client_that_trusts_the_authority_accepts_each_host(folder: Path, host: str) -> None:
    made = local_certificate(folder, HOSTS, NOW)
    authority = x509.load_pem_x509_certificate(made.authority.read_bytes())
    verifier = PolicyBuilder().store(Store([authority])).time(NOW).build_server_verifier(x509.DNSName(host))
    chain = verifier.verify(leaf_of(made), [])
    assert chain[-1] == authority


def test_the_certificate_names_the_hosts_and_loopback_and_nothing_else(folder: Path) -> None:
    names = leaf_of(local_certificate(folder, HOSTS, NOW)).extensions.get_extension_for_class(
        x509.SubjectAlternativeName
    )
    assert set(names.value.get_values_for_type(x509.DNSName)) == {*HOSTS, "localhost"}
    assert set(names.value.get_values_for_type(x509.IPAddress)) == {ip_address("127.0.0.1"), ip_address("::1")}


def test_a_leaf_lives_no_longer_than_browsers_accept_and_no_longer_than_its_authority(folder: Path) -> None:
    made = local_certificate(folder, HOSTS, NOW)
    leaf = leaf_of(made)
    assert leaf.not_valid_after_utc - leaf.not_valid_before_utc <= timedelta(days=397)
    authority = x509.load_pem_x509_certificate(made.authority.read_bytes())
    assert leaf.not_valid_after_utc < authority.not_valid_after_utc
    assert made.expires == leaf.not_valid_after_utc


def test_keys_are_p256(folder: Path) -> None:
    key = leaf_of(local_certificate(folder, HOSTS, NOW)).public_key()
    assert isinstance(key, ec.EllipticCurvePublicKey)
    assert isinstance(key.curve, ec.SECP256R1)


def test_a_second_start_keeps_everything(folder: Path) -> None:
    first = local_certificate(folder, HOSTS, NOW)
    again = local_certificate(folder, list(reversed(HOSTS)), NOW + timedelta(days=100))
    assert again == first


def test_a_new_host_gets_a_new_leaf_of_the_same_authority(folder: Path) -> None:
    first = local_certificate(folder, HOSTS, NOW)
    authority = first.authority.read_bytes()
    second = local_certificate(folder, [*HOSTS, "new.localhost"], NOW)
    assert leaf_of(second) != leaf_of(first)
    assert second.authority.read_bytes() == authority


@pytest.mark.parametrize(("days", "renewed"), [(300, False), (367, True), (500, True), (-30, True)])
def test_a_leaf_is_renewed_a_month_before_its_end_and_after_the_clock_went_back(
    folder: Path, days: int, *, renewed: bool
) -> None:
    first = local_certificate(folder, HOSTS, NOW)
    later = local_certificate(folder, HOSTS, NOW + timedelta(days=days))
    assert (leaf_of(later) != leaf_of(first)) is renewed


def test_an_authority_near_its_end_is_replaced_with_its_leaf(folder: Path) -> None:
    first = local_certificate(folder, HOSTS, NOW)
    old = first.authority.read_bytes()
    later = NOW + timedelta(days=3300)
    second = local_certificate(folder, HOSTS, later)
    assert second.authority.read_bytes() != old
    leaf_of(second).verify_directly_issued_by(x509.load_pem_x509_certificate(second.authority.read_bytes()))


def test_a_leaf_of_another_authority_is_replaced(folder: Path, tmp_path: Path) -> None:
    local_certificate(folder, HOSTS, NOW)
    local_certificate(tmp_path / "other", HOSTS, NOW)
    for name in ("server.pem", "server-key.pem"):
        (folder / name).write_bytes((tmp_path / "other" / name).read_bytes())
    made = local_certificate(folder, HOSTS, NOW)
    leaf_of(made).verify_directly_issued_by(x509.load_pem_x509_certificate(made.authority.read_bytes()))


def test_only_the_owner_can_read_the_keys(folder: Path) -> None:
    folder.mkdir(parents=True, mode=0o755)
    local_certificate(folder, HOSTS, NOW)
    modes = {path.name: stat.S_IMODE(path.stat().st_mode) for path in (folder, *folder.iterdir())}
    assert modes == {"ca": 0o700, "ca.pem": 0o644, "ca-key.pem": 0o600, "server.pem": 0o644, "server-key.pem": 0o600}


def test_the_key_is_not_printed(folder: Path) -> None:
    made = local_certificate(folder, HOSTS, NOW)
    assert b"PRIVATE KEY" in made.key_pem
    assert "PRIVATE KEY" not in repr(made)


def test_key_and_chain_fit_each_other(folder: Path, tmp_path: Path) -> None:
    made = local_certificate(folder, HOSTS, NOW)
    (tmp_path / "chain.pem").write_text(made.chain_pem)
    (tmp_path / "key.pem").write_bytes(made.key_pem)
    ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER).load_cert_chain(tmp_path / "chain.pem", tmp_path / "key.pem")


@pytest.mark.parametrize("name", ["ca.pem", "ca-key.pem"])
def test_a_damaged_authority_is_reported_and_left_alone(folder: Path, name: str) -> None:
    local_certificate(folder, HOSTS, NOW)
    (folder / name).write_text("damaged")
    with pytest.raises(LocalCaUnusable, match="cannot be used"):
        local_certificate(folder, HOSTS, NOW)
    assert (folder / name).read_text() == "damaged"


def test_a_key_that_is_not_the_authority_s_is_reported(folder: Path) -> None:
    local_certificate(folder, HOSTS, NOW)
    (folder / "ca-key.pem").write_bytes((folder / "server-key.pem").read_bytes())
    with pytest.raises(LocalCaUnusable, match="is not the key of"):
        local_certificate(folder, HOSTS, NOW)
