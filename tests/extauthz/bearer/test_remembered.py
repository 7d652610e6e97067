from datetime import datetime, timedelta

import pytest

from extauthz.bearer import remembered
from extauthz.bearer.remembered import FAILED_FOR, GOOD_FOR, REFUSED_FOR, Outcome, RememberedTokens, TokenRefused
from extauthz.oidc.errors import ProviderUnavailable, Reason
from extauthz.oidc.signed_in import SignedIn
from extauthz.oidc.vouched import Vouched
from session_store.records import Tokens
from tests.extauthz.oidc.fake_provider import ISSUER, NOW

REFUSED = TokenRefused(Reason.TOKEN_INACTIVE, "it has ended")
AWAY = ProviderUnavailable("away")


def good(expires: datetime | None = None) -> Vouched:
    return Vouched(SignedIn(ISSUER, "alice", {}, {}, Tokens()), "main", expires)


@pytest.mark.parametrize(
    ("outcome", "lasts"),
    [
        (good(), GOOD_FOR),
        (good(NOW + timedelta(hours=1)), GOOD_FOR),
        (good(NOW + timedelta(seconds=3)), timedelta(seconds=3)),
        (REFUSED, REFUSED_FOR),
        (AWAY, FAILED_FOR),
    ],
)
def test_each_outcome_is_believed_for_a_while(outcome: Outcome, lasts: timedelta) -> None:
    memory = RememberedTokens()
    memory.remember("t", outcome, NOW)
    assert memory.recall("t", NOW) is outcome
    assert memory.recall("t", NOW + lasts - timedelta(milliseconds=1)) is outcome
    assert memory.recall("t", NOW + lasts) is None
    assert memory.recall("another", NOW) is None


def test_a_token_within_the_leeway_of_its_end_is_verified_each_time() -> None:
    memory = RememberedTokens()
    memory.remember("t", good(NOW - timedelta(seconds=1)), NOW)
    assert memory.recall("t", NOW) is None


def test_half_a_minute_is_the_longest() -> None:
    assert timedelta(seconds=30) >= GOOD_FOR


def test_made_up_tokens_do_not_drive_out_good_ones(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(remembered, "GOOD_CAPACITY", 3)
    monkeypatch.setattr(remembered, "REFUSED_CAPACITY", 5)
    memory = RememberedTokens()
    memory.remember("t", good(), NOW)
    for number in range(100):
        memory.remember(number, REFUSED, NOW)
    assert memory.recall("t", NOW) is not None
    assert [number for number in range(100) if memory.recall(number, NOW)] == [95, 96, 97, 98, 99]
    for number in range(100, 103):
        memory.remember(number, good(), NOW)
    assert memory.recall("t", NOW) is None
