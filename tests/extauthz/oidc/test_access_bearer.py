"""Access tokens of the provider: what it says when asked, and what that has to be worth."""

from typing import Any

import pytest

from access_model.model import IdentityProvider
from extauthz.oidc.access_bearer import verify_access_token
from extauthz.oidc.errors import NotTrusted, OidcError, ProviderUnavailable, Reason
from extauthz.oidc.http import HttpResponse
from extauthz.oidc.vouched import Vouched, is_tokens_fault
from tests.extauthz.oidc.fake_provider import (
    CLIENT_ID,
    ISSUER,
    NOW,
    FakeProvider,
    discovery,
    drive,
    json_response,
    provider,
    token,
)

DISCOVERY, INTROSPECT = "/.well-known/openid-configuration", "/introspect"
MOMENT = int(NOW.timestamp())
OPAQUE = "opaque-token-of-alice"
API = "https://api.example.com"
ALICE = {"sub": "alice", "email": "alice@example.com", "email_verified": True}


def answer(**changed: Any) -> dict[str, Any]:
    good = {
        "active": True,
        "iss": ISSUER,
        "sub": "alice",
        "client_id": CLIENT_ID,
        "exp": MOMENT + 300,
        "scope": "openid email",
        "token_type": "Bearer",
    }
    return {name: value for name, value in {**good, **changed}.items() if value is not None}


def asking(introspected: object, userinfo: object = None, **metadata: Any) -> FakeProvider:
    """A provider with introspection, which says this about every token."""
    ready = introspected if isinstance(introspected, HttpResponse) else json_response(introspected)
    profile = userinfo if isinstance(userinfo, HttpResponse) else json_response(userinfo or ALICE)
    document = json_response(discovery(introspection_endpoint=f"{ISSUER}{INTROSPECT}", **metadata))
    return FakeProvider(documents={DISCOVERY: document, INTROSPECT: ready, "/userinfo": profile})


def silent(userinfo: object = None, status: int = 200, **metadata: Any) -> FakeProvider:
    """A provider without introspection."""
    document = json_response(discovery(**metadata))
    return FakeProvider(documents={DISCOVERY: document, "/userinfo": json_response(userinfo or ALICE, status)})


def verify(
    fake: FakeProvider, text: str = OPAQUE, audiences: tuple[str, ...] = (), asked: IdentityProvider | None = None
) -> Vouched:
    return drive(verify_access_token(asked or provider(), text, audiences, NOW), fake)


def failure(fake: FakeProvider, text: str = OPAQUE, audiences: tuple[str, ...] = ()) -> OidcError:
    with pytest.raises(OidcError) as caught:
        verify(fake, text, audiences)
    return caught.value


def test_the_provider_is_asked_with_our_own_credentials_and_for_the_profile() -> None:
    fake = asking(answer())
    vouched = verify(fake)
    asked = fake.requests[1]
    assert (asked.method, asked.form) == ("POST", (("token", OPAQUE), ("token_type_hint", "access_token")))
    assert asked.client_auth == "client_secret_basic"
    assert fake.asked == [f"GET {DISCOVERY}", f"POST {INTROSPECT}", "GET /userinfo"]
    assert (vouched.who.subject, vouched.who.email, vouched.who.email_verified) == ("alice", "alice@example.com", True)
    assert vouched.expires is not None
    assert vouched.expires.timestamp() == MOMENT + 300
    assert OPAQUE not in repr(vouched)
    assert OPAQUE not in repr(fake.requests)


@pytest.mark.parametrize(
    ("changed", "audiences"),
    [
        ({"client_id": None, "azp": CLIENT_ID}, ()),
        ({"client_id": "another", "aud": CLIENT_ID}, ()),
        ({"client_id": "another", "aud": [API]}, (API,)),
        ({"client_id": "another", "aud": ["x", API]}, ("y", API)),
        ({"client_id": "another"}, ("*",)),
        ({"iss": None, "exp": None}, ()),
        ({"token_type": "bearer"}, ()),
        ({"token_type": None, "token_use": "access_token"}, ()),
    ],
)
def test_a_token_that_is_meant_for_us(changed: dict[str, Any], audiences: tuple[str, ...]) -> None:
    assert verify(asking(answer(**changed)), audiences=audiences).who.subject == "alice"


@pytest.mark.parametrize(
    ("changed", "audiences", "reason"),
    [
        ({"active": False}, (), Reason.TOKEN_INACTIVE),
        ({"active": None}, (), Reason.TOKEN_INACTIVE),
        ({"active": "true"}, (), Reason.TOKEN_INACTIVE),
        ({"active": 1}, (), Reason.TOKEN_INACTIVE),
        ({"iss": "https://evil.example"}, (), Reason.ID_TOKEN_ISSUER),
        ({"client_id": "another"}, (), Reason.ID_TOKEN_AUDIENCE),
        ({"client_id": None}, (), Reason.ID_TOKEN_AUDIENCE),
        ({"aud": API}, (), Reason.ID_TOKEN_AUDIENCE),
        ({"aud": API}, ("https://elsewhere.example.com",), Reason.ID_TOKEN_AUDIENCE),
        ({}, (API,), Reason.ID_TOKEN_AUDIENCE),
        ({"exp": MOMENT - 60}, (), Reason.ID_TOKEN_TIME),
        ({"exp": "soon"}, (), Reason.ID_TOKEN_TIME),
        ({"sub": None}, (), Reason.ID_TOKEN_SUBJECT),
        ({"sub": ""}, (), Reason.ID_TOKEN_SUBJECT),
        ({"token_type": "DPoP"}, (), Reason.TOKEN_KIND),
        ({"token_type": "Refresh"}, (), Reason.TOKEN_KIND),
        ({"token_use": "refresh_token"}, (), Reason.TOKEN_KIND),
        ({"cnf": {"x5t#S256": "x"}}, (), Reason.TOKEN_KIND),
    ],
)
def test_refuses_what_the_provider_says_of_another(
    changed: dict[str, Any], audiences: tuple[str, ...], reason: Reason
) -> None:
    fake = asking(answer(**changed))
    refused = failure(fake, audiences=audiences)
    assert isinstance(refused, NotTrusted)
    assert refused.reason is reason
    assert is_tokens_fault(refused)
    assert "GET /userinfo" not in fake.asked


@pytest.mark.parametrize("status", [500, 503, 429])
def test_a_provider_that_cannot_tell(status: int) -> None:
    assert isinstance(failure(asking(json_response({}, status))), ProviderUnavailable)
    assert isinstance(failure(asking(answer(), json_response({}, status))), ProviderUnavailable)


@pytest.mark.parametrize(
    "introspected",
    [json_response({"error": "invalid_client"}, status) for status in (400, 401, 403)]
    + [json_response(answer(), 302), HttpResponse(200, "text/html", b"<p>"), json_response([answer()])],
)
def test_what_is_our_fault_or_the_providers_is_not_held_against_the_token(introspected: HttpResponse) -> None:
    refused = failure(asking(introspected))
    assert isinstance(refused, NotTrusted)
    assert not is_tokens_fault(refused)


@pytest.mark.parametrize("scope", ["email", "openid2", None])
def test_a_token_that_is_not_for_userinfo_is_not_shown_there(scope: str | None) -> None:
    fake = asking(answer(scope=scope, email="of@introspection.example"))
    assert verify(fake).who.email == "of@introspection.example"
    assert "GET /userinfo" not in fake.asked


@pytest.mark.parametrize("status", [401, 403])
def test_a_profile_that_is_withheld_changes_nothing_where_introspection_was_clear(status: int) -> None:
    assert verify(asking(answer(), json_response({}, status))).who.profile == {}


def test_a_profile_of_somebody_else_does() -> None:
    refused = failure(asking(answer(), {"sub": "bob"}))
    assert isinstance(refused, NotTrusted)
    assert refused.reason is Reason.USERINFO_SUBJECT


def test_where_nobody_says_that_it_is_no_refresh_token_userinfo_has_to_take_it() -> None:
    vague = answer(token_type=None, scope="email")
    assert verify(asking(vague)).who.email == "alice@example.com"
    assert isinstance(failure(asking(vague, json_response({}, 401))), NotTrusted)
    assert isinstance(failure(asking(vague, userinfo_endpoint=None)), NotTrusted)


def test_a_public_client_cannot_ask_and_does_not() -> None:
    fake = asking(answer())
    vouched = verify(fake, audiences=("*",), asked=provider(client_secret=None))
    assert vouched.who.subject == "alice"
    assert f"POST {INTROSPECT}" not in fake.asked


def signed(**changed: Any) -> str:
    good = {"iss": ISSUER, "aud": CLIENT_ID, "sub": "alice", "iat": MOMENT, "exp": MOMENT + 300, "scope": "openid"}
    return token({name: value for name, value in {**good, **changed}.items() if value is not None}, {"typ": "at+jwt"})


def test_a_provider_that_does_not_introspect_signed_tokens_is_not_needed_for_it() -> None:
    unsupported = json_response({"error": "unsupported_token_type"}, 400)
    assert verify(asking(unsupported), signed()).who.subject == "alice"
    refused = failure(asking(unsupported), signed(aud=API))
    assert isinstance(refused, NotTrusted)
    assert refused.reason is Reason.ID_TOKEN_AUDIENCE


def test_without_introspection_a_signed_token_speaks_for_itself_and_userinfo_confirms_it() -> None:
    fake = silent()
    assert verify(fake, signed()).who.email == "alice@example.com"
    assert fake.asked == [f"GET {DISCOVERY}", "GET /jwks", "GET /userinfo"]
    assert verify(silent(), signed(aud=API), (API,)).who.subject == "alice"
    assert verify(silent(), signed(scope="read")).who.profile == {}


@pytest.mark.parametrize(
    ("changed", "reason"),
    [
        ({"aud": API}, Reason.ID_TOKEN_AUDIENCE),
        ({"aud": None}, Reason.ID_TOKEN_AUDIENCE),
        ({"iss": "https://evil.example"}, Reason.ID_TOKEN_ISSUER),
        ({"exp": None}, Reason.ID_TOKEN_TIME),
        ({"nonce": "of an ID token"}, Reason.TOKEN_KIND),
    ],
)
def test_a_signed_token_for_somebody_else_is_refused_before_userinfo(changed: dict[str, Any], reason: Reason) -> None:
    fake = silent()
    refused = failure(fake, signed(**changed))
    assert isinstance(refused, NotTrusted)
    assert refused.reason is reason
    assert "GET /userinfo" not in fake.asked


def test_a_signed_token_that_was_revoked_is_refused() -> None:
    refused = failure(silent(status=401), signed())
    assert isinstance(refused, NotTrusted)
    assert is_tokens_fault(refused)


def test_an_opaque_token_without_introspection_counts_only_where_every_audience_does() -> None:
    fake = silent()
    refused = failure(fake)
    assert isinstance(refused, NotTrusted)
    assert refused.reason is Reason.ID_TOKEN_AUDIENCE
    assert "GET /userinfo" not in fake.asked
    assert isinstance(failure(silent(), audiences=(API,)), NotTrusted)
    vouched = verify(silent(), audiences=("*",))
    assert (vouched.who.subject, vouched.who.email, vouched.expires) == ("alice", "alice@example.com", None)


@pytest.mark.parametrize(("userinfo", "status"), [({"email": "a@b.c"}, 200), ({"sub": ""}, 200), (ALICE, 401)])
def test_userinfo_has_to_name_somebody(userinfo: dict[str, Any], status: int) -> None:
    refused = failure(silent(userinfo, status), audiences=("*",))
    assert isinstance(refused, NotTrusted)
    assert is_tokens_fault(refused)
