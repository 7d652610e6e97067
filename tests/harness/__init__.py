"""The real parts that tests run against: processes, an identity provider, upstreams, browsers, raw connections."""
