"""The access log: one JSON line per request, without query, cookies or credentials."""

from collections.abc import Sequence

from envoy_data_plane.envoy.config.accesslog.v3 import AccessLog
from envoy_data_plane.envoy.config.core.v3 import SubstitutionFormatString
from envoy_data_plane.envoy.extensions.access_loggers.file.v3 import FileAccessLog
from envoy_data_plane.envoy.extensions.access_loggers.stream.v3 import StdoutAccessLog
from envoy_data_plane.google.protobuf import Struct

from control_plane.translate import wire
from control_plane.translate.request_path import REQUEST_PATH_KEY

HEADER_PREFIX = "headers."
MOST_OF_A_HEADER = 200
FIELDS = {
    "event": "access",
    "time": "%START_TIME%",
    "request_id": "%REQ(X-REQUEST-ID)%",
    "route_id": "%ROUTE_NAME%",
    "method": "%REQ(:METHOD)%",
    "scheme": "%REQ(:SCHEME)%",
    "authority": "%REQ(:AUTHORITY)%",
    "path": f"%FILTER_STATE({REQUEST_PATH_KEY}:PLAIN)%",
    "sent_path": "%PATH(NQ:PATH)%",
    "protocol": "%PROTOCOL%",
    "status": "%RESPONSE_CODE%",
    "flags": "%RESPONSE_FLAGS%",
    "details": "%RESPONSE_CODE_DETAILS%",
    "duration_ms": "%DURATION%",
    "bytes_received": "%BYTES_RECEIVED%",
    "bytes_sent": "%BYTES_SENT%",
    "client_address": "%DOWNSTREAM_REMOTE_ADDRESS_WITHOUT_PORT%",
    "upstream": "%UPSTREAM_HOST%",
    "upstream_cluster": "%UPSTREAM_CLUSTER%",
    "user_agent": "%REQ(USER-AGENT):200%",
}
"""`path` is what the client asked for and is absent when a request was refused before it had a route; `sent_path` is
what went upstream after rewriting, or what was refused."""


CHOSEN = {
    "authority": "%REQ(:AUTHORITY)%",
    "duration": "%DURATION%",
    "forwarded-for": "%REQ(X-FORWARDED-FOR)%",
    "ip": FIELDS["client_address"],
    "method": "%REQ(:METHOD)%",
    "path": FIELDS["path"],
    "query": "%QUERY_PARAMS%",
    "referer": "%REQ(REFERER)%",
    "request-id": FIELDS["request_id"],
    "response-code": "%RESPONSE_CODE%",
    "response-code-details": "%RESPONSE_CODE_DETAILS%",
    "size": "%BYTES_SENT%",
    "upstream-cluster": "%UPSTREAM_CLUSTER%",
    "user-agent": FIELDS["user_agent"],
}
"""Fields by the names that operators choose them by."""
ALWAYS = ("event", "time", "route_id")


def access_log(file: str | None, chosen: Sequence[str] = ()) -> AccessLog:
    """Log to `file`, or to Envoy's standard output; what was chosen, or all of our own fields."""
    ours = ALWAYS if chosen else tuple(FIELDS)
    fields = {name: FIELDS[name] for name in ours} | {name: _chosen(name) for name in chosen}
    line = SubstitutionFormatString(
        json_format=Struct.from_dict({name: fields[name] for name in sorted(fields)}), omit_empty_values=True
    )
    if file is None:
        return AccessLog(name="envoy.access_loggers.stdout", typed_config=wire.packed(StdoutAccessLog(log_format=line)))
    return AccessLog(
        name="envoy.access_loggers.file", typed_config=wire.packed(FileAccessLog(path=file, log_format=line))
    )


def _chosen(name: str) -> str:
    header = name.removeprefix(HEADER_PREFIX)
    return CHOSEN[name] if header == name else f"%REQ({header.upper()}):{MOST_OF_A_HEADER}%"
