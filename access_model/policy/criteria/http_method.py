"""`http_method`: true for requests of a method."""

from dataclasses import dataclass

from access_model.policy.data import Given
from access_model.policy.matching import TextMatch, read_text_match
from access_model.policy.reasons import Reason
from access_model.policy.tree import Dependencies, PolicyInput, Verdict, judged


@dataclass(frozen=True, slots=True)
class HttpMethod:
    """Compares the method, which is case-sensitive (RFC 9110 section 9.1)."""

    match: TextMatch
    """The test on the method."""

    name = "http_method"

    @classmethod
    def read(cls, given: Given) -> "HttpMethod":
        """Read a String. Raises `DataInvalid`."""
        return cls(read_text_match(given.data))

    @property
    def data(self) -> str:
        """The test, for people."""
        return str(self.match)

    @property
    def depends_on(self) -> Dependencies:
        """The method."""
        return Dependencies.METHOD

    def evaluate(self, asked: PolicyInput) -> Verdict:
        """Compare the method."""
        holds = self.match.matches(asked.request.method)
        return judged(holds, Reason.HTTP_METHOD_OK if holds else Reason.HTTP_METHOD_UNAUTHORIZED)
