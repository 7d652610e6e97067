"""`http_path`: true for requests of a path."""

from dataclasses import dataclass

from access_model.policy.data import Given
from access_model.policy.matching import TextMatch, read_text_match
from access_model.policy.reasons import Reason
from access_model.policy.tree import Dependencies, PolicyInput, Verdict, judged


@dataclass(frozen=True, slots=True)
class HttpPath:
    """Compares the decoded and normalised path, without query."""

    match: TextMatch
    """The test on the path."""

    name = "http_path"

    @classmethod
    def read(cls, given: Given) -> "HttpPath":
        """Read a String. Raises `DataInvalid`."""
        return cls(read_text_match(given.data))

    @property
    def data(self) -> str:
        """The test, for people."""
        return str(self.match)

    @property
    def depends_on(self) -> Dependencies:
        """The path."""
        return Dependencies.PATH

    def evaluate(self, asked: PolicyInput) -> Verdict:
        """Compare the path."""
        holds = self.match.matches(asked.request.path)
        return judged(holds, Reason.HTTP_PATH_OK if holds else Reason.HTTP_PATH_UNAUTHORIZED)
