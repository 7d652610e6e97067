"""When a session has to be renewed."""

from dataclasses import replace
from datetime import datetime, timedelta

import pytest

from access_model.secret import Secret
from extauthz.refresh.due import GRACE, PROFILE_EVERY, is_beyond_grace, is_due, is_late, put_off, renewal_of
from session_store.records import Renewal, Session, Tokens
from tests.session_store.samples import HOUR, MINUTE, NOW, SECOND, session


def held(lifetime: timedelta | None, *, refresh: bool = True) -> Tokens:
    """Tokens whose access token lasts so long."""
    refresh_token = Secret.of("r") if refresh else None
    return Tokens(Secret.of("a"), refresh_token, None, None if lifetime is None else NOW + lifetime)


def exp(end: datetime) -> dict[str, tuple[str, ...]]:
    """Claims of an ID token that ends then."""
    return {"exp": (str(int(end.timestamp())),)}


@pytest.mark.parametrize(
    ("lifetime", "due"), [(HOUR, HOUR - MINUTE), (2 * MINUTE, 90 * SECOND), (4 * SECOND, 3 * SECOND)]
)
def test_tokens_are_due_a_minute_before_their_end_or_their_last_quarter(lifetime: timedelta, due: timedelta) -> None:
    assert renewal_of(held(lifetime), {}, NOW).tokens_due == NOW + due


def test_the_id_token_s_end_counts_where_it_comes_first() -> None:
    whole = NOW.replace(microsecond=0)
    assert renewal_of(held(2 * HOUR), exp(whole + HOUR), whole).tokens_due == whole + HOUR - MINUTE
    assert renewal_of(held(None), exp(whole + HOUR), whole).tokens_due == whole + HOUR - MINUTE


@pytest.mark.parametrize("claims", [{}, {"exp": ()}, {"exp": ("soon",)}, {"exp": ("1e999",)}])
def test_tokens_without_an_end_are_never_due(claims: dict[str, tuple[str, ...]]) -> None:
    assert renewal_of(held(None), claims, NOW) == Renewal(None, NOW + PROFILE_EVERY)


def test_without_a_refresh_token_the_profile_is_asked_for_while_the_access_token_lasts() -> None:
    assert renewal_of(held(HOUR, refresh=False), {}, NOW) == Renewal(None, NOW + PROFILE_EVERY)
    assert renewal_of(held(MINUTE, refresh=False), {}, NOW) == Renewal(None, None)
    assert renewal_of(held(HOUR), {}, NOW, profile=False).profile_due is None


def test_pauses_double_up_to_five_minutes_and_touch_only_what_is_due() -> None:
    renewal = Renewal(NOW, NOW + HOUR)
    pauses = []
    for _ in range(8):
        renewal = put_off(renewal, NOW)
        assert renewal.tokens_due
        pauses.append((renewal.tokens_due - NOW).total_seconds())
    assert pauses == [5, 10, 20, 40, 80, 160, 300, 300]
    assert (renewal.profile_due, renewal.failures) == (NOW + HOUR, 8)


def a_session(tokens_due: datetime | None, access_expires: datetime | None) -> Session:
    tokens = replace(session().tokens, access_expires=access_expires)
    return replace(session(), tokens=tokens, renewal=Renewal(tokens_due))


def test_what_is_due_is_late_once_the_access_token_has_ended_or_after_a_minute() -> None:
    due = a_session(NOW, NOW + 10 * SECOND)
    assert not is_due(due, NOW - SECOND)
    assert is_due(due, NOW)
    assert not is_late(due, NOW + 9 * SECOND)
    assert is_late(due, NOW + 10 * SECOND)
    assert not is_late(a_session(NOW, None), NOW + 59 * SECOND)
    assert is_late(a_session(NOW, None), NOW + MINUTE)
    assert not is_late(a_session(None, NOW), NOW + HOUR)


def test_the_grace_ends_behind_the_access_token() -> None:
    due = a_session(NOW, NOW)
    assert not is_beyond_grace(due, NOW + GRACE - SECOND)
    assert is_beyond_grace(due, NOW + GRACE)
    assert not is_beyond_grace(a_session(None, NOW), NOW + 2 * GRACE)
