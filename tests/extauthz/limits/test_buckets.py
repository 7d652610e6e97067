"""Buckets with a clock that is wound, and whom they belong to."""

from datetime import timedelta
from ipaddress import ip_address

import pytest

from access_model.forwarding import RateLimit
from extauthz.limits import Attempt, Buckets, client_of, read_address
from tests.session_store.samples import HOUR, MINUTE, NOW, SECOND

LIMIT = RateLimit(requests=6, interval=MINUTE, burst=3)
ANNA, BERT = "192.0.2.1", "192.0.2.2"


def drained(count: int = 3) -> Buckets:
    buckets = Buckets()
    for _ in range(count):
        assert buckets.take(Attempt.SIGN_IN, ANNA, LIMIT, NOW) is None
    return buckets


def test_a_burst_passes_and_the_next_one_waits_until_a_token_is_there() -> None:
    buckets = drained()
    assert buckets.take(Attempt.SIGN_IN, ANNA, LIMIT, NOW) == 10 * SECOND
    assert buckets.take(Attempt.SIGN_IN, ANNA, LIMIT, NOW + 4 * SECOND) == 6 * SECOND
    assert buckets.take(Attempt.SIGN_IN, ANNA, LIMIT, NOW + 10 * SECOND) is None
    assert buckets.take(Attempt.SIGN_IN, ANNA, LIMIT, NOW + 10 * SECOND) == 10 * SECOND


def test_waiting_takes_nothing() -> None:
    buckets = drained(2)
    for _ in range(5):
        assert buckets.wait(Attempt.SIGN_IN, ANNA, LIMIT, NOW) is None
    assert buckets.take(Attempt.SIGN_IN, ANNA, LIMIT, NOW) is None


def test_a_pause_fills_the_bucket_and_no_more_than_that() -> None:
    buckets = drained()
    for _ in range(3):
        assert buckets.take(Attempt.SIGN_IN, ANNA, LIMIT, NOW + HOUR) is None
    assert buckets.take(Attempt.SIGN_IN, ANNA, LIMIT, NOW + HOUR) is not None


def test_one_client_is_not_counted_for_another_nor_one_kind_for_another() -> None:
    buckets = drained()
    assert buckets.take(Attempt.SIGN_IN, BERT, LIMIT, NOW) is None
    assert buckets.take(Attempt.TOKEN, ANNA, LIMIT, NOW) is None


def test_a_client_whose_address_nobody_knows_is_not_counted() -> None:
    buckets = Buckets()
    assert [buckets.take(Attempt.SIGN_IN, None, LIMIT, NOW) for _ in range(100)] == [None] * 100


def test_what_is_given_back_can_be_taken_again_up_to_the_burst() -> None:
    buckets = drained()
    buckets.give_back(Attempt.SIGN_IN, ANNA, LIMIT, NOW, 100)
    for _ in range(3):
        assert buckets.take(Attempt.SIGN_IN, ANNA, LIMIT, NOW) is None
    assert buckets.take(Attempt.SIGN_IN, ANNA, LIMIT, NOW) is not None


def test_a_clock_that_is_set_back_gives_nothing_and_takes_nothing() -> None:
    assert drained().take(Attempt.SIGN_IN, ANNA, LIMIT, NOW - HOUR) == 10 * SECOND


def test_memory_is_bounded_and_the_bucket_that_rested_longest_goes_first() -> None:
    buckets = Buckets(capacity=100)
    for number in range(10_000):
        buckets.take(Attempt.SIGN_IN, f"2001:db8:0:{number:x}::/64", LIMIT, NOW)
        buckets.take(Attempt.SIGN_IN, ANNA, LIMIT, NOW)
    assert len(buckets._levels) == 100
    assert buckets.wait(Attempt.SIGN_IN, ANNA, LIMIT, NOW) is not None


def test_a_lowered_limit_counts_at_once() -> None:
    buckets = drained(1)
    strict = RateLimit(requests=1, interval=timedelta(minutes=1), burst=1)
    assert buckets.take(Attempt.SIGN_IN, ANNA, strict, NOW) is None
    assert buckets.take(Attempt.SIGN_IN, ANNA, strict, NOW) == MINUTE


@pytest.mark.parametrize(
    ("address", "client"),
    [
        ("192.0.2.1", "192.0.2.1"),
        ("2001:db8:1:2:3:4:5:6", "2001:db8:1:2::/64"),
        ("2001:db8:1:2:ffff::1", "2001:db8:1:2::/64"),
        ("2001:db8:1:3::1", "2001:db8:1:3::/64"),
        ("::ffff:192.0.2.1", "192.0.2.1"),
        ("@/run/client.sock", None),
        ("", None),
    ],
)
def test_a_network_of_ipv6_is_one_client(address: str, client: str | None) -> None:
    assert client_of(read_address(address)) == client


def test_an_address_that_was_not_read_is_taken_as_it_is() -> None:
    assert client_of(ip_address("::1")) == "::/64"
