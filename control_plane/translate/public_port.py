"""The port that clients use, which need not be the one that is bound."""

from access_model.model import AccessModel

HTTPS = 443


def public_port(model: AccessModel) -> int:
    """The port that clients use for https: that of the routes where they agree on one."""
    ports = {route.origin.port for route in model.routes if route.origin.scheme == "https"}
    return ports.pop() if len(ports) == 1 else HTTPS
