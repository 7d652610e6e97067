from collections.abc import Mapping
from datetime import UTC, datetime, timedelta

import pytest

from access_model.model import CookieSettings
from extauthz.credentials import (
    Presented,
    Source,
    Unusable,
    has_two_authorizations,
    identity_of,
    is_ours,
    read_credential,
)
from session_store.records import KnownSession, Session, User

COOKIE = CookieSettings("__Host-_pomerium", None, True, True, "lax", timedelta(hours=14))
A, B = "A" * 43, "B" * 43


@pytest.mark.parametrize(
    ("headers", "token", "source"),
    [
        ({"cookie": (f"__Host-_pomerium={A}",)}, A, Source.COOKIE),
        ({"cookie": ("a=1", f"__Host-_pomerium={A}; b=2")}, A, Source.COOKIE),
        ({"cookie": (f"__Host-_pomerium={A}",), "x-pomerium-authorization": (B,)}, A, Source.COOKIE),
        ({"x-pomerium-authorization": (A,), "authorization": (f"Pomerium {B}",)}, A, Source.CREDENTIAL_HEADER),
        ({"authorization": (f"Pomerium {A}",)}, A, Source.AUTHORIZATION),
        ({"authorization": (f"pomerium  {A}",)}, A, Source.AUTHORIZATION),
        ({"authorization": (f"Bearer Pomerium-{A}",)}, A, Source.AUTHORIZATION),
        ({"authorization": (f"bearer pomerium-{A}",)}, A, Source.AUTHORIZATION),
        ({"authorization": (f"Pomerium\t{A}",)}, A, Source.AUTHORIZATION),
        ({"authorization": (f"Bearer\t Pomerium-{A}",)}, A, Source.AUTHORIZATION),
    ],
)
def test_where_a_credential_may_stand(headers: dict[str, tuple[str, ...]], token: str, source: Source) -> None:
    credential = read_credential(headers, COOKIE)
    assert isinstance(credential, Presented)
    assert (credential.token.reveal_text(), credential.source) == (token, source)
    assert token not in repr(credential)


@pytest.mark.parametrize(
    "headers",
    [
        {},
        {"cookie": (f"pomerium={A}; x__Host-_pomerium={A}; __host-_pomerium={A}",)},
        {"authorization": (f"Bearer {A}",)},
        {"authorization": ("Bearer eyJhbGciOiJub25lIn0.e30.",)},
        {"authorization": (f"Basic {A}",)},
        {"authorization": ("Pomerium",)},
        {"proxy-authorization": (f"Pomerium {A}",)},
    ],
)
def test_what_is_none_of_ours(headers: dict[str, tuple[str, ...]]) -> None:
    assert read_credential(headers, COOKIE) is None


@pytest.mark.parametrize(
    "headers",
    [
        {"cookie": (f"__Host-_pomerium={A}; __Host-_pomerium={B}",)},
        {"cookie": (f"__Host-_pomerium={B}; __Host-_pomerium={A}",)},
        {"cookie": (f"__Host-_pomerium={A}; __Host-_pomerium={A}",)},
        {"cookie": (f"__Host-_pomerium={A}", f"__Host-_pomerium={B}")},
        {"cookie": (f"__Host-_pomerium={A},__Host-_pomerium={B}",)},
        {"cookie": ("__Host-_pomerium=",)},
        {"cookie": ("__Host-_pomerium=\udcff\udcfe",)},
        {"cookie": (f"__Host-_pomerium={A[:20]}",)},
        {"cookie": ("__Host-_pomerium=" + "A" * 5000,)},
        {"cookie": (f'__Host-_pomerium="{A}"',)},
        {"cookie": ("__Host-_pomerium=x",), "authorization": (f"Pomerium {A}",)},
        {"x-pomerium-authorization": (A, B)},
        {"x-pomerium-authorization": (f"{A},{B}",)},
        {"authorization": (f"Pomerium {A} {B}",)},
        {"authorization": (f"Pomerium {A}\n",), "x-pomerium-authorization": ("",)},
    ],
)
def test_an_unusable_credential_is_never_made_good_by_another(headers: dict[str, tuple[str, ...]]) -> None:
    assert isinstance(read_credential(headers, COOKIE), Unusable)


@pytest.mark.parametrize(
    ("authorization", "ours"),
    [
        (f"Pomerium {A}", True),
        ("POMERIUM x", True),
        ("Bearer Pomerium-x", True),
        (" Bearer  Pomerium-x", True),
        ("Bearer\tPomerium-x", True),
        ("Pomerium\tx", True),
        ("Bearer x", False),
        ("Basic Pomerium-x", False),
        ("Pomerium-x", False),
    ],
)
def test_whose_authorization_it_is(authorization: str, ours: bool) -> None:
    assert is_ours(authorization) is ours


@pytest.mark.parametrize(
    ("values", "two"),
    [
        ((), False),
        (("Basic YTpi",), False),
        (("Bearer a.b.c",), False),
        (('Digest username="a, Bearer b", realm="r", uri="/", nc=00000001, cnonce="x"',), False),
        (("AWS4-HMAC-SHA256 Credential=a/b, SignedHeaders=host;date, Signature=x",), False),
        (("Basic YTpi", "Bearer x"), True),
        (("Basic YTpi,Bearer x",), True),
        (("Basic YTpi, Bearer x",), True),
        ((f"Bearer x,Pomerium {A}",), True),
        (('Digest username="a", realm="r",Bearer x',), True),
    ],
)
def test_two_authorizations(values: tuple[str, ...], two: bool) -> None:
    assert has_two_authorizations({"authorization": values} if values else {}) is two


@pytest.mark.parametrize(
    ("claims", "acr", "amr", "at"),
    [
        ({}, "", (), None),
        (
            {"acr": ("gold",), "amr": ("pwd", "otp"), "auth_time": ("1800000000",)},
            "gold",
            ("pwd", "otp"),
            datetime(2027, 1, 15, 8, tzinfo=UTC),
        ),
        ({"auth_time": ("soon",)}, "", (), None),
        ({"auth_time": ("1e300",)}, "", (), None),
        ({"auth_time": ("nan",)}, "", (), None),
    ],
)
def test_how_and_when_somebody_signed_in(
    claims: Mapping[str, tuple[str, ...]], acr: str, amr: tuple[str, ...], at: datetime | None
) -> None:
    begin = datetime(2027, 1, 15, tzinfo=UTC)
    session = Session("s", "alice", "https://id", "main", begin, begin, begin, claims)
    identity = identity_of(KnownSession(session, User("https://id", "alice")))
    assert (identity.acr, identity.amr, identity.authenticated_at) == (acr, amr, at)
