"""How long sessions live without use, and without their store."""

from datetime import timedelta

import pytest

from access_model.forwarding import RateLimit
from access_model.load import load
from access_model.model import AccessModel

PUBLIC = """\
address: 127.0.0.1:8443
routes:
  - from: https://public.localhost:8443
    to: http://127.0.0.1:9000
    allow_public_unauthenticated_access: true
"""


def model(text: str = "") -> AccessModel:
    return load(PUBLIC + text, source="test.yaml", environment={}, read_file=lambda name: name.encode()).model


@pytest.mark.parametrize(
    ("text", "idle"),
    [
        ("", timedelta(hours=8)),
        ("session_idle_timeout: 1m", timedelta(minutes=1)),
        ("session_idle_timeout: 0s", None),
    ],
)
def test_idle_sessions_end_by_default(text: str, idle: timedelta | None) -> None:
    assert model(text).idle_timeout == idle


@pytest.mark.parametrize(
    ("text", "limit"),
    [
        ("", timedelta(seconds=30)),
        ("stream_recheck: 15m", timedelta(minutes=15)),
        ("stream_recheck: 0s", None),
    ],
)
def test_streams_end_with_their_sessions_within_half_a_minute_by_default(text: str, limit: timedelta | None) -> None:
    assert model(text).stream_recheck == limit


def test_clients_have_generous_limits_by_default() -> None:
    assert model().sign_in_limit == RateLimit(300, timedelta(minutes=1), 300)
    assert model().token_failure_limit == RateLimit(120, timedelta(minutes=1), 120)


def test_limits_are_what_the_operator_says_and_change_no_decision() -> None:
    text = "sign_in_rate_limit: {requests: 10, burst: 20}\ntoken_failure_rate_limit: {requests: 5, interval: 1h}\n"
    given = model(text)
    assert given.sign_in_limit == RateLimit(10, timedelta(minutes=1), 20)
    assert given.token_failure_limit == RateLimit(5, timedelta(hours=1), 5)
    assert given.revision == model().revision


def test_the_grace_and_the_previous_secret_change_no_decision() -> None:
    secret = "previous_shared_secret: cHJldmlvdXMgc2VjcmV0IG9mIHRoaXJ0eS10d28gYnl0ZXM="
    assert model().store_grace == timedelta(seconds=30)
    assert model(f"store_grace: 0s\n{secret}").revision == model().revision
    assert model(secret).previous_shared_secret is not None
