"""The expression for every string but a few, in the engine that Envoy uses and in Python's own."""

import re

import pytest
import re2
from hypothesis import given
from hypothesis import strategies as st

from control_plane.translate.complement import everything_but

SHORT = st.text("ab-.", max_size=4)


@given(st.sets(SHORT, max_size=4), SHORT)
def test_it_matches_exactly_what_is_not_among_the_words(words: set[str], text: str) -> None:
    expression = everything_but(words)
    expected = text not in words
    assert (re.fullmatch(expression, text) is not None) is expected
    assert (re2.fullmatch(expression, text) is not None) is expected


@pytest.mark.parametrize("text", ["", "authorizatio", "authorization", "authorizationx", "Authorization", "x"])
def test_near_misses_of_a_word(text: str) -> None:
    assert (re.fullmatch(everything_but(["authorization"]), text) is None) is (text == "authorization")


def test_the_example_of_the_docstring() -> None:
    assert everything_but(["a"]) == "(?:|[^a].*|a.+)"
