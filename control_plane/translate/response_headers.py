"""What a route changes in the headers of its responses."""

from collections.abc import Iterable, Iterator

from envoy.config.core.v3 import base_pb2 as core
from envoy.extensions.filters.http.lua.v3 import lua_pb2 as lua
from envoy_data_plane.envoy.config.core.v3 import DataSource
from envoy_data_plane.envoy.extensions.filters.http.lua.v3 import Lua
from envoy_data_plane.envoy.extensions.filters.network.http_connection_manager.v3 import HttpFilter
from google.protobuf.struct_pb2 import Struct

from access_model.forwarding import HeaderRewrite
from access_model.model import Route
from control_plane.translate import names, wire
from control_plane.translate.asking_check import FilterConfigs

SCRIPT = """\
-- The context of the route: headers, each with its rules, of which the first that fits counts.
local function rewritten(value, rules)
  for _, rule in ipairs(rules) do
    if value:sub(1, #rule.prefix) == rule.prefix then
      return rule.value .. value:sub(#rule.prefix + 1)
    end
  end
  return value
end

function envoy_on_response(handle)
  local headers = handle:headers()
  for _, header in ipairs(handle:filterContext():get("headers")) do
    local values, changed = {}, false
    for index = 0, headers:getNumValues(header.name) - 1 do
      local value = headers:getAtIndex(header.name, index)
      values[index + 1] = rewritten(value, header.rules)
      changed = changed or values[index + 1] ~= value
    end
    if changed then
      headers:remove(header.name)
      for _, value in ipairs(values) do
        headers:add(header.name, value)
      end
    end
  end
end
"""


def response_rewriting_filter() -> HttpFilter:
    """The filter that rewrites; it sleeps where a route has nothing to rewrite."""
    script = Lua(default_source_code=DataSource(inline_string=SCRIPT))
    return HttpFilter(name=names.RESPONSE_REWRITING_FILTER, typed_config=wire.packed(script), disabled=True)


def rewriting(rewrites: Iterable[HeaderRewrite]) -> FilterConfigs:
    """Wake it on a route."""
    rules: dict[str, list[dict[str, str]]] = {}
    for each in rewrites:
        rules.setdefault(each.header, []).append({"prefix": each.prefix, "value": each.value})
    context = Struct()
    context.update({"headers": [{"name": name, "rules": rules[name]} for name in sorted(rules)]})
    return {names.RESPONSE_REWRITING_FILTER: wire.packed_upb(lua.LuaPerRoute(filter_context=context))}


def set_headers(route: Route) -> Iterator[core.HeaderValueOption]:
    """What a route says in place of the upstream."""
    for name in sorted(route.set_response_headers):
        yield core.HeaderValueOption(
            header=core.HeaderValue(key=name, value=route.set_response_headers[name].replace("%", "%%")),
            append_action=core.HeaderValueOption.OVERWRITE_IF_EXISTS_OR_ADD,
        )
