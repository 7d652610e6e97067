"""Why a criterion said yes or no: a closed set, in pairs, spelt the same in tests, logs and pages."""

from enum import StrEnum


class Reason(StrEnum):
    """One word of the closed set."""

    ACCEPT = "accept"
    REJECT = "reject"
    CLAIM_OK = "claim-ok"
    CLAIM_UNAUTHORIZED = "claim-unauthorized"
    DOMAIN_OK = "domain-ok"
    DOMAIN_UNAUTHORIZED = "domain-unauthorized"
    EMAIL_OK = "email-ok"
    EMAIL_UNAUTHORIZED = "email-unauthorized"
    USER_OK = "user-ok"
    USER_UNAUTHORIZED = "user-unauthorized"
    USER_AUTHENTICATED = "user-authenticated"
    USER_UNAUTHENTICATED = "user-unauthenticated"
