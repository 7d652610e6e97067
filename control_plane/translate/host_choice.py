"""Which virtual host a request is for: one of ours if its path is, else the one that serves its host.

Our own endpoints exist on every host, and on every host some paths are refused. Envoy knows no routes that virtual
hosts have in common, and repeated in each of them they make up most of a large configuration: of its bytes, of Envoy's
memory, and of the time that every change takes. So they are virtual hosts of their own. A header that is set on every
request, whatever the client sent under its name, says which one is meant (`RouteConfiguration.vhost_header`); it is set
before a route is chosen, and on the spelling of the path by which the route will be chosen.
"""

from envoy_data_plane.envoy.config.common.mutation_rules.v3 import HeaderMutation as Mutation
from envoy_data_plane.envoy.config.core.v3 import (
    HeaderValue,
    HeaderValueOption,
    HeaderValueOptionHeaderAppendAction,
    TypedExtensionConfig,
)
from envoy_data_plane.envoy.extensions.http.early_header_mutation.header_mutation.v3 import HeaderMutation

from control_plane.translate import wire
from control_plane.translate.own_endpoints import FILES, FOLDERS
from control_plane.translate.refused_requests import DOT_SEGMENT_WITH_PARAMETER

HEADER = "x-ostiary-virtual-host"
OWN_ENDPOINTS = "/own-endpoints"
AMBIGUOUS_PATH = "/ambiguous-path"
"""The domains of our virtual hosts. No route of the operator's can have them: a host has no slash."""

_PATH = "request.url_path"


def host_choice() -> TypedExtensionConfig:
    """The early header mutation that names the virtual host. An expression that fails leads to no route."""
    header = HeaderValue(key=HEADER, value=f"%CEL({_expression()})%")
    chosen = HeaderValueOption(
        header=header, append_action=HeaderValueOptionHeaderAppendAction.OVERWRITE_IF_EXISTS_OR_ADD
    )
    mutations = [Mutation(remove=HEADER), Mutation(append=chosen)]
    return TypedExtensionConfig(
        name="ostiary.host_choice", typed_config=wire.packed(HeaderMutation(mutations=mutations))
    )


def _expression() -> str:
    return f"{_ambiguous()} ? '{AMBIGUOUS_PATH}' : {_own()} ? '{OWN_ENDPOINTS}' : request.host"


def _ambiguous() -> str:
    """The regular expression is compiled whenever it is asked for, so it is asked for where it might match alone."""
    parameter = " || ".join(f"{_PATH}.contains('{spelling}')" for spelling in (";", "%3b", "%3B"))
    pattern = DOT_SEGMENT_WITH_PARAMETER.replace("\\", "\\\\")
    return f"({parameter}) && {_PATH}.matches('^{pattern}$')"


def _own() -> str:
    below = (f"{_PATH} == '{folder}' || {_PATH}.startsWith('{folder}/')" for folder in FOLDERS)
    alone = (f"{_PATH} == '{file}'" for file in FILES)
    return f"({' || '.join((*below, *alone))})"
