"""Where this service reaches out: the identity provider over HTTP."""
