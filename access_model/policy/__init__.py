"""The policy language: a small typed tree, evaluated purely and totally."""

from access_model.policy.evaluate import Evaluation, Finding, evaluate, explain
from access_model.policy.reasons import Reason
from access_model.policy.shorthands import Shorthands, compile_shorthands
from access_model.policy.tree import Dependencies, Operator, Policy, PolicyInput, Rule, Verdict

__all__ = [
    "Dependencies",
    "Evaluation",
    "Finding",
    "Operator",
    "Policy",
    "PolicyInput",
    "Reason",
    "Rule",
    "Shorthands",
    "Verdict",
    "compile_shorthands",
    "evaluate",
    "explain",
]
