"""What stands behind a criterion's word in a policy, and how it is refused when it makes no sense."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, tzinfo
from difflib import get_close_matches
from typing import Any, NoReturn, TypeAlias
from zoneinfo import ZoneInfo

from access_model.policy.tree import Leaf

Step = str | int
Data: TypeAlias = "dict[str, Data] | list[Data] | str | None"
"""A part of the document: every scalar is the text that was written, and null is None."""

LONGEST_SHOWN = 60


class DataInvalid(Exception):
    """One criterion's data cannot be used."""

    def __init__(
        self, code: str, message: str, remedy: str, *, at: tuple[Step, ...] = (), suggestion: str | None = None
    ) -> None:
        super().__init__(message)
        self.code = code
        self.message = message
        self.remedy = remedy
        self.at = at
        """The way from the criterion to the value."""
        self.suggestion = suggestion


@dataclass(frozen=True, slots=True)
class Given:
    """A criterion as it was written, with what its meaning depends on around it."""

    data: Data
    """What stands behind the word."""
    sub_path: str = ""
    """What follows the word's first slash: `department` in `claim/department`."""
    opens: bool = True
    """Whether it lets somebody in when it holds; false where its holding shuts somebody out. What is many-valued then
    needs only one value to hold, so that nobody passes by sending a further one."""
    zone: tzinfo | None = UTC
    """The policy's time zone: that of its `time_of_day`, UTC without one; None where it names several."""


Reader = Callable[[Given], Leaf]
"""Makes a criterion of what was written. Raises `DataInvalid`."""


def text_of(data: Data, *at: Step) -> str:
    """A text that is not empty."""
    if not isinstance(data, str) or data == "":
        raise DataInvalid("bad-text", f"{shown(data)} is not a text", "write one plain value", at=at)
    return data


def texts_of(data: Data, *at: Step) -> tuple[str, ...]:
    """A text, or a list of them that is not empty."""
    if isinstance(data, list) and data:
        return tuple(text_of(each, *at, index) for index, each in enumerate(data))
    if isinstance(data, list):
        raise DataInvalid("empty-list", "the list is empty", "write at least one value", at=at)
    return (text_of(data, *at),)


def mapping_of(data: Data, known: tuple[str, ...], example: str) -> Mapping[str, Data]:
    """A mapping that is not empty and has none but the known keys; `example` is what the remedy shows."""
    if not isinstance(data, dict) or not data:
        raise DataInvalid("bad-mapping", f"{shown(data)} is not a mapping", f"write `{example}`")
    for key in data:
        if key not in known:
            refuse_word(key, known, "key", at=(key,))
    return data


def zone_of(data: Data, *at: Step) -> ZoneInfo:
    """A time zone by its IANA name."""
    name = text_of(data, *at)
    try:
        return ZoneInfo(name)
    except (ValueError, OSError, LookupError):
        remedy = "write an IANA name such as `Europe/Berlin`, or `UTC`"
        raise DataInvalid("unknown-timezone", f"the time zone `{name}` is unknown", remedy, at=at) from None


def refuse_word(word: str, known: Sequence[str], kind: str, *, at: tuple[Step, ...] = ()) -> NoReturn:
    """Raise `DataInvalid` for a word that is not among the known ones, with the nearest of them."""
    nearest = next(iter(get_close_matches(word, known, n=1)), None)
    choices = "write one of " + ", ".join(f"`{each}`" for each in known)
    remedy = f"did you mean `{nearest}`?" if nearest else choices
    raise DataInvalid(f"unknown-{kind}", f"the {kind} `{word}` is unknown", remedy, at=at, suggestion=nearest)


def shown(data: Any) -> str:
    """The operator's words, short enough for a message."""
    match data:
        case None | "":
            return "nothing"
        case str():
            return f"`{data if len(data) <= LONGEST_SHOWN else data[: LONGEST_SHOWN - 3] + '...'}`"
        case dict():
            return "a mapping"
    return "a list"
