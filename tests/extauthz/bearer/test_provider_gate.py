from datetime import timedelta

from extauthz.bearer.provider_gate import WAITING, ProviderGate
from extauthz.oidc.errors import ProviderUnavailable
from tests.extauthz.oidc.fake_provider import NOW


def is_open(gate: ProviderGate, seconds: float) -> bool:
    try:
        gate.enter(NOW + timedelta(seconds=seconds))
    except ProviderUnavailable:
        return False
    return True


def test_it_is_open_until_the_provider_is_silent() -> None:
    gate = ProviderGate()
    assert all(is_open(gate, 0) for _ in range(100))
    gate.silent(NOW)
    assert not is_open(gate, 0.999)
    assert is_open(gate, 1)


def test_one_at_a_time_tries_again_and_the_pause_doubles() -> None:
    gate, moment, pauses = ProviderGate(), 0.0, []
    gate.silent(NOW)
    for _ in range(8):
        began = moment
        while not is_open(gate, moment):
            moment += 0.5
        assert not is_open(gate, moment)
        pauses.append(moment - began)
        gate.silent(NOW + timedelta(seconds=moment))
    assert pauses == [1, 2, 4, 8, 16, 30, 30, 30]


def test_an_answer_opens_it() -> None:
    gate = ProviderGate()
    for _ in range(5):
        gate.silent(NOW)
    gate.answered()
    assert is_open(gate, 0)
    gate.silent(NOW)
    assert is_open(gate, 1)


def test_only_so_many_wait() -> None:
    gate = ProviderGate()
    assert [is_open(gate, 0) for _ in range(WAITING + 1)] == [True] * WAITING + [False]
    gate.leave()
    assert [is_open(gate, 0) for _ in range(2)] == [True, False]
