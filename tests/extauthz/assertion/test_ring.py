"""Keys of the assertion: reading, signing, verifying, publishing; checked with `cryptography` alone."""

import json
from base64 import b64encode
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from hmac import digest

import pytest
from cryptography.hazmat.primitives.asymmetric import ed25519, rsa
from cryptography.hazmat.primitives.asymmetric.ec import ECDSA, SECP384R1, generate_private_key
from cryptography.hazmat.primitives.asymmetric.padding import PKCS1v15
from cryptography.hazmat.primitives.asymmetric.utils import decode_dss_signature, encode_dss_signature
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import (
    BestAvailableEncryption,
    Encoding,
    NoEncryption,
    PrivateFormat,
    PublicFormat,
)

from access_model.secret import Secret
from extauthz.assertion.ring import AssertionInvalid, SigningRing
from extauthz.assertion.signing_key import SigningKeyInvalid
from session_store.key_generation import generate_signing_key
from session_store.records import SigningKey
from tests.extauthz.assertion.samples import NOW, decode, elliptic_key, elliptic_pem, encode, pem

RSA_KEY = rsa.generate_private_key(65537, 2048)
RSA_PEM = RSA_KEY.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
RING = SigningRing.from_pem(elliptic_pem())
NOW_SECONDS = int(NOW.timestamp())
CLAIMS = {"iss": "app.example.com", "iat": NOW_SECONDS, "exp": NOW_SECONDS + 300}


def _private(key: object) -> Secret:
    return Secret.of(key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()))  # type: ignore[attr-defined]


# signing


def test_a_p256_key_signs_es256() -> None:
    header, payload, signature = RING.sign(CLAIMS).split(".")
    assert decode(header) == b'{"alg":"ES256","kid":"%s","typ":"JWT"}' % RING.keys[0].kid.encode()
    assert json.loads(decode(payload)) == CLAIMS
    raw = decode(signature)
    assert len(raw) == 64
    der = encode_dss_signature(int.from_bytes(raw[:32], "big"), int.from_bytes(raw[32:], "big"))
    elliptic_key().public_key().verify(der, f"{header}.{payload}".encode(), ECDSA(SHA256()))


def test_an_rsa_key_signs_rs256_and_every_byte_of_it_is_known() -> None:
    ring = SigningRing.from_pem(Secret.of(RSA_PEM))
    header, payload, signature = ring.sign(CLAIMS).split(".")
    assert decode(header) == b'{"alg":"RS256","kid":"%s","typ":"JWT"}' % ring.keys[0].kid.encode()
    assert decode(payload) == b'{"iss":"app.example.com","iat":1935817689,"exp":1935817989}'
    assert signature == encode(RSA_KEY.sign(f"{header}.{payload}".encode(), PKCS1v15(), SHA256()))


def test_text_of_any_kind_can_be_signed() -> None:
    claims = {**CLAIMS, "name": 'Anna "安娜" \ud800\n\x00'}
    assert RING.verify(RING.sign(claims), NOW) == claims


# publishing


def test_the_key_id_is_the_hex_thumbprint() -> None:
    numbers = elliptic_key().public_key().public_numbers()
    x, y = (encode(number.to_bytes(32, "big")) for number in (numbers.x, numbers.y))
    canonical = f'{{"crv":"P-256","kty":"EC","x":"{x}","y":"{y}"}}'  # RFC 7638 section 3.2
    assert RING.keys[0].kid == sha256(canonical.encode()).hexdigest()
    assert RING.jwks() == {
        "keys": [{"kty": "EC", "crv": "P-256", "x": x, "y": y, "kid": RING.keys[0].kid, "use": "sig", "alg": "ES256"}]
    }


def test_what_is_published_is_pinned() -> None:
    assert RING.jwks_json == (
        b'{"keys":[{"kty":"EC","crv":"P-256","x":"KRncdrlny7V7g7Re51d20LVpmNwlRHA1GK2vi3OoRu8","y":"-BDdyvU46KYcZ3FYekJazDGXsRrG'
        b'9ghsCwyfVOm6F1I","kid":"01018e6eba697ebf943f1717706f610a07fe6a695a60721e782440dc03d285d5","use":"sig","alg":"ES256"}]}'
    )
    assert RING.etag == f'"{sha256(RING.jwks_json).hexdigest()}"'
    assert json.loads(RING.jwks_json) == RING.jwks()


def test_no_private_member_is_published_or_printed() -> None:
    ring = SigningRing.from_pem(Secret.of(RSA_PEM + elliptic_pem().reveal()))
    members = {name for key in ring.jwks()["keys"] for name in key}
    assert members == {"kty", "crv", "x", "y", "n", "e", "kid", "use", "alg"}
    assert encode(elliptic_key().private_numbers().private_value.to_bytes(32, "big")) not in repr(ring)


def test_all_keys_are_published_in_order_and_the_first_signs() -> None:
    ring = SigningRing.from_pem(Secret.of(elliptic_pem(7).reveal() + b"\n" + RSA_PEM + elliptic_pem(7).reveal()))
    assert [key["alg"] for key in ring.jwks()["keys"]] == ["ES256", "RS256"]
    assert json.loads(decode(ring.sign(CLAIMS).split(".")[0]))["kid"] == ring.jwks()["keys"][0]["kid"]


def test_another_set_of_keys_has_another_etag() -> None:
    assert SigningRing.from_pem(elliptic_pem(7)).etag != RING.etag


# reading


def test_base64_of_pem_is_read_too() -> None:
    wrapped = b64encode(elliptic_pem().reveal())
    for text in (wrapped, wrapped[:40] + b"\n" + wrapped[40:] + b"\n"):
        assert SigningRing.from_pem(Secret.of(text)).jwks() == RING.jwks()


def test_other_pem_forms_of_the_same_key_are_read_too() -> None:
    traditional = elliptic_key().private_bytes(Encoding.PEM, PrivateFormat.TraditionalOpenSSL, NoEncryption())
    parameters = b"-----BEGIN EC PARAMETERS-----\nBggqhkjOPQMBBw==\n-----END EC PARAMETERS-----\n"
    for text in (traditional, parameters + traditional, traditional.replace(b"\n", b"\r\n")):
        assert SigningRing.from_pem(Secret.of(text)).jwks() == RING.jwks()


ENCRYPTED = elliptic_key().private_bytes(Encoding.PEM, PrivateFormat.PKCS8, BestAvailableEncryption(b"geheim"))
PUBLIC = elliptic_key().public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        (Secret.of(""), "no PEM block"),
        (Secret.of("geheim"), "neither PEM nor base64|no PEM block"),
        (Secret.of("not/base64!"), "neither PEM nor base64"),
        (Secret.of(ENCRYPTED), "is encrypted"),
        (Secret.of(PUBLIC), "not a readable PEM private key"),
        (Secret.of(elliptic_pem().reveal()[:-30]), "no PEM block"),
        (Secret.of(b"-----BEGIN PRIVATE KEY-----\ngeheim\n-----END PRIVATE KEY-----"), "not a readable"),
        (_private(generate_private_key(SECP384R1())), "`secp384r1`: only P-256"),
        (_private(rsa.generate_private_key(65537, 1024)), "has 1024 bits"),
        (_private(ed25519.Ed25519PrivateKey.generate()), "neither EC P-256"),
        (Secret.of(elliptic_pem().reveal() + PUBLIC), "not a readable PEM private key"),
    ],
)
def test_what_is_no_usable_key_is_refused_without_repeating_it(text: Secret, message: str) -> None:
    with pytest.raises(SigningKeyInvalid, match=message) as caught:
        SigningRing.from_pem(text)
    assert "geheim" not in str(caught.value)
    assert caught.value.__cause__ is None


def test_keys_out_of_the_store_sign_newest_first() -> None:
    older, newer = generate_signing_key(NOW), generate_signing_key(NOW + timedelta(days=1))
    ring = SigningRing.from_records([newer, older])
    assert [key.kid for key in ring.keys] == [newer.kid, older.kid]
    assert ring.verify(SigningRing.from_records([older]).sign(CLAIMS), NOW) == CLAIMS


def test_a_ring_without_keys_is_refused() -> None:
    with pytest.raises(SigningKeyInvalid, match="no signing key"):
        SigningRing.from_records([])


def test_a_made_key_is_fresh_every_time() -> None:
    first, second = generate_signing_key(NOW), generate_signing_key(NOW)
    assert first.kid != second.kid
    assert first.created == NOW
    assert isinstance(first, SigningKey)


# verifying


def test_our_own_assertion_verifies_until_a_minute_after_its_end() -> None:
    token = RING.sign(CLAIMS)
    assert RING.verify(token, NOW) == CLAIMS
    end = datetime.fromtimestamp(NOW_SECONDS + 300, UTC)
    assert RING.verify(token, end + timedelta(seconds=59)) == CLAIMS
    with pytest.raises(AssertionInvalid, match="expired"):
        RING.verify(token, end + timedelta(seconds=60))


def _signed(header: dict[str, object], payload: bytes = json.dumps(CLAIMS).encode()) -> str:
    """A token with a valid ES256 signature of our key over whatever header and payload."""
    signed = f"{encode(json.dumps(header).encode())}.{encode(payload)}"
    r, s = decode_dss_signature(elliptic_key().sign(signed.encode(), ECDSA(SHA256())))
    return f"{signed}.{encode(r.to_bytes(32, 'big') + s.to_bytes(32, 'big'))}"


KID = RING.keys[0].kid
GOOD: dict[str, object] = {"alg": "ES256", "kid": KID, "typ": "JWT"}


def _hs256_with_public_key() -> str:
    signed = f"{encode(json.dumps({**GOOD, 'alg': 'HS256'}).encode())}.{encode(json.dumps(CLAIMS).encode())}"
    return f"{signed}.{encode(digest(PUBLIC, signed.encode(), 'sha256'))}"


def _with_claims(**claims: object) -> str:
    return _signed(GOOD, json.dumps({**CLAIMS, **claims}).encode())


HEAD, BODY, SIGNATURE = _signed(GOOD).split(".")

FORGERIES: dict[str, str] = {
    "nothing": "",
    "no token": "abc",
    "two parts": f"{HEAD}.{BODY}",
    "an empty signature": f"{HEAD}.{BODY}.",
    "a foreign payload": f"{HEAD}.{encode(b'{}')}.{SIGNATURE}",
    "a changed signature": f"{HEAD}.{BODY}.{SIGNATURE[:-4]}AAAA",
    "four parts": f"{HEAD}.{BODY}.{SIGNATURE}.{SIGNATURE}",
    "alg none": f"{encode(json.dumps({**GOOD, 'alg': 'none'}).encode())}.{BODY}.",
    "alg nOnE": f"{encode(json.dumps({**GOOD, 'alg': 'nOnE'}).encode())}.{BODY}.",
    "HS256 with the public key": _hs256_with_public_key(),
    "another algorithm named": _signed({**GOOD, "alg": "RS256"}),
    "no algorithm": _signed({"kid": KID, "typ": "JWT"}),
    "an unknown critical header": _signed({**GOOD, "crit": ["x"], "x": 1}),
    "another type": _signed({**GOOD, "typ": "logout+jwt"}),
    "no type": _signed({"alg": "ES256", "kid": KID}),
    "an unknown key": _signed({**GOOD, "kid": "f" * 64}),
    "no key": _signed({"alg": "ES256", "typ": "JWT"}),
    "a key that is a list": _signed({**GOOD, "kid": [KID]}),
    "a header that is a list": f"{encode(b'[]')}.{BODY}.{SIGNATURE}",
    "a header nested deeply": f"{encode(b'[' * 40_000)}.{BODY}.{SIGNATURE}",
    "a payload that is a list": _signed(GOOD, b"[]"),
    "a payload that is no JSON": _signed(GOOD, b"\xff"),
    "no end": _signed(GOOD, json.dumps({"iat": NOW_SECONDS}).encode()),
    "an end that is text": _with_claims(exp="4000000000"),
    "an end that is true": _with_claims(exp=True),
    "an end that is infinite": _with_claims(exp=float("inf")),
    "no beginning": _signed(GOOD, json.dumps({"exp": NOW_SECONDS + 300}).encode()),
    "a beginning in the future": _with_claims(iat=NOW_SECONDS + 120),
    "not ASCII": f"{HEAD}.{BODY}.{SIGNATURE}é",
}


def test_the_forger_of_these_tests_can_make_a_valid_token() -> None:
    assert RING.verify(_signed(GOOD), NOW) == CLAIMS


@pytest.mark.parametrize("forgery", FORGERIES)
def test_a_forgery_is_refused(forgery: str) -> None:
    with pytest.raises(AssertionInvalid):
        RING.verify(FORGERIES[forgery], NOW)


def test_a_key_of_ours_that_is_not_in_the_ring_does_not_verify() -> None:
    with pytest.raises(AssertionInvalid, match="unknown key"):
        RING.verify(SigningRing.from_pem(Secret.of(pem(elliptic_key(7)))).sign(CLAIMS), NOW)
