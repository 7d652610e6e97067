"""Comparing what a request carries with what a policy names; always case-sensitive, for folding lets strangers in."""

from collections.abc import Callable, Collection
from dataclasses import dataclass
from typing import ClassVar, Protocol

from access_model.policy.data import Data, DataInvalid, Step, refuse_word, shown, text_of, texts_of


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
class _OneText:
    """A test against one text."""

    text: str
    """The text."""
    word: ClassVar[str] = ""

    def __str__(self) -> str:
        return f"{self.word} {self.text}" if self.word else self.text


class Is(_OneText):
    """`is`: exactly this text; what a bare scalar means."""

    __slots__ = ()

    def matches(self, value: str) -> bool:
        """Tell whether the value is the text."""
        return value == self.text


class Not(_OneText):
    """`not`: any other text."""

    __slots__ = ()
    word = "not"

    def matches(self, value: str) -> bool:
        """Tell whether the value is something else."""
        return value != self.text


class StartsWith(_OneText):
    """`starts_with`: begins with this text."""

    __slots__ = ()
    word = "starts_with"

    def matches(self, value: str) -> bool:
        """Tell whether the value begins so."""
        return value.startswith(self.text)


class EndsWith(_OneText):
    """`ends_with`: ends with this text."""

    __slots__ = ()
    word = "ends_with"

    def matches(self, value: str) -> bool:
        """Tell whether the value ends so."""
        return value.endswith(self.text)


class Contains(_OneText):
    """`contains`: has this text in it."""

    __slots__ = ()
    word = "contains"

    def matches(self, value: str) -> bool:
        """Tell whether the text is in the value."""
        return self.text in value


class Has(_OneText):
    """`has`: the list contains this text; what a bare scalar means for lists."""

    __slots__ = ()

    def matches(self, values: Collection[str]) -> bool:
        """Tell whether the text is among the values."""
        return self.text in values


class IsOnly(_OneText):
    """`is`, of a list: exactly this one value."""

    __slots__ = ()
    word = "is"

    def matches(self, values: Collection[str]) -> bool:
        """Tell whether the text is the only value."""
        return len(values) == 1 and self.text in values


class Exclude(_OneText):
    """`exclude`: the list does not contain this text."""

    __slots__ = ()
    word = "exclude"

    def matches(self, values: Collection[str]) -> bool:
        """Tell whether the text is not among the values."""
        return self.text not in values


@dataclass(frozen=True, slots=True)
class In:
    """`in`: one of these texts."""

    texts: frozenset[str]
    """The texts."""

    def matches(self, value: str) -> bool:
        """Tell whether the value is one of them."""
        return value in self.texts

    def __str__(self) -> str:
        return "in " + ", ".join(sorted(self.texts))


@dataclass(frozen=True, slots=True)
class NotIn:
    """`not_in`: none of these texts."""

    texts: frozenset[str]
    """The texts."""

    def matches(self, value: str) -> bool:
        """Tell whether the value is none of them."""
        return value not in self.texts

    def __str__(self) -> str:
        return "not_in " + ", ".join(sorted(self.texts))


@dataclass(frozen=True, slots=True)
class AllTexts:
    """Several tests on one value; all must pass."""

    tests: tuple[TextMatch, ...]
    """The tests."""

    def matches(self, value: str) -> bool:
        """Tell whether all pass."""
        return all(test.matches(value) for test in self.tests)

    def __str__(self) -> str:
        return " and ".join(map(str, self.tests))


@dataclass(frozen=True, slots=True)
class AllLists:
    """Several tests on one list; all must pass."""

    tests: tuple[ListMatch, ...]
    """The tests."""

    def matches(self, values: Collection[str]) -> bool:
        """Tell whether all pass."""
        return all(test.matches(values) for test in self.tests)

    def __str__(self) -> str:
        return " and ".join(map(str, self.tests))


_TEXT: dict[str, Callable[[str], TextMatch]] = {
    "is": Is,
    "not": Not,
    "starts_with": StartsWith,
    "ends_with": EndsWith,
    "contains": Contains,
}
_SETS: dict[str, Callable[[frozenset[str]], TextMatch]] = {"in": In, "not_in": NotIn}
_LIST: dict[str, Callable[[str], ListMatch]] = {"has": Has, "is": IsOnly, "exclude": Exclude}
TEXT_OPERATORS = (*_TEXT, *_SETS)
"""The operators of a String."""
LIST_OPERATORS = tuple(_LIST)
"""The operators of a StringList."""


def read_text_match(data: Data, *at: Step) -> TextMatch:
    """Read a String: a text means `is`; several operators must all pass. Raises `DataInvalid`."""
    if isinstance(data, str):
        return Is(text_of(data, *at))
    operators = _operators(data, TEXT_OPERATORS, "is", "in", at)
    tests = tuple(read_text_test(word, value, *at) for word, value in operators.items())
    return tests[0] if len(tests) == 1 else AllTexts(tests)


def read_text_test(word: str, value: Data, *at: Step) -> TextMatch:
    """Read one operator of a String with its value. Raises `DataInvalid`."""
    if word in _SETS:
        return _SETS[word](frozenset(texts_of(value, *at, word)))
    return _TEXT[word](text_of(value, *at, word))


def read_list_match(data: Data, *at: Step) -> ListMatch:
    """Read a StringList: a text means `has`; several operators must all pass. Raises `DataInvalid`."""
    if isinstance(data, str):
        return Has(text_of(data, *at))
    operators = _operators(data, LIST_OPERATORS, "has", None, at)
    tests = tuple(_LIST[word](text_of(value, *at, word)) for word, value in operators.items())
    return tests[0] if len(tests) == 1 else AllLists(tests)


def _operators(
    data: Data, known: tuple[str, ...], plain: str, several: str | None, at: tuple[Step, ...]
) -> dict[str, Data]:
    if not isinstance(data, dict) or not data:
        listed = several and isinstance(data, list)
        remedy = f"write `{{{several}: [...]}}`" if listed else f"write a text, or `{{{plain}: ...}}`"
        raise DataInvalid("bad-matcher", f"{shown(data)} is nothing to compare with", remedy, at=at)
    for word in data:
        if word not in known:
            refuse_word(word, known, "operator", at=(*at, word))
    return data
