"""The gRPC `Check` service: Envoy's messages in, Envoy's messages out. No rule lives here."""

from extauthz.grpc_check.server import CheckServerFailed, serve_check
from extauthz.grpc_check.service import CheckService

__all__ = ["CheckServerFailed", "CheckService", "serve_check"]
