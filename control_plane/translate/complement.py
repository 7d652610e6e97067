"""A regular expression for every string but a few, for engines without lookahead (RE2)."""

import re
from collections.abc import Iterable


def everything_but(words: Iterable[str]) -> str:
    r"""Build an expression that fully matches exactly the strings, without line breaks, that are not in `words`.

    The words form a tree of letters. At each node a string leaves the tree by ending where no word ends, by a letter
    that no word has there, or further down: `everything_but(["a"])` is `(?:|[^a].*|a.+)`.
    """
    return _complement(frozenset(words))


def _complement(words: frozenset[str]) -> str:
    if not words:
        return ".*"
    if words == {""}:
        return ".+"
    letters = sorted({word[0] for word in words if word})
    leaves = [] if "" in words else [""]
    leaves.append(f"[^{''.join(map(re.escape, letters))}].*")
    for letter in letters:
        rest = frozenset(word[1:] for word in words if word.startswith(letter))
        leaves.append(re.escape(letter) + _complement(rest))
    return f"(?:{'|'.join(leaves)})"
