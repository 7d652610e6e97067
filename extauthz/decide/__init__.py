"""Deciding: facts in, decision out. Pure; what must be looked up is asked for first (`needs`) and passed in."""

from extauthz.decide.decide import decide
from extauthz.decide.needs import Needs, needs
from extauthz.decide.outcome import Allowed, Decision, Known, Refused, RefusedFor, SignInNeeded, StepUpNeeded
from extauthz.decide.question import Question
from extauthz.decide.route_choice import choose_route

__all__ = [
    "Allowed",
    "Decision",
    "Known",
    "Needs",
    "Question",
    "Refused",
    "RefusedFor",
    "SignInNeeded",
    "StepUpNeeded",
    "choose_route",
    "decide",
    "needs",
]
