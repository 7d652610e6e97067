"""Documented keys that this version does not act on. They are refused by name and never silently ignored."""


def _names(text: str) -> frozenset[str]:
    return frozenset(text.split())


GLOBAL = _names("""
    authenticate_callback_path authenticate_internal_service_url authorize_internal_service_url
    authorize_service_url authorize_service_urls autocert autocert_ca autocert_ca_key_file
    autocert_dir autocert_email autocert_must_staple autocert_trusted_ca autocert_trusted_ca_file autocert_use_staging
    branding circuit_breaker_thresholds
    databroker_internal_service_url databroker_service_url databroker_service_urls
    databroker_storage_type debug_address decision_cache_ttl
    dns_lookup_family envoy_bind_config_freebind envoy_bind_config_source_address
    google_cloud_serverless_authentication_service_account grpc_address grpc_client_timeout grpc_insecure
    installation_id
    metrics_basic_auth metrics_certificate metrics_certificate_file metrics_certificate_key
    metrics_certificate_key_file metrics_client_ca metrics_client_ca_file override_certificate_name
    pomerium_debug proxy_log_level rewrite_response_headers
    ssh_address tls_derive
    tracing_otlp_endpoint tracing_otlp_protocol tracing_provider tracing_sample_rate
""")
"""Keys at the top of the file."""

FORMER = {
    "policy": "call it `routes`; who may pass stands in the `policy` of each route",
    "policy_file": "write what the file holds under `routes`; who may pass stands in the `policy` of each route",
}
"""Keys at the top of the file that have another name today, and what to do about them."""

ROUTE = _names("""
    enable_google_cloud_serverless_authentication
    mcp sub_policies tls_downstream_client_ca tls_downstream_client_ca_file
    tls_upstream_allow_renegotiation upstream_tunnel
""")
"""Keys of a route."""
