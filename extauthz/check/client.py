"""The client of a request, as far as a refusal has to know it."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Self

from extauthz.check.malformed import Malformed
from extauthz.decide import Question
from extauthz.pages import Page, Pages
from extauthz.refusals import ClientKind, Refusal, classify, refuse


@dataclass(frozen=True, slots=True)
class Client:
    """Who gets the answer."""

    method: str
    """The request's method."""
    headers: Mapping[str, tuple[str, ...]] = field(repr=False)
    """Lower-case header name to all its values."""
    request_id: str
    """Ties log lines and pages together."""

    @classmethod
    def of(cls, asked: Question | Malformed) -> Self:
        """The client of a request."""
        if isinstance(asked, Malformed):
            return cls(asked.method, asked.headers, asked.request_id)
        return cls(asked.facts.method, asked.facts.headers, asked.facts.request_id)

    @property
    def kind(self) -> ClientKind:
        """How to speak to it."""
        return classify(self.method, self.headers)

    def refused(self, pages: Pages, refusal: Refusal, nonce: str) -> Page:
        """A refusal in the form that it reads."""
        return refuse(
            pages,
            self.kind,
            refusal,
            method=self.method,
            request_id=self.request_id,
            nonce=nonce,
            content_type=next(iter(self.headers.get("content-type", ())), ""),
        )
