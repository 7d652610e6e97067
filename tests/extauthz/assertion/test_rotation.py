"""The phases of signing keys, with a clock that is wound forward."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from itertools import count

from extauthz.assertion.claims import LIFETIME
from extauthz.assertion.rotation import (
    HEARD_WITHIN,
    JWKS_MAX_AGE,
    SHOWN_AFTER,
    SHOWN_BEFORE,
    exchanged,
    kept_up,
    may_sign_from,
    signing_order,
)
from session_store.records import KeyPhase, SigningKey
from tests.session_store.samples import DAY, HOUR, MINUTE, NOW, SECOND, signing_key

PERIOD = 30 * DAY


@dataclass
class Keys:
    """The keys of one installation, and its clock."""

    kept: Sequence[SigningKey] = ()
    now: datetime = NOW
    numbers: "count[int]" = field(default_factory=count)

    def fresh(self) -> SigningKey:
        return signing_key(str(next(self.numbers)), self.now)

    def keep_up(self, period: timedelta | None = PERIOD) -> dict[str, KeyPhase]:
        self.kept = kept_up(self.kept, self.now, self.fresh, period)
        return self.phases()

    def exchange(self, *, leaked: bool = False) -> dict[str, KeyPhase]:
        self.kept = exchanged(self.kept, self.now, self.fresh, leaked=leaked)
        return self.phases()

    def phases(self) -> dict[str, KeyPhase]:
        return {key.kid: key.phase for key in signing_order(self.kept)}


CURRENT, NEXT, PREVIOUS = KeyPhase.CURRENT, KeyPhase.NEXT, KeyPhase.PREVIOUS


def started(then: Callable[[Keys], object] = lambda _: None) -> Keys:
    keys = Keys()
    keys.keep_up()
    then(keys)
    return keys


def test_at_the_first_start_one_key_signs_and_the_next_is_shown() -> None:
    assert Keys().keep_up() == {"kid-0": CURRENT, "kid-1": NEXT}


def test_nothing_changes_before_the_period_is_over() -> None:
    keys = started()
    before = keys.kept
    keys.now += PERIOD - SECOND
    keys.keep_up()
    assert keys.kept == before


def test_behind_the_period_the_next_key_signs_and_another_one_is_shown() -> None:
    keys = started()
    keys.now += PERIOD
    assert keys.keep_up() == {"kid-1": CURRENT, "kid-2": NEXT, "kid-0": PREVIOUS}


def test_without_a_period_nothing_is_exchanged_by_itself() -> None:
    keys = started()
    keys.now += 1000 * DAY
    assert keys.keep_up(None) == {"kid-0": CURRENT, "kid-1": NEXT}


def test_the_previous_key_is_shown_until_what_it_signed_has_run_out() -> None:
    keys = started()
    keys.now += PERIOD
    keys.keep_up()
    # the last replica hears of it late, and signs with the old key until then
    last_signed_runs_out = keys.now + HEARD_WITHIN + LIFETIME
    keys.now = last_signed_runs_out + JWKS_MAX_AGE
    assert keys.keep_up()["kid-0"] is PREVIOUS
    keys.now = NOW + PERIOD + SHOWN_AFTER
    assert "kid-0" not in keys.keep_up()


def test_no_key_signs_that_was_not_shown_for_longer_than_verifiers_remember() -> None:
    keys = started()
    assert keys.exchange() == {"kid-0": CURRENT, "kid-1": NEXT}
    keys.now += SHOWN_BEFORE - SECOND
    assert keys.exchange() == {"kid-0": CURRENT, "kid-1": NEXT}
    assert may_sign_from(keys.kept) == keys.now + SECOND
    keys.now += SECOND
    assert keys.exchange() == {"kid-1": CURRENT, "kid-2": NEXT, "kid-0": PREVIOUS}
    assert keys.exchange() == {"kid-1": CURRENT, "kid-2": NEXT, "kid-0": PREVIOUS}
    assert SHOWN_BEFORE > JWKS_MAX_AGE


def test_a_period_shorter_than_that_waits_too() -> None:
    keys = started()
    signed: list[str] = []
    while keys.now < NOW + HOUR:
        keys.now += SECOND
        keys.keep_up(period=10 * SECOND)
        (current,) = (key for key in keys.kept if key.phase is CURRENT)
        if current.kid not in signed:
            signed.append(current.kid)
            assert current.kid == "kid-0" or keys.now - current.created >= SHOWN_BEFORE
    assert len(signed) == HOUR // SHOWN_BEFORE + 1


def test_a_leaked_key_is_withdrawn_at_once_and_an_older_one_stays_its_time() -> None:
    keys = started()
    keys.now += PERIOD
    keys.keep_up()
    keys.now += SHOWN_BEFORE
    assert keys.exchange(leaked=True) == {"kid-2": CURRENT, "kid-3": NEXT, "kid-0": PREVIOUS}


def test_where_the_current_key_is_lost_the_next_one_signs() -> None:
    keys = started(lambda each: setattr(each, "kept", [key for key in each.kept if key.phase is NEXT]))
    assert keys.keep_up() == {"kid-1": CURRENT, "kid-2": NEXT}


def test_a_store_from_before_there_were_phases_is_completed() -> None:
    keys = Keys([replace(signing_key("old", NOW - DAY), signs_from=NOW - DAY)])
    assert keys.keep_up() == {"kid-old": CURRENT, "kid-0": NEXT}


def test_keeping_up_twice_is_keeping_up_once() -> None:
    keys = started()
    for step in (MINUTE, PERIOD, MINUTE, SHOWN_AFTER):
        keys.now += step
        keys.keep_up()
        before = keys.kept
        keys.keep_up()
        assert keys.kept == before
