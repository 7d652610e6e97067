"""Certificates and signing keys: all the ways to give them, and all the ways to get them wrong."""

import json
from base64 import b64encode
from datetime import UTC, datetime, timedelta

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, rsa
from cryptography.hazmat.primitives.asymmetric.types import PrivateKeyTypes
from cryptography.hazmat.primitives.serialization import (
    BestAvailableEncryption,
    Encoding,
    KeySerializationEncryption,
    NoEncryption,
    PrivateFormat,
)
from cryptography.x509.oid import NameOID

from tests.access_model.reading import ROUTE, SIGN_IN, problems_of, read

NOW = datetime(2030, 1, 1, tzinfo=UTC)
KEY = ec.generate_private_key(ec.SECP256R1())
TOP = SIGN_IN.replace("127.0.0.1:8443", ":443")


def pem_of(key: PrivateKeyTypes, encryption: KeySerializationEncryption | None = None) -> bytes:
    return key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, encryption or NoEncryption())


def certificate_for(key: ec.EllipticCurvePrivateKey) -> bytes:
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "app.example.com")])
    builder = x509.CertificateBuilder(name, name, key.public_key(), 1, NOW, NOW + timedelta(days=90))
    return builder.sign(key, hashes.SHA256()).public_bytes(Encoding.PEM)


CERTIFICATE, KEY_PEM = certificate_for(KEY), pem_of(KEY)
FILES = {"c.pem": CERTIFICATE, "k.pem": KEY_PEM}


def inline(pem: bytes) -> str:
    return b64encode(pem).decode()


@pytest.mark.parametrize(
    "keys",
    [
        "certificates: [{cert: c.pem, key: k.pem}]",
        "certificate_file: c.pem\ncertificate_key_file: k.pem",
        f"certificate: {inline(CERTIFICATE)}\ncertificate_key: {inline(KEY_PEM)}",
        f"certificate: {json.dumps(CERTIFICATE.decode())}\ncertificate_key_file: k.pem",
    ],
)
def test_certificates_in_all_their_forms(keys: str) -> None:
    (made,) = read(f"{TOP}{keys}\n{ROUTE}", files=FILES).model.listener.certificates
    assert made.chain_pem.encode() == CERTIFICATE
    assert made.key_pem.reveal() == KEY_PEM
    assert "PRIVATE" not in repr(made)


def test_several_certificates() -> None:
    keys = "certificates: [{cert: c.pem, key: k.pem}]\ncertificate_file: c.pem\ncertificate_key_file: k.pem"
    loaded = read(f"{TOP}{keys}\n{ROUTE}", files=FILES)
    assert len(loaded.model.listener.certificates) == 2
    assert loaded.files == ("c.pem", "k.pem")


@pytest.mark.parametrize(
    ("keys", "path", "code"),
    [
        ("certificate_file: c.pem", "certificate_file", "incomplete-certificate"),
        ("certificate_key_file: k.pem", "certificate_key_file", "incomplete-certificate"),
        ("certificates: [{cert: c.pem}]", "certificates[0].cert", "incomplete-certificate"),
        ("certificates: [{key: k.pem}]", "certificates[0].key", "incomplete-certificate"),
        ("certificates: [{}]", "certificates[0]", "incomplete-certificate"),
        ("certificates: [x]", "certificates[0]", "bad-mapping"),
        ("certificates: [{cert: gone, key: k.pem}]", "certificates[0].cert", "unreadable-file"),
        ("certificates: [{cert: junk, key: k.pem}]", "certificates[0].cert", "bad-pem"),
        ("certificates: [{cert: broken, key: k.pem}]", "certificates[0].cert", "bad-pem"),
        ("certificates: [{cert: k.pem, key: k.pem}]", "certificates[0].cert", "bad-pem"),
        ("certificates: [{cert: c.pem, key: c.pem}]", "certificates[0].key", "bad-pem"),
        ("certificates: [{cert: c.pem, key: locked}]", "certificates[0].key", "bad-pem"),
        ("certificates: [{cert: c.pem, key: other}]", "certificates[0].key", "key-mismatch"),
    ],
)
def test_certificates_that_cannot_be_used_are_reported_once(keys: str, path: str, code: str) -> None:
    files = FILES | {
        "junk": b"hello",
        "broken": CERTIFICATE.replace(b"MII", b"XXX"),
        "locked": pem_of(KEY, BestAvailableEncryption(b"passphrase")),
        "other": pem_of(ec.generate_private_key(ec.SECP256R1())),
    }
    (problem,) = problems_of(f"{TOP}{keys}\n{ROUTE}", files=files)
    assert (problem.path, problem.line, problem.code) == (path, 6, code)


@pytest.mark.parametrize(
    ("days", "warned"), [(-1, "not valid before 2030-01-01"), (91, "expired on 2030-04-01"), (1, "")]
)
def test_validity_is_a_warning(days: int, warned: str) -> None:
    text = f"{TOP}certificates: [{{cert: c.pem, key: k.pem}}]\n{ROUTE}"
    warnings = read(text, files=FILES, now=NOW + timedelta(days=days)).warnings
    told = [each for each in warnings if each.code == "certificate-validity"]
    assert [(each.path, warned in each.message) for each in told] == (
        [("certificates[0].cert", True)] if warned else []
    )


def test_signing_keys_keep_their_order() -> None:
    second = rsa.generate_private_key(65537, 2048)
    both = KEY_PEM + pem_of(second)
    for text in (f"signing_key: {inline(both)}", "signing_key_file: keys.pem"):
        key = read(f"{SIGN_IN}{text}\n{ROUTE}", files={"keys.pem": both}).model.assertion.signing_key
        assert key is not None
        assert key.reveal() == both


@pytest.mark.parametrize(
    ("text", "period"),
    [
        ("", timedelta(days=30)),
        ("signing_key_rotation: 1h\n", timedelta(hours=1)),
        ("signing_key_rotation: 0s\n", None),
    ],
)
def test_keys_of_the_store_are_exchanged_every_thirty_days(text: str, period: timedelta | None) -> None:
    model = read(f"{SIGN_IN}{text}{ROUTE}").model
    assert model.assertion.key_rotation == period
    assert model.revision == read(f"{SIGN_IN}{ROUTE}").model.revision


def test_a_given_key_is_not_exchanged_here() -> None:
    text = f"{SIGN_IN}signing_key_file: keys.pem\nsigning_key_rotation: 24h\n{ROUTE}"
    (problem,) = problems_of(text, files={"keys.pem": KEY_PEM})
    assert (problem.path, problem.code) == ("signing_key_rotation", "given-twice")


@pytest.mark.parametrize(
    ("pem", "code"),
    [
        (pem_of(ed25519.Ed25519PrivateKey.generate()), "bad-signing-key"),
        (pem_of(ec.generate_private_key(ec.SECP384R1())), "bad-signing-key"),
        (pem_of(rsa.generate_private_key(65537, 1024)), "bad-signing-key"),
        (KEY_PEM + pem_of(ed25519.Ed25519PrivateKey.generate()), "bad-signing-key"),
        (pem_of(KEY, BestAvailableEncryption(b"passphrase")), "bad-pem"),
        (CERTIFICATE, "bad-pem"),
    ],
)
def test_signing_keys_that_cannot_sign(pem: bytes, code: str) -> None:
    (problem,) = problems_of(f"{SIGN_IN}signing_key_file: keys.pem\n{ROUTE}", files={"keys.pem": pem})
    assert (problem.path, problem.code) == ("signing_key_file", code)


def test_loopback_names_may_do_without_a_certificate() -> None:
    local = (
        (TOP + ROUTE)
        .replace("authenticate.example.com", "authenticate.localhost")
        .replace("app.example.com", "*.localhost")
    )
    assert read(local).model.listener.certificates == ()
