"""Only where it can do no harm does a listener without certificate get one of our own making."""

from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

from cryptography import x509

from access_model.load import load
from access_model.model import AccessModel, Certificate
from access_model.secret import Secret
from ostiary.local_certificates import certificates_for, hosts_of
from tests.ostiary.test_validate import VALID

NOW = datetime(2026, 1, 1, tzinfo=UTC)


def _model(text: str = VALID) -> AccessModel:
    return load(text, source="ostiary.yaml", environment={}, read_file=lambda _: b"").model


def test_a_loopback_listener_gets_one_for_every_host(tmp_path: Path) -> None:
    (made,) = certificates_for(_model(), tmp_path, NOW)
    leaf = x509.load_pem_x509_certificate(made.chain_pem.encode())
    named = leaf.extensions.get_extension_for_class(x509.SubjectAlternativeName).value
    assert {"authenticate.localhost", "public.localhost"} <= set(named.get_values_for_type(x509.DNSName))


def test_names_under_localhost_get_one_on_any_address(tmp_path: Path) -> None:
    model = _model(VALID.replace("127.0.0.1:8443", "0.0.0.0:8443", 1))
    assert certificates_for(model, tmp_path, NOW)


def test_a_listener_that_others_can_reach_gets_none(tmp_path: Path) -> None:
    model = _model(VALID.replace("public.localhost", "public.example.com"))
    reachable = replace(model, listener=replace(model.listener, address="0.0.0.0"))
    assert certificates_for(reachable, tmp_path, NOW) == ()
    assert list(tmp_path.iterdir()) == []


def test_none_is_made_where_none_is_needed(tmp_path: Path) -> None:
    model = _model()
    configured = replace(model.listener, certificates=(Certificate("pem", Secret.of("key")),))
    for listener in (configured, replace(model.listener, insecure=True)):
        assert certificates_for(replace(model, listener=listener), tmp_path, NOW) == ()


def test_the_hosts_are_those_that_are_served() -> None:
    assert hosts_of(_model()) == ("authenticate.localhost", "public.localhost")
