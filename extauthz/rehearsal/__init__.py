"""Deciding a request that nobody sent: for explaining a decision, and for testing a policy. Pure.

The route is found and the decision made by the very functions that answer Envoy.
"""

from extauthz.rehearsal.person import Claims, NotAClaim, person, placed
from extauthz.rehearsal.rehearse import Outcome, Rehearsal, rehearse
from extauthz.rehearsal.request import NotARequest, request

__all__ = ["Claims", "NotAClaim", "NotARequest", "Outcome", "Rehearsal", "person", "placed", "rehearse", "request"]
