"""Sealed values open in one place, whole, with a key that is held, and nowhere else."""

import pytest
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from hypothesis import given
from hypothesis import strategies as st

from session_store.sealing import Sealer, UnsealFailed, bind, key_id

KEY, OTHER_KEY = b"k" * 32, b"o" * 32
NONCE = bytes(range(12))
SEALER = Sealer.single(KEY)


def test_the_bytes_are_version_key_id_nonce_ciphertext() -> None:
    sealed = SEALER.seal(b"secret", b"place", NONCE)
    assert sealed[:1] == b"\x01"
    assert sealed[1:9] == key_id(KEY)
    assert sealed[9:21] == NONCE
    assert AESGCM(KEY).decrypt(NONCE, sealed[21:], sealed[:9] + b"place") == b"secret"
    assert sealed.hex() == ("01bfc598e0fbfbfb76000102030405060708090a0b19b8975c61a4e1398cded6bb2645c9bb20ca6a894869")


def test_it_opens_where_it_was_sealed_for() -> None:
    assert SEALER.unseal(SEALER.seal(b"secret", b"place", NONCE), b"place") == b"secret"


def test_it_opens_nowhere_else() -> None:
    with pytest.raises(UnsealFailed):
        SEALER.unseal(SEALER.seal(b"secret", b"place", NONCE), b"other place")


@pytest.mark.parametrize("position", range(21 + 6 + 16))
def test_no_bit_of_it_can_change(position: int) -> None:
    sealed = bytearray(SEALER.seal(b"secret", b"place", NONCE))
    sealed[position] ^= 1
    with pytest.raises(UnsealFailed):
        SEALER.unseal(bytes(sealed), b"place")


@given(st.binary(max_size=80))
def test_arbitrary_bytes_never_open(sealed: bytes) -> None:
    with pytest.raises(UnsealFailed):
        SEALER.unseal(sealed, b"place")


@pytest.mark.parametrize("length", range(21 + 6 + 16))
def test_it_cannot_be_cut(length: int) -> None:
    with pytest.raises(UnsealFailed):
        SEALER.unseal(SEALER.seal(b"secret", b"place", NONCE)[:length], b"place")


def test_another_key_does_not_open_it() -> None:
    with pytest.raises(UnsealFailed):
        Sealer.single(OTHER_KEY).unseal(SEALER.seal(b"secret", b"place", NONCE), b"place")


def test_a_ring_seals_with_the_current_key_and_opens_what_a_previous_one_sealed() -> None:
    ring = Sealer.ring(OTHER_KEY, KEY)
    assert ring.unseal(SEALER.seal(b"old", b"place", NONCE), b"place") == b"old"
    assert Sealer.single(OTHER_KEY).unseal(ring.seal(b"new", b"place", NONCE), b"place") == b"new"


def test_a_key_prints_nowhere() -> None:
    assert repr(KEY)[2:-1] not in repr(SEALER)
    assert "keys=" not in repr(SEALER)


def test_what_cannot_seal_safely_is_refused() -> None:
    with pytest.raises(ValueError, match="32 bytes"):
        Sealer.single(b"short")
    with pytest.raises(ValueError, match="not among the keys"):
        Sealer({}, key_id(KEY))
    with pytest.raises(ValueError, match="8 bytes"):
        Sealer({b"id": KEY}, b"id")
    with pytest.raises(ValueError, match="12 bytes"):
        SEALER.seal(b"secret", b"place", b"short")


fields = st.lists(st.one_of(st.text(), st.binary()), max_size=4)


@given(fields, fields)
def test_bound_fields_are_equal_only_if_every_field_is(left: list[str | bytes], right: list[str | bytes]) -> None:
    def folded(values: list[str | bytes]) -> list[bytes]:
        return [value.encode() if isinstance(value, str) else value for value in values]

    assert (bind(*left) == bind(*right)) == (folded(left) == folded(right))


def test_bytes_moved_between_fields_bind_differently() -> None:
    assert bind("session", "1access") != bind("session1", "access")
    assert bind("a", "") != bind("a")
