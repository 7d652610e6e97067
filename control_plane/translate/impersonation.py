"""Groups towards a Kubernetes API server: one header each, where `Check` can set but one header of a name."""

from envoy.extensions.filters.http.lua.v3 import lua_pb2 as lua
from envoy_data_plane.envoy.config.core.v3 import DataSource
from envoy_data_plane.envoy.extensions.filters.http.lua.v3 import Lua
from envoy_data_plane.envoy.extensions.filters.network.http_connection_manager.v3 import HttpFilter

from control_plane.translate import names, wire
from control_plane.translate.asking_check import FilterConfigs

SCRIPT = """\
-- Splits what `Check` has joined by commas; what a client sends under this name was removed before.
local NAME = "impersonate-group"

function envoy_on_request(handle)
  local headers = handle:headers()
  local joined = headers:get(NAME)
  if joined then
    headers:remove(NAME)
    for group in joined:gmatch("[^,]+") do
      headers:add(NAME, group)
    end
  end
end
"""


def impersonation_filter() -> HttpFilter:
    """The filter that splits; it sleeps where a route impersonates nobody. The route was chosen, and stays."""
    script = Lua(default_source_code=DataSource(inline_string=SCRIPT), clear_route_cache=False)
    return HttpFilter(name=names.IMPERSONATION_FILTER, typed_config=wire.packed(script), disabled=True)


def impersonating() -> FilterConfigs:
    """Wake it on a route."""
    return {names.IMPERSONATION_FILTER: wire.packed_upb(lua.LuaPerRoute(filter_context={}))}
