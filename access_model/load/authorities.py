"""Authorities to trust besides the system's (`certificate_authority`)."""

from datetime import datetime

from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding

from access_model.load.client_certificates import authorities
from access_model.load.key_material import validity_objection
from access_model.load.problems import Report
from access_model.load.sources import Sources
from access_model.schema import Settings


def trusted_authorities(settings: Settings, sources: Sources, report: Report, now: datetime | None) -> str:
    """Their certificates, each once and nothing but them, as PEM; empty when there are none or they cannot be used.

    Validity is judged at `now`, if given.
    """
    written = sources.value(settings, "certificate_authority")
    block = written and report.attempt(written.path, authorities, written.text)
    if written is None or block is None:
        return ""
    read = list(dict.fromkeys(x509.load_pem_x509_certificates(block.encode())))
    for each in read:
        if now is not None and (objection := validity_objection(each, now)) is not None:
            message = f"`{each.subject.rfc4514_string()}`: {objection}, so nothing it issued is trusted"
            report.warn(written.path, "certificate-validity", message, "give the renewed one")
    # Comments may be in any script, and keys may stand beside; neither is anything that Envoy has to be told.
    return "".join(each.public_bytes(Encoding.PEM).decode() for each in read)
