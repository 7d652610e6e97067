"""Tokens that open nothing: counted by client, without harm to a program that has a good one."""

from access_model.forwarding import RateLimit
from extauthz.limits import Limits, limits, presented_token
from tests.session_store.samples import HOUR, MINUTE, NOW

LIMIT = RateLimit(requests=3, interval=MINUTE, burst=3)
ANNA = "192.0.2.1"
GOOD, BAD = b"good", b"bad"


def exhausted() -> Limits:
    made = Limits()
    for _ in range(3):
        assert made.wait_for_token(BAD, ANNA, LIMIT, NOW) is None
        made.failed(BAD, ANNA, LIMIT, NOW)
    return made


def test_after_too_many_failures_the_next_token_waits() -> None:
    made = exhausted()
    assert made.wait_for_token(BAD, ANNA, LIMIT, NOW) == MINUTE / 3
    assert made.wait_for_token(b"another", ANNA, LIMIT, NOW) == MINUTE / 3
    assert made.wait_for_token(BAD, ANNA, LIMIT, NOW + MINUTE / 3) is None


def test_who_presents_no_token_or_comes_from_elsewhere_need_not() -> None:
    made = exhausted()
    assert made.wait_for_token(None, ANNA, LIMIT, NOW) is None
    assert made.wait_for_token(BAD, "192.0.2.2", LIMIT, NOW) is None


def test_a_token_that_was_accepted_lately_goes_on_behind_the_same_address() -> None:
    made = exhausted()
    made.accepted(GOOD, NOW)
    assert made.wait_for_token(GOOD, ANNA, LIMIT, NOW) is None
    assert made.wait_for_token(GOOD, ANNA, RateLimit(1, 9 * HOUR, 1), NOW + limits.GOOD_FOR) is not None


def test_a_token_that_was_good_once_and_fails_counts_as_any_other() -> None:
    made = exhausted()
    made.accepted(GOOD, NOW)
    made.failed(GOOD, ANNA, LIMIT, NOW)
    assert made.wait_for_token(GOOD, ANNA, LIMIT, NOW) is not None


def test_good_tokens_are_remembered_in_bounded_memory() -> None:
    made = Limits()
    for number in range(limits.TOKENS_KEPT + 10):
        made.accepted(number.to_bytes(4, "big"), NOW)
    assert len(made._accepted) == limits.TOKENS_KEPT


def test_a_token_is_known_by_a_hash_for_one_host() -> None:
    here = presented_token({"authorization": ("Pomerium x",)}, "app.example.com")
    assert here is not None
    assert b"x" not in here or len(here) == 32
    assert here != presented_token({"authorization": ("Pomerium x",)}, "other.example.com")
    assert here != presented_token({"authorization": ("Pomerium", "x")}, "app.example.com")
    assert presented_token({"cookie": ("a=b",)}, "app.example.com") is None
