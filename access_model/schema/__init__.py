"""The configuration file's keys: names, types, defaults and what they mean. The reference is generated from these."""

from access_model.schema.answers import RedirectKeys, ResponseKeys
from access_model.schema.external_data import DirectoryFileKeys, DirectoryKeys, ExternalDataKeys
from access_model.schema.provider import ProviderKeys
from access_model.schema.route import HeaderRewriteKeys, RouteKeys
from access_model.schema.services import ServiceKeys, ServiceTlsKeys
from access_model.schema.settings import (
    CertificateKeys,
    DownstreamMtlsKeys,
    EnvoyKeys,
    Settings,
    SubjectNameKeys,
    XdsResourceKeys,
)
from access_model.schema.upstream import (
    AttemptLimitKeys,
    CircuitBreakerKeys,
    GrpcHealthCheckKeys,
    HealthCheckKeys,
    HttpHealthCheckKeys,
    OutlierDetectionKeys,
    RateLimitKeys,
    StatusRangeKeys,
    TcpHealthCheckKeys,
)

__all__ = [
    "AttemptLimitKeys",
    "CertificateKeys",
    "CircuitBreakerKeys",
    "DirectoryFileKeys",
    "DirectoryKeys",
    "DownstreamMtlsKeys",
    "EnvoyKeys",
    "ExternalDataKeys",
    "GrpcHealthCheckKeys",
    "HeaderRewriteKeys",
    "HealthCheckKeys",
    "HttpHealthCheckKeys",
    "OutlierDetectionKeys",
    "ProviderKeys",
    "RateLimitKeys",
    "RedirectKeys",
    "ResponseKeys",
    "RouteKeys",
    "ServiceKeys",
    "ServiceTlsKeys",
    "Settings",
    "StatusRangeKeys",
    "SubjectNameKeys",
    "TcpHealthCheckKeys",
    "XdsResourceKeys",
]
