"""One request under decision, with the view it is decided in."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from access_model.facts import RequestFacts
from extauthz.decide import Question
from extauthz.services import Current


@dataclass(frozen=True, slots=True)
class Case:
    """Everything that stays the same from the first look at a request to its answer."""

    question: Question
    """What Envoy asks."""
    current: Current
    """Configuration and keys, taken once."""
    now: datetime
    """When it was asked, with zone."""
    entropy: Callable[[int], bytes]
    """So many unguessable bytes."""

    @property
    def facts(self) -> RequestFacts:
        """The request."""
        return self.question.facts
