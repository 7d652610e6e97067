"""What a client sends along with its certificate, for `Check` to find a path through.

Of the chain, ext_authz passes on the client's own certificate alone. The rest goes beside it as dynamic metadata, which
only filters can set; a header would have to be told from one that a client wrote.
"""

from collections.abc import Iterator

from envoy_data_plane.envoy.config.core.v3 import DataSource
from envoy_data_plane.envoy.extensions.filters.http.lua.v3 import Lua
from envoy_data_plane.envoy.extensions.filters.network.http_connection_manager.v3 import HttpFilter

from access_model.model import ClientCertificates
from control_plane.translate import names, wire

CHAIN_METADATA = "ostiary.client_certificate"
SCRIPT = f"""\
function envoy_on_request(request)
  local stream = request:streamInfo()
  local tls = stream:downstreamSslConnection()
  if tls ~= nil and tls:peerCertificatePresented() then
    stream:dynamicMetadata():set("{CHAIN_METADATA}", "chain", tls:urlEncodedPemEncodedPeerCertificateChain())
  end
end
"""


def client_chain_filter(asked: ClientCertificates | None) -> Iterator[HttpFilter]:
    """The filter, where it is of use."""
    if asked is not None and _chain_counts(asked):
        config = Lua(default_source_code=DataSource(inline_string=SCRIPT))
        yield HttpFilter(name=names.CLIENT_CHAIN_FILTER, typed_config=wire.packed(config))


def shown_certificate(asked: ClientCertificates) -> str:
    """The format of what the client has shown, as far as it can count: PEM, percent-encoded, its own first."""
    return f"%DYNAMIC_METADATA({CHAIN_METADATA}:chain)%" if _chain_counts(asked) else "%DOWNSTREAM_PEER_CERT%"


def _chain_counts(asked: ClientCertificates) -> bool:
    """Whether more than the client's own certificate can count."""
    return asked.max_depth != 1
