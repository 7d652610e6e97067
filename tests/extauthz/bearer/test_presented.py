from dataclasses import replace

import pytest

from access_model.bearer import BearerFormat
from access_model.secret import Secret
from extauthz.bearer import MalformedBearer, is_bearer, read_bearer
from extauthz.bearer.presented import MAX_TOKEN
from tests.extauthz.check.world import MODEL

ROUTE = replace(MODEL.routes[0], bearer_format="idp_access_token")


@pytest.mark.parametrize("scheme", ["Bearer ", "bearer ", "BEARER\t", "Bearer   ", " Bearer "])
@pytest.mark.parametrize("token", ["a", "a.b-c_d~e+f/g==", "x" * MAX_TOKEN])
def test_a_token_stands_behind_its_scheme(scheme: str, token: str) -> None:
    read = read_bearer({"authorization": (scheme + token,)}, ROUTE)
    assert isinstance(read, Secret)
    assert read.reveal_text() == token


@pytest.mark.parametrize(
    "value",
    [
        *("Bearer", "Bearer ", "Bearer a b", "Bearer a,b", "Bearer =", "Bearer é", "Bearer a\n", "Bearer \udcff"),
        "Bearer " + "x" * (MAX_TOKEN + 1),
        "Bearer " + "=" * MAX_TOKEN,
    ],
)
def test_what_cannot_be_a_token_is_not_read_as_none(value: str) -> None:
    assert isinstance(read_bearer({"authorization": (value,)}, ROUTE), MalformedBearer)


@pytest.mark.parametrize("value", ["Basic YTpi", "Bearerx a", "Pomerium a", "Bearer Pomerium-a", "", "DPoP a"])
def test_other_schemes_are_none_of_it(value: str) -> None:
    assert read_bearer({"authorization": (value,)}, ROUTE) is None
    assert not is_bearer(value)


@pytest.mark.parametrize("format_", ["idp_access_token", "idp_identity_token", "jwt"])
def test_every_format_but_the_default_reads_it(format_: BearerFormat) -> None:
    headers = {"authorization": ("Bearer a",)}
    assert read_bearer(headers, replace(ROUTE, bearer_format=format_)) is not None
    assert read_bearer(headers, replace(ROUTE, bearer_format="default")) is None


def test_no_other_place_is_looked_at() -> None:
    headers = {"x-authorization": ("Bearer a",), "cookie": ("access_token=a",), "proxy-authorization": ("Bearer a",)}
    assert read_bearer(headers, ROUTE) is None
