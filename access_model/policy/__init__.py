"""The policy language: text compiled into a small typed tree, evaluated purely and totally."""

from access_model.policy.boundary import next_boundary
from access_model.policy.evaluate import Evaluation, Finding, evaluate, explain
from access_model.policy.language import ParsedPolicy, PolicyMistake, parse_policy
from access_model.policy.reasons import Reason
from access_model.policy.shorthands import Shorthands, compile_shorthands
from access_model.policy.step_up import StepUp, step_up
from access_model.policy.tree import Dependencies, Operator, Policy, PolicyInput, Rule, Verdict

__all__ = [
    "Dependencies",
    "Evaluation",
    "Finding",
    "Operator",
    "ParsedPolicy",
    "Policy",
    "PolicyInput",
    "PolicyMistake",
    "Reason",
    "Rule",
    "Shorthands",
    "StepUp",
    "Verdict",
    "compile_shorthands",
    "evaluate",
    "explain",
    "next_boundary",
    "parse_policy",
    "step_up",
]
