"""Whether a client's certificate is trusted. Pure: the certificates, the settings and the time are arguments.

Envoy passes a certificate on whether or not it would have verified it, and does not tell which. So it is judged here,
by RFC 5280: a path to an authority of `downstream_mtls`, valid now, no longer than allowed, revoked nowhere, with a
name that is wanted. What cannot be read or told is not trusted.
"""

from access_model.client_trust.judge import Judgement, judge
from access_model.client_trust.trust import Trust, trust_of

__all__ = ["Judgement", "Trust", "judge", "trust_of"]
