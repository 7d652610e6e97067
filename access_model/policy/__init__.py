"""The policy language: a small typed tree, evaluated purely and totally."""

from access_model.policy.reasons import Reason
from access_model.policy.tree import Dependencies, Policy, PolicyInput, Verdict

__all__ = ["Dependencies", "Policy", "PolicyInput", "Reason", "Verdict"]
