"""Our own endpoints, written once as an ASGI application: Envoy routes to it, or `Check` answers with what it says."""
