"""Regular expressions on paths, in the dialect that Envoy speaks: RE2, whose running time is linear in the input.

A pattern that Envoy would refuse is refused when the file is read, and the same library matches here and there.
"""

from functools import lru_cache

import re2


class PatternInvalid(ValueError):
    """The text is not a regular expression in RE2's syntax; the message is the library's own."""


class Pattern:
    """A compiled expression."""

    __slots__ = ("_compiled",)

    def __init__(self, text: str) -> None:
        options = re2.Options()
        options.log_errors = False
        try:
            self._compiled = re2.compile(text, options)
        except (re2.error, UnicodeError) as error:
            raise PatternInvalid(_reason(error)) from None

    @property
    def groups(self) -> int:
        """How many groups the expression has."""
        return int(self._compiled.groups)

    def matches(self, path: str) -> bool:
        """Tell whether the expression describes the whole path; a path that is no text fits none."""
        try:
            return self._compiled.fullmatch(path) is not None
        except UnicodeEncodeError:
            return False


@lru_cache(maxsize=4096)
def compiled(text: str) -> Pattern:
    """The pattern of a text, compiled once; raises `PatternInvalid`."""
    return Pattern(text)


def _reason(error: Exception) -> str:
    first = error.args[0] if error.args else error
    return first.decode(errors="replace") if isinstance(first, bytes) else str(first)
