"""`header`: true when the values of a request header pass a test."""

import re
from dataclasses import dataclass

from access_model.policy.data import DataInvalid, Given, mapping_of, text_of
from access_model.policy.matching import TEXT_OPERATORS, TextMatch, read_text_match
from access_model.policy.reasons import Reason
from access_model.policy.tree import Dependencies, PolicyInput, Verdict, judged

_TOKEN = re.compile(r"[A-Za-z0-9!#$%&'*+.^_`|~-]+", re.ASCII)
_EXAMPLE = "{name: x-environment, is: production}"


@dataclass(frozen=True, slots=True)
class Header:
    """Compares each value of one header as the client sent it.

    To let somebody in, every value has to pass; to keep somebody out, one is enough. So a header that is sent twice
    never passes for the better of its values.
    """

    header: str
    """The header's name, lower case."""
    match: TextMatch
    """The test on each value."""
    every: bool = True
    """Whether every value has to pass, or one is enough."""

    name = "header"

    @classmethod
    def read(cls, given: Given) -> "Header":
        """Read `{name, <String operators>}`. Raises `DataInvalid`."""
        written = dict(mapping_of(given.data, ("name", *TEXT_OPERATORS), _EXAMPLE))
        name = text_of(written.pop("name", None), "name")
        if _TOKEN.fullmatch(name) is None:
            raise DataInvalid(
                "bad-header-name", f"`{name}` is not a header name", "use letters, digits and `-`", at=("name",)
            )
        if not written:
            raise DataInvalid("bad-matcher", "there is nothing to compare the header with", f"write `{_EXAMPLE}`")
        return cls(name.lower(), read_text_match(written), given.opens)

    @property
    def data(self) -> str:
        """Header and test, for people."""
        return f"{self.header} {self.match}"

    @property
    def depends_on(self) -> Dependencies:
        """The headers."""
        return Dependencies.HEADERS

    def evaluate(self, asked: PolicyInput) -> Verdict:
        """Compare the values; a missing header passes no test."""
        passing = [self.match.matches(value) for value in asked.request.headers.get(self.header, ())]
        holds = bool(passing) and (all(passing) if self.every else any(passing))
        return judged(holds, Reason.HEADER_OK if holds else Reason.HEADER_UNAUTHORIZED)
