"""Policy tests as data: who asks for what, and what is to come of it. Pure.

A file says nothing of how decisions are made; whoever runs it brings the judge.
"""

from access_model.policy_tests.case import Case, Person
from access_model.policy_tests.coverage import Covered, coverage
from access_model.policy_tests.read import read_policy_tests
from access_model.policy_tests.run import Judge, Result, Seen, run

__all__ = ["Case", "Covered", "Judge", "Person", "Result", "Seen", "coverage", "read_policy_tests", "run"]
