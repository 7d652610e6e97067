"""The configuration file's keys: names, types, defaults and what they mean. The reference is generated from these."""

from access_model.schema.route import RouteKeys
from access_model.schema.settings import CertificateKeys, EnvoyKeys, ServiceKeys, Settings

__all__ = ["CertificateKeys", "EnvoyKeys", "RouteKeys", "ServiceKeys", "Settings"]
