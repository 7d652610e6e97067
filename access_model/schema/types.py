"""The types of values in the file. Every scalar arrives as text."""

import re
from dataclasses import dataclass
from datetime import timedelta
from typing import Annotated, Any

from pydantic import BeforeValidator
from pydantic_core import PydanticCustomError

from access_model.durations import read_duration


@dataclass(frozen=True, slots=True)
class Shown:
    """How the reference names a type."""

    name: str
    """The name, for people."""


def parse_duration(value: Any) -> timedelta:
    """Read a duration in Go's notation (`30s`, `1h30m`, `0`)."""
    if isinstance(value, timedelta):
        return value
    try:
        duration = read_duration(value) if isinstance(value, str) else None
    except OverflowError:
        raise PydanticCustomError(
            "bad-duration",
            "`{given}` is longer than ten years",
            {"given": shown(value), "remedy": "write a shorter one"},
        ) from None
    if duration is None:
        raise PydanticCustomError(
            "bad-duration",
            "`{given}` is not a duration",
            {"given": shown(value), "remedy": "write `30s`, `1h30m` or `0s`"},
        )
    return duration


def one_or_more(value: Any) -> Any:
    """Take a single text for a list of one."""
    return [value] if isinstance(value, str) else value


def words(value: Any) -> Any:
    """Take a text for the list of its words, between which stand commas or blanks."""
    return (
        re.split(r"[,\s]+", value.strip(", \t\r\n"))
        if isinstance(value, str) and value.strip(", \t\r\n")
        else value or []
    )


def claim_headers(value: Any) -> Any:
    """Take a list of claims, or their words in a text, for the headers `x-pomerium-claim-<claim>`."""
    if isinstance(value, dict):
        return value
    claims = words(value)
    if isinstance(claims, list) and all(isinstance(claim, str) for claim in claims):
        return {f"x-pomerium-claim-{claim}": claim for claim in claims}
    raise PydanticCustomError(
        "bad-claim-headers",
        "the claim headers are neither a mapping of headers to claims nor a list of claims",
        {"remedy": "write `{X-Email: email}` or `[email, groups]`"},
    )


def shown(value: Any) -> str:
    """The operator's words, short enough for a message."""
    text = value if isinstance(value, str) else f"a {kind_of(value)}"
    return text if len(text) <= 80 else text[:77] + "..."


def kind_of(value: Any) -> str:
    """What a value is, for people."""
    return {"dict": "mapping", "list": "list", "str": "text"}.get(type(value).__name__, "value")


Duration = Annotated[timedelta, BeforeValidator(parse_duration), Shown("duration")]
Texts = Annotated[list[str], BeforeValidator(one_or_more), Shown("list of texts, or one")]
Words = Annotated[list[str], BeforeValidator(words), Shown("list of words, or a text of them")]
ClaimValues = Annotated[dict[str, Texts], Shown("mapping of claim to value or values")]
ClaimHeaders = Annotated[
    dict[str, str], BeforeValidator(claim_headers), Shown("mapping of header to claim, or list of claims")
]
Headers = Annotated[dict[str, str], Shown("mapping of header to value")]
Parameters = Annotated[dict[str, str], Shown("mapping of name to value")]
SecretText = Annotated[str, Shown("secret")]
FileName = Annotated[str, Shown("file name")]
