"""`invalid_client_certificate`: true without a client certificate that is trusted."""

from dataclasses import dataclass

from access_model.policy.data import Given
from access_model.policy.reasons import Reason
from access_model.policy.tree import Dependencies, PolicyInput, Verdict, judged


@dataclass(frozen=True, slots=True)
class InvalidClientCertificate:
    """Holds when the client presents none, or one that does not chain to the downstream authority, or is revoked."""

    name = "invalid_client_certificate"
    data = ""

    @classmethod
    def read(cls, given: Given) -> "InvalidClientCertificate":  # noqa: ARG003 - any data will do
        """Read it; any data will do."""
        return cls()

    @property
    def depends_on(self) -> Dependencies:
        """The client certificate."""
        return Dependencies.CERTIFICATE

    def evaluate(self, asked: PolicyInput) -> Verdict:
        """Look for a trusted certificate."""
        presented = asked.request.client_certificate
        if presented is not None and presented.trusted:
            return judged(False, Reason.VALID_CLIENT_CERTIFICATE)
        missing = presented is None
        return judged(True, Reason.CLIENT_CERTIFICATE_REQUIRED if missing else Reason.INVALID_CLIENT_CERTIFICATE)
