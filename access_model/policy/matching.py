"""Comparing what a request carries with what a policy names; always case-sensitive, for folding lets strangers in."""

from collections.abc import Collection
from dataclasses import dataclass
from typing import Protocol


class TextMatch(Protocol):
    """A test on one value."""

    def matches(self, value: str) -> bool:
        """Tell whether the value passes."""
        ...


class ListMatch(Protocol):
    """A test on a list of values."""

    def matches(self, values: Collection[str]) -> bool:
        """Tell whether the list passes."""
        ...


@dataclass(frozen=True, slots=True)
class Is:
    """`is`: exactly this text; what a bare scalar means."""

    text: str
    """The text."""

    def matches(self, value: str) -> bool:
        """Tell whether the value is the text."""
        return value == self.text

    def __str__(self) -> str:
        return self.text


@dataclass(frozen=True, slots=True)
class Has:
    """`has`: the list contains this text; what a bare scalar means for lists."""

    text: str
    """The text."""

    def matches(self, values: Collection[str]) -> bool:
        """Tell whether the text is among the values."""
        return self.text in values

    def __str__(self) -> str:
        return self.text
