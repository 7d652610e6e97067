"""Signed access tokens of an issuer: each thing that is wrong with one, and what is not."""

from typing import Any

import pytest

from access_model.bearer import TokenIssuer
from extauthz.oidc.errors import KeySetUnusable, NotTrusted, Reason
from extauthz.oidc.http import HttpResponse
from extauthz.oidc.signed_access import issuer_of, verify_issued
from extauthz.oidc.vouched import Vouched, is_tokens_fault
from tests.extauthz.oidc.fake_provider import ISSUER, JWKS, NOW, FakeProvider, b64, drive, json_response, token

AUDIENCE = "https://api.example.com"
MOMENT = int(NOW.timestamp())
JWKS_URL = f"{ISSUER}/jwks"
CI = TokenIssuer("ci", ISSUER, JWKS_URL, (AUDIENCE, "https://other.example.com"))
WEAK = TokenIssuer("ci", ISSUER, JWKS_URL, (AUDIENCE,), ("ES256",))


def claims(**changed: Any) -> dict[str, Any]:
    good = {"iss": ISSUER, "aud": AUDIENCE, "sub": "job-7", "iat": MOMENT, "exp": MOMENT + 300, "client_id": "runner"}
    return {name: value for name, value in {**good, **changed}.items() if value is not None}


def verify(text: str, issuer: TokenIssuer = CI, fake: FakeProvider | None = None) -> Vouched:
    return drive(verify_issued(issuer, text, NOW), fake or FakeProvider())


def refused(text: str, issuer: TokenIssuer = CI) -> Reason:
    with pytest.raises(NotTrusted) as caught:
        verify(text, issuer)
    assert is_tokens_fault(caught.value)
    return caught.value.reason


@pytest.mark.parametrize("typ", ["at+jwt", "AT+JWT", "application/at+jwt", "JWT", None])
@pytest.mark.parametrize("algorithm", ["RS256", "PS256", "ES256", "EdDSA"])
def test_a_good_one_names_its_subject(typ: str | None, algorithm: str) -> None:
    text = token(claims(roles=["deploy"]), {"alg": algorithm, "typ": typ})
    vouched = verify(text)
    assert (vouched.who.issuer, vouched.who.subject, vouched.provider_id) == (ISSUER, "job-7", "ci")
    assert vouched.who.claims["roles"] == ("deploy",)
    assert vouched.expires is not None
    assert vouched.expires.timestamp() == MOMENT + 300
    assert vouched.who.tokens.access_token is not None
    assert text not in repr(vouched)


@pytest.mark.parametrize(
    "changed",
    [
        {"aud": [AUDIENCE, "https://elsewhere.example.com"]},
        {"aud": "https://other.example.com"},
        {"iat": MOMENT - 86400},
        {"exp": MOMENT - 59},
        {"nbf": MOMENT + 59},
        {"email": "a@b.c", "scope": "read"},
        {"typ": "Bearer", "nonce": "as Keycloak has it"},
        {"token_use": "access"},
    ],
)
def test_what_is_no_fault(changed: dict[str, Any]) -> None:
    assert verify(token(claims(**changed))).who.subject == "job-7"


@pytest.mark.parametrize(
    ("changed", "reason"),
    [
        ({"iss": None}, Reason.ID_TOKEN_ISSUER),
        ({"iss": "https://evil.example"}, Reason.ID_TOKEN_ISSUER),
        ({"iss": f"{ISSUER}/"}, Reason.ID_TOKEN_ISSUER),
        ({"iss": [ISSUER]}, Reason.ID_TOKEN_ISSUER),
        ({"aud": None}, Reason.ID_TOKEN_AUDIENCE),
        ({"aud": []}, Reason.ID_TOKEN_AUDIENCE),
        ({"aud": "https://elsewhere.example.com"}, Reason.ID_TOKEN_AUDIENCE),
        ({"aud": f"{AUDIENCE}/"}, Reason.ID_TOKEN_AUDIENCE),
        ({"aud": "*"}, Reason.ID_TOKEN_AUDIENCE),
        ({"aud": {AUDIENCE: True}}, Reason.ID_TOKEN_AUDIENCE),
        ({"aud": [[AUDIENCE]]}, Reason.ID_TOKEN_AUDIENCE),
        ({"exp": None}, Reason.ID_TOKEN_TIME),
        ({"exp": MOMENT - 60}, Reason.ID_TOKEN_TIME),
        ({"exp": "tomorrow"}, Reason.ID_TOKEN_TIME),
        ({"exp": float("inf")}, Reason.ID_TOKEN_TIME),
        ({"exp": float("nan")}, Reason.ID_TOKEN_TIME),
        ({"exp": True}, Reason.ID_TOKEN_TIME),
        ({"iat": None}, Reason.ID_TOKEN_TIME),
        ({"iat": MOMENT + 61}, Reason.ID_TOKEN_TIME),
        ({"nbf": MOMENT + 61}, Reason.ID_TOKEN_TIME),
        ({"sub": None}, Reason.ID_TOKEN_SUBJECT),
        ({"sub": ""}, Reason.ID_TOKEN_SUBJECT),
        ({"sub": 7}, Reason.ID_TOKEN_SUBJECT),
        ({"nonce": "n"}, Reason.TOKEN_KIND),
        ({"at_hash": "h"}, Reason.TOKEN_KIND),
        ({"typ": "ID"}, Reason.TOKEN_KIND),
        ({"typ": "Refresh"}, Reason.TOKEN_KIND),
        ({"token_use": "id"}, Reason.TOKEN_KIND),
        ({"events": {"http://schemas.openid.net/event/backchannel-logout": {}}}, Reason.TOKEN_KIND),
        ({"cnf": {"jkt": "x"}}, Reason.TOKEN_KIND),
    ],
)
def test_refuses_each_wrong_claim(changed: dict[str, Any], reason: Reason) -> None:
    assert refused(token(claims(**changed))) is reason


@pytest.mark.parametrize("algorithm", ["none", "None", "nOnE", "HS256", "HS512", "RS1", "", None, 7])
def test_refuses_every_other_algorithm(algorithm: object) -> None:
    text = token(claims(), {"alg": algorithm}, signer="HS256" if algorithm == "HS256" else "RS256")
    assert refused(text) is Reason.ID_TOKEN_ALGORITHM


def test_only_the_algorithms_of_the_issuer_count() -> None:
    assert refused(token(claims()), WEAK) is Reason.ID_TOKEN_ALGORITHM
    assert verify(token(claims(), {"alg": "ES256"}), WEAK).who.subject == "job-7"


@pytest.mark.parametrize(
    "header",
    [
        {"crit": ["x"], "x": 1},
        {"crit": []},
        {"b64": False},
        {"typ": "logout+jwt"},
        {"typ": "dpop+jwt"},
        {"typ": "secevent+jwt"},
        {"typ": 7},
        {"kid": ["rsa-1"]},
    ],
)
def test_refuses_what_the_header_demands(header: dict[str, Any]) -> None:
    assert refused(token(claims(), header)) is Reason.ID_TOKEN_MALFORMED


@pytest.mark.parametrize("text", ["", "x", "a.b", "a.b.c", "a.b.c.d.e", f"{b64(b'{}')}..", f"{b64(b'[]')}.e30.AA"])
def test_refuses_what_is_no_signed_token(text: str) -> None:
    assert refused(text) in (Reason.ID_TOKEN_MALFORMED, Reason.ID_TOKEN_ALGORITHM)


def test_refuses_a_signature_that_is_not_the_issuers() -> None:
    head, body, signature = token(claims()).split(".")
    other = token(claims(sub="root")).split(".")[1]
    assert refused(f"{head}.{other}.{signature}") is Reason.ID_TOKEN_SIGNATURE
    assert refused(f"{head}.{body}.{signature[:-4]}AAAA") is Reason.ID_TOKEN_SIGNATURE
    assert refused(token(claims(), {"jwk": JWKS["keys"][0]}, signer="ES256")) is Reason.ID_TOKEN_SIGNATURE


def test_an_unknown_key_is_looked_for_once_more() -> None:
    fake = FakeProvider()
    with pytest.raises(NotTrusted) as caught:
        verify(token(claims(), {"kid": "made-up"}), fake=fake)
    assert caught.value.reason is Reason.ID_TOKEN_KEY
    assert fake.asked == ["GET /jwks"] * 2


@pytest.mark.parametrize("document", [HttpResponse(200, "text/html", b"<p>"), json_response({"keys": 1})])
def test_keys_that_cannot_be_read_are_not_held_against_the_token(document: HttpResponse) -> None:
    with pytest.raises(KeySetUnusable) as caught:
        verify(token(claims()), fake=FakeProvider(documents={"/jwks": document}))
    assert not is_tokens_fault(caught.value)


def test_without_an_address_the_keys_are_where_the_issuer_says() -> None:
    found = TokenIssuer("ci", ISSUER, None, (AUDIENCE,))
    fake = FakeProvider()
    assert verify(token(claims()), found, fake).who.subject == "job-7"
    assert fake.asked == ["GET /.well-known/openid-configuration", "GET /jwks"]


@pytest.mark.parametrize(
    "document",
    [
        {"issuer": "https://evil.example", "jwks_uri": JWKS_URL},
        {"jwks_uri": JWKS_URL},
        {"issuer": ISSUER},
        {"issuer": ISSUER, "jwks_uri": "http://id.example.com/jwks"},
        {"issuer": ISSUER, "jwks_uri": "https://169.254.169.254/jwks"},
        {"issuer": ISSUER, "jwks_uri": "https://10.0.0.1/jwks"},
    ],
)
def test_a_discovery_document_leads_nowhere_else(document: dict[str, str]) -> None:
    fake = FakeProvider(documents={"/.well-known/openid-configuration": json_response(document)})
    with pytest.raises(NotTrusted) as caught:
        verify(token(claims()), TokenIssuer("ci", ISSUER, None, (AUDIENCE,)), fake)
    assert not is_tokens_fault(caught.value)
    assert "GET /jwks" not in fake.asked


def test_the_issuer_is_chosen_by_name_and_audience() -> None:
    second = TokenIssuer("second", ISSUER, None, ("second",))
    assert issuer_of(token(claims()), [second, CI]) is CI
    assert issuer_of(token(claims(aud="second")), [CI, second]) is second
    assert issuer_of(token(claims(aud="nobody")), [CI, second]) is CI
    assert issuer_of(token(claims(iss="https://evil.example")), [CI, second]) is None
    assert issuer_of("opaque", [CI]) is None
