"""What is sealed into cookies and URLs opens again where it belongs, and nothing else does."""

import pytest

from extauthz.sealed_text import MAX_TEXT, NONCE_BYTES, open_text, seal_text

KEY, PLACE, NONCE = b"k" * 32, b"here", b"n" * NONCE_BYTES
SEALED = seal_text(KEY, {"a": 1}, PLACE, NONCE)


def test_it_opens_where_it_was_sealed_for_and_nowhere_else() -> None:
    assert open_text(KEY, SEALED, PLACE) == {"a": 1}
    assert open_text(KEY, SEALED, b"there") is None
    assert open_text(b"x" * 32, SEALED, PLACE) is None


@pytest.mark.parametrize("text", ["", "=", "é", "A", SEALED[:-1], SEALED + "A", "A" * 60_000])
def test_what_was_not_sealed_here_does_not_open(text: str) -> None:
    assert open_text(KEY, text, PLACE) is None


def test_what_is_longer_than_any_cookie_is_not_even_tried() -> None:
    long = seal_text(KEY, {"a": "x" * MAX_TEXT}, PLACE, NONCE)
    assert len(long) > MAX_TEXT
    assert open_text(KEY, long, PLACE) is None
