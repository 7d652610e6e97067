"""The table of the assertion's claims."""

from collections.abc import Mapping
from dataclasses import replace

from access_model.facts import Identity
from access_model.model import IssuerFormat
from extauthz.assertion.claims import assertion_claims
from tests.extauthz.assertion.samples import ANNA, NOW, TOKEN_ID


def claims(
    identity: Identity | None = ANNA,
    *,
    issuer_format: IssuerFormat = "hostOnly",
    claim_headers: Mapping[str, str] | None = None,
    groups_filter: tuple[str, ...] = (),
) -> dict[str, object]:
    """The claims for a request to `app.example.com`, now."""
    return assertion_claims(
        identity,
        host="app.example.com",
        issuer_format=issuer_format,
        claim_headers=claim_headers or {},
        groups_filter=groups_filter,
        now=NOW,
        token_id=TOKEN_ID,
    )


def test_a_user() -> None:
    assert claims() == {
        "iss": "app.example.com",
        "aud": "app.example.com",
        "jti": TOKEN_ID,
        "iat": 1935817689,
        "exp": 1935817989,
        "sub": "anna",
        "user": "anna",
        "email": "anna@example.com",
        "groups": ["staff", "ops"],
        "sid": "0f6f0d0e-0000-4000-8000-000000000001",
        "name": "Anna B.",
    }


def test_nobody_on_a_public_route_is_empty_strings_and_no_groups() -> None:
    assert claims(None, claim_headers={"x-acr": "acr"}) == {
        "iss": "app.example.com",
        "aud": "app.example.com",
        "jti": TOKEN_ID,
        "iat": 1935817689,
        "exp": 1935817989,
        "sub": "",
        "user": "",
        "email": "",
        "groups": [],
        "sid": "",
        "name": "",
    }


def test_times_are_integers() -> None:
    assert [type(claims()[name]) for name in ("iat", "exp")] == [int, int]


def test_the_issuer_can_be_a_url() -> None:
    assert claims(issuer_format="uri")["iss"] == "https://app.example.com/"
    assert claims(issuer_format="uri")["aud"] == "app.example.com"


def test_the_name_is_the_claim_then_the_users_own() -> None:
    assert claims(replace(ANNA, session_claims={}))["name"] == "Somebody"
    assert claims(replace(ANNA, session_claims={}, user_claims={}))["name"] == "Anna"
    assert claims(replace(ANNA, session_claims={}, user_claims={}, name=""))["name"] == ""


def test_directory_groups_come_before_those_of_the_provider() -> None:
    assert claims(replace(ANNA, groups=("g1", "g2")))["groups"] == ["g1", "g2"]


def test_no_groups_are_an_empty_list() -> None:
    assert claims(replace(ANNA, session_claims={}))["groups"] == []


def test_the_groups_filter_keeps_listed_directory_groups_only() -> None:
    directory = replace(ANNA, groups=("g1", "g2", "g3"))
    assert claims(directory, groups_filter=("g3", "g1", "g9"))["groups"] == ["g1", "g3"]
    assert claims(directory, groups_filter=("g9",))["groups"] == []


def test_the_groups_filter_does_not_concern_the_providers_groups() -> None:
    assert claims(groups_filter=("g9",))["groups"] == ["staff", "ops"]


def test_configured_claims_are_joined_and_those_of_the_session_win() -> None:
    wanted = {"x-acr": "acr", "x-roles": "roles", "x-country": "address.country", "x-missing": "missing"}
    found = claims(claim_headers=wanted)
    assert (found["acr"], found["roles"], found["address.country"]) == ("2", "a,b", "NO")
    assert "missing" not in found


def test_a_configured_claim_cannot_replace_a_standard_one() -> None:
    hostile = replace(ANNA, session_claims={"sub": ("root",), "iss": ("evil",), "exp": ("9",), "email": ("x@y",)})
    wanted = {"x-1": "sub", "x-2": "iss", "x-3": "exp", "x-4": "email"}
    assert claims(hostile, claim_headers=wanted) == claims(hostile)
    assert claims(hostile)["sub"] == "anna"
