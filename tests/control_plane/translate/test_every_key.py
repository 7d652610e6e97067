"""Whatever changes at the top of the file, or in a file that it names: what is remembered hides nothing of it."""

import json
from collections.abc import Mapping
from typing import Any

import pytest

from access_model.load import NOTHING_READ, Loaded, Memory, load
from access_model.schema import Settings
from control_plane.translate import Memory as TranslationMemory
from control_plane.translate import translate
from tests.control_plane.translate.models import PLACES
from tests.harness.authority import Authority
from tests.harness.certificates import make_certificate

BASE: Mapping[str, Any] = {
    "address": "127.0.0.1:8443",
    "certificates": [{"cert": "server.pem", "key": "server-key.pem"}],
    "authenticate_service_url": "https://authenticate.example.com",
    "idp_provider": "oidc",
    "idp_provider_url": "https://id.example.com",
    "idp_client_id": "ostiary",
    "idp_client_secret_file": "idp-secret",
    "identity_providers": {
        "partners": {"issuer": "https://id.partner.example", "client_id": "ostiary"},
        "ci": {"issuer": "https://ci.example.com", "audiences": ["https://app.example.com"]},
    },
    "certificate_authority_file": "upstream.pem",
    "downstream_mtls": {"ca_file": "clients.pem", "crl_file": "clients.crl", "enforcement": "policy"},
    "jwt_claims_headers": {"X-Team": "team"},
    "shared_secret_file": "shared-secret",
    "xds_resources": ["raw.yaml"],
    "directory": {"file": {"users": "users.json"}},
    "external_data": [{"type": "example.com/employee", "file": "employees.json", "foreign_key": "user.email"}],
}
ROUTES = """\
routes:
  - from: https://app.example.com
    to: https://10.0.0.1
    allow_any_authenticated_user: true
    pass_identity_headers: true
    tls_custom_ca_file: upstream.pem
    tls_client_cert_file: server.pem
    tls_client_key_file: server-key.pem
  - from: https://app.example.com
    to: http://10.0.0.2
    prefix: /api
    allowed_users: [ann]
  - from: https://own.example.com
    to: http://10.0.0.3
    allowed_domains: [example.com]
    idp_client_id: own
    idp_client_secret_file: own-secret  # of a client that has one
    set_request_headers: {X-Token: "${pomerium.jwt}"}
    depends_on: [app.example.com]
  - from: https://*.partner.example.com
    to: http://10.0.0.4
    identity_providers: [partners]
    policy: {allow: {or: [{record: {type: example.com/employee, field: team, is: a}}, {groups: x}]}}
  - from: https://jobs.example.com
    to: http://10.0.0.5
    bearer_token_format: jwt
    identity_providers: [ci]
    policy: {allow: {and: [{claim/ref: main}]}}
    allow_websockets: true
  - from: https://cluster.example.com
    to: http://10.0.0.6
    allow_any_authenticated_user: true
    kubernetes_service_account_token_file: cluster-token
  - from: https://open.example.com
    to: http://10.0.0.7
    allow_public_unauthenticated_access: true
"""
LONG = "a text of at least thirty-two bytes, the "
SERVICES = ("xds_address", "check_address", "web_address")
KEYS = sorted(Settings.model_fields.keys() - {"routes"})
ABSENT = None


@pytest.fixture(scope="module")
def files(tmp_path_factory: pytest.TempPathFactory) -> dict[str, bytes]:
    """Every file of the base, by name; and under `other/` another one that may take its place."""
    made: dict[str, bytes] = {}
    for folder in ("", "other/"):
        authority = Authority.root("Clients")
        place = make_certificate(tmp_path_factory.mktemp("server"), ["*.example.com"])
        made |= {
            f"{folder}server.pem": place.chain.read_bytes(),
            f"{folder}server-key.pem": place.key.read_bytes(),
            f"{folder}upstream.pem": place.authority.read_bytes(),
            f"{folder}clients.pem": authority.pem.encode(),
            f"{folder}clients.crl": authority.revocation_list(authority.issue()).encode(),
            f"{folder}signing.pem": place.key.read_bytes(),
            f"{folder}raw.yaml": f"clusters: [{{name: '{folder}raw', type: STATIC}}]".encode(),
        }
        made[f"{folder}store-url"] = b"postgresql://ostiary:secret@db.example.com/ostiary"
        for secret in ("idp-secret", "own-secret", "shared-secret", "cluster-token"):
            made[folder + secret] = (LONG + folder + secret).replace(" ", "").encode()
    return made


def changed(key: str) -> Mapping[str, Any]:
    """The top of the file with this key changed, and what has to change along with it; a key of None is left out."""
    changes: dict[str, dict[str, Any]] = {
        "access_log_fields": {"access_log_fields": ["path"]},
        "authorize_log_fields": {"authorize_log_fields": ["path"]},
        "address": {"address": "127.0.0.1:9443"},
        "insecure_server": {"insecure_server": True, "certificates": ABSENT, "downstream_mtls": ABSENT},
        "certificates": {"certificates": [{"cert": "other/server.pem", "key": "other/server-key.pem"}]},
        "certificate": {"certificate": "${CHAIN}", "certificate_key": "${KEY}", "certificates": ABSENT},
        "certificate_key": {"certificate_key": "${KEY}", "certificate": "${CHAIN}"},
        "certificate_file": {"certificate_file": "other/server.pem", "certificate_key_file": "other/server-key.pem"},
        "certificate_key_file": {"certificate_file": "server.pem", "certificate_key_file": "server-key.pem"},
        "certificate_authority": {"certificate_authority": "${CHAIN}", "certificate_authority_file": ABSENT},
        "certificate_authority_file": {"certificate_authority_file": "other/upstream.pem"},
        "downstream_mtls": {"downstream_mtls": {"ca_file": "clients.pem"}},
        "http_redirect_addr": {"http_redirect_addr": "127.0.0.1:8080"},
        "codec_type": {"codec_type": "http3", "downstream_mtls": ABSENT},
        "use_proxy_protocol": {"use_proxy_protocol": True},
        "timeout_read": {"timeout_read": "1m"},
        "timeout_write": {"timeout_write": "1m"},
        "timeout_idle": {"timeout_idle": "1m"},
        "skip_xff_append": {"skip_xff_append": True},
        "xff_num_trusted_hops": {"xff_num_trusted_hops": 1},
        "set_response_headers": {"set_response_headers": {"X-Frame-Options": "DENY"}},
        "default_upstream_timeout": {"default_upstream_timeout": "0s"},
        "authenticate_service_url": {"authenticate_service_url": "https://login.example.com"},
        "signout_redirect_url": {"signout_redirect_url": "https://example.com/bye"},
        "idp_provider": {"idp_provider": "auth0"},
        "idp_provider_url": {"idp_provider_url": "https://id2.example.com"},
        "idp_client_id": {"idp_client_id": "another"},
        "idp_client_secret": {"idp_client_secret": LONG + "secret", "idp_client_secret_file": ABSENT},
        "idp_client_secret_file": {"idp_client_secret_file": "other/idp-secret"},
        "idp_client_authentication": {"idp_client_authentication": "client_secret_post"},
        "idp_client_assertion_audience": {
            "idp_client_assertion_audience": "endpoint",
            "idp_client_authentication": "private_key_jwt",
            "idp_client_secret_file": ABSENT,
        },
        "idp_scopes": {"idp_scopes": ["openid"]},
        "idp_request_params": {"idp_request_params": {"prompt": "login"}},
        "idp_pushed_authorization": {"idp_pushed_authorization": True},
        "identity_providers": {
            "identity_providers": {
                "partners": {"issuer": "https://id.other.example", "client_id": "ostiary"},
                "ci": {"issuer": "https://ci.example.com", "audiences": ["https://other.example.com"]},
            }
        },
        "bearer_token_format": {"bearer_token_format": "idp_identity_token"},
        "idp_access_token_allowed_audiences": {"idp_access_token_allowed_audiences": ["https://api.example.com"]},
        "programmatic_redirect_domain_whitelist": {"programmatic_redirect_domain_whitelist": ["example.com"]},
        "shared_secret": {"shared_secret": LONG + "next", "shared_secret_file": ABSENT},
        "shared_secret_file": {"shared_secret_file": "other/shared-secret"},
        "previous_shared_secret": {"previous_shared_secret": LONG + "last"},
        "previous_shared_secret_file": {"previous_shared_secret_file": "other/shared-secret"},
        "cookie_secret": {"cookie_secret": LONG + "cookie"},
        "cookie_secret_file": {"cookie_secret_file": "other/shared-secret"},
        "signing_key": {"signing_key": "${KEY}"},
        "signing_key_file": {"signing_key_file": "signing.pem"},
        "signing_key_rotation": {"signing_key_rotation": "0"},
        "cookie_name": {"cookie_name": "__Host-session"},
        "cookie_domain": {"cookie_domain": "example.com"},
        "cookie_http_only": {"cookie_http_only": False},
        "cookie_same_site": {"cookie_same_site": "none"},
        "cookie_expire": {"cookie_expire": "1h"},
        "session_idle_timeout": {"session_idle_timeout": "1h"},
        "stream_recheck": {"stream_recheck": "15m"},
        "sign_in_rate_limit": {"sign_in_rate_limit": {"requests": 7, "interval": "1m"}},
        "token_failure_rate_limit": {"token_failure_rate_limit": {"requests": 7, "interval": "1m"}},
        "pass_identity_headers": {"pass_identity_headers": True},
        "jwt_claims_headers": {"jwt_claims_headers": {"X-Other": "team"}},
        "jwt_issuer_format": {"jwt_issuer_format": "uri"},
        "jwt_groups_filter": {"jwt_groups_filter": ["staff"]},
        "jwt_assertion_header": {"jwt_assertion_header": "X-Assertion"},
        "pomerium_jwt_endpoint": {"pomerium_jwt_endpoint": True},
        "runtime_flags": {"runtime_flags": {"pomerium_jwt_endpoint": True}},
        "session_store_url": {"session_store_url": "memory://"},
        "session_store_url_file": {"session_store_url_file": "store-url"},
        "databroker_storage_connection_string_file": {"databroker_storage_connection_string_file": "store-url"},
        "databroker_storage_connection_string": {"databroker_storage_connection_string": "memory://"},
        "store_grace": {"store_grace": "1m"},
        "directory": {"directory": {"file": {"users": "others.json"}}},
        "external_data": {
            "external_data": [{"type": "example.com/employee", "file": "employees.json", "foreign_key": "user.id"}]
        },
        "log_level": {"log_level": "debug"},
        "health_check_addr": {"health_check_addr": "127.0.0.1:28080"},
        "metrics_address": {"metrics_address": "127.0.0.1:9090"},
        "envoy_admin_address": {"envoy_admin_address": "127.0.0.1:9901"},
        "xds_resources": {"xds_resources": ["other/raw.yaml"]},
        "envoy": {"envoy": {"concurrency": 2}},
        "services": {"services": {name: f"unix:///run/{name}" for name in SERVICES}},
    }
    return {**BASE, **changes[key]}


def file_of(top: Mapping[str, Any]) -> str:
    routes = ROUTES
    if top.get("idp_client_authentication") == "private_key_jwt":
        routes = "".join(line for line in ROUTES.splitlines(keepends=True) if "# of a client that has one" not in line)
    return "".join(f"{key}: {json.dumps(value)}\n" for key, value in top.items() if value is not ABSENT) + routes


def reading(top: Mapping[str, Any], files: Mapping[str, bytes], memory: Memory | None) -> Loaded:
    environment = {"CHAIN": files["other/server.pem"].decode(), "KEY": files["other/server-key.pem"].decode()}

    def read_file(name: str) -> bytes:
        return files[name]

    return load(file_of(top), source="f.yaml", environment=environment, read_file=read_file, memory=memory)


def check_seen(before: Loaded, top: Mapping[str, Any], files: Mapping[str, bytes]) -> None:
    """What remembers `before` comes to what remembers nothing, in everything that anybody can see."""
    after, fresh = reading(top, files, before.memory), reading(top, files, None)
    assert (after, after.model.lines, after.model.index) == (fresh, fresh.model.lines, fresh.model.index)
    assert after.model != before.model
    memory = TranslationMemory()
    translate(before.model, PLACES, memory=memory)
    assert translate(after.model, PLACES, memory=memory) == translate(fresh.model, PLACES)


@pytest.fixture(scope="module")
def before(files: dict[str, bytes]) -> Loaded:
    loaded = reading(BASE, files, NOTHING_READ)
    assert loaded.memory.pieces, "it was not read piecewise"
    return loaded


@pytest.mark.parametrize("key", KEYS)
def test_a_changed_key_is_seen(key: str, before: Loaded, files: dict[str, bytes]) -> None:
    check_seen(before, changed(key), files)


@pytest.mark.parametrize(
    "name",
    [
        *("clients.pem", "clients.crl", "raw.yaml", "upstream.pem"),
        *("idp-secret", "own-secret", "shared-secret", "cluster-token"),
        "server",
    ],
)
def test_a_changed_file_is_seen(name: str, before: Loaded, files: dict[str, bytes]) -> None:
    names = ("server.pem", "server-key.pem") if name == "server" else (name,)
    check_seen(before, BASE, files | {each: files[f"other/{each}"] for each in names})
