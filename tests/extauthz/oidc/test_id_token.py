from collections.abc import Mapping
from typing import Any

import pytest
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import padding, rsa

from extauthz.oidc.errors import NotTrusted, Reason
from extauthz.oidc.id_token import Expected, verify_id_token
from extauthz.oidc.key_set import candidates
from extauthz.oidc.signed_token import read_header
from tests.extauthz.oidc.fake_provider import (
    ACCESS_TOKEN,
    CLIENT_ID,
    ISSUER,
    JWKS,
    NOW,
    RSA,
    SIGNERS,
    at_hash,
    attempt,
    b64,
    claims,
    rsa_jwk,
    token,
)

ALLOWED = ("RS256", "PS256", "ES256", "EdDSA")
MOMENT = int(NOW.timestamp())


def verify(text: str, keys: tuple[Mapping[str, Any], ...] = tuple(JWKS["keys"])) -> dict[str, Any]:
    header = read_header(text, ALLOWED)
    expected = Expected(ISSUER, CLIENT_ID, attempt().nonce, ACCESS_TOKEN)
    return verify_id_token(text, header, candidates(keys, header.algorithm, header.kid), expected, NOW)


def refused(text: str) -> Reason:
    with pytest.raises(NotTrusted) as caught:
        verify(text)
    return caught.value.reason


@pytest.mark.parametrize("algorithm", ALLOWED)
def test_accepts_every_algorithm_on_the_list(algorithm: str) -> None:
    text = token(claims(at_hash=at_hash(ACCESS_TOKEN, algorithm)), {"alg": algorithm})
    assert verify(text)["sub"] == "alice"


@pytest.mark.parametrize("algorithm", ["none", "None", "nOnE", "NONE", "HS256", "HS512", "RS1", "ES384", "", None, 7])
def test_refuses_every_other_algorithm(algorithm: object) -> None:
    text = token(claims(), {"alg": algorithm}, signer="HS256" if algorithm == "HS256" else "RS256")
    assert refused(text) is Reason.ID_TOKEN_ALGORITHM


def test_the_public_key_is_no_hmac_secret_even_where_hmac_is_allowed() -> None:
    text = token(claims(), {"alg": "HS256"})
    header = read_header(token(claims()), ALLOWED)
    keys = candidates(tuple(JWKS["keys"]), "RS256", "rsa-1")
    with pytest.raises(NotTrusted) as caught:
        verify_id_token(text, header, keys, Expected(ISSUER, CLIENT_ID, attempt().nonce, ACCESS_TOKEN), NOW)
    assert caught.value.reason is Reason.ID_TOKEN_SIGNATURE


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("", Reason.ID_TOKEN_MALFORMED),
        ("a.b", Reason.ID_TOKEN_MALFORMED),
        ("a.b.c.d.e", Reason.ID_TOKEN_MALFORMED),
        ("!.b.c", Reason.ID_TOKEN_MALFORMED),
        (f"{b64(b'[]')}.b.c", Reason.ID_TOKEN_MALFORMED),
        (token(claims()).rpartition(".")[0] + ".", Reason.ID_TOKEN_MALFORMED),
        ("." + token(claims()).partition(".")[2], Reason.ID_TOKEN_MALFORMED),
        ("a." * 60_000, Reason.ID_TOKEN_MALFORMED),
        (token("[]"), Reason.ID_TOKEN_MALFORMED),
        (token("not json"), Reason.ID_TOKEN_MALFORMED),
        (token(claims(), {"crit": ["x"], "x": 1}), Reason.ID_TOKEN_MALFORMED),
        (token(claims(), {"crit": []}), Reason.ID_TOKEN_MALFORMED),
        (token(claims(), {"b64": False, "crit": ["b64"]}), Reason.ID_TOKEN_MALFORMED),
        (token(claims(), {"typ": "at+jwt"}), Reason.ID_TOKEN_MALFORMED),
        (token(claims(), {"typ": "logout+jwt"}), Reason.ID_TOKEN_MALFORMED),
        (token(claims(), {"kid": 7}), Reason.ID_TOKEN_MALFORMED),
        (token(claims(), {"alg": "RS256"}, signer="PS256"), Reason.ID_TOKEN_SIGNATURE),
        (token(claims(), {"alg": "ES256", "kid": "ec-1"}, signer="RS256"), Reason.ID_TOKEN_SIGNATURE),
        (token(claims()) + "A", Reason.ID_TOKEN_SIGNATURE),
    ],
)
def test_refuses_what_is_no_token_of_ours(text: str, reason: Reason) -> None:
    assert refused(text) is reason


def test_changed_claims_break_the_signature() -> None:
    head, _, signature = token(claims()).split(".")
    other = token(claims(sub="root")).split(".")[1]
    assert refused(f"{head}.{other}.{signature}") is Reason.ID_TOKEN_SIGNATURE


def test_keys_that_a_header_brings_along_are_ignored() -> None:
    own = rsa.generate_private_key(65537, 2048)
    header = {"jwk": rsa_jwk(own, "rsa-1"), "jku": "https://evil.example/jwks", "x5u": "https://evil.example/x5u"}
    message = token(claims(), header).rpartition(".")[0]
    forged = f"{message}.{b64(own.sign(message.encode(), padding.PKCS1v15(), hashes.SHA256()))}"
    assert refused(forged) is Reason.ID_TOKEN_SIGNATURE
    assert verify(token(claims(), header))["sub"] == "alice"


def test_short_rsa_keys_are_no_keys() -> None:
    short = {**rsa_jwk(RSA, "short"), "n": b64((2**1023 + 1).to_bytes(128, "big"))}
    assert candidates((short,), "RS256", "short") == ()
    assert len(candidates((rsa_jwk(RSA, "long"),), "RS256", "long")) == 1


def test_unknown_header_members_are_let_be() -> None:
    assert verify(token(claims(), {"nonce": "x", "x5t": "y", "typ": "jwt"}))["sub"] == "alice"


@pytest.mark.parametrize(
    ("changed", "reason"),
    [
        ({"iss": None}, Reason.ID_TOKEN_ISSUER),
        ({"iss": f"{ISSUER}/"}, Reason.ID_TOKEN_ISSUER),
        ({"iss": [ISSUER]}, Reason.ID_TOKEN_ISSUER),
        ({"iss": "https://ID.example.com"}, Reason.ID_TOKEN_ISSUER),
        ({"aud": None}, Reason.ID_TOKEN_AUDIENCE),
        ({"aud": "other"}, Reason.ID_TOKEN_AUDIENCE),
        ({"aud": []}, Reason.ID_TOKEN_AUDIENCE),
        ({"aud": {"ostiary": 1}}, Reason.ID_TOKEN_AUDIENCE),
        ({"aud": "ostiary "}, Reason.ID_TOKEN_AUDIENCE),
        ({"aud": [CLIENT_ID, "other"]}, Reason.ID_TOKEN_AUDIENCE),
        ({"azp": "other"}, Reason.ID_TOKEN_AUDIENCE),
        ({"aud": [CLIENT_ID, "other"], "azp": "other"}, Reason.ID_TOKEN_AUDIENCE),
        ({"exp": None}, Reason.ID_TOKEN_TIME),
        ({"exp": MOMENT - 60}, Reason.ID_TOKEN_TIME),
        ({"exp": str(MOMENT + 300)}, Reason.ID_TOKEN_TIME),
        ({"exp": True}, Reason.ID_TOKEN_TIME),
        ({"exp": float("nan")}, Reason.ID_TOKEN_TIME),
        ({"exp": float("inf")}, Reason.ID_TOKEN_TIME),
        ({"iat": None}, Reason.ID_TOKEN_TIME),
        ({"iat": MOMENT + 61}, Reason.ID_TOKEN_TIME),
        ({"iat": MOMENT - 661}, Reason.ID_TOKEN_TIME),
        ({"iat": "now"}, Reason.ID_TOKEN_TIME),
        ({"nbf": MOMENT + 61}, Reason.ID_TOKEN_TIME),
        ({"nbf": "soon"}, Reason.ID_TOKEN_TIME),
        ({"nbf": True}, Reason.ID_TOKEN_TIME),
        ({"nonce": None}, Reason.ID_TOKEN_NONCE),
        ({"nonce": "other"}, Reason.ID_TOKEN_NONCE),
        ({"nonce": ["x"]}, Reason.ID_TOKEN_NONCE),
        ({"nonce": "é"}, Reason.ID_TOKEN_NONCE),
        ({"at_hash": at_hash("another token")}, Reason.ID_TOKEN_ACCESS_TOKEN_HASH),
        ({"at_hash": ""}, Reason.ID_TOKEN_ACCESS_TOKEN_HASH),
        ({"at_hash": 1}, Reason.ID_TOKEN_ACCESS_TOKEN_HASH),
        ({"at_hash": at_hash(ACCESS_TOKEN, "EdDSA")}, Reason.ID_TOKEN_ACCESS_TOKEN_HASH),
        ({"sub": None}, Reason.ID_TOKEN_SUBJECT),
        ({"sub": ""}, Reason.ID_TOKEN_SUBJECT),
        ({"sub": "x" * 256}, Reason.ID_TOKEN_SUBJECT),
        ({"sub": 7}, Reason.ID_TOKEN_SUBJECT),
        ({"sub": "a\r\nb"}, Reason.ID_TOKEN_SUBJECT),
    ],
)
def test_refuses_each_wrong_claim(changed: dict[str, Any], reason: Reason) -> None:
    assert refused(token(claims(**changed))) is reason


@pytest.mark.parametrize(
    "changed",
    [
        {"aud": [CLIENT_ID]},
        {"azp": CLIENT_ID},
        {"aud": [CLIENT_ID, "project"], "azp": CLIENT_ID},
        {"exp": MOMENT - 59},
        {"iat": MOMENT + 60},
        {"iat": MOMENT - 660},
        {"nbf": MOMENT + 60},
        {"exp": MOMENT + 0.5},
        {"sub": "x" * 255},
        {"at_hash": at_hash(ACCESS_TOKEN)},
    ],
)
def test_accepts_what_the_standard_allows(changed: dict[str, Any]) -> None:
    assert verify(token(claims(**changed)))["iss"] == ISSUER


def test_the_fake_signs_with_every_algorithm_it_names() -> None:
    assert set(ALLOWED) < set(SIGNERS)
