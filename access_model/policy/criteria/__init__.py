"""The words of the policy language, one file each."""

from collections.abc import Mapping

from access_model.policy.criteria.accept import Accept
from access_model.policy.criteria.acr import Acr
from access_model.policy.criteria.amr import Amr
from access_model.policy.criteria.auth_age import AuthAge
from access_model.policy.criteria.authenticated_user import AuthenticatedUser
from access_model.policy.criteria.claim import Claim
from access_model.policy.criteria.client_certificate import ClientCertificate
from access_model.policy.criteria.cors_preflight import CorsPreflight
from access_model.policy.criteria.date import Date
from access_model.policy.criteria.day_of_week import DayOfWeek
from access_model.policy.criteria.domain import Domain
from access_model.policy.criteria.email import Email
from access_model.policy.criteria.groups import Groups
from access_model.policy.criteria.header import Header
from access_model.policy.criteria.http_method import HttpMethod
from access_model.policy.criteria.http_path import HttpPath
from access_model.policy.criteria.invalid_client_certificate import InvalidClientCertificate
from access_model.policy.criteria.mcp_tool import McpTool
from access_model.policy.criteria.record import Record
from access_model.policy.criteria.reject import Reject
from access_model.policy.criteria.source_ip import SourceIp
from access_model.policy.criteria.time_of_day import TimeOfDay
from access_model.policy.criteria.user import User
from access_model.policy.data import Reader

__all__ = [
    "WORDS",
    "Accept",
    "Acr",
    "Amr",
    "AuthAge",
    "AuthenticatedUser",
    "Claim",
    "ClientCertificate",
    "CorsPreflight",
    "Date",
    "DayOfWeek",
    "Domain",
    "Email",
    "Groups",
    "Header",
    "HttpMethod",
    "HttpPath",
    "InvalidClientCertificate",
    "McpTool",
    "Record",
    "Reject",
    "SourceIp",
    "TimeOfDay",
    "User",
]

WORDS: Mapping[str, Reader] = {
    "accept": Accept.read,
    "acr": Acr.read,
    "amr": Amr.read,
    "auth_age": AuthAge.read,
    "authenticated_user": AuthenticatedUser.read,
    "claim": Claim.read,
    "client_certificate": ClientCertificate.read,
    "cors_preflight": CorsPreflight.read,
    "date": Date.read,
    "day_of_week": DayOfWeek.read,
    "domain": Domain.read,
    "email": Email.read,
    "groups": Groups.read,
    "header": Header.read,
    "http_method": HttpMethod.read,
    "http_path": HttpPath.read,
    "invalid_client_certificate": InvalidClientCertificate.read,
    "mcp_tool": McpTool.read,
    "record": Record.read,
    "reject": Reject.read,
    "source_ip": SourceIp.read,
    "time_of_day": TimeOfDay.read,
    "user": User.read,
}
"""Word to the criterion that it stands for."""
