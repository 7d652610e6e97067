"""Signed userinfo (OpenID Connect Core, section 5.3.2)."""

from typing import Any

import pytest

from extauthz.oidc.discovery import read_metadata
from extauthz.oidc.errors import NotTrusted, Reason
from extauthz.oidc.http import HttpResponse
from extauthz.oidc.userinfo import fetch_userinfo
from tests.extauthz.oidc.fake_provider import (
    ACCESS_TOKEN,
    CLIENT_ID,
    ISSUER,
    FakeProvider,
    discovery,
    drive,
    json_response,
    provider,
    token,
)


def userinfo(text: str, media: str = "application/jwt") -> dict[str, Any]:
    fake = FakeProvider(documents={"/userinfo": HttpResponse(200, media, text.encode())})
    metadata = read_metadata(provider(), json_response(discovery()))
    return drive(fetch_userinfo(provider(), metadata, ACCESS_TOKEN, "alice"), fake)


def claims(**changed: Any) -> dict[str, Any]:
    good = {"iss": ISSUER, "aud": CLIENT_ID, "sub": "alice", "email": "a@b.c"}
    return {name: value for name, value in {**good, **changed}.items() if value is not None}


@pytest.mark.parametrize("algorithm", ["RS256", "PS256", "ES256", "EdDSA"])
@pytest.mark.parametrize("changed", [{}, {"aud": ["x", CLIENT_ID]}, {"iss": None, "aud": None}])
def test_what_the_provider_signed_is_believed(algorithm: str, changed: dict[str, Any]) -> None:
    assert userinfo(token(claims(**changed), {"alg": algorithm}))["email"] == "a@b.c"


GOOD = token(claims())


@pytest.mark.parametrize(
    "text",
    [
        GOOD[:-8] + "AAAAAAAA",
        token(claims(), {"alg": "none"}, signer="HS256"),
        token(claims(), {"alg": "HS256"}),
        token(claims(), signer="ES256"),
        token(claims(), {"kid": "unknown"}),
        token(claims(), {"typ": "at+jwt"}),
        token(claims(), {"crit": ["x"]}),
        token(claims(iss="https://evil.example")),
        token(claims(aud="another-client")),
        token(claims(aud=[])),
        token("[]"),
        "a.b.c.d.e",
        '{"sub": "alice"}',
        "é.é.é",
    ],
)
def test_anything_else_is_not(text: str) -> None:
    with pytest.raises(NotTrusted) as caught:
        userinfo(text)
    assert caught.value.reason is Reason.USERINFO


def test_it_has_to_be_about_the_same_user() -> None:
    with pytest.raises(NotTrusted) as caught:
        userinfo(token(claims(sub="bob")))
    assert caught.value.reason is Reason.USERINFO_SUBJECT


def test_a_signed_answer_under_another_media_type_is_no_json() -> None:
    with pytest.raises(NotTrusted):
        userinfo(GOOD, "application/json")
