"""The words of the policy language, one file each."""

from access_model.policy.criteria.accept import Accept
from access_model.policy.criteria.authenticated_user import AuthenticatedUser
from access_model.policy.criteria.claim import Claim
from access_model.policy.criteria.domain import Domain
from access_model.policy.criteria.email import Email
from access_model.policy.criteria.user import User

__all__ = ["Accept", "AuthenticatedUser", "Claim", "Domain", "Email", "User"]
