"""A configuration file cut into pieces that can be parsed each by itself: one for every route, and the rest.

Parsing goes from left to right, so a piece means by itself what it means in the file if the parser comes to its
beginning in one known state: between two elements of the block sequence under `routes`. That is so for the first piece
if what stands before it is a block mapping at the left margin and ends by itself; and for each further one if the one
before it ends by itself, in one element. A cut inside a quotation, a flow collection or a block scalar leaves the first
half without an end, or the second with one too many. Whoever parses the pieces has to check this, and must parse
the whole file where a piece does not hold it.

What reaches from one piece into another is looked for here: anchors, which must be unique in a file, directives, and
marks of documents. So are characters that only the parser takes for line breaks.
"""

import re
from dataclasses import dataclass
from itertools import pairwise

_ROUTES = re.compile(r"^routes:[ \t]*(?:(?<=[ \t])#[^\n]*)?\r?\n", re.MULTILINE)
_FIRST_ITEM = re.compile(r"(?:[ \t]*(?:#[^\n]*)?\r?\n)*( *)-(?=[ \t\r\n])")
_KEY = re.compile(r"[A-Za-z_][A-Za-z0-9_]*:(?=[ \t\r\n]|\Z)")
_ANCHOR = re.compile(r"(?<![A-Za-z0-9_])&(?=[A-Za-z0-9_-])")
_OF_DOCUMENTS = ("---", "...", "%")
_OTHER_BREAKS = ("\x85", "\u2028", "\u2029", "\ufeff")


@dataclass(frozen=True, slots=True)
class Pieces:
    """A file that was cut; joined in this order, with the line `routes:` behind the head, they are the file."""

    head: str
    """What stands above `routes:`; whole lines."""
    routes: tuple[str, ...]
    """One element of `routes` each, with the comments behind it; whole lines, at least one piece."""
    tail: str
    """What stands below; empty, or a key at the left margin and what follows."""
    above_routes: int
    """Lines above the first element."""
    above_tail: int
    """Lines above the tail."""


def cut(text: str) -> Pieces | None:
    """Cut a file; None for one that is written in another way, which has to be parsed whole."""
    if _unusual(text) or (top := _ROUTES.search(text)) is None:
        return None
    if (first := _FIRST_ITEM.match(text, top.end())) is None:
        return None
    indent = first[1]
    below = re.compile(r"\n(?=[^ \t\r\n#])" if indent else r"\n(?=[^ \t\r\n#-]|-[^ \t\r\n])").search(text, first.end())
    end = below.end() if below else len(text)
    tail = text[end:]
    if tail and _KEY.match(tail) is None:
        return None
    further = re.compile(rf"\n(?={indent}-[ \t\r\n])").finditer(text, first.end(), end)
    edges = [top.end(), *(found.end() for found in further), end]
    routes = tuple(text[begin:stop] for begin, stop in pairwise(edges))
    return Pieces(text[: top.start()], routes, tail, text.count("\n", 0, top.end()), text.count("\n", 0, end))


def _unusual(text: str) -> bool:
    """Whether something in the text may reach from one piece into another."""
    return (
        text.startswith(_OF_DOCUMENTS)
        or any(f"\n{mark}" in text for mark in _OF_DOCUMENTS)
        or any(other in text for other in _OTHER_BREAKS)
        or ("\r" in text and text.count("\r") != text.count("\r\n"))
        or ("&" in text and _ANCHOR.search(text) is not None)
    )
