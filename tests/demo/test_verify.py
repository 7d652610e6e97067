"""The demo's application believes a genuine assertion and nothing else."""

import hmac
import json
import time
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import httpx
import pytest
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import padding
from joserfc.jwk import ECKey, Key

from tests.demo.verifying import EC, HOST, RSA, Asked, part, text, token
from tests.harness.key_server import key_server
from tests.harness.raw_http import get_raw, send_raw
from tests.harness.verify_app import verify_app

CHECKS = ["present", "algorithm", "key", "signature", "expiry", "issued", "issuer", "audience"]


@pytest.mark.parametrize(("key", "header"), [(EC, {}), (RSA, {"alg": "RS256", "kid": "rsa"})])
def test_a_genuine_assertion_is_valid(asked: Asked, key: Key, header: Mapping[str, Any]) -> None:
    answer = asked.send(token(key, header)).json()
    assert answer["valid"] is True
    assert [check["name"] for check in answer["checks"]] == CHECKS
    assert answer["claims"]["email"] == "alice@example.com"
    assert answer["header"]["kid"] == header.get("kid", "ec")


def test_both_forms_of_issuer_are_right(asked: Asked) -> None:
    assert asked.failed(token(iss=f"https://{HOST}/")) == []


def test_without_an_assertion_nothing_is_valid(asked: Asked) -> None:
    assert asked.failed() == ["present"]
    assert asked.failed(token(), token()) == ["present"]


@pytest.mark.parametrize(
    ("wrong", "check"),
    [
        ({"iss": "other.localhost"}, "issuer"),
        ({"iss": None}, "issuer"),
        ({"aud": "other.localhost"}, "audience"),
        ({"aud": [HOST]}, "audience"),
        ({"exp": 1}, "expiry"),
        ({"exp": int(time.time()) - 61}, "expiry"),
        ({"exp": "tomorrow"}, "expiry"),
        ({"exp": 10**400}, "expiry"),
        ({"exp": True}, "expiry"),
        ({"iat": int(time.time()) + 3600}, "issued"),
        ({"iat": None}, "issued"),
    ],
)
def test_a_wrong_claim_fails_its_check(asked: Asked, wrong: Mapping[str, Any], check: str) -> None:
    assert asked.failed(token(**wrong)) == [check]


def test_a_key_of_the_same_name_but_not_ours(asked: Asked) -> None:
    assert asked.failed(token(ECKey.generate_key("P-256"))) == ["signature"]


def test_changed_claims(asked: Asked) -> None:
    header, _, signature = token().split(".")
    forged = part({"iss": HOST, "aud": HOST, "iat": int(time.time()), "exp": int(time.time()) + 300, "sub": "root"})
    assert asked.failed(f"{header}.{forged}.{signature}") == ["signature"]


def test_no_signature_at_all(asked: Asked) -> None:
    _, body, _ = token().split(".")
    for algorithm in ("none", "None", "nOnE"):
        assert asked.failed(f"{part({'alg': algorithm, 'kid': 'ec'})}.{body}.") == ["algorithm", "signature"]


def test_a_public_key_is_no_shared_secret(asked: Asked) -> None:
    _, body, _ = token().split(".")
    signed = f"{part({'alg': 'HS256', 'kid': 'rsa'})}.{body}"
    # By hand: the library refuses to use a public key as a secret.
    mac = hmac.digest(RSA.as_pem(private=False), signed.encode(), "sha256")
    assert asked.failed(f"{signed}.{text(mac)}") == ["algorithm", "signature"]


def test_critical_extensions_are_refused(asked: Asked) -> None:
    _, body, _ = token().split(".")
    for extra, failed in (({}, []), ({"crit": ["x"], "x": 1}, ["signature"])):
        signed = f"{part({'alg': 'RS256', 'kid': 'rsa', **extra})}.{body}"
        assert RSA.private_key is not None
        signature = RSA.private_key.sign(signed.encode(), padding.PKCS1v15(), hashes.SHA256())
        assert asked.failed(f"{signed}.{text(signature)}") == failed


@pytest.mark.parametrize("rubbish", ["x", "a.b", "a.b.c.d", "..", "!!.!!.!!", f"{part([])}.{part({})}.", "e30.W10.x"])
def test_what_is_no_assertion_is_not_decoded(asked: Asked, rubbish: str) -> None:
    answer = asked.send(rubbish).json()
    assert answer["valid"] is False
    assert answer["claims"] == {}
    assert answer["checks"][-1]["name"] == "well-formed"


def test_an_unknown_key_is_looked_for_once_in_a_while(asked: Asked) -> None:
    asked.failed(token(header={"kid": "unknown"}))
    before = len(asked.keys.asked)
    for number in range(20):
        assert asked.failed(token(header={"kid": f"unknown-{number}"})) == ["key", "signature"]
    # One fetch per second at most, and twenty requests may take a little longer than one.
    assert len(asked.keys.asked) - before <= 3
    assert set(asked.keys.asked) == {f"keys.localhost:{asked.keys.port}"}


def test_another_host_is_not_this_application(asked: Asked) -> None:
    assert asked.failed(token(iss="evil.localhost", aud="evil.localhost"), host="evil.localhost") == [
        "key",
        "signature",
        "issuer",
        "audience",
    ]


def test_unreachable_keys_make_nothing_valid(tmp_path: Path) -> None:
    with key_server([]) as keys:
        keys.status = 500
        with verify_app(tmp_path, jwks_url=keys.url) as app:
            answer = Asked(app, keys).send(token()).json()
    assert answer["valid"] is False
    assert "500" in next(check["detail"] for check in answer["checks"] if check["name"] == "key")


def test_the_request_is_shown_as_it_came(asked: Asked) -> None:
    port = httpx.URL(asked.app.url).port or 0
    sent = get_raw(HOST, "/a%2Fb/../c?q=%20x", "Accept: application/json", "X-Role: a", "X-Role: b")
    answer = json.loads(send_raw(port, sent).body)
    assert (answer["method"], answer["path"]) == ("GET", "/a%2Fb/../c?q=%20x")
    assert answer["headers"] == [
        ["host", HOST],
        ["accept", "application/json"],
        ["x-role", "a"],
        ["x-role", "b"],
        ["connection", "close"],
    ]


def test_the_page_escapes_what_others_wrote(asked: Asked) -> None:
    page = asked.send(token(name="<script>alert(1)</script>", x="</dd><img src=x onerror=alert(1)>"), path="/?<i>")
    assert page.headers["content-type"].startswith("text/html")
    assert "Valid" in page.text
    for markup in ("<script", "<img", "<i>"):
        assert markup not in page.text
    assert page.headers["content-security-policy"].startswith("default-src 'none'")
