"""How long sessions live without use, and without their store."""

from datetime import timedelta

import pytest

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


def test_the_grace_and_the_previous_secret_change_no_decision() -> None:
    secret = "previous_shared_secret: cHJldmlvdXMgc2VjcmV0IG9mIHRoaXJ0eS10d28gYnl0ZXM="
    assert model().store_grace == timedelta(seconds=30)
    assert model(f"store_grace: 0s\n{secret}").revision == model().revision
    assert model(secret).previous_shared_secret is not None
