"""The configuration file's keys: names, types, defaults and what they mean. The reference is generated from these."""

from access_model.schema.provider import ProviderKeys
from access_model.schema.route import RouteKeys
from access_model.schema.settings import (
    CertificateKeys,
    DownstreamMtlsKeys,
    EnvoyKeys,
    ServiceKeys,
    Settings,
    SubjectNameKeys,
)

__all__ = [
    "CertificateKeys",
    "DownstreamMtlsKeys",
    "EnvoyKeys",
    "ProviderKeys",
    "RouteKeys",
    "ServiceKeys",
    "Settings",
    "SubjectNameKeys",
]
