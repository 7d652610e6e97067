"""The collector rests while a configuration is read, and is there again afterwards, whatever happened."""

import gc

import pytest

from service_kit.garbage import uncollected


def test_the_collector_rests_within_the_block_alone() -> None:
    with uncollected():
        assert not gc.isenabled()
        with uncollected():
            pass
        assert not gc.isenabled()
    assert gc.isenabled()


def test_it_is_back_after_an_error() -> None:
    with pytest.raises(ValueError, match="wrong"), uncollected():
        raise ValueError("wrong")
    assert gc.isenabled()


def test_what_was_made_for_good_is_not_looked_through_again() -> None:
    before = gc.get_freeze_count()
    try:
        with uncollected(for_good=True):
            kept = [[each] for each in range(1000)]
        assert gc.get_freeze_count() >= before + len(kept)
    finally:
        gc.unfreeze()
