"""ID tokens as credentials: all that a sign-in checks but what ties a token to an attempt."""

from typing import Any

import pytest

from extauthz.oidc.errors import NotTrusted, Reason
from extauthz.oidc.identity_bearer import provider_of, verify_identity_token
from extauthz.oidc.vouched import Vouched, is_tokens_fault
from tests.extauthz.oidc.fake_provider import CLIENT_ID, NOW, FakeProvider, claims, drive, provider, token

MOMENT = int(NOW.timestamp())


def verify(text: str, fake: FakeProvider | None = None) -> Vouched:
    return drive(verify_identity_token(provider(), text, NOW), fake or FakeProvider())


def refused(text: str) -> Reason:
    with pytest.raises(NotTrusted) as caught:
        verify(text)
    assert is_tokens_fault(caught.value)
    return caught.value.reason


@pytest.mark.parametrize(
    "changed",
    [
        {},
        {"nonce": None},
        {"nonce": "of another sign-in"},
        {"at_hash": "of an access token that nobody shows"},
        {"iat": MOMENT - 3600},
        {"aud": ["x", CLIENT_ID], "azp": CLIENT_ID},
        {"typ": "ID", "scope": "said to be one"},
        {"token_use": "id"},
    ],
)
def test_a_good_one_names_its_user(changed: dict[str, Any]) -> None:
    fake = FakeProvider()
    vouched = verify(token(claims(email="a@b.c", email_verified=True, **changed)), fake)
    assert (vouched.who.subject, vouched.who.email, vouched.provider_id) == ("alice", "a@b.c", "main")
    assert vouched.who.tokens.access_token is None
    assert vouched.expires is not None
    assert vouched.expires.timestamp() == MOMENT + 300
    assert fake.asked == ["GET /.well-known/openid-configuration", "GET /jwks"]


@pytest.mark.parametrize(
    ("changed", "reason"),
    [
        ({"iss": "https://evil.example"}, Reason.ID_TOKEN_ISSUER),
        ({"aud": None}, Reason.ID_TOKEN_AUDIENCE),
        ({"aud": "another-client"}, Reason.ID_TOKEN_AUDIENCE),
        ({"aud": [CLIENT_ID, "another-client"]}, Reason.ID_TOKEN_AUDIENCE),
        ({"azp": "another-client"}, Reason.ID_TOKEN_AUDIENCE),
        ({"exp": None}, Reason.ID_TOKEN_TIME),
        ({"exp": MOMENT - 60}, Reason.ID_TOKEN_TIME),
        ({"iat": MOMENT + 61}, Reason.ID_TOKEN_TIME),
        ({"sub": None}, Reason.ID_TOKEN_SUBJECT),
        ({"scope": "openid"}, Reason.TOKEN_KIND),
        ({"scp": ["openid"]}, Reason.TOKEN_KIND),
        ({"typ": "Bearer"}, Reason.TOKEN_KIND),
        ({"token_use": "access"}, Reason.TOKEN_KIND),
        ({"events": {"http://schemas.openid.net/event/backchannel-logout": {}}}, Reason.TOKEN_KIND),
        ({"cnf": {"jkt": "x"}}, Reason.TOKEN_KIND),
    ],
)
def test_refuses_each_wrong_claim(changed: dict[str, Any], reason: Reason) -> None:
    assert refused(token(claims(**changed))) is reason


@pytest.mark.parametrize("typ", ["at+jwt", "application/at+jwt", "logout+jwt"])
def test_a_token_of_another_kind_is_no_id_token(typ: str) -> None:
    assert refused(token(claims(), {"typ": typ})) is Reason.ID_TOKEN_MALFORMED


@pytest.mark.parametrize("algorithm", ["none", "HS256"])
def test_refuses_what_is_not_signed_by_the_provider(algorithm: str) -> None:
    assert refused(token(claims(), {"alg": algorithm}, signer="HS256")) is Reason.ID_TOKEN_ALGORITHM
    assert refused(token(claims(), signer="ES256")) is Reason.ID_TOKEN_SIGNATURE


def test_the_provider_is_chosen_by_issuer_and_client() -> None:
    main, second = provider(), provider(id="second", issuer="https://id.second.example")
    other = provider(id="other", client_id="another-client")
    assert provider_of(token(claims()), [second, other, main]) is main
    assert provider_of(token(claims(iss="https://evil.example")), [second, other, main]) is None
    assert provider_of(token(claims(aud="nobody")), [second, other, main]) is None
    assert provider_of("opaque", [main]) is None
