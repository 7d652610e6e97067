"""The check use case: facts, store, decision, answer."""

from extauthz.check.answer import Answer, Pass
from extauthz.check.malformed import Malformed
from extauthz.check.use_case import Check

__all__ = ["Answer", "Check", "Malformed", "Pass"]
