"""Envoy's own refusals in our words: no upstream, no route, a malformed or oversized request.

What `Check` answers passes through the same code in Envoy and must stay as it is, so every rule here first asks that
the answer is not a denial (`ext_authz_denied`). Neither are the redirects and fixed responses of routes.
gRPC clients get Envoy's trailers.
"""

from collections.abc import Mapping

from envoy_data_plane.envoy.config.accesslog.v3 import AccessLogFilter, AndFilter, ExtensionFilter, HeaderFilter
from envoy_data_plane.envoy.config.core.v3 import (
    DataSource,
    HeaderValue,
    HeaderValueOption,
    HeaderValueOptionHeaderAppendAction,
    SubstitutionFormatString,
)
from envoy_data_plane.envoy.config.route.v3 import HeaderMatcher
from envoy_data_plane.envoy.extensions.access_loggers.filters.cel.v3 import ExpressionFilter
from envoy_data_plane.envoy.extensions.filters.network.http_connection_manager.v3 import (
    LocalReplyConfig,
    ResponseMapper,
)
from envoy_data_plane.envoy.type.matcher.v3 import RegexMatcher, StringMatcher
from envoy_data_plane.google.protobuf import Struct

from control_plane.translate import names, wire
from control_plane.translate.local_reply_page import content_security_policy, page

REQUEST_ID = "%REQ(X-REQUEST-ID)%"
WELL_FORMED_REQUEST_ID = "[0-9a-f-]{36}"


def local_reply() -> LocalReplyConfig:
    """HTML for browsers, JSON for everyone else; the first rule that fits is taken.

    A request that Envoy refuses before it has given it an id still carries the client's. HTML shows it only if it has
    the form of an id, for Envoy does not escape what it inserts; into JSON it is escaped.
    """
    prefers_html = (
        _header("accept", StringMatcher(contains="text/html", ignore_case=True)),
        _header("accept", StringMatcher(prefix="application/json", ignore_case=True), invert=True),
    )
    has_id = _header("x-request-id", StringMatcher(safe_regex=RegexMatcher(regex=WELL_FORMED_REQUEST_ID)))
    return LocalReplyConfig(
        mappers=[
            _mapper((*prefers_html, has_id), _html(REQUEST_ID), _PAGE_HEADERS),
            _mapper(prefers_html, _html(None), _PAGE_HEADERS),
            _mapper((), _json(), {}),
            _grpc_mapper(),
        ]
    )


_PAGE_HEADERS = {
    "content-security-policy": content_security_policy(),
    "referrer-policy": "no-referrer",
    "x-frame-options": "DENY",
}
_HEADERS = {
    "cache-control": "no-store",
    "x-content-type-options": "nosniff",
    names.INTERCEPTED_HEADER: "true",
}


_OURS_TO_WORD = (
    "response.code_details != 'ext_authz_denied' && (response.code_details != 'direct_response' || xds.route_name in "
    f"{[names.NO_SUCH_ROUTE, names.REFUSED_HOST, names.REFUSED_PATH]})"
)


def _mapper(
    conditions: tuple[AccessLogFilter, ...], body: SubstitutionFormatString, headers: Mapping[str, str]
) -> ResponseMapper:
    return ResponseMapper(
        filter=_all(_neither_check_nor_the_operator(), _grpc(invert=True), *conditions),
        body_format_override=body,
        headers_to_add=[_set(name, value) for name, value in sorted({**_HEADERS, **headers}.items())],
    )


def _grpc_mapper() -> ResponseMapper:
    """The trailers are Envoy's; that nothing keeps them is ours."""
    return ResponseMapper(
        filter=_all(_neither_check_nor_the_operator(), _grpc()),
        headers_to_add=[_set(name, value) for name, value in sorted(_HEADERS.items())],
    )


def _grpc(*, invert: bool = False) -> AccessLogFilter:
    return _header("content-type", StringMatcher(prefix="application/grpc", ignore_case=True), invert=invert)


def _all(*filters: AccessLogFilter) -> AccessLogFilter:
    return AccessLogFilter(and_filter=AndFilter(filters=list(filters)))


def _html(request_id: str | None) -> SubstitutionFormatString:
    return SubstitutionFormatString(
        text_format_source=DataSource(inline_string=page(status="%RESPONSE_CODE%", request_id=request_id)),
        content_type="text/html; charset=utf-8",
    )


def _json() -> SubstitutionFormatString:
    """Envoy's own words are left out: they can name the upstream's address, and why its TLS failed."""
    return SubstitutionFormatString(
        json_format=Struct.from_dict({"error": "the proxy answered %RESPONSE_CODE%", "request_id": REQUEST_ID})
    )


def _neither_check_nor_the_operator() -> AccessLogFilter:
    return AccessLogFilter(
        extension_filter=ExtensionFilter(
            name="envoy.access_loggers.extension_filters.cel",
            typed_config=wire.packed(ExpressionFilter(expression=_OURS_TO_WORD)),
        )
    )


def _header(name: str, value: StringMatcher, *, invert: bool = False) -> AccessLogFilter:
    return AccessLogFilter(
        header_filter=HeaderFilter(
            header=HeaderMatcher(name=name, string_match=value, invert_match=invert, treat_missing_header_as_empty=True)
        )
    )


def _set(name: str, value: str) -> HeaderValueOption:
    return HeaderValueOption(
        header=HeaderValue(key=name, value=value),
        append_action=HeaderValueOptionHeaderAppendAction.OVERWRITE_IF_EXISTS_OR_ADD,
    )
